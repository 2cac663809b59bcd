// SPDX-License-Identifier: BSD-3-Clause
/// A tier as others store: through the HDF5 library and the system's cache.
#pragma once

#include <cairn/storage/tier.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include <plain_hdf5.hpp>

namespace cairn::bench {

/// Snapshots by H5Dwrite and H5Fflush, which is what the end of the process does not take away, and H5Dread. No
/// checksums, no ledger in the file. float32 fields, each of 16 KiB or more or not.
class PlainHdf5Tier final : public Tier {
 public:
  PlainHdf5Tier(const std::filesystem::path& path, const Layout& layout, Slots slots)
      : Tier{"H5Dwrite", path.string(), layout, slots, {.verify = Verify::never, .durability = Durability::process}},
        file_{path, layout, slots} {}

  /// Writes what the system still has of it, and drops it from the system's cache.
  void rest() const;

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  PlainHdf5 file_;
};

}  // namespace cairn::bench
