// SPDX-License-Identifier: BSD-3-Clause
/// `cairn inspect`: what a tier's file holds, beside a run, after it, or after a kill.
#pragma once

#include <string>

namespace cairn::tool {

struct InspectOptions {
  std::string file;     ///< of an hdf5 or mmap tier
  bool verify = false;  ///< read and sum every valid snapshot
  bool all = false;     ///< list every slot in use, however many there are
  bool json = false;
};

/// Prints what the file holds to the standard output; names snapshots that verification found bad on the standard error
/// too. Returns 1 where there are any, else 0. Throws StorageError where the file cannot be opened or read.
int inspect(const InspectOptions& options);

}  // namespace cairn::tool
