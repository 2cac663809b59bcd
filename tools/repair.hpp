// SPDX-License-Identifier: BSD-3-Clause
/// `cairn repair`: sets the files of tiers right after a kill or a loss of power.
#pragma once

#include <string>
#include <vector>

namespace cairn::tool {

struct RepairOptions {
  std::vector<std::string> files;  ///< of hdf5 or mmap tiers
  bool dry_run = false;            ///< change nothing, say what would be done
  bool all = false;                ///< list every slot in use, however many there are
  bool json = false;
};

/// Marks torn slots empty and sets step words right (storage/tier_repair.hpp), and prints what was and was not saved,
/// file by file. A file that cannot be repaired is named on the standard error, and the others are repaired all the
/// same. Returns 1 where there was such a file, or a slot that cannot be read, or with dry_run anything to repair;
/// else 0.
int repair(const RepairOptions& options);

}  // namespace cairn::tool
