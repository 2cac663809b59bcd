// SPDX-License-Identifier: BSD-3-Clause
/// A tier: numbered slots for snapshots, the same contract whatever they are made of.
#pragma once

#include <cairn/storage/errors.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/ledger.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cairn {

/// Checksums: disk is all but private RAM. replay: always, to a tier; a run compares what is computed again, too.
enum class Verify { disk, always, never, replay };
enum class Durability { process, power };  ///< Survives kill -9; or: fdatasync before a snapshot counts as stored.

/// Slots 0 … slots()−1 for snapshots of one layout. `save`, `load` and `release` check sizes, slots and the ledger, and
/// give errors their place; a derived tier only moves bytes. The order of a save, which makes a kill at any moment
/// harmless:
///   step −1 → row `writing` → data → [power: sync] → row `valid` with its sum → step t → [power: sync]
/// One thread at a time; with a lane, the lane's thread.
///
/// A tier that keeps its slots beyond the process may be opened again by a later one (Hdf5Tier::reopen() and the like).
/// Nothing in the file has changed then, and ledger() tells what is there: valid slots, and released ones whose bytes
/// may still be whole. Who agrees that this is his run calls take_over(); all else is a std::logic_error until then.
class Tier {
 public:
  struct Promise {
    Verify verify = Verify::disk;
    Durability durability = Durability::process;
  };
  /// Whole save() and load() calls, those that threw left out. What a RAM tier adopts or shows is no call of these.
  struct Pace {
    std::uint64_t saves = 0, loads = 0;
    double save_seconds = 0, load_seconds = 0;
    std::optional<double> save_under_way = {}, load_under_way = {};  ///< seconds of a call that has not returned
  };
  /// What probe() measured.
  struct Probed {
    double save_seconds = 0;  ///< one snapshot to the tier
    double load_seconds = 0;  ///< and back
  };
  /// Several snapshots of one step that take_over() finds: one stays valid, the rest is released; or each stays that
  /// is valid or proves to be, where the step is not all that tells snapshots apart.
  enum class Doubles { release, keep };
  /// What take_over() found.
  struct TakenOver {
    Slots kept = 0;          ///< valid slots; their bytes are proved by load(), as ever
    Slots brought_back = 0;  ///< released slots that are valid again: their bytes were proved
    Slots torn = 0;          ///< saves that the end of their process cut short; empty now
  };
  virtual ~Tier() = default;
  Tier(const Tier&) = delete;
  Tier& operator=(const Tier&) = delete;

  /// Stores a snapshot (a buffer of layout().buffer_bytes()) in an empty or released slot. When it throws StorageError,
  /// the slot is empty. A slot that is valid, or outside the tier, is a std::logic_error. `sum`: the snapshot's
  /// checksum; where it is zero, it is taken here. Where this tier keeps none it is not looked at.
  void save(Slot slot, Step step, std::span<const std::byte> snapshot, const Checksum& sum = {});
  /// Fills `snapshot` with what save() was given. Throws StorageError: absent where the slot is not valid, mismatch
  /// where it holds another step, corrupt where the sum differs, io.
  void load(Slot slot, Step step, std::span<std::byte> snapshot);
  /// The same, but the sum is not compared: it is returned, zero where none was taken. For who goes over these bytes in
  /// any case, and compares then; wrong_sum() is what load() would have thrown.
  Checksum load_unchecked(Slot slot, Step step, std::span<std::byte> snapshot);
  StorageError wrong_sum(Slot slot, Step step, const Checksum& found, const Checksum& saved) const;  ///< Any thread.
  /// The slot may be used anew. The snapshot must be there: absent otherwise.
  void release(Slot slot);
  /// Gives up a valid slot whose bytes are lost: load() said corrupt or io. The slot is empty, to be used again or
  /// not, and the file is told so. False where it could not be told: load() will find it out again after a restart.
  bool drop(Slot slot);

  /// Was it opened again, and is it not taken over yet?
  bool reopened() const { return left_ != nullptr; }
  bool sums() const;  ///< Are checksums kept here? Not in memory under Verify::disk.
  /// Makes the slots of an earlier process this one's: step words and rows say what ledger() says from here on. The
  /// buffer (buffer_bytes() of the layout, as save() wants it) serves to prove released snapshots of steps below
  /// `before`, which become valid; others stay released, as do those that were never summed or cannot be read. Reads
  /// every such snapshot once. Throws StorageError where the file cannot be written; it may be tried again, and another
  /// process would find no less.
  TakenOver take_over(std::span<std::byte> buffer, Step before = limits::steps + 1, Doubles doubles = Doubles::release);

