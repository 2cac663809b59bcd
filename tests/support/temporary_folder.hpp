// SPDX-License-Identifier: BSD-3-Clause
/// A folder for the files of one test, and a name for its shared memory.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sys/mman.h>

namespace cairn::test {

/// A fresh folder below the system's temporary folder; gone, with all in it, at its end, and so the shared memory of
/// its name and what is kept beside that.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / ("cairn-test-" + std::string(6, 'X'))).string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder " + name};
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    ::shm_unlink(("/cairn." + memory_name()).c_str());
    ::shm_unlink(("/cairn." + memory_name() + ".kept").c_str());
  }

  const std::filesystem::path& path() const { return path_; }
  std::string memory_name() const { return path_.filename().string(); }
  std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }  ///< The path of a file in it.

 private:
  std::filesystem::path path_;
};

}  // namespace cairn::test
