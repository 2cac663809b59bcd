// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_makespan.hpp>
#include <cairn/schedulers/plan_timing.hpp>

namespace cairn {
namespace {

constexpr double least_seconds = 0.5;              // a shorter sweep measures its costs badly
constexpr double least_seconds_of_a_step = 0.001;  // of all that was done for it: the bound takes some 14 µs a step
constexpr Step most_steps = 100'000;

/// The run's problem at the costs that its sweep has measured.
Problem measured(Problem problem, const Report& report, double step_seconds) {
  for (std::size_t i = 0; i < problem.levels.size(); ++i) {
    problem.levels[i].save_cost = report.levels[i].save_cost.value_or(problem.levels[i].save_cost);
    problem.levels[i].load_cost = report.levels[i].load_cost.value_or(problem.levels[i].load_cost);
  }
  problem.turn_cost = report.turn_seconds / static_cast<double>(report.turns.value()) / step_seconds;
  return problem;
}

bool can_be_told(const RunParts& run, const Report& report) {
  return run.config.executor == ExecutorKind::asynchronous && run.config.tiers.size() > 1 &&
         run.config.tiers[0].kind == TierKind::ram && report.total_seconds >= least_seconds && run.steps > 0 &&
         report.total_seconds >= least_seconds_of_a_step * static_cast<double>(run.steps) && run.steps <= most_steps &&
         report.turns > Count{0} && report.advance_seconds > 0;
}

}  // namespace

std::optional<Report::Makespan> makespan_of(const RunParts& run, const Report& report,
                                            const std::optional<OverlapPlan>& plan) {
  if (!can_be_told(run, report)) return std::nullopt;
  const Problem planned = problem_of(run.config, run.provision, run.steps + 1);
  Report::Makespan makespan{.step_seconds = report.advance_seconds / static_cast<double>(report.advances.value())};
  const Problem problem = measured(planned, report, makespan.step_seconds);
  const OverlapShape shape = overlap_shape(problem);
  const double predicted = plan ? simulate(shape, *plan).makespan
                                : Simulation{shape.machine}.run(*make_schedule(run.choice.kind, planned)).makespan;
  const MakespanBound bound = makespan_bound(problem);
  const double seed = problem.turn_cost;  // the turn of x_n is the user's, between the two calls
  makespan.achieved = report.total_seconds / makespan.step_seconds;
  makespan.predicted = predicted - seed;
  makespan.least = bound.makespan - seed;
  makespan.least_proved = bound.proved - seed;
  makespan.least_with_copies = bound.with_copies - seed;
  makespan.reason = bound.reason;
  return makespan;
}

}  // namespace cairn
