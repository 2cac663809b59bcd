// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/xxh3.hpp>

#define XXH_INLINE_ALL
#define XXH_NO_PREFETCH  // memory that is read in order comes by itself: a quarter faster without
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <xxhash.h>
#pragma GCC diagnostic pop

namespace cairn {

std::uint64_t xxh3_portable(const void* bytes, std::size_t count) {
  return XXH3_64bits(bytes, count);
}

std::uint64_t xxh3(const void* bytes, std::size_t count) {
#ifdef __x86_64__
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return xxh3_avx2(bytes, count);
#endif
  return xxh3_portable(bytes, count);
}

std::optional<std::uint64_t> stream_and_xxh3([[maybe_unused]] void* to, [[maybe_unused]] const void* from,
                                             [[maybe_unused]] std::size_t count) {
#ifdef __x86_64__
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2 && count >= 1024) return stream_and_xxh3_avx2(to, from, count);
#endif
  return std::nullopt;
}

}  // namespace cairn
