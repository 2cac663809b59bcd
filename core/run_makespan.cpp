// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_makespan.hpp>
#include <cairn/schedulers/plan_timing.hpp>
#include <cairn/schedulers/recorded_plan.hpp>

namespace cairn {
namespace {

constexpr double least_seconds = 0.5;              // a shorter sweep measures its costs badly
constexpr double least_seconds_of_a_step = 0.001;  // of all that was done for it: the bound takes some 14 µs a step
constexpr Step most_steps = 100'000;
constexpr std::size_t actions_of_a_step = 8;  // revolve has 3 to 6

/// The run's problem at the costs that its sweep has measured.
Problem measured(Problem problem, const Report& report, double step_seconds) {
  for (std::size_t i = 0; i < problem.levels.size(); ++i) {
    problem.levels[i].save_cost = report.levels[i].save_cost.value_or(problem.levels[i].save_cost);
    problem.levels[i].load_cost = report.levels[i].load_cost.value_or(problem.levels[i].load_cost);
  }
  problem.turn_cost = report.turn_seconds / static_cast<double>(report.turns.value()) / step_seconds;
  return problem;
}

bool has_a_makespan(const RunParts& run) {
  return run.config.executor == ExecutorKind::asynchronous && run.config.tiers.size() > 1 &&
         run.config.tiers[0].kind == TierKind::ram && run.steps > 0 && run.steps <= most_steps;
}

bool can_be_told(const RunParts& run, const Report& report) {
  return has_a_makespan(run) && report.total_seconds >= least_seconds &&
         report.total_seconds >= least_seconds_of_a_step * static_cast<double>(run.steps) && report.turns > Count{0} &&
         report.advance_seconds > 0;
}

}  // namespace

std::size_t actions_to_record(const RunParts& run) {
  return has_a_makespan(run) ? actions_of_a_step * static_cast<std::size_t>(run.steps + 2) : 0;
}

std::optional<Report::Makespan> makespan_of(const RunParts& run, const Report& report, const Problem& problem) {
  const auto actions = run.executor.recorded();
  if (!actions || !can_be_told(run, report)) return std::nullopt;
  Report::Makespan makespan{.step_seconds = report.advance_seconds / static_cast<double>(report.advances.value())};
  const Problem priced = measured(problem, report, makespan.step_seconds);
  RecordedPlan plan{actions};
  const double predicted = Simulation{machine_of(priced)}.run(plan).makespan;
  const MakespanBound bound = makespan_bound(priced);
  const double seed = priced.turn_cost;  // the turn of x_n is the user's, between the two calls
  makespan.achieved = report.total_seconds / makespan.step_seconds;
  makespan.predicted = predicted - seed;
  makespan.least = bound.makespan - seed;
  makespan.least_proved = bound.proved - seed;
  makespan.least_with_copies = bound.with_copies - seed;
  makespan.reason = bound.reason;
  return makespan;
}

}  // namespace cairn
