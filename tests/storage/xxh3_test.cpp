// SPDX-License-Identifier: BSD-3-Clause
// The oracle is xxHash as this compiler translates it for these tests.
#include <cairn/storage/xxh3.hpp>

#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <xxhash.h>
#pragma GCC diagnostic pop

namespace cairn {
namespace {

bool has_avx2() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") != 0;
#else
  return true;  // there both are compiled alike
#endif
}

TEST(Xxh3, IsTheSameWhateverItWasCompiledFor) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};
  std::vector<unsigned char> bytes((std::size_t{1} << 20) + 64);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
  std::vector<std::size_t> counts{4096, 65536, (std::size_t{1} << 20) - 1, std::size_t{1} << 20};
  for (std::size_t count = 0; count <= 1100; ++count) counts.push_back(count);  // all ways that XXH3 takes by length
  for (const std::size_t count : counts)
    for (const std::size_t offset : {0, 1, 31}) {
      const unsigned char* start = bytes.data() + offset;
      const std::uint64_t expected = XXH3_64bits(start, count);
      ASSERT_EQ(xxh3(start, count), expected) << count << " bytes from " << offset << ", seed " << seed;
      ASSERT_EQ(xxh3_portable(start, count), expected) << count << " bytes from " << offset << ", seed " << seed;
      if (has_avx2()) {
        ASSERT_EQ(xxh3_avx2(start, count), expected) << count << " bytes from " << offset << ", seed " << seed;
      }
    }
}

TEST(Xxh3, StreamsAndSumsTheSame) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};
  std::vector<unsigned char> bytes((std::size_t{1} << 20) + 64);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
  std::vector<std::size_t> counts{4096,     65536,       (std::size_t{1} << 20) - 1, std::size_t{1} << 20,
                                  5 * 1024, 5 * 1024 + 1};
  for (std::size_t count = 1024; count <= 3200; ++count) counts.push_back(count);
  for (const std::size_t count : counts)
    for (const std::size_t offset : {0, 1, 31})
      for (const std::size_t at : {0, 1, 16, 63}) {
        alignas(64) static unsigned char there[(std::size_t{1} << 20) + 128];
        there[at + count] = 0xA5;
        const std::optional<std::uint64_t> sum = stream_and_xxh3(there + at, bytes.data() + offset, count);
#ifdef __x86_64__
        ASSERT_EQ(sum.has_value(), has_avx2());
#endif
        if (!sum) continue;
        ASSERT_EQ(*sum, XXH3_64bits(bytes.data() + offset, count)) << count << " bytes, seed " << seed;
        ASSERT_EQ(std::memcmp(there + at, bytes.data() + offset, count), 0) << count << " bytes, seed " << seed;
        ASSERT_EQ(there[at + count], 0xA5) << count;
      }
}

TEST(Xxh3, LeavesFewBytesToOthers) {
  unsigned char from[1023] = {}, to[1023] = {7};
  EXPECT_FALSE(stream_and_xxh3(to, from, sizeof from));
  EXPECT_EQ(to[0], 7);
}

}  // namespace
}  // namespace cairn
