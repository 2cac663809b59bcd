// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/adaptive.hpp>
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

/// A machine with one slow level, at its true costs.
struct Truth {
  Step steps;
  Slots buffers;
  double save, load, turn = 1, copy = 0;
  Slots slow_slots = Slots{1} << 20;
};

Machine machine_of(const Truth& truth) {
  return {.levels = {{}, {.save = truth.save, .load = truth.load}},
          .buffers = truth.buffers,
          .copy_out = truth.copy,
          .copy_in = truth.copy,
          .turn_cost = truth.turn};
}

OverlapShape shape_of(const Truth& truth) {
  return {.steps = truth.steps, .machine = machine_of(truth), .slots = {truth.buffers, truth.slow_slots}};
}

Adaptive::Shape asked_of(const Truth& truth, ScheduleKind kind = ScheduleKind::automatic) {
  return {.problem = {.steps = truth.steps,
                      .levels = {{.slots = truth.buffers}, {.slots = truth.slow_slots}},
                      .buffers = truth.buffers},
          .kind = kind,
          .overlaps = true,
          .adapts = kind == ScheduleKind::automatic};
}

struct Outcome {
  Timing timing;
  int plans;
  std::string reason;
};

/// A whole sweep on the clock, its costs as far as `costs` knows them.
Outcome run(const Truth& truth, Costs& costs, std::vector<MachineChange> changes = {}) {
  Simulation simulation{machine_of(truth)};
  for (MachineChange& change : changes) simulation.change_later(std::move(change));
  Adaptive planner{asked_of(truth), costs, [&] { return simulation.observed(); }, simulation.gauge()};
  auto schedule = planner.first();
  const Timing timing = simulation.run(std::move(schedule), planner);
  return {timing, planner.plans(), planner.choice().reason};
}

double known_makespan(const Truth& truth) {
  return plan_overlap(shape_of(truth)).makespan;
}

TEST(Adaptive, Explore) {
  for (const Truth truth : {Truth{2000, 10, 6, 10, 2.2, .6}, Truth{2000, 10, 2, 2.2, 2.2, .5}, Truth{2000, 10, 20, 30, 1.5, .2}, Truth{500, 5, 5, 5, 1, 0}, Truth{2000, 10, 2, 2, 2.2, .5, 100}, Truth{10000, 10, 30, 30}}) {
    const double best = known_makespan(truth);
    std::printf("W %.1f R %.1f: known %.1f", truth.save, truth.load, best);
    {
      Costs costs{2};
      costs.guess_transfers(Level{1}, truth.save, truth.load);
      const Outcome one = run(truth, costs);
      const Outcome two = run(truth, costs);
      std::printf("  auto %.3f (%d plans) again %.3f (%d)", one.timing.makespan / best, one.plans, two.timing.makespan / best, two.plans);
    }
    for (const double wrong : {.2, 5.})  {
      Costs costs{2};
      costs.give_prices(Level{1}, truth.save * wrong, truth.load);
      const Outcome one = run(truth, costs);
      Costs steps{2};
      steps.guess_transfers(Level{1}, truth.save, truth.load);
      steps.guess_step(wrong);
      const Outcome two = run(truth, steps);
      std::printf("  save x%.1f %.3f (%d) step x%.1f %.3f (%d)", wrong, one.timing.makespan / best, one.plans, wrong, two.timing.makespan / best, two.plans);
    }
    for (const double at : {.2, .5, .7}) {
      Costs costs{2};
      costs.guess_transfers(Level{1}, truth.save, truth.load);
      Truth slow = truth;
      slow.save *= 10, slow.load *= 10;
      const std::vector<MachineChange> change{{best * at, machine_of(slow)}};
      const Outcome one = run(truth, costs, change);
      double least = 1e300;
      for (const auto& plan : overlap_plans(shape_of(truth))) {
        try {
          Simulation simulation{machine_of(truth)};
          simulation.change_later(change[0]);
          least = std::min(least, simulation.run(*make_overlap(shape_of(truth), plan, simulation.gauge())).makespan);
        } catch (const std::logic_error&) {}
      }
      std::printf("  slow at %.1f: %.3f of best fixed %.0f (%d)", at, one.timing.makespan / least, least, one.plans);
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace cairn::test
