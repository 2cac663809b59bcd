// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/conductor.hpp>
#include <cairn/storage/pool.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include <sys/mman.h>

namespace cairn {
namespace {

Bytes whole_blocks(Bytes bytes) {
  return {round_up(std::max<std::uint64_t>(bytes.count, 1), limits::block_bytes)};
}

}  // namespace

Pool::Buffer::Buffer(Buffer&& other) noexcept : pool_{std::exchange(other.pool_, nullptr)}, index_{other.index_} {}

Pool::Buffer& Pool::Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::exchange(other.pool_, nullptr);
    index_ = other.index_;
  }
  return *this;
}

std::span<std::byte> Pool::Buffer::bytes() const {
  return {pool_->at(index_), pool_->buffer_bytes_.count};
}

void Pool::Buffer::give_back() noexcept {
  if (Pool* pool = std::exchange(pool_, nullptr)) pool->put_back(index_);
}

Pool::Pool(Slots buffers, Bytes buffer_bytes)
    : owned_{true}, buffers_{buffers}, buffer_bytes_{whole_blocks(buffer_bytes)} {
  if (buffers < 1) throw std::invalid_argument{"Pool: at least one buffer"};
  const std::uint64_t bytes = buffer_bytes_.count * static_cast<std::uint64_t>(buffers);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // a hint: copies and direct requests then deal with few, large pages
  memory_ = static_cast<std::byte*>(memory);
}

Pool::Pool(Memory memory, Bytes buffer_bytes)
    : owned_{false},
      buffers_{static_cast<Slots>(memory.bytes.size() / whole_blocks(buffer_bytes).count)},
      buffer_bytes_{whole_blocks(buffer_bytes)},
      memory_{memory.bytes.data()},
      reserve_{std::move(memory.reserve)} {
  if (buffers_ < 1) throw std::invalid_argument{"Pool: at least one buffer"};
}

Pool::~Pool() {
  if (owned_) ::munmap(memory_, buffer_bytes_.count * static_cast<std::uint64_t>(buffers_));
}

void Pool::touch(Slots buffers) {
  const std::scoped_lock lock{mutex_};
  touch_locked(buffers);
}

void Pool::touch_locked(Slots buffers) {
  const Slots wanted = std::min(buffers, buffers_);
  if (wanted <= touched_) return;
  if (reserve_) reserve_(touched_, wanted);
  free_.reserve(static_cast<std::size_t>(wanted));
  for (; touched_ < wanted; ++touched_) {
    const auto index = static_cast<std::size_t>(touched_);
    prepare(index);
    free_.push_back(index);
  }
  freed_.notify_all();
}

/// Makes a buffer's pages resident, so that no first use has to.
void Pool::prepare(std::size_t index) const {
  if (owned_) {
    std::memset(at(index), 0, buffer_bytes_.count);
    return;
  }
  for (std::uint64_t page = 0; page < buffer_bytes_.count; page += limits::block_bytes) {
    volatile std::byte& first = at(index)[page];
    const std::byte kept = first;
    first = kept;
  }
}

Pool::Buffer Pool::take() {
  std::unique_lock lock{mutex_};
  if (touched_ == 0) throw std::logic_error{"Pool::take: no buffer was touched; call touch() first"};
  while (free_.empty()) {
    Conductor* const conductor = Conductor::of_this_thread();
    if (!conductor) {
      freed_.wait(lock);
      continue;
    }
    lock.unlock();
    conductor->must_work();
    lock.lock();
  }
  const std::size_t index = free_.back();
  free_.pop_back();
  return {this, index};
}

std::optional<Pool::Buffer> Pool::try_take() {
  const std::scoped_lock lock{mutex_};
  if (free_.empty()) return std::nullopt;
  const std::size_t index = free_.back();
  free_.pop_back();
  return Buffer{this, index};
}

Pool::Buffer Pool::take_one(std::size_t index) {
  const std::scoped_lock lock{mutex_};
  if (index >= static_cast<std::size_t>(buffers_))
    throw std::out_of_range{"Pool::take_one: there is no buffer of that index"};
  touch_locked(static_cast<Slots>(index) + 1);
  const auto found = std::ranges::find(free_, index);
  if (found == free_.end()) throw std::logic_error{"Pool::take_one: that buffer is in use"};
  free_.erase(found);
  return {this, index};
}

Slots Pool::touched() const {
  const std::scoped_lock lock{mutex_};
  return touched_;
}

Slots Pool::available() const {
  const std::scoped_lock lock{mutex_};
  return static_cast<Slots>(free_.size());
}

void Pool::put_back(std::size_t index) noexcept {
  {
    const std::scoped_lock lock{mutex_};
    free_.push_back(index);  // within the capacity that touch() reserved
  }
  freed_.notify_one();
}

}  // namespace cairn
