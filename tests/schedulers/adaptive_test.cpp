// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/adaptive.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
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
  Choice choice;
};

/// A whole sweep on the clock, its costs as far as `costs` knows them.
Outcome swept(const Truth& truth, Costs& costs, std::vector<MachineChange> changes = {},
              ScheduleKind kind = ScheduleKind::automatic) {
  Simulation simulation{machine_of(truth)};
  for (MachineChange& change : changes) simulation.change_later(std::move(change));
  Adaptive planner{asked_of(truth, kind), costs, [&] { return simulation.observed(); }, simulation.gauge()};
  std::unique_ptr<Schedule> schedule = planner.first();
  const Timing timing = simulation.run(std::move(schedule), planner);
  return {timing, planner.plans(), planner.choice()};
}

double known_makespan(const Truth& truth) {
  return plan_overlap(shape_of(truth)).makespan;
}

Costs probed(const Truth& truth) {
  Costs costs{2};
  costs.guess_transfers(Level{1}, truth.save, truth.load);
  return costs;
}

/// RAM can hold an interval; it can; it cannot; few slow slots.
const std::vector<Truth> machines{{800, 10, 6, 10, 2.2, .6},
                                  {800, 10, 2, 2.2, 2.2, .5},
                                  {2000, 10, 20, 30, 1.5, .2},
                                  {500, 5, 5, 5, 1, 0},
                                  {800, 10, 2, 2, 2.2, .5, 60}};

TEST(Adaptive, MeasuresTheFirstStepsAndComesNearThePlanThatKnewAll) {
  for (const Truth& truth : machines) {
    Costs costs = probed(truth);
    const double known = known_makespan(truth);
    EXPECT_LE(swept(truth, costs).timing.makespan, 1.02 * known) << text_of(shape_of(truth));
    const Outcome again = swept(truth, costs);
    EXPECT_LE(again.timing.makespan, 1.015 * known) << "a later sweep knows: " << text_of(shape_of(truth));
    EXPECT_EQ(again.plans, 1);
  }
}

TEST(Adaptive, AWrongCostInTheConfigurationMattersLittle) {
  for (const Truth& truth : machines)
    for (const double wrong : {.2, 5.}) {
      const double known = known_makespan(truth);
      Costs save = probed(truth);
      save.give_prices(Level{1}, truth.save * wrong, truth.load);
      EXPECT_LE(swept(truth, save).timing.makespan, 1.05 * known) << "save: " << text_of(shape_of(truth));
      Costs load = probed(truth);
      load.give_prices(Level{1}, truth.save, truth.load * wrong);
      EXPECT_LE(swept(truth, load).timing.makespan, 1.05 * known) << "load: " << text_of(shape_of(truth));
      Costs step = probed(truth);
      step.guess_step(wrong);
      EXPECT_LE(swept(truth, step).timing.makespan, 1.05 * known) << "step: " << text_of(shape_of(truth));
      Costs turn = probed(truth);
      turn.guess_turn(truth.turn * wrong);
      EXPECT_LE(swept(truth, turn).timing.makespan, 1.05 * known) << "turn: " << text_of(shape_of(truth));
    }
}

/// The best of all plans that do not adapt, on the machine that changes.
double best_that_had_known(const Truth& truth, const MachineChange& change) {
  double least = std::numeric_limits<double>::infinity();
  for (const OverlapPlan& plan : overlap_plans(shape_of(truth))) {
    try {
      Simulation simulation{machine_of(truth)};
      simulation.change_later(change);
      least = std::min(least, simulation.run(*make_overlap(shape_of(truth), plan, simulation.gauge())).makespan);
    } catch (const std::logic_error&) {  // it does not fit the slots
    }
  }
  return least;
}

