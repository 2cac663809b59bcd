// SPDX-License-Identifier: BSD-3-Clause
/// How long a plan takes where storage works beside the operators, against the least that is possible.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/simulation.hpp>

namespace cairn {

/// A plan on the clock, and what no plan goes below. Times in forward steps.
struct PlanTiming {
  Timing timing;        ///< by Simulation, forward steps
  MakespanBound bound;  ///< of any plan in the same memory and on the same devices
};

/// The machine of a problem: level 0 is RAM with `buffers` buffers (0: as many as it has slots), and its costs are
/// those of the copies; W = save cost − that of the copy, R likewise. Levels of one device share a lane, as in a run;
/// the others have one each.
Machine machine_of(const Problem& problem);

/// Plays the schedule of that kind on that machine. Milliseconds in 10^4 steps. Throws what make_schedule() throws.
PlanTiming time_plan(ScheduleKind kind, const Problem& problem);

/// The bound alone. Slots add up, and the rates of devices; of the levels on one device the fastest gives its rate.
MakespanBound makespan_bound(const Problem& problem);

}  // namespace cairn
