// SPDX-License-Identifier: BSD-3-Clause
/// A tier's file, opened to be read: what `cairn inspect` stands on.
#pragma once

#include <cairn/storage/checksum.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/ledger.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/system.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cairn {

class File;

/// Reads a file beside a running writer, after a run, or after a kill; never writes. One thread at a time.
class TierFile {
 public:
  using Run = RecordedRun;
  virtual ~TierFile() = default;
  virtual std::string_view kind() const = 0;  ///< "mmap", "hdf5"
  virtual const Layout& layout() const = 0;
  virtual Slots slots() const = 0;
  virtual Bytes file_bytes() const = 0;  ///< allocated on disk
  virtual Run run() const = 0;
  /// Rows as they stand (ask intact() and blank()) of this slot and those behind it, in one request.
  virtual void rows(Slot first, std::span<LedgerRow> rows) const = 0;
  /// Step words likewise; −1: no valid snapshot.
  virtual void steps(Slot first, std::span<Step> steps) const = 0;
  LedgerRow row(Slot slot) const;
  Step step(Slot slot) const;
  virtual void read(Slot slot, std::span<std::byte> snapshot) const = 0;  ///< buffer_bytes() of the layout
  /// Bytes of one field of the snapshot in a slot, from byte `at` of the field on.
  virtual void read(Slot slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const = 0;
  /// The sum of the bytes in a slot, read by pieces: whatever a file says of itself, it takes no more memory than one.
  Checksum sum_of(Slot slot) const;

 protected:
  TierFile() = default;
};

/// Opens either kind, told apart by the first bytes. Throws StorageError: mismatch for a file that cairn did not write
/// (or that another program rewrote), corrupt for a damaged or truncated one, io.
std::unique_ptr<TierFile> open_tier_file(const std::string& path, System& system = System::real());
std::unique_ptr<TierFile> open_hdf5_tier_file(const std::string& path, System& system = System::real());
std::unique_ptr<TierFile> open_mmap_tier_file(const std::string& path, System& system = System::real());

/// Is this a file that cairn made, of either kind? By its first bytes and, with HDF5's, by a look inside.
/// What cannot be told is not ours. Throws FileError.
bool is_cairn_file(const File& file);

/// Calls `look(first slot, rows, step words)` for all slots in order, some thousand at a time.
void each_piece(const TierFile& file,
                const std::function<void(Slot, std::span<const LedgerRow>, std::span<const Step>)>& look);

/// A run that has not ended, and whose file holds what a resume can go on from.
struct UnfinishedRun {
  Slots snapshots = 0;  ///< valid ones, and released ones that have a sum
  std::string start;    ///< as RunFacts
};
/// nullopt where the run has ended, where it has not begun to save (no identity), and where nothing is left of it.
/// Reads all rows: some .4 s for 2^20 slots. Throws StorageError.
std::optional<UnfinishedRun> unfinished_run_in(const TierFile& file);

/// What became of one slot, as `cairn inspect --verify` reports it.
enum class Verdict {
  whole,       ///< valid, and its sum is right
  not_summed,  ///< valid, written with verify: never
  bad          ///< valid by its row or its step word, but row, step word and data do not agree
};
struct SlotReport {
  Slot slot;
  Step step;
  SlotStatus status;
  std::optional<Verdict> verdict;  ///< of slots that claim a valid snapshot; without `verify` only where it is bad
  std::string problem;             ///< why it is bad, or what a kill left undone
};
/// The slots that are not blank; with `verify` every claimed snapshot is read and summed. A damaged row counts as empty
/// and is reported. A slot with a valid row but no step was being committed or released when its run died: no verdict.
/// Beside a running writer, a slot that changes meanwhile is looked at again. Takes a MiB of memory, and what the
/// reports take.
std::vector<SlotReport> examine(const TierFile& file, bool verify);

}  // namespace cairn