TEST(Adaptive, ADeviceThatTurnsTenTimesSlowerIsNoticed) {
  for (const Truth& truth : machines)
    for (const double at : {.2, .5, .7}) {
      Truth slow = truth;
      slow.save *= 10;
      slow.load *= 10;
      const MachineChange change{known_makespan(truth) * at, machine_of(slow)};
      Costs costs = probed(truth);
      const Outcome outcome = swept(truth, costs, {change});
      EXPECT_LE(outcome.timing.makespan, 1.1 * best_that_had_known(truth, change))
          << "at " << at << " of " << text_of(shape_of(truth));
    }
}

TEST(Adaptive, OneLateTransferChangesLittle) {
  for (const Truth& truth : machines)
    for (const double at : {.3, .6, .8}) {
      Truth slow = truth;
      slow.save *= 10;
      slow.load *= 10;
      const double late = known_makespan(truth) * at;
      const double in_time = late + std::min(truth.save, truth.load);
      const auto changes = [&] {
        return std::vector<MachineChange>{{late, machine_of(slow)}, {in_time, machine_of(truth)}};
      };
      Simulation unmoved{machine_of(truth)};
      for (MachineChange& change : changes()) unmoved.change_later(std::move(change));
      const std::unique_ptr<Schedule> plan =
          make_overlap(shape_of(truth), plan_overlap(shape_of(truth)), unmoved.gauge());
      const double stayed = unmoved.run(*plan).makespan;
      Costs costs = probed(truth);
      EXPECT_LE(swept(truth, costs, changes()).timing.makespan, 1.04 * stayed)
          << "at " << at << " of " << text_of(shape_of(truth));
    }
}

TEST(Adaptive, APlanMadeAnewKeepsWhyTheScheduleWasChosen) {
  const Truth truth = machines.front();
  Truth slow = truth;
  slow.save *= 10;
  slow.load *= 10;
  Costs costs = probed(truth);
  const Choice choice = swept(truth, costs, {{known_makespan(truth) * .2, machine_of(slow)}}).choice;
  EXPECT_NE(choice.reason.find(name_of(choice.kind)), std::string::npos) << choice.reason;
  EXPECT_NE(choice.reason.find("; planned anew: "), std::string::npos) << choice.reason;
}

TEST(Adaptive, ADeviceThatTurnsTenTimesFasterIsUsed) {
  const Truth truth{800, 10, 20, 30};
  Truth fast = truth;
  fast.save /= 10;
  fast.load /= 10;
  const MachineChange change{200, machine_of(fast)};
  Costs costs = probed(truth);
  EXPECT_LE(swept(truth, costs, {change}).timing.makespan, 1.1 * best_that_had_known(truth, change));
}

TEST(Adaptive, AScheduleThatWasAskedForIsPlannedOnceAndStaysWhatItIs) {
  for (const ScheduleKind kind : {ScheduleKind::overlap, ScheduleKind::hrevolve, ScheduleKind::multistage}) {
    Costs costs = probed(machines[0]);
    const Outcome outcome = swept(machines[0], costs, {}, kind);
    EXPECT_EQ(outcome.plans, 1);
    EXPECT_EQ(outcome.choice.kind, kind);
  }
}

TEST(Adaptive, RunsOfAnyLengthEnd) {
  std::mt19937 random{4};
  for (int i = 0; i < 300; ++i) {
    const OverlapShape shape = random_shape(random, 60);
    const auto& slow = shape.machine.levels[1];
    const Truth truth{shape.steps, shape.machine.buffers, slow.save, slow.load, shape.machine.turn_cost,
                      0,           shape.slots[1]};
    SCOPED_TRACE(text_of(shape));
    Costs costs{2};
    if (i % 2 == 0) costs = probed(truth);
    Truth other = truth;
    other.save *= 7;
    other.load /= 3;
    const Outcome outcome = swept(truth, costs, {{static_cast<double>(truth.steps) / 2, machine_of(other)}});
    EXPECT_GE(outcome.timing.makespan,
              static_cast<double>(truth.steps - 1) + truth.turn * static_cast<double>(truth.steps));
    EXPECT_GE(outcome.plans, 1);
  }
}

}  // namespace
}  // namespace cairn::test
