// SPDX-License-Identifier: BSD-3-Clause
/// One model in one size of RAM, by every way, in turns.
#pragma once

#include <cairn/core/report.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <end_to_end_ways.hpp>
#include <paired.hpp>

namespace cairn::bench {

/// What a way took, over the rounds.
struct WayFigures {
  /// What it took against what it should have taken (Report::Makespan).
  struct Against {
    Spread predicted;        ///< achieved / the simulator's prediction, at the costs of the same sweep
    double least = 0;        ///< median of achieved / lower bound, copies left out
    double proved = 0;       ///< the same of the proved bound
    double with_copies = 0;  ///< of the bound with copies
  };
  std::string name;
  std::string left_out = {};  ///< why it was not run, with the RAM that it needs; empty where it was
  std::string schedule = {};  ///< as the report says: "overlap: intervals of 2.3 steps on level 1"
  bool asynchronous = false;
  Rounds rounds = {};                          ///< wall clock of whole sweeps, planning included
  std::optional<Spread> ratio = {};            ///< times as fast as the baseline, round by round
  std::optional<double> predicted_ratio = {};  ///< the same in forward steps, by predicted_steps()
  double step_seconds = 0;                     ///< of one forward step among this way's turns, copies and transfers
  double recomputed = 0;                       ///< steps run again, per step
  double stall = 0, copy = 0;                  ///< shares of the time
  double other = 0;  ///< share of planning, bookkeeping, the seed: all but steps, turns, copies, stalls
  std::optional<Against> against = {};  ///< of asynchronous sweeps long enough to be measured
};

/// The figures of one model in one size of RAM.
struct CaseFigures {
  std::string model;  ///< "built-in model, 801 x 401 cells, n = 1000"
  std::string name;   ///< "built-in"
  Means means;
  Bytes buffer;  ///< of one snapshot
  /// By calibration: what plans are made with; over the HDF5 library.
  RunCosts planned = {}, plain_planned = {};
  /// Medians over the sweeps of all asynchronous ways over RAM and a file: what predictions are made with …
  RunCosts measured = {}, plain_measured = {};
  RunCosts measured_alone = {};       ///< … of sequential ways with these: their copies, which one thread makes
  double distance = 1;                ///< D*, by the costs planned with
  std::vector<WayFigures> ways = {};  ///< the baseline first
  std::optional<Spread> safety = {};  ///< safe_way's time over plain_way's, round by round
  std::vector<std::string> other_gradients = {};  ///< ways whose gradient was once another than the baseline's first
  std::uint64_t hash = 0;                         ///< of the gradient
};

/// Calibrates, then takes `rounds` rounds of the baseline and of the ways whose name contains `filter`. Each way's
/// tiers are made once; each warms up by a sweep of its own. Throws what configurations, planning and storage throw.
CaseFigures measure_case(AcousticGradient& gradient, const Means& means, int rounds, const std::string& filter);

}  // namespace cairn::bench
