// SPDX-License-Identifier: BSD-3-Clause
#include <atomic>
#include <cstdlib>
#include <new>

#include <support/allocations.hpp>

namespace {
std::atomic<std::size_t> times{0};
std::atomic<std::size_t> bytes{0};
}  // namespace

cairn::test::Allocations cairn::test::allocated() {
  return {.times = times, .bytes = bytes};
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  times += 1;
  bytes += size;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
