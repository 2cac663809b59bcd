// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in a memory-mapped file.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>
#include <cairn/storage/tier_creation.hpp>

#include <memory>

namespace cairn {

struct MmapFormat;

/// Snapshots in a mapped file: fast while the page cache has room, readable after a kill. Small snapshots are stored
/// into the mapping, whose pages are given back at once; from 256 KiB on they are written to the file, which the
/// measurements in the source prefer. Resident memory stays small however large the tier is.
class MmapTier final : public Tier, public RunRecord {
 public:
  /// Creates the file (under <path>.new, renamed when complete; an existing cairn file is replaced while its lock is
  /// held, unless `existing` protects it; any other file is refused with mismatch). Levels: how many the plan has, for
  /// the summary's arrays. Throws StorageError; std::invalid_argument where the folder is not there.
  MmapTier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts, std::int32_t levels,
           Promise promise = {}, System& system = System::real(), Existing existing = Existing::replace);
  /// Opens the file of an earlier process and locks it as creation does; the slots are those that it was made with.
  /// Nothing in it is changed before take_over(): found() and ledger() tell first whether this is the run that was
  /// meant. Reads all rows: some .4 s for 2^20 slots. Throws StorageError: absent where there is no file, mismatch
  /// where it is in use, another program's, or of another layout (naming the field), corrupt.
  static std::unique_ptr<MmapTier> reopen(const std::string& path, const Layout& layout, Promise promise = {},
                                          System& system = System::real());
  ~MmapTier() override;

  void put_steps(Step steps) override;
  void put_summary(const RunSummary& summary) override;
  void put_end(std::string_view end) override;
  std::optional<std::uint64_t> device() const override;

 private:
  void put_identity_text(std::string_view json) override;
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void put_step(Slot slot, Step step) override;
  void put_words(Slot first, std::span<const Step> words) override;
  void sync() override;
  void after_probe(Slot slot) override;
  void store(Slot slot, std::span<const std::byte> snapshot);
  template <class Write>
  void record(const Write& write_areas);
  struct Open;
  static std::unique_ptr<Open> mapped(File file, const MmapFormat& format, const std::string& path);
  MmapTier(const std::string& path, const Layout& layout, Slots slots, Promise promise);
  std::unique_ptr<Open> open_;
};

}  // namespace cairn
