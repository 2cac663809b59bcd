// SPDX-License-Identifier: BSD-3-Clause
/// Disk space for slots, a run of them at a time, before the first of the run is used.
#pragma once

#include <cairn/storage/errors.hpp>
#include <cairn/words.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace cairn {

/// Which runs of slots have their disk space. A capacity then costs nothing until it is used, and a full disk is an
/// error at a save. A run has some 64 MiB, or one slot.
class ReservedRuns {
 public:
  static constexpr std::uint64_t run_bytes = std::uint64_t{64} << 20;

  ReservedRuns(Slots slots, Bytes slot_bytes)
      : slots_{slots},
        slots_a_run_{static_cast<Slots>(std::max<std::uint64_t>(1, run_bytes / slot_bytes.count))},
        reserved_(static_cast<std::size_t>((slots + slots_a_run_ - 1) / slots_a_run_)) {}

  /// Before the slot is written: calls `reserve(first slot, slots)` for its run, unless that was done. Where the disk
  /// has no room for the run, what is left may do for the one slot. Throws what `reserve` throws.
  template <class Reserve>
  void before_use(Slot slot, Reserve&& reserve) {
    const Slots run = slot.index / slots_a_run_;
    if (reserved_[static_cast<std::size_t>(run)]) return;
    const Slot first{run * slots_a_run_};
    try {
      reserve(first, std::min(slots_a_run_, slots_ - first.index));
      reserved_[static_cast<std::size_t>(run)] = true;
    } catch (const FileError& failure) {
      if (failure.kind() != StorageError::Kind::full || slots_a_run_ == 1) throw;
      reserve(slot, 1);
    }
  }
  /// The disk space of this slot's run may be gone: it is reserved again before it is used again.
  void forget(Slot slot) { reserved_[static_cast<std::size_t>(slot.index / slots_a_run_)] = false; }

 private:
  Slots slots_;
  Slots slots_a_run_;
  std::vector<bool> reserved_;  // by run
};

}  // namespace cairn
