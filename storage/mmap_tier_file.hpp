// SPDX-License-Identifier: BSD-3-Clause
/// The file of a mmap tier, read by plain requests.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/tier_file.hpp>

#include <memory>
#include <string>

namespace cairn {

/// For the sources of this layer; others use open_tier_file().
class MmapTierFile final : public TierFile {
 public:
  explicit MmapTierFile(File file);  ///< Throws StorageError as open_tier_file(), and FileError.

  std::string_view kind() const override { return "mmap"; }
  const Layout& layout() const override { return contents_.layout; }
  Slots slots() const override { return static_cast<Slots>(format_.slots); }
  Bytes file_bytes() const override;
  RecordedRun run() const override;
  void rows(Slot first, std::span<LedgerRow> rows) const override;
  void steps(Slot first, std::span<Step> steps) const override;
  void read(Slot slot, std::span<std::byte> snapshot) const override;
  void read(Slot slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const override;

  const MmapFormat& format() const { return format_; }
  File take_file() { return std::move(file_); }  ///< The last call: for who goes on with the file.

 private:
  Slot checked(Slot first, std::size_t count = 1) const;
  void fetch(std::uint64_t offset, std::span<std::byte> to, Slot slot) const;
  File file_;
  MmapFormat format_;
  MmapContents contents_;
};

}  // namespace cairn
