// SPDX-License-Identifier: BSD-3-Clause
/// A slow level that is not slow: what is left is what the executor and the lane cost.
#pragma once

#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cairn::bench {

/// Snapshots in memory of its own, without checksums. To executors it is one more tier that needs a lane.
class InstantTier final : public Tier {
 public:
  InstantTier(const Layout& layout, Slots slots)
      : Tier{"instant", "", layout, slots, {.verify = Verify::never, .durability = Durability::process}},
        memory_(static_cast<std::size_t>(slots), std::vector<std::byte>(layout.buffer_bytes().count)) {}

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override {
    std::ranges::copy(snapshot, memory_[static_cast<std::size_t>(slot.index)].begin());
  }
  void read(Slot slot, std::span<std::byte> snapshot) override {
    std::ranges::copy(memory_[static_cast<std::size_t>(slot.index)], snapshot.begin());
  }
  std::vector<std::vector<std::byte>> memory_;
};

}  // namespace cairn::bench
