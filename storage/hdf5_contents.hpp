// SPDX-License-Identifier: BSD-3-Clause
/// Opening a tier's HDF5 file by the library, to learn what it holds and where.
#pragma once

#include <cairn/storage/hdf5_addresses.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/run_record.hpp>

#include <string>

namespace cairn {

class File;

/// What a file of this format says about itself.
struct Hdf5Contents {
  Layout layout;
  Slots slots;
  RunFacts facts;
  Hdf5Addresses at;
  std::size_t levels;  ///< of the arrays of its summary
};

/// Opens the file read-only and without locks, reads all but snapshots, and closes it. Throws StorageError: mismatch
/// for a file that cairn did not make or that another program rewrote, corrupt for a damaged one. Thread-safe.
Hdf5Contents read_hdf5_file(const std::string& path);
/// The same of an open file, whose signature and length are looked at as well; the library opens it by its path().
Hdf5Contents read_hdf5_file(const File& file);

/// Is this an HDF5 file whose root says that cairn made it? False also for files that HDF5 cannot open. Thread-safe.
bool is_cairn_hdf5_file(const std::string& path);

}  // namespace cairn
