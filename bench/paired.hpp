// SPDX-License-Identifier: BSD-3-Clause
/// Several ways to do the same work, timed in turns, so that whatever else the machine does meets all of them alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cairn::bench {

/// One way to do the work. Only `run` is timed.
struct Way {
  std::string name;
  std::function<void()> run;
  std::function<void()> before = {};
  std::function<void()> after = {};
};

/// What one run took. CPU is user and system time of all threads of the process; the kernel's own threads are not in
/// it.
struct Timing {
  double seconds = 0;
  double cpu_seconds = 0;
};
using Rounds = std::vector<Timing>;  ///< of one way, in order

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// Of at least one number; the median of an even number of them lies between the two in the middle.
Spread spread_of(std::vector<double> values);

/// Runs every way once without timing it (memory, blocks of files and caches are warm then), then `rounds` times all of
/// them in turns; each round begins with another way. The result has the ways' order.
std::vector<Rounds> measure_in_turns(const std::vector<Way>& ways, int rounds);

/// How many times as fast `ours` is as `baseline`, round by round: above 1 is faster. Both have the same rounds.
Spread speed_ratio(const Rounds& ours, const Rounds& baseline);

/// Medians over the rounds.
double median_seconds(const Rounds& rounds);
double median_cpu_seconds(const Rounds& rounds);

}  // namespace cairn::bench
