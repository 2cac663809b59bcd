// SPDX-License-Identifier: BSD-3-Clause
/// A tier in memory whose transfers sleep, and that may turn slower in mid-run.
#pragma once

#include <cairn/storage/tier.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <thread>
#include <vector>

namespace cairn::test {

class SlowingTier final : public Tier {
 public:
  struct Pauses {
    std::chrono::microseconds save{0};
    std::chrono::microseconds load{0};
    int slower = 1;                                                  ///< by this factor …
    std::uint64_t from = std::numeric_limits<std::uint64_t>::max();  ///< … from this transfer on
  };
  SlowingTier(const Layout& layout, Slots slots, const Pauses& pauses)
      : Tier{"slowing", "a.file", layout, slots, {}}, pauses_{pauses} {}

 private:
  void pause(std::chrono::microseconds time) {
    std::this_thread::sleep_for(time * (++transfers_ > pauses_.from ? pauses_.slower : 1));
  }
  void write(Slot slot, std::span<const std::byte> snapshot) override {
    pause(pauses_.save);
    data_[slot.index].assign(snapshot.begin(), snapshot.end());
  }
  void read(Slot slot, std::span<std::byte> snapshot) override {
    pause(pauses_.load);
    std::memcpy(snapshot.data(), data_.at(slot.index).data(), snapshot.size());
  }
  Pauses pauses_;
  std::uint64_t transfers_ = 0;
  std::map<std::int64_t, std::vector<std::byte>> data_;
};

}  // namespace cairn::test
