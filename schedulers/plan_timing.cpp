// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>

namespace cairn {
namespace {

// Devices that work side by side; one that takes no time makes all of it.
double together(double one, double other) {
  return one == 0 || other == 0 ? 0 : 1 / (1 / one + 1 / other);
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
                              .lane = k});
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
    const Slots slots = problem.levels[k].slots;
    if (slots == 0) continue;
    const auto& speed = machine.levels[k];
    one.save = one.slots == 0 ? speed.save : together(one.save, speed.save);
    one.load = one.slots == 0 ? speed.load : together(one.load, speed.load);
    one.slots += slots;
  }
  return makespan_bound(one);
}

PlanTiming time_plan(ScheduleKind kind, const Problem& problem) {
  Simulation simulation{machine_of(problem)};
  Problem watched = problem;
  watched.gauge = simulation.gauge();
  return {.timing = simulation.run(*make_schedule(kind, watched)), .bound = makespan_bound(problem)};
}

}  // namespace cairn
