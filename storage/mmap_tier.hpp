// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in a memory-mapped file.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>

#include <memory>

namespace cairn {

/// Snapshots in a mapped file: fast while the page cache has room, readable after a kill. Small snapshots are stored
/// into the mapping, whose pages are given back at once; from 256 KiB on they are written to the file, which the
/// measurements in the source prefer. Resident memory stays small however large the tier is.
class MmapTier final : public Tier, public RunRecord {
 public:
  /// Creates the file (under <path>.new, renamed when complete; an existing cairn file is replaced while its lock is
  /// held, any other file is refused with mismatch). Levels: how many the plan has, for the summary's arrays. Throws
  /// StorageError; std::invalid_argument where the folder is not there.
  MmapTier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts, std::int32_t levels,
           Promise promise = {}, System& system = System::real());
  ~MmapTier() override;

  void put_identity(std::string_view json) override;
  void put_steps(Step steps) override;
  void put_summary(const RunSummary& summary) override;
  std::optional<std::uint64_t> device() const override;

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void put_step(Slot slot, Step step) override;
  void sync() override;
  void store(Slot slot, std::span<const std::byte> snapshot);
  template <class Write>
  void record(const Write& write_areas);
  struct Open;
  std::unique_ptr<Open> open_;
};

}  // namespace cairn
