// SPDX-License-Identifier: BSD-3-Clause
/// Where files go while something is measured.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace cairn::bench {

/// A folder of our own below the user's, gone with all that is in it at the end.
class ScratchFolder {
 public:
  /// Makes `<parent>/<program>.<process id>`, and the parent where it is not there. Throws std::filesystem_error, and
  /// std::runtime_error where the folder is there already.
  ScratchFolder(const std::filesystem::path& parent, std::string_view program)
      : path_{parent / fmt::format("{}.{}", program, ::getpid())} {
    std::filesystem::create_directories(parent);
    if (!std::filesystem::create_directory(path_))
      throw std::runtime_error{fmt::format("{} is there already; remove it", path_.string())};
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The command line as it was typed, for the head of the figures.
inline std::string command_of(int count, char** words) {
  std::string command = words[0];
  for (int i = 1; i < count; ++i) command += fmt::format(" {}", words[i]);
  return command;
}

}  // namespace cairn::bench
