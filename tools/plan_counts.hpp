// SPDX-License-Identifier: BSD-3-Clause
/// What a plan does, counted by running it or by formulas.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

namespace cairn::tool {

/// Plans up to so many steps are replayed, at some 20 ns an action; it takes seconds then.
inline constexpr Step most_replayed_steps = Step{1} << 24;

struct Counted {
  PlanCounts counts;
  bool replayed = true;  ///< false: by formulas
};

/// Counts the plan. Throws what make_schedule() throws.
Counted count(ScheduleKind kind, const Problem& problem);

/// The counts of Replay without running the plan; exact, in milliseconds for any number of steps.
///   An interval of l steps with c slots: t(l, c) advances; takeshots and restores as stack_uses() has them; a discard
///   for each takeshot; and 2·takeshots + 3·l − 2 actions, for it has l turns, l − 1 restores and l − 1 Advance
///   actions. store_all: no more steps than slots, so that it is replayed.
PlanCounts counts_by_formula(ScheduleKind kind, const Problem& problem);

}  // namespace cairn::tool
