// SPDX-License-Identifier: BSD-3-Clause
/// Work of nanoseconds, by Google Benchmark: it finds how often to repeat it, and takes the repetitions in random
/// order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <paired.hpp>

namespace cairn::bench {

/// Something that does `actions` actions a call.
struct MicroWay {
  std::string name;
  std::function<void()> run;
  std::uint64_t actions;
};

/// Seconds an action (and CPU seconds of the calling thread) of every way, `rounds` times, interleaved at random; each
/// time runs for at least `least_seconds`. The k-th entries of two ways belong to one round.
std::vector<Rounds> measure_micro(const std::vector<MicroWay>& ways, int rounds, double least_seconds);

}  // namespace cairn::bench
