// SPDX-License-Identifier: BSD-3-Clause
/// `cairn repair`: sets the files of tiers right after a kill or a loss of power.
#pragma once

#include <string>
#include <vector>

namespace cairn::tool {

struct RepairOptions {
  std::vector<std::string> files;  ///< of hdf5 or mmap tiers, or of shared memory
  bool shared = false;             ///< all shared memory of this user, too
  bool dry_run = false;            ///< change nothing, say what would be done
  bool all = false;                ///< list every slot in use, however many there are
  bool json = false;
};

/// Marks torn slots empty and sets step words right (storage/tier_repair.hpp), and prints what was and was not saved,
/// file by file. A file that cannot be repaired is named on the standard error, and the others are repaired all the
/// same. Shared memory that is of no more use to anybody is reclaimed instead (repair_shared.hpp). Returns 1 where
/// there was such a file, or a slot that cannot be read, or with dry_run anything to do; else 0. Throws
/// std::invalid_argument where there is nothing to repair in `options`.
int repair(const RepairOptions& options);

}  // namespace cairn::tool
