// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in an HDF5 file that its owner opens with h5py, xarray or h5dump, during and after the run and after a
/// kill.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>

#include <memory>

namespace cairn {

/// Snapshots in an HDF5 file (docs/format.md). The library makes the file once and closes it; snapshots are then
/// written to known addresses by O_DIRECT requests, and no lane ever calls HDF5. Where the file system refuses
/// O_DIRECT, buffered requests are used, and the log says so.
class Hdf5Tier final : public Tier, public RunRecord {
 public:
  /// Creates the file (under <path>.new, renamed when complete; an existing cairn file is replaced while its lock is
  /// held, any other file is refused with mismatch). Levels: how many the plan has, for the summary's arrays. Throws
  /// StorageError; std::invalid_argument where the folder is not there.
  Hdf5Tier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts, std::int32_t levels,
           Promise promise = {}, System& system = System::real());
  ~Hdf5Tier() override;

  void put_identity(std::string_view json) override;
  void put_steps(Step steps) override;
  void put_summary(const RunSummary& summary) override;
  std::optional<std::uint64_t> device() const override;
  bool direct() const;  ///< Are large fields written by O_DIRECT?

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override;
  void read(Slot slot, std::span<std::byte> snapshot) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void put_step(Slot slot, Step step) override;
  void sync() override;
  struct Open;
  std::unique_ptr<Open> open_;
};

}  // namespace cairn
