// SPDX-License-Identifier: BSD-3-Clause
/// To see that another thread waits, without timing.
#pragma once

#include <atomic>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <utility>

#include <unistd.h>

namespace cairn::test {

/// A thread that does one thing and may be watched from outside; joined at its end.
class Watched {
 public:
  explicit Watched(std::function<void()> work)
      : thread_{[this, work = std::move(work)] {
          id_ = ::gettid();
          work();
          done_ = true;
        }} {}

  bool done() const { return done_; }
  /// Returns once the thread is done, or sleeps in the system (on a mutex or condition variable).
  void until_it_waits() const {
    while (!done_ && !(id_ != 0 && state() == 'S')) std::this_thread::yield();
  }
  void join() { thread_.join(); }

 private:
  char state() const {
    std::ifstream file{"/proc/self/task/" + std::to_string(id_) + "/stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t name_end = text.rfind(')');
    return name_end + 2 < text.size() ? text[name_end + 2] : '?';
  }
  std::atomic<int> id_ = 0;
  std::atomic<bool> done_ = false;
  std::jthread thread_;  // last: uses the others
};

}  // namespace cairn::test
