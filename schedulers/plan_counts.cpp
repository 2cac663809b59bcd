// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/disk_revolve.hpp>
#include <cairn/schedulers/hrevolve.hpp>
#include <cairn/schedulers/level_counts.hpp>
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/periodic.hpp>
#include <cairn/schedulers/plan_counts.hpp>

#include <algorithm>
#include <cmath>

namespace cairn {
namespace {

constexpr Step most_replayed_steps = Step{1} << 24;        // at some 20 ns an action
constexpr Step most_replayed_level_steps = Step{1} << 20;  // where an action takes a decision
constexpr Step most_replayed_where_formulas_are_asked = Step{1} << 14;

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

PlanCounts periodic_counts(const Problem& problem) {
  const Step period = std::min(
      problem.period ? *problem.period : default_period(problem.steps, problem.levels.back().slots), problem.steps);
  const Step intervals = (problem.steps - 1) / period;  // those whose start is kept
  const Slots slots = problem.levels[0].slots;
  PlanCounts counts;
  counts.levels.resize(problem.levels.size());
  add(counts, binomial_counts(period, slots), intervals);
  add(counts, binomial_counts(problem.steps - intervals * period, slots), 1);
  counts.advances += intervals * period;  // the first sweep, from start to start
  counts.actions += 4 * intervals;        // takeshot and advance; restore and discard
  counts.levels.back() = {
      .takeshots = intervals, .restores = intervals, .moves = 0, .discards = intervals, .peak = intervals};
  return counts;
}

std::vector<Level> order_of(const LevelPlan& plan) {
  std::vector<Level> order;
  for (const auto& level : plan.costs().levels) order.push_back(level.level);
  return std::is_sorted(order.begin(), order.end()) ? std::vector<Level>{} : order;
}

// Both in the plan's whole units; what lies between the unit and the real price is below them.
double gap_bound_of(const LevelPlan& plan, const PlanCounts& counts, const Problem& problem) {
  if (plan.exact()) return 0;
  const double turns = static_cast<double>(problem.steps) * problem.turn_cost * plan.costs().units;
  double cost = turns + static_cast<double>(counts.advances.value()) * static_cast<double>(plan.costs().step);
  for (const auto& level : plan.costs().levels) {
    const auto& at = counts.levels[static_cast<std::size_t>(level.level.rank)];
    cost += static_cast<double>(at.takeshots.value()) * static_cast<double>(level.save) +
            static_cast<double>(at.restores.value()) * static_cast<double>(level.load);
  }
  const double bound = turns + static_cast<double>(whole_cost(plan, problem.steps));
  return std::max(0.0, cost / bound - 1);
}

template <typename AnySchedule>
Counted counted_plan(AnySchedule schedule, const Problem& problem, Step most_replayed) {
  Counted counted;
  const LevelPlan& plan = schedule.plan();
  counted.replayed = problem.steps <= most_replayed;
  if (counted.replayed) {
    std::vector<Slots> slots = slots_of(problem);
    if constexpr (std::is_same_v<AnySchedule, DiskRevolve>) slots.back() = LevelCosts::unlimited;
    counted.counts = replay(schedule, problem.steps, std::move(slots));
  } else {
    counted.counts = level_counts(plan, problem.steps, problem.levels.size());
  }
  counted.order = order_of(plan);
  if (!plan.costs().least_advances) counted.gap_bound = gap_bound_of(plan, counted.counts, problem);
  return counted;
}

Counted by_replay(ScheduleKind kind, Problem problem) {
  const auto schedule = make_schedule(kind, problem);
  if (kind == ScheduleKind::overlap && problem.buffers > 0)  // all of the pool may hold snapshots
    problem.levels[0].slots = std::max(problem.levels[0].slots, problem.buffers);
  return {.counts = replay(*schedule, problem)};
}

Counted counted_from_live(ScheduleKind kind, const Problem& problem, Step most_replayed, Step most_replayed_levels) {
  switch (kind) {
    case ScheduleKind::automatic: break;
    case ScheduleKind::hrevolve:
      return counted_plan(HRevolve{{.steps = problem.steps, .levels = problem.levels}}, problem, most_replayed_levels);
    case ScheduleKind::disk_revolve:
      return counted_plan(DiskRevolve{{.steps = problem.steps, .levels = problem.levels}}, problem,
                          most_replayed_levels);
    case ScheduleKind::multistage:
      return counted_plan(Multistage{{.steps = problem.steps, .levels = problem.levels}}, problem,
                          most_replayed_levels);
    case ScheduleKind::revolve:
    case ScheduleKind::periodic: {
      if (problem.steps <= most_replayed) break;
      static_cast<void>(make_schedule(kind, problem));  // refuses what cannot be planned
      if (kind == ScheduleKind::periodic) return {.counts = periodic_counts(problem), .replayed = false};
      return {.counts = binomial_counts(problem.steps, problem.levels[0].slots, problem.levels.size()),
              .replayed = false};
    }
    case ScheduleKind::overlap:
    case ScheduleKind::store_all:
    case ScheduleKind::online: break;
  }
  return by_replay(kind, problem);
}

Counted counted_with(ScheduleKind kind, const Problem& problem, Step most_replayed, Step most_replayed_levels) {
  check(problem);
  if (kind == ScheduleKind::automatic) kind = choose_schedule(problem).kind;
  Counted counted = problem.stored.empty() ? counted_from_live(kind, problem, most_replayed, most_replayed_levels)
                                           : by_replay(kind, problem);
  counted.cost = cost_of(counted.counts, problem);
  return counted;
}

}  // namespace

Counted count_plan(ScheduleKind kind, const Problem& problem) {
  return counted_with(kind, problem, most_replayed_steps, most_replayed_level_steps);
}

Counted count_plan_by_formula(ScheduleKind kind, const Problem& problem) {
  return counted_with(kind, problem, most_replayed_where_formulas_are_asked, most_replayed_where_formulas_are_asked);
}

}  // namespace cairn
