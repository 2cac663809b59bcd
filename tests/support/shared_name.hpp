// SPDX-License-Identifier: BSD-3-Clause
/// A name of shared memory for one test.
#pragma once

#include <atomic>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace cairn::test {

/// A name that nobody else uses; gone, with what it names, at its end.
class SharedName {
 public:
  SharedName() {
    static std::atomic<int> count = 0;
    name_ = "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  }
  SharedName(const SharedName&) = delete;
  SharedName& operator=(const SharedName&) = delete;
  ~SharedName() { ::shm_unlink(("/cairn." + name_).c_str()); }
  operator const std::string&() const { return name_; }  // NOLINT: it is a name
  std::string path() const { return "/dev/shm/cairn." + name_; }

 private:
  std::string name_;
};

}  // namespace cairn::test
