// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

// That of the first slow level on the same device.
std::size_t lane_of(const Problem& problem, std::size_t level) {
  const std::optional<std::size_t>& device = problem.levels[level].device;
  for (std::size_t k = 1; k < level && device; ++k)
    if (problem.levels[k].device == device) return k;
  return level;
}

}  // namespace

Machine machine_of(const Problem& problem) {
  const Problem::LevelShape& ram = problem.levels.at(0);
  Machine machine{.levels = {},
                  .buffers = problem.buffers > 0 ? problem.buffers : ram.slots,
                  .copy_out = ram.save_cost,
                  .copy_in = ram.load_cost,
                  .turn_cost = problem.turn_cost};
  for (std::size_t k = 0; k < problem.levels.size(); ++k)
    machine.levels.push_back({.save = std::max(0.0, problem.levels[k].save_cost - ram.save_cost),
                              .load = std::max(0.0, problem.levels[k].load_cost - ram.load_cost),
                              .lane = lane_of(problem, k)});
  return machine;
}

MakespanBound makespan_bound(const Problem& problem) {
  const Machine machine = machine_of(problem);
  OverlapProblem one{.steps = problem.steps,
                     .buffers = machine.buffers,
                     .save = 0,
                     .load = 0,
                     .slots = 0,
                     .turn_cost = machine.turn_cost,
                     .copy_out = machine.copy_out,
                     .copy_in = machine.copy_in};
  for (std::size_t k = 1; k < problem.levels.size(); ++k) {
    const auto& speed = machine.levels[k];
    one.others.push_back(
        {.save = speed.save, .load = speed.load, .slots = problem.levels[k].slots, .device = speed.lane});
  }
  return makespan_bound(one);
}

PlanTiming time_plan(ScheduleKind kind, const Problem& problem) {
  if (problem.steps < 1)
    throw std::invalid_argument{"steps is " + std::to_string(problem.steps) +
                                "; a plan of a number of steps that is not known has no makespan"};
  Simulation simulation{machine_of(problem)};
  Problem watched = problem;
  watched.gauge = simulation.gauge();
  return {.timing = simulation.run(*make_schedule(kind, watched)), .bound = makespan_bound(problem)};
}

}  // namespace cairn
