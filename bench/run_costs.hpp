// SPDX-License-Identifier: BSD-3-Clause
/// What steps, turns, copies and one storage tier cost here, and what plans should take at these costs.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/report.hpp>

#include <string>
#include <vector>

namespace cairn::bench {

/// In forward steps, but for the first. As in configurations and reports, a save or load of the slow tier contains the
/// copy from or to the live state.
struct RunCosts {
  double step_seconds = 0;  ///< of one forward step
  double turn = 1;          ///< ub
  double copy_out = 0;      ///< live state to a buffer
  double copy_in = 0;       ///< a buffer to the live state
  double save = 0;
  double load = 0;

  double write() const { return save > copy_out ? save - copy_out : 0; }  ///< W, of the device alone
  double read() const { return load > copy_in ? load - copy_in : 0; }     ///< R
  /// The same device beside other copies.
  RunCosts with_copies(double out, double in) const;
  std::string text() const;  ///< one line for people
};

/// Of a sweep over RAM and one slower tier. What it did not do (it may have had no need to load) stays as in
/// `otherwise`, as do the copies of one that kept no snapshot in RAM.
RunCosts costs_of(const Report& report, const RunCosts& otherwise = {});

/// Of each cost the median. At least one.
RunCosts median_of(const std::vector<RunCosts>& costs);

/// D* = max(1, W, (R+1)/(1+ub), n/c): the least distance of snapshots that the device can keep up with
/// (docs/schedules.md), for a plan of `steps` steps and c slots.
double least_distance(const RunCosts& costs, Step steps, Slots slots);

/// A configuration that says what was measured.
Config with_costs(Config config, const RunCosts& costs);

/// How long the sweep of a configuration should take by that kind of schedule, in forward steps, the seed left out:
/// asynchronous over several tiers by simulation (plan_timing.hpp), else by the cost of its actions one after the
/// other. Throws what make_schedule() throws.
double predicted_steps(ScheduleKind kind, const Config& config, const RunCosts& costs, Step steps, Bytes buffer_bytes);

}  // namespace cairn::bench
