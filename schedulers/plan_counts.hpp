// SPDX-License-Identifier: BSD-3-Clause
/// What a plan does, counted by running it or without.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

namespace cairn {

/// The counts of a plan, and what they cost in forward steps.
struct Counted {
  PlanCounts counts;
  double cost = 0;       ///< cost_of() the counts at the problem's costs; infinite where a count is saturated
  double gap_bound = 0;  ///< the cost is at most (1 + gap_bound) times the least possible one of hrevolve, disk_revolve
                         ///< and multistage; 0 where the plan is exact, and for the others
  std::vector<Level> order = {};  ///< of the levels as the plan took them, fastest first, where not as given
  bool replayed = true;           ///< false: by formulas
};

/// Counts the plan of that kind. Plans of up to 2^24 steps (2^20 of hrevolve and disk_revolve) are replayed, action by
/// action; longer ones counted by formulas in milliseconds, to the same numbers. Throws what make_schedule() throws; a
/// disk_revolve that needs more slots at the last level than there are is counted all the same: see peak.
Counted count_plan(ScheduleKind kind, const Problem& problem);

/// The same by formulas wherever there are some, whatever the number of steps.
Counted count_plan_by_formula(ScheduleKind kind, const Problem& problem);

}  // namespace cairn
