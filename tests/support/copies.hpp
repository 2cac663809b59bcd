// SPDX-License-Identifier: BSD-3-Clause
/// Copies of random bytes by a Copier, each way, compared byte by byte.
#pragma once

#include <cairn/core/copier.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {

using Bytes8 = std::vector<std::uint8_t>;

inline Bytes8 random_bytes(std::size_t bytes, std::uint32_t seed) {
  std::mt19937 random{seed};
  Bytes8 values(bytes);
  for (std::uint8_t& value : values) value = static_cast<std::uint8_t>(random());
  return values;
}

inline constexpr Copier::Way ways[] = {Copier::Way::out, Copier::Way::in, Copier::Way::out_summed,
                                       Copier::Way::in_summed};

/// Copies fields of these sizes `times` times, each time other bytes, each way in turn; the results must be the same.
inline void copies_are_right(Copier& copier, const std::vector<std::size_t>& sizes, int times) {
  std::size_t bytes = 0;
  for (const std::size_t size : sizes) bytes += size;
  const Bytes8 values = random_bytes(bytes + static_cast<std::size_t>(times), 7);
  for (int i = 0; i < times; ++i) {
    Bytes8 there(bytes + 1, 0xA5);
    const std::uint8_t* const from = values.data() + i;
    const Copier::Way way = ways[static_cast<std::size_t>(i) % std::size(ways)];
    copier.begin(way);
    std::vector<std::span<const std::byte>> fields;
    std::size_t at = 0;
    for (const std::size_t size : sizes) {
      copier.add(there.data() + at, from + at, size);
      fields.push_back(std::as_bytes(std::span{from + at, size}));
      at += size;
    }
    copier.run();
    if (way == Copier::Way::out_summed || way == Copier::Way::in_summed) {
      ASSERT_EQ(copier.sum(), checksum_of(fields)) << "copy " << i;
    }
    ASSERT_TRUE(std::equal(from, from + bytes, there.begin())) << "copy " << i;
    ASSERT_EQ(there.back(), 0xA5);
  }
}

}  // namespace cairn::test
