// SPDX-License-Identifier: BSD-3-Clause
/// Setting a tier's file right after a kill or a loss of power: what `cairn repair` stands on.
#pragma once

#include <cairn/storage/run_record.hpp>
#include <cairn/storage/system.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A slot in use, and what there was to do about it.
struct RepairedSlot {
  enum class Holds {
    snapshot,    ///< saved, and its bytes are whole
    not_summed,  ///< saved under verify: never; nothing can tell whether its bytes are whole
    released,    ///< saved and no longer needed; a resume takes it where its bytes are whole. Not read here
    nothing,     ///< not saved, or torn
    unreadable   ///< saved, but the device cannot read it now; left as it is
  };
  enum class Remedy {
    none,
    emptied,   ///< its step word is −1, and its row says empty
    step_word  ///< only its step word was wrong
  };
  Slot slot;
  Step step = -1;  ///< of its row, else of its step word; −1: neither tells
  Holds holds = Holds::nothing;
  Remedy remedy = Remedy::none;
  std::string problem = {};  ///< what was wrong; empty: nothing
};
std::string_view name_of(RepairedSlot::Holds holds);  ///< "snapshot"

/// A file and its slots that are not blank.
struct RepairedFile {
  std::string kind;  ///< "mmap", "hdf5"
  Slots slots = 0;
  RecordedRun run = {};
  std::vector<RepairedSlot> in_use = {};
};

/// Reads every snapshot of the file, marks torn slots empty, and sets step words right that disagree with their rows: a
/// save that was cut short, a damaged row, bytes that are not those that were saved. What is valid stays, of whatever
/// sweep it is. dry_run changes nothing and tells the same. Whether dry or not, the file is locked meanwhile. Throws
/// StorageError: absent, mismatch where a run uses it or cairn did not make it, corrupt, io.
RepairedFile repair_tier_file(const std::string& path, bool dry_run, System& system = System::real());

}  // namespace cairn
