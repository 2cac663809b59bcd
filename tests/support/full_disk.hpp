// SPDX-License-Identifier: BSD-3-Clause
/// A disk that is full.
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace cairn::test {

/// This process can write no byte of any file but its first from full() on, until room() or the end.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FullDisk() {
    room();
    std::signal(SIGXFSZ, handler_);
  }
  void full() {
    const rlimit less{.rlim_cur = 1, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &less);
  }
  void room() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace cairn::test
