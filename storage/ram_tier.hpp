// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in private memory.
#pragma once

#include <cairn/storage/pool.hpp>
#include <cairn/storage/tier.hpp>

#include <vector>

namespace cairn {

/// Snapshots in buffers of the pool, gone with the process; adopt() and lend() change a buffer's role without a copy.
/// Under Verify::disk nothing is summed here. One thread at a time.
class RamTier final : public Tier {
 public:
  RamTier(const Layout& layout, Slots slots, Pool& pool, Promise promise = {});

  /// The buffer, already filled, becomes the snapshot of x_step in this slot. Rules of save().
  void adopt(Slot slot, Step step, Pool::Buffer buffer);
  /// The buffer of that snapshot leaves, and the slot is released. Throws what load() throws.
  Pool::Buffer lend(Slot slot, Step step);
  /// The snapshot where it lies, until the slot is released. Throws what load() throws.
  std::span<const std::byte> view(Slot slot, Step step) const;

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void after_probe(Slot slot) override;
  Pool* pool_;
  std::vector<Pool::Buffer> buffers_;  // by slot; empty where nothing is stored
};

}  // namespace cairn
