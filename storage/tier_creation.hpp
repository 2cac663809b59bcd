// SPDX-License-Identifier: BSD-3-Clause
/// How a tier's file comes to be, so that what stands at its path is complete at every moment, and nobody else's.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/tier_file.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// What a new file may take the place of; files that cairn did not make are never replaced.
enum class Existing {
  replace,          ///< any tier's file
  replace_finished  ///< not that of a run that has not ended, as long as it holds snapshots (unfinished_run_in())
};

/// Throws StorageError mismatch where what stands at the path would not be replaced under Existing::replace_finished,
/// and changes nothing: to be asked of every path before the first file is made. Who uses the file is not asked.
void check_replaceable(std::string_view tier, const std::string& path, System& system = System::real());

/// The making of one tier's file:
///   1. <path>.new is created and locked. What a dead run left there is removed first; a live run's is "in use".
///   2. A file at <path> is looked at (anything that cairn did not make is refused), locked, and kept locked until 4.
///      With Existing::replace_finished its run must have ended, or have left no snapshot.
///   3. The owner writes the whole of <path>.new: through file(), or by its name and in place, as H5Fcreate does with
///      H5F_ACC_TRUNC and H5Pset_file_locking(use 0) (never by another O_EXCL: the file is there).
///   4. publish(): fsync, rename over <path>, fsync of the folder. The lock came along with the descriptor.
/// Runs that begin at the same path at the same time are kept apart by step 1; nothing is lost in any order of steps.
/// A path that is a symbolic link means the file that it leads to.
///
/// Throws StorageError: mismatch ("in use by another run", "open for writing in another program", "is not a file of
/// cairn", "holds 17 snapshots of a run that has not ended"), full, io; std::invalid_argument naming the folder that is
/// not there.
class TierCreation {
 public:
  using IsOurs = std::function<bool(const File&)>;
  /// Steps 1 and 2. `tier` is the word for messages: "hdf5".
  TierCreation(std::string tier, const std::string& path, System& system = System::real(),
               const IsOurs& is_ours = is_cairn_file, Existing existing = Existing::replace);
  TierCreation(const TierCreation&) = delete;
  /// Without publish(), removes <path>.new; what stood at <path> stays.
  ~TierCreation();

  /// The new file: buffered, read and write, empty, locked. Its path() is the name to be written by.
  const File& file() const { return *new_file_; }
  /// Step 4. The lock lives as long as the file that this returns, whose path() is the final one.
  File publish();
  bool locked() const { return locked_; }  ///< False where the file system has no locks; the log says so.

 private:
  std::string new_path() const { return path_ + ".new"; }
  void make_new_file();
  void remove_left_over() const;
  void take_over(const IsOurs& is_ours, Existing existing);
  bool hold(const File& file, const std::string& path) const;
  StorageError error(StorageError::Kind kind, const std::string& path, std::string_view problem) const;
  void remove_new_file() noexcept;
  std::string tier_;
  std::string path_;
  System* system_;
  std::optional<File> old_file_;
  std::optional<File> new_file_;
  bool locked_ = true;
};

}  // namespace cairn
