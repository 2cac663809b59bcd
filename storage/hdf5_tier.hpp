// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in an HDF5 file that its owner opens with h5py, xarray or h5dump, during and after the run and after a
/// kill.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>
#include <cairn/storage/tier_creation.hpp>

#include <memory>

namespace cairn {

/// Snapshots in an HDF5 file (docs/format.md). The library makes the file once and closes it; snapshots are then
/// written to known addresses by O_DIRECT requests, and no lane ever calls HDF5. Where the file system refuses
/// O_DIRECT, buffered requests are used, and the log says so.
class Hdf5Tier final : public Tier, public RunRecord {
 public:
  /// Creates the file (under <path>.new, renamed when complete; an existing cairn file is replaced while its lock is
  /// held, unless `existing` protects it; any other file is refused with mismatch). Levels: how many the plan has, for
  /// the summary's arrays. Throws StorageError; std::invalid_argument where the folder is not there.
  Hdf5Tier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts, std::int32_t levels,
           Promise promise = {}, System& system = System::real(), Existing existing = Existing::replace);
  /// Opens the file of an earlier process, by the library once and read-only, and locks it as creation does; the slots
  /// are those that it was made with. Nothing in it is changed before take_over(): found() and ledger() tell first
  /// whether this is the run that was meant. Reads all rows: some .4 s for 2^20 slots. Throws StorageError: absent
  /// where there is no file, mismatch where it is in use, another program's, or of another layout (naming the field),
  /// corrupt.
  static std::unique_ptr<Hdf5Tier> reopen(const std::string& path, const Layout& layout, Promise promise = {},
                                          System& system = System::real());
  ~Hdf5Tier() override;

  void put_steps(Step steps) override;
  /// Arrays of as many levels as the file was made with; where it was opened again they are cut or filled up to that.
  void put_summary(const RunSummary& summary) override;
  void put_end(std::string_view end) override;
  std::optional<std::uint64_t> device() const override;
  bool direct() const;  ///< Are large fields written by O_DIRECT?

 private:
  void put_identity_text(std::string_view json) override;
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void put_step(Slot slot, Step step) override;
  void put_words(Slot first, std::span<const Step> words) override;
  void sync() override;
  void make_durable() const;  // what record calls wrote
  struct Open;
  Hdf5Tier(const std::string& path, const Layout& layout, Slots slots, Promise promise, std::unique_ptr<Open> open);
  std::unique_ptr<Open> open_;
};

}  // namespace cairn
