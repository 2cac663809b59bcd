// SPDX-License-Identifier: BSD-3-Clause
#include "plan_timed.hpp"

#include <cairn/schedulers/disk_revolve.hpp>
#include <cairn/schedulers/plan_timing.hpp>
#include <cairn/schedulers/replay.hpp>

#include <stdexcept>
#include <utility>

namespace cairn::tool {
namespace {

// Answers as a simulation did.
class PlayedBack {
 public:
  explicit PlayedBack(const std::vector<std::size_t>& answers) : answers_{answers} {}
  std::size_t operator()(Level) { return answers_.at(next_++); }

 private:
  const std::vector<std::size_t>& answers_;
  std::size_t next_ = 0;
};

bool is_live_overlap(const PlanQuestion& question, ScheduleKind kind) {
  return kind == ScheduleKind::overlap && question.problem.stored.empty();
}

// disk_revolve also where its plan needs more slots than there are: it shows what they would bring.
std::unique_ptr<Schedule> made(ScheduleKind kind, const Problem& problem) {
  if (kind != ScheduleKind::disk_revolve) return make_schedule(kind, problem);
  return std::make_unique<DiskRevolve>(DiskRevolve::Shape{.steps = problem.steps, .levels = problem.levels});
}

// Nothing where it would wait for ever, which a plan of another kind may do in one buffer.
std::optional<Timing> played(Simulation& simulation, Schedule& schedule) {
  try {
    return simulation.run(schedule);
  } catch (const std::logic_error&) {
    return std::nullopt;
  }
}

TimedPlan time_overlap(const Problem& problem) {
  check(problem);
  if (problem.buffers < 1) throw std::invalid_argument{"level 0 has no slot; overlap needs at least 1 there"};
  const OverlapShape shape = overlap_shape(problem);
  TimedPlan timed{.overlap = plan_overlap(shape)};
  Simulation simulation{shape.machine};
  const auto recorded = [&timed, ask = simulation.gauge()](Level level) {
    return timed.answers.emplace_back(ask(level));
  };
  timed.timing = played(simulation, *make_overlap(shape, *timed.overlap, recorded));
  return timed;
}

}  // namespace

bool has_makespan(const PlanQuestion& question) {
  const Problem& problem = question.problem;
  return problem.levels.size() > 1 && question.in_memory && question.needed.empty() && problem.stored.empty() &&
         !cheaper_than_copies(question);
}

std::optional<std::size_t> cheaper_than_copies(const PlanQuestion& question) {
  const auto& levels = question.problem.levels;
  for (std::size_t k = 1; k < levels.size(); ++k)
    if (levels[k].slots > 0 && (levels[k].save_cost < levels[0].save_cost || levels[k].load_cost < levels[0].load_cost))
      return k;
  return std::nullopt;
}

Problem problem_for(const PlanQuestion& question, ScheduleKind kind) {
  Problem problem = question.problem;
  if (is_live_overlap(question, kind)) problem.levels.at(0).slots = problem.buffers;
  return problem;
}

TimedPlan time_plan(const PlanQuestion& question, ScheduleKind kind) {
  const Problem problem = problem_for(question, kind);
  if (is_live_overlap(question, kind)) {
    TimedPlan timed = time_overlap(problem);
    if (!has_makespan(question)) timed.timing.reset();
    return timed;
  }
  if (!has_makespan(question) || problem.steps > most_simulated_steps) return {};
  Simulation simulation{machine_of(problem)};
  return {.timing = played(simulation, *made(kind, problem))};
}

std::unique_ptr<Schedule> schedule_of(const PlanQuestion& question, ScheduleKind kind, const TimedPlan& timed) {
  const Problem problem = problem_for(question, kind);
  if (!timed.overlap) return make_schedule(kind, problem);
  return make_overlap(overlap_shape(problem), *timed.overlap, PlayedBack{timed.answers});
}

Counted count_overlap(const PlanQuestion& question, const TimedPlan& timed) {
  const Problem problem = problem_for(question, ScheduleKind::overlap);
  Counted counted{.counts = replay(*schedule_of(question, ScheduleKind::overlap, timed), problem)};
  counted.cost = cost_of(counted.counts, problem);
  return counted;
}

std::optional<Count> run_advances(PlanQuestion question) {
  if (!question.problem.stored.empty() || question.problem.steps == limits::steps) return std::nullopt;
  ++question.problem.steps;
  try {
    if (question.kind == ScheduleKind::overlap)
      return count_overlap(question, time_plan(question, question.kind)).counts.advances;
    return count_plan_by_formula(question.kind, question.problem).counts.advances;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::optional<MakespanBound> bound_of(const PlanQuestion& question) {
  if (!has_makespan(question)) return std::nullopt;
  return makespan_bound(question.problem);
}

}  // namespace cairn::tool
