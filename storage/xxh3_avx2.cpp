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

#ifdef __AVX2__
namespace {

constexpr std::size_t line_bytes = 64;

void stream_line(void* to, const void* from) {
  for (std::size_t i = 0; i < line_bytes / sizeof(__m256i); ++i)
    _mm256_stream_si256(static_cast<__m256i*>(to) + i, _mm256_loadu_si256(static_cast<const __m256i*>(from) + i));
}

}  // namespace

// XXH3's own loop over its stripes of 64 bytes, by the library's pieces. With each, a line of the target is stored:
// the stripe's own bytes, or those right behind it where lines begin elsewhere there.
std::uint64_t cairn::stream_and_xxh3_avx2(void* to, const void* from, std::size_t count) {
  constexpr std::size_t stripe_bytes = XXH_STRIPE_LEN;
  constexpr std::size_t secret_bytes = XXH_SECRET_DEFAULT_SIZE;
  constexpr std::size_t stripes_per_block = (secret_bytes - stripe_bytes) / XXH_SECRET_CONSUME_RATE;
  static_assert(stripe_bytes == line_bytes);
  const xxh_u8* const source = static_cast<const xxh_u8*>(from);
  xxh_u8* const target = static_cast<xxh_u8*>(to);
  const std::size_t stripes = (count - 1) / stripe_bytes;  // the last one is summed apart
  const std::size_t whole_blocks = stripes / stripes_per_block;
  const std::size_t head = (line_bytes - reinterpret_cast<std::uintptr_t>(to) % line_bytes) % line_bytes;
  const std::size_t lines = (count - head) / line_bytes;
  __builtin_memcpy(target, source, head);
  alignas(64) xxh_u64 sums[XXH_ACC_NB] = XXH3_INIT_ACC;
  const auto sum_and_store = [&](std::size_t stripe, std::size_t in_block) {
    XXH3_accumulate_512_avx2(sums, source + stripe * stripe_bytes, XXH3_kSecret + in_block * XXH_SECRET_CONSUME_RATE);
    if (stripe < lines) stream_line(target + head + stripe * line_bytes, source + head + stripe * line_bytes);
  };
  for (std::size_t block = 0; block < whole_blocks; ++block) {
    for (std::size_t i = 0; i < stripes_per_block; ++i) sum_and_store(block * stripes_per_block + i, i);
    XXH3_scrambleAcc_avx2(sums, XXH3_kSecret + secret_bytes - stripe_bytes);
  }
  for (std::size_t i = whole_blocks * stripes_per_block; i < stripes; ++i)
    sum_and_store(i, i - whole_blocks * stripes_per_block);
  const std::size_t stored = head + (stripes < lines ? stripes : lines) * line_bytes;
  __builtin_memcpy(target + stored, source + stored, count - stored);
  XXH3_accumulate_512_avx2(sums, source + count - stripe_bytes,
                           XXH3_kSecret + secret_bytes - stripe_bytes - XXH_SECRET_LASTACC_START);
  _mm_sfence();  // before another thread is told of it
  return XXH3_mergeAccs(sums, XXH3_kSecret + XXH_SECRET_MERGEACCS_START, count * XXH_PRIME64_1);
}
#endif
