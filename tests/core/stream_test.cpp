// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

std::vector<std::uint8_t> numbered(std::size_t bytes) {
  std::vector<std::uint8_t> values(bytes);
  for (std::size_t i = 0; i < bytes; ++i) values[i] = static_cast<std::uint8_t>(i * 131 + (i >> 8) * 17 + 1);
  return values;
}

TEST(StreamBytes, GivesTheSameBytesForEverySizeAndAlignmentAndTouchesNoOthers) {
  constexpr std::size_t large = std::size_t{1} << 20;
  constexpr std::uint8_t untouched = 0xA5;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{4095}, large - 1, large,
                                  large + 1, large + 63, large + 64, large + 4097})
    for (const std::size_t to : {0, 1, 8, 63})
      for (const std::size_t from : {0, 3, 16}) {
        const std::vector<std::uint8_t> source = numbered(bytes + from);
        std::vector<std::uint8_t> target(bytes + to + 64, untouched);
        stream_bytes(target.data() + to, source.data() + from, bytes);
        ASSERT_TRUE(std::equal(source.begin() + static_cast<std::ptrdiff_t>(from), source.end(),
                               target.begin() + static_cast<std::ptrdiff_t>(to)))
            << bytes << " bytes from " << from << " to " << to;
        for (std::size_t i = 0; i < to; ++i) ASSERT_EQ(target[i], untouched) << i;
        for (std::size_t i = to + bytes; i < target.size(); ++i) ASSERT_EQ(target[i], untouched) << i;
      }
}

}  // namespace
}  // namespace cairn
