// SPDX-License-Identifier: BSD-3-Clause
/// Where the time of the user's thread goes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace cairn {

/// A stopwatch with one account for each kind of work; one clock read (some 25 ns) a change.
class Meter {
 public:
  enum class Doing : std::size_t { advance, turn, copy, stall, other, paused };

  /// What was going on until now goes into its account, as the returned seconds; `next` begins.
  double begin(Doing next) {
    const Clock::time_point now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - since_).count();
    accounts_[static_cast<std::size_t>(doing_)] += seconds;
    since_ = now;
    doing_ = next;
    return seconds;
  }
  /// Seconds in that account, up to the last change.
  double seconds(Doing doing) const { return accounts_[static_cast<std::size_t>(doing)]; }
  /// Of all accounts but `paused`, up to the last change.
  double total_seconds() const {
    double sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Doing::paused); ++i) sum += accounts_[i];
    return sum;
  }
  void reset() { *this = Meter{}; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point since_ = Clock::now();
  Doing doing_ = Doing::paused;
  std::array<double, 6> accounts_{};
};

}  // namespace cairn
