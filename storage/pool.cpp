// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/pool.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include <sys/mman.h>

namespace cairn {

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
    : buffers_{buffers}, buffer_bytes_{round_up(std::max<std::uint64_t>(buffer_bytes.count, 1), limits::block_bytes)} {
  if (buffers < 1) throw std::invalid_argument{"Pool: at least one buffer"};
  const std::uint64_t bytes = buffer_bytes_.count * static_cast<std::uint64_t>(buffers);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // a hint: copies and direct requests then deal with few, large pages
  memory_ = static_cast<std::byte*>(memory);
}

Pool::~Pool() {
  ::munmap(memory_, buffer_bytes_.count * static_cast<std::uint64_t>(buffers_));
}

void Pool::touch(Slots buffers) {
  const std::scoped_lock lock{mutex_};
  const Slots wanted = std::min(buffers, buffers_);
  free_.reserve(static_cast<std::size_t>(std::max(wanted, touched_)));
  for (; touched_ < wanted; ++touched_) {
    const auto index = static_cast<std::size_t>(touched_);
    std::memset(at(index), 0, buffer_bytes_.count);
    free_.push_back(index);
  }
  freed_.notify_all();
}

Pool::Buffer Pool::take() {
  std::unique_lock lock{mutex_};
  if (touched_ == 0) throw std::logic_error{"Pool::take: no buffer was touched; call touch() first"};
  freed_.wait(lock, [this] { return !free_.empty(); });
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
