// SPDX-License-Identifier: BSD-3-Clause
/// What each slot of a tier holds, in memory (Ledger) and in a file (LedgerRow).
#pragma once

#include <cairn/storage/checksum.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn {

/// empty → writing → valid → released → writing;   writing → empty if the write failed or the process died;
/// valid → empty if its bytes proved to be others than those that were saved, or cannot be read
enum class SlotStatus : std::uint8_t { empty = 0, writing = 1, valid = 2, released = 3 };
/// Is this one of the moves of the picture above?
constexpr bool may_become(SlotStatus from, SlotStatus to) {
  using enum SlotStatus;
  switch (from) {
    case empty: return to == writing;
    case writing: return to == valid || to == empty;
    case valid: return to == released || to == empty;
    case released: return to == writing;
  }
  return false;  // a byte from a damaged file
}
static_assert(!may_become(SlotStatus::valid, SlotStatus::writing), "a snapshot is released before it is replaced");
std::string_view name_of(SlotStatus status);  ///< "valid"

/// One row of the ledger as it stands in a file: 512 bytes, little-endian, one sector, so that it is never torn.
struct LedgerRow {
  static constexpr std::uint64_t magic_word = 0x776f726e72696163;  ///< "cairnrow"
  std::uint64_t magic = 0;
  std::int64_t step = 0;
  std::uint64_t sequence = 0;  ///< +1 for each save in this file
  std::uint64_t bytes = 0;     ///< of the snapshot
  Checksum checksum{};         ///< all zero: not summed
  std::int64_t time = 0;       ///< nanoseconds since 1970
  SlotStatus status = SlotStatus::empty;
  std::uint8_t unused_0[7] = {};
  std::uint64_t run = 0;  ///< XXH3-64 of the identity of the run
  std::uint8_t unused_1[432] = {};
  std::uint64_t row_checksum = 0;  ///< XXH3-64 of the 504 bytes before

  void seal();          ///< Sets magic and row_checksum.
  bool blank() const;   ///< All zero: a slot never used.
  bool intact() const;  ///< Magic and sum are right.
};
static_assert(sizeof(LedgerRow) == 512);
/// What a run finds in a slot of its file when it opens it again, or `cairn repair` does. `run`: the hash of the file's
/// identity. The row's own sum must be right and the row be of that run: then `valid` where it says so, the bytes
/// unseen (load() proves them); `released` where it says that, a snapshot still if its bytes hold; else `empty`.
SlotStatus status_at_opening(const LedgerRow& row, std::uint64_t run);

static_assert(offsetof(LedgerRow, checksum) == 32 && offsetof(LedgerRow, time) == 48 &&
              offsetof(LedgerRow, status) == 56 && offsetof(LedgerRow, run) == 64 &&
              offsetof(LedgerRow, row_checksum) == 504);

/// The state machine of a tier's slots; 48 bytes a slot. Who breaks its rules has a bug: std::logic_error.
/// Used by the thread that runs the tier.
class Ledger {
 public:
  struct Stored {
    Step step = -1;
    std::uint64_t sequence = 0;
    Checksum checksum{};
    SlotStatus status = SlotStatus::empty;
  };
  explicit Ledger(Slots slots) : rows_(static_cast<std::size_t>(slots)) {}
  Slots slots() const { return static_cast<Slots>(rows_.size()); }
  const Stored& at(Slot slot) const;                     ///< Throws std::out_of_range naming slot and slots.
  const Stored& begin(Slot slot, Step step);             ///< empty or released → writing, with the next sequence.
  const Stored& commit(Slot slot, const Checksum& sum);  ///< writing → valid
  void fail(Slot slot);                                  ///< writing or valid → empty
  const Stored& release(Slot slot);                      ///< valid → released; step, sequence and sum stay.
  /// At the opening of a file: the slot is what its row says, by status_at_opening(). Later saves have sequences above
  /// that of any intact row, whosever it is.
  void find(Slot slot, const LedgerRow& row, std::uint64_t run);
  /// At the opening of a file: released → valid, for its bytes were proved.
  const Stored& bring_back(Slot slot);

 private:
  Stored& change(Slot slot, SlotStatus to);
  std::vector<Stored> rows_;
  std::uint64_t sequence_ = 0;
};

}  // namespace cairn