  /// How long one snapshot takes to this tier and back, before there is any: the buffer's bytes (buffer_bytes() of the
  /// layout) go through an empty or released slot as by save() and load(), under Durability::power with the sync, but
  /// without row and step word, and their sums are left out of the time, for lanes take none. Each way is taken again
  /// where it took less than 50 ms, and the shorter time counts: the first warms up. The slot, its row and its step
  /// word stay as they were, so that nothing can be taken for a snapshot, even after a kill in between; disk space is
  /// reserved as by save(); pace() does not count it. Throws StorageError as save() and load() do; std::logic_error
  /// where the slot holds a snapshot.
  Probed probe(Slot slot, std::span<std::byte> buffer);

  const Layout& layout() const { return *layout_; }
  const Ledger& ledger() const { return ledger_; }
  Slots slots() const { return ledger_.slots(); }
  const std::string& kind() const { return kind_; }  ///< "ram", "mmap", "hdf5"
  const std::string& file() const { return file_; }  ///< its path; empty in memory
  const Promise& promise() const { return promise_; }
  Pace pace() const;  ///< Since it was made; may be asked in any thread.
  virtual std::optional<std::uint64_t> device() const { return std::nullopt; }  ///< st_dev of the file; none in memory

 protected:
  /// The layout must outlive the tier.
  Tier(std::string kind, std::string file, const Layout& layout, Slots slots, Promise promise);

  virtual void write(Slot slot, std::span<const std::byte> snapshot) = 0;  ///< Throws FileError or StorageError.
  virtual void read(Slot slot, std::span<std::byte> snapshot) = 0;
  virtual void put_row(Slot, const LedgerRow&) {}  ///< The slot's row in the file, already sealed.
  virtual void put_step(Slot, Step) {}             ///< The slot's step word in the file.
  /// Step words of this slot and those behind it.
  virtual void put_words(Slot first, std::span<const Step> words);
  virtual void sync() {}             ///< Under Durability::power.
  virtual void after_probe(Slot) {}  ///< What write() keeps of this slot in memory goes: after a probe, after a drop.

  /// For who opens slots again: `run` is the hash of the identity found; then, for all slots in order, what rows and
  /// step words say, as each_piece() (tier_file.hpp) gives them.
  void begin_finding(std::uint64_t run);
  void find(Slot first, std::span<const LedgerRow> rows, std::span<const Step> words);

  /// save(), but not counted in pace(): for a snapshot that lies in its slot already, and that write() need not copy.
  void store(Slot slot, Step step, std::span<const std::byte> snapshot, const Checksum& sum);
  virtual void taken_over() {}  ///< The end of take_over(): what is not valid now is of no more use.
  Ledger& ledger_in_use() { return ledger_; }
  void check_sum(Slot slot, std::span<const std::byte> snapshot) const;  ///< Throws corrupt.
  Checksum sum_kept(Slot slot) const;                                    ///< Zero where not summed.
  const Ledger::Stored& expect(Slot slot, Step step) const;              ///< Throws absent or mismatch.
  /// Zero where not summed.
  Checksum sum_for(std::span<const std::byte> snapshot, const Checksum& known = {}) const;
  StorageError error(StorageError::Kind kind, Slot slot, Step step, std::string_view problem) const;
  void run_hash(std::uint64_t hash) { run_hash_ = hash; }  ///< What rows carry as `run` from now on.

 private:
  /// Calls of one kind, counted where a lane works and read where a report is made.
  struct Timed {
    std::atomic<std::uint64_t> count = 0;
    std::atomic<double> seconds = 0;
    std::atomic<std::int64_t> began = 0;  // of the call under way, in ns of the steady clock; 0: none
    std::optional<double> under_way() const;
  };
  class Call;
  /// What an earlier process left beside the ledger.
  struct Left {
    std::vector<Step> words = {};    // step words as they stand in the file
    std::vector<Slot> changed = {};  // slots whose rows say something else than the ledger
    Slots torn = 0;                  // rows that say `writing`
  };
  void record(Slot slot);
  void read_stored(Slot slot, Step step, std::span<std::byte> snapshot);
  void check_taken_over() const;
  TakenOver choose(std::span<std::byte> buffer, Step before, Doubles doubles);
  bool holds(Slot slot, std::span<std::byte> buffer);
  void put_left(const std::vector<Step>& wanted);
  void put_changed_words(const std::vector<Step>& wanted);
  Probed probe_both_ways(Slot slot, std::span<std::byte> buffer);
  /// Runs a transfer; what the file layer throws gets its place.
  template <class Transfer>
  void in_place(Slot slot, Step step, Transfer&& transfer) const {
    try {
      transfer();
    } catch (const FileError& failure) {
      throw error(failure.kind(), slot, step, failure.what());
    }
  }
  std::string kind_;
  std::string file_;
  const Layout* layout_;
  Promise promise_;
  Ledger ledger_;
  Timed saves_, loads_;
  std::uint64_t run_hash_ = 0;
  std::unique_ptr<Left> left_;  // by an earlier process, until it is taken over
};

}  // namespace cairn
