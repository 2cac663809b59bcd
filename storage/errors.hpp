// SPDX-License-Identifier: BSD-3-Clause
/// What storage throws: one exception, its text made in one place from its parts.
#pragma once

#include <cairn/words.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cairn {

/// A tier could not keep its promise. The text names tier, file, slot, step, what was tried and errno:
///   hdf5 tier: run42.h5: slot 17, step 48211: pwrite stopped after 12.0 of 64.0 MiB: No space left on device (ENOSPC)
class StorageError : public std::runtime_error {
 public:
  enum class Kind {
    absent,    ///< the slot holds nothing
    corrupt,   ///< the bytes are not those that were saved
    full,      ///< no space left
    mismatch,  ///< another step, another layout, another kind of file, a file in use
    io         ///< the system reported an error
  };
  /// Where it happened. A slot or step below 0 concerns the file as a whole and is left out of the text.
  struct Place {
    std::string_view tier;  ///< "hdf5"; empty where the kind is not known
    std::string_view file;  ///< empty for a tier in memory
    Slot slot{-1};
    Step step = -1;
  };
  StorageError(Kind kind, const Place& at, std::string_view problem);
  Kind kind() const noexcept { return kind_; }
  const std::string& file() const noexcept { return *file_; }  ///< Of the tier; empty in memory.

 private:
  Kind kind_;
  std::shared_ptr<const std::string> file_;  // shared: exceptions are copied without allocation
};

/// A system call on a file failed, EINTR and short transfers already dealt with. Tiers turn it into a StorageError.
class FileError : public std::runtime_error {
 public:
  /// `problem` says what was tried and how far it came; the system's words for `error_number` (0: none) are added.
  FileError(std::string_view problem, int error_number);
  int error_number() const noexcept { return error_number_; }
  StorageError::Kind kind() const noexcept;  ///< full for ENOSPC, EDQUOT and EFBIG, else io.

 private:
  int error_number_;
};

/// "No space left on device (ENOSPC)".
std::string words_for(int error_number);
/// "12.0 MiB", "512 B": bytes as people read them.
std::string readable(Bytes bytes);

}  // namespace cairn
