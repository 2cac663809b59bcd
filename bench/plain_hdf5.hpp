// SPDX-License-Identifier: BSD-3-Clause
/// The baseline of the HDF5 tier: the same datasets, written and read by the library itself.
#pragma once

#include <cairn/storage/hdf5_handle.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/tier.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace cairn::bench {

/// Datasets of shape [slots, …extents], one chunk a slot, allocated at creation: the shape of a tier's file. Removed at
/// its end. Float32 fields only. Throws what hdf5_handle.hpp throws, and std::system_error.
class PlainHdf5 {
 public:
  PlainHdf5(std::filesystem::path path, const Layout& layout, Slots slots);
  PlainHdf5(const PlainHdf5&) = delete;
  PlainHdf5& operator=(const PlainHdf5&) = delete;
  ~PlainHdf5();

  /// H5Dwrite of each field and H5Fflush, after which the end of the process loses nothing; then fdatasync, after which
  /// the snapshot is on the disk, where `durability` is `power`.
  void save(Slot slot, std::span<const std::span<std::byte>> fields, Durability durability = Durability::power) const;
  /// H5Dread of each field.
  void load(Slot slot, std::span<const std::span<std::byte>> fields) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  H5Space place(const Layout& layout, std::size_t field, Slot slot) const;
  std::filesystem::path path_;
  const Layout* layout_;
  Slots slots_;
  H5File file_;
  std::vector<H5Dataset> datasets_;
  int descriptor_;  // for fdatasync
};

}  // namespace cairn::bench
