// SPDX-License-Identifier: BSD-3-Clause
/// How long plans take where storage works beside the operators.
#pragma once

#include "plan_question.hpp"
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/plan_counts.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace cairn::tool {

/// A simulation takes about 1 ms in 10^4 steps, and overlap simulates a whole portfolio: seconds up to here.
inline constexpr Step most_simulated_steps = Step{1} << 20;

/// Is a makespan known for such levels? For two levels or more, the first in RAM, all costs of the others given and
/// none cheaper than the copy that it contains, x_0 live.
bool has_makespan(const PlanQuestion& question);

/// The level with slots whose save or load costs less than the copy, which is what level 0 costs; nothing where none
/// does.
std::optional<std::size_t> cheaper_than_copies(const PlanQuestion& question);

/// The problem as that schedule gets it: overlap has all buffers of the pool as slots of level 0, the others leave one
/// of them to copies where there are slower levels.
Problem problem_for(const PlanQuestion& question, ScheduleKind kind);

/// A plan on the clock of a simulation.
struct TimedPlan {
  std::optional<OverlapPlan> overlap = {};  ///< the one that overlap chose
  std::vector<std::size_t> answers = {};    ///< of the simulated lanes, to a plan that watches them
  std::optional<Timing> timing = {};        ///< nothing where the plan was not simulated, or would wait for ever
};

/// Plans overlap; simulates any plan where has_makespan() and the steps are not too many. Throws what make_schedule()
/// throws.
TimedPlan time_plan(const PlanQuestion& question, ScheduleKind kind);

/// The schedule that was simulated, action by action, as often as it is asked for. `timed` outlives it.
std::unique_ptr<Schedule> schedule_of(const PlanQuestion& question, ScheduleKind kind, const TimedPlan& timed);

/// The counts of the plan of overlap that was simulated.
Counted count_overlap(const PlanQuestion& question, const TimedPlan& timed);

/// The advances of the plan of N+1 steps, which a run of N does; nothing where there is none or it is not known.
std::optional<Count> run_advances(PlanQuestion question);

/// What no plan in this memory goes below; nothing where no makespan is known. Up to a fifth of a second.
std::optional<MakespanBound> bound_of(const PlanQuestion& question);

}  // namespace cairn::tool
