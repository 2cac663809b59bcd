// SPDX-License-Identifier: BSD-3-Clause
#include "plan_counts.hpp"

#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <numeric>

namespace cairn::tool {
namespace {

std::vector<Slots> slots_of(const Problem& problem) {
  std::vector<Slots> slots;
  for (const auto& level : problem.levels) slots.push_back(level.slots);
  return slots;
}

PlanCounts replayed(ScheduleKind kind, const Problem& problem) {
  return replay(*make_schedule(kind, problem), problem.steps, slots_of(problem));
}

// As Multistage does it: the places that are used most lie on the fastest level; of equal ones the lower.
std::vector<StackUse> most_used_first(Step steps, Slots slots) {
  std::vector<StackUse> uses = stack_uses(steps, slots);
  std::stable_sort(uses.begin(), uses.end(),
                   [](const StackUse& a, const StackUse& b) { return a.accesses() > b.accesses(); });
  return uses;
}

/// An interval of `steps` steps turned from the slots of `slots`, level after level.
PlanCounts interval(Step steps, const std::vector<Slots>& slots) {
  const Slots all = std::accumulate(slots.begin(), slots.end(), Slots{0});
  PlanCounts counts{.advances = least_advances(steps, all), .turns = steps, .actions = 3 * steps - 2, .levels = {}};
  counts.levels.resize(slots.size());
  std::size_t level = 0;
  Slots left = slots[0];
  for (const StackUse& use : most_used_first(steps, all)) {
    while (left == 0) left = slots[++level];
    --left;
    PlanCounts::PerLevel& at = counts.levels[level];
    at.takeshots += use.takeshots;
    at.restores += use.restores;
    at.discards += use.takeshots;
    at.peak += use.takeshots == Count{0} ? 0 : 1;
    counts.actions += use.takeshots + use.takeshots;
  }
  return counts;
}

/// Adds the counts of a plan on level 0 that runs so many times.
void add(PlanCounts& sum, const PlanCounts& plan, Step times) {
  sum.advances += plan.advances * Count{times};
  sum.turns += plan.turns * Count{times};
  sum.actions += plan.actions * Count{times};
  sum.levels[0].takeshots += plan.levels[0].takeshots * Count{times};
  sum.levels[0].restores += plan.levels[0].restores * Count{times};
  sum.levels[0].discards += plan.levels[0].discards * Count{times};
  if (times > 0) sum.levels[0].peak = std::max(sum.levels[0].peak, plan.levels[0].peak);
}

PlanCounts periodic(const Problem& problem) {
  const Slots last_slots = problem.levels.back().slots;
  const Step period =
      std::min(problem.period.value_or((problem.steps - 1) / std::max<Slots>(last_slots, 1) + 1), problem.steps);
  const Step intervals = (problem.steps - 1) / period;  // those whose start is kept
  const std::vector<Slots> level_0{problem.levels[0].slots};
  PlanCounts counts;
  counts.levels.resize(problem.levels.size());
  add(counts, interval(period, level_0), intervals);
  add(counts, interval(problem.steps - intervals * period, level_0), 1);
  counts.advances += intervals * period;  // the first sweep, from start to start
  counts.actions += 4 * intervals;        // takeshot and advance; restore and discard
  counts.levels.back() = {
      .takeshots = intervals, .restores = intervals, .moves = 0, .discards = intervals, .peak = intervals};
  return counts;
}

}  // namespace

Counted count(ScheduleKind kind, const Problem& problem) {
  if (problem.steps <= most_replayed_steps) return {replayed(kind, problem), true};
  static_cast<void>(make_schedule(kind, problem));  // refuses what cannot be planned
  return {counts_by_formula(kind, problem), false};
}

PlanCounts counts_by_formula(ScheduleKind kind, const Problem& problem) {
  switch (kind) {
    case ScheduleKind::store_all: break;
    case ScheduleKind::periodic: return periodic(problem);
    case ScheduleKind::multistage: return interval(problem.steps, slots_of(problem));
    case ScheduleKind::revolve: {
      PlanCounts counts = interval(problem.steps, {problem.levels[0].slots});
      counts.levels.resize(problem.levels.size());
      return counts;
    }
  }
  return replayed(kind, problem);
}

}  // namespace cairn::tool
