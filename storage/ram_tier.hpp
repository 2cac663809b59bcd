// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in memory.
#pragma once

#include <cairn/storage/pool.hpp>
#include <cairn/storage/tier.hpp>

#include <string>
#include <vector>

namespace cairn {

/// Snapshots in buffers of the pool; adopt() and lend() change a buffer's role without a copy. In private memory they
/// are gone with the process, and under Verify::disk nothing is summed; SharedRamTier keeps them in shared memory. One
/// thread at a time.
class RamTier : public Tier {
 public:
  RamTier(const Layout& layout, Slots slots, Pool& pool, Promise promise = {});

  /// The buffer (of this tier's pool), already filled, becomes the snapshot of x_step in this slot. Rules of save().
  void adopt(Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum = {});
  /// The buffer of that snapshot leaves, and the slot is released. Throws what load() throws.
  Pool::Buffer lend(Slot slot, Step step);
  /// The snapshot where it lies, until the slot is released. Throws what load() throws.
  std::span<const std::byte> view(Slot slot, Step step) const;
  struct Unchecked {
    std::span<const std::byte> bytes;
    Checksum sum;  ///< what it should be; zero: not summed
  };
  /// The same, but the sum is not compared, as by load_unchecked().
  Unchecked view_unchecked(Slot slot, Step step) const;

 protected:
  /// Of memory that has a file, by which others see it.
  RamTier(std::string file, const Layout& layout, Slots slots, Pool& pool, Promise promise);

  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void after_probe(Slot slot) override;
  Pool& pool() const { return *pool_; }
  Pool::Buffer& held(Slot slot) { return buffers_[static_cast<std::size_t>(slot.index)]; }  ///< Empty: nothing.

 private:
  bool recorded() const { return !file().empty(); }  ///< Are rows and step words kept beside the buffers?
  void adopt_recorded(Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum);
  Pool* pool_;
  std::vector<Pool::Buffer> buffers_;  // by slot; empty where nothing is stored
  bool lending_ = false;               // a slot is released whose buffer goes to lend()'s caller
};

}  // namespace cairn
