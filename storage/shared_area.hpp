// SPDX-License-Identifier: BSD-3-Clause
/// Areas of POSIX shared memory by name: made, found, locked, listed, removed. What lies in one: shared_memory.hpp.
#pragma once

#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/tier_creation.hpp>
#include <cairn/storage/tier_file.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/interprocess/shared_memory_object.hpp>

namespace cairn {

/// "/dev/shm/cairn.<name>", where Linux has such an object of shm_open. Throws std::invalid_argument naming a name that
/// cannot be: at most 200 of letters, digits, '.', '_' and '-'.
std::string shared_path(std::string_view name);
/// The name whose area that path is, relative or not; nothing where it is of no area, but of a file.
std::optional<std::string> shared_name_in(std::string_view path);

/// An area that is there.
struct FoundArea {
  std::string name;
  Bytes bytes = {};                              ///< of memory that it takes
  bool in_use = false;                           ///< by a run that lives
  std::optional<UnfinishedRun> unfinished = {};  ///< what a resume could go on from
  std::string problem = {};                      ///< why it cannot be read; empty: it can, or it was never completed
};
/// The areas of this user, by name; none is locked or changed. Those without `in_use`, `unfinished` and `problem` are
/// of no more use to anybody.
std::vector<FoundArea> shared_areas();
/// Removes the area of that name, whatever it holds. Throws StorageError: absent, mismatch ("in use by another run",
/// not cairn's, not this user's, a symbolic link), io.
void remove_shared_area(const std::string& name, System& system = System::real());
/// The same, but only where the area is of no more use to anybody; looked at while no run can begin in it. Else
/// StorageError mismatch ("holds 3 snapshots of a run that has not ended", "cannot be opened").
void reclaim_shared_area(const std::string& name, System& system = System::real());

/// An object of shm_open and the same as a file: the one to make and map it, the other to write and lock it. The lock
/// is that of one run and lasts as long as the file is open.
struct SharedArea {
  boost::interprocess::shared_memory_object object;
  File file;
};
/// A new and empty area, 0600, never through a symbolic link, in place of the one that may be there: a finished run's,
/// one that died with its run as it was made, or under Existing::replace any. Throws StorageError mismatch as above,
/// and FileError.
SharedArea new_shared_area(const std::string& name, Existing existing, System& system = System::real());
/// The area of that name. Throws StorageError: absent where there is none or none that was completed, mismatch as
/// above; FileError.
SharedArea existing_shared_area(const std::string& name, System& system = System::real());

Bytes allocated_bytes(const File& file);  ///< What it takes now. Throws FileError.

/// A StorageError of the area, in which memory that is not there counts as a full tier (ENOMEM as well as ENOSPC).
StorageError shared_error(const std::string& path, const FileError& failure);
StorageError shared_error(StorageError::Kind kind, const std::string& path, std::string_view problem);

}  // namespace cairn
