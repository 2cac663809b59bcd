// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>

#include <fmt/format.h>
#include <snapshot.hpp>
#include <sys/mman.h>

namespace cairn::bench {
namespace {

constexpr std::uint64_t huge_page_bytes = std::uint64_t{2} << 20;

std::vector<float> random_numbers(std::size_t count, std::uint64_t seed) {
  std::vector<float> numbers(count);
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<float> any{-1.0F, 1.0F};
  std::ranges::generate(numbers, [&] { return any(random); });
  return numbers;
}

}  // namespace

Snapshot::Snapshot(std::uint64_t bytes)
    : now_{random_numbers(bytes / 2 / sizeof(float), 1)}, before_{random_numbers(bytes / 2 / sizeof(float), 2)} {
  state_.add("now", now_);
  state_.add("before", before_);
  layout_ = std::make_unique<Layout>(state_.fields());
}

std::vector<std::span<std::byte>> Snapshot::fields() {
  return {std::as_writable_bytes(std::span{now_}), std::as_writable_bytes(std::span{before_})};
}

Memory::Memory(std::uint64_t bytes)
    : bytes_{static_cast<std::byte*>(std::aligned_alloc(huge_page_bytes, round_up(bytes, huge_page_bytes)))},
      size_{bytes} {
  if (!bytes_) throw std::bad_alloc{};
  ::madvise(bytes_.get(), size_, MADV_HUGEPAGE);  // a hint
  std::memset(bytes_.get(), 0, size_);
}

void Memory::Free::operator()(std::byte* memory) const {
  std::free(memory);
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{} MB", bytes / 1'000'000);
}

}  // namespace cairn::bench
