// SPDX-License-Identifier: BSD-3-Clause
/// The HDF5 file of a tier, read by plain requests at addresses that the library told when it was opened.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/tier_file.hpp>

#include <memory>
#include <string>

namespace cairn {

/// For the sources of this layer; others use open_tier_file().
class Hdf5TierFile final : public TierFile {
 public:
  Hdf5TierFile(File file, Hdf5Contents contents);  ///< The contents are those of the file.

  std::string_view kind() const override { return "hdf5"; }
  const Layout& layout() const override { return contents_.layout; }
  Slots slots() const override { return contents_.slots; }
  Bytes file_bytes() const override;
  RecordedRun run() const override;
  void rows(Slot first, std::span<LedgerRow> rows) const override;
  void steps(Slot first, std::span<Step> steps) const override;
  void read(Slot slot, std::span<std::byte> snapshot) const override;
  void read(Slot slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const override;

  const Hdf5Contents& contents() const { return contents_; }
  File take_file() { return std::move(file_); }  ///< The last call: for who goes on with the file.

 private:
  std::uint64_t index(Slot first, std::size_t count = 1) const;
  void fetch(std::uint64_t offset, std::span<std::byte> to, Slot slot = Slot{-1}) const;
  std::string text(std::uint64_t offset, std::size_t bytes) const;
  File file_;
  Hdf5Contents contents_;
};

}  // namespace cairn
