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

std::uint64_t cairn::xxh3_avx2(const void* bytes, std::size_t count) {
  return XXH3_64bits(bytes, count);
}
