// SPDX-License-Identifier: BSD-3-Clause
/// The bytes of one input of a fuzz target, taken from the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cairn::test {

/// What is asked for past the end is 0, so that every input means something.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_{reinterpret_cast<const std::byte*>(data), size} {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    const auto one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  std::uint16_t word() {
    const std::uint8_t low = byte();
    return static_cast<std::uint16_t>(byte() << 8 | low);
  }
  std::span<const std::byte> bytes(std::size_t most) {  ///< Fewer at the end.
    const auto taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::span<const std::byte> rest() { return bytes(rest_.size()); }
  std::string_view text() {  ///< All that is left.
    const auto all = rest();
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace cairn::test
