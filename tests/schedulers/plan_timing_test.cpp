// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/plan_timing.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Levels = std::vector<Problem::LevelShape>;

// Level 0 with s − 1 slots, as all schedules but overlap have it, or with the whole pool.
Problem in_pool(Step steps, Slots buffers, Levels slow, ScheduleKind kind, double turn_cost = 1) {
  Problem problem{
      .steps = steps, .levels = {{.slots = buffers}}, .turn_cost = turn_cost, .stored = {}, .buffers = buffers};
  if (kind != ScheduleKind::overlap) --problem.levels[0].slots;
  problem.levels.insert(problem.levels.end(), slow.begin(), slow.end());
  return problem;
}

double cost(ScheduleKind kind, const Problem& problem) {
  std::vector<double> saves, loads;
  for (const auto& level : problem.levels) saves.push_back(level.save_cost), loads.push_back(level.load_cost);
  Problem all = problem;
  all.levels[0].slots = std::max(all.levels[0].slots, all.buffers);
  return cost_of(replay(*make_schedule(kind, problem), all), saves, loads, problem.turn_cost);
}

TEST(MachineOf, TakesTheCopiesOutOfTheCostsOfSlowLevels) {
  const Machine machine = machine_of({.steps = 9,
                                      .levels = {{.slots = 4, .save_cost = .25, .load_cost = .5},
                                                 {.slots = 7, .save_cost = 2.25, .load_cost = 2},
                                                 {.slots = 8, .save_cost = .125, .load_cost = 6.5}},
                                      .turn_cost = 3,
                                      .stored = {},
                                      .buffers = 5});
  EXPECT_TRUE(machine.ram);
  EXPECT_EQ(machine.buffers, 5);
  EXPECT_EQ(machine.copy_out, .25);
  EXPECT_EQ(machine.copy_in, .5);
  EXPECT_EQ(machine.turn_cost, 3);
  ASSERT_EQ(machine.levels.size(), 3u);
  EXPECT_EQ(machine.levels[1].save, 2);
  EXPECT_EQ(machine.levels[1].load, 1.5);
  EXPECT_EQ(machine.levels[2].save, 0) << "cheaper than the copy that it contains";
  EXPECT_EQ(machine.levels[2].load, 6);
  EXPECT_NE(machine.levels[1].lane, machine.levels[2].lane) << "a device each";
}

TEST(MachineOf, GivesLevelsOfOneDeviceOneLane) {
  const Machine machine = machine_of({.steps = 9,
                                      .levels = {{.slots = 4, .device = 8},
                                                 {.slots = 7, .device = 8},
                                                 {.slots = 8},
                                                 {.slots = 8, .device = 3},
                                                 {.slots = 9, .device = 8},
                                                 {.slots = 9}}});
  const auto lane = [&](std::size_t level) { return machine.levels[level].lane; };
  EXPECT_EQ(lane(1), lane(4));
  for (const std::size_t level : {2U, 3U, 5U})
    for (const std::size_t other : {1U, 2U, 3U, 5U})
      EXPECT_EQ(lane(level) == lane(other), level == other) << level << ", " << other;
}

TEST(MachineOf, HasAsManyBuffersAsLevel0HasSlotsWhereTheyAreNotGiven) {
  EXPECT_EQ(machine_of({.steps = 9, .levels = {{.slots = 4}, {.slots = 7}}}).buffers, 4);
}

constexpr std::array all_kinds{ScheduleKind::overlap,    ScheduleKind::hrevolve, ScheduleKind::disk_revolve,
                               ScheduleKind::multistage, ScheduleKind::revolve,  ScheduleKind::periodic,
                               ScheduleKind::store_all,  ScheduleKind::online};

TEST(TimePlan, IsNeverBelowTheBound) {
  constexpr unsigned seed = 4;
  std::mt19937 random{seed};
  const auto below = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  int timed = 0;
  for (int round = 0; round < 60; ++round) {
    const Step steps = 1 + below(200);
    const Slots buffers = 2 + below(10);
    const double turn_cost = below(6) / 2.0;
    Levels slow;
    for (int level = 0; level < 1 + round % 2; ++level)
      slow.push_back({.slots = 1 + below(250), .save_cost = below(24) / 4.0, .load_cost = below(24) / 4.0});
    if (round % 4 == 1)
      for (auto& level : slow) level.device = 5;
    const double copy = round % 3 == 0 ? .25 : 0;
    for (auto& level : slow) level.save_cost += copy, level.load_cost += copy;
    for (const ScheduleKind kind : all_kinds) {
      Problem problem = in_pool(steps, buffers, slow, kind, turn_cost);
      problem.levels[0].save_cost = problem.levels[0].load_cost = copy;
      SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ": " +
                   std::string{name_of(kind)});
      try {
        const PlanTiming plan = time_plan(kind, problem);
        EXPECT_GE(plan.timing.makespan, plan.bound.makespan * (1 - 1e-9)) << plan.bound.reason;
        EXPECT_GE(plan.timing.makespan, plan.bound.with_copies * (1 - 1e-9)) << plan.bound.reason;
        EXPECT_LE(plan.bound.proved, plan.bound.makespan * (1 + 1e-9));
        EXPECT_NEAR(plan.timing.makespan, plan.timing.compute + plan.timing.copy + plan.timing.stall,
                    1e-9 * plan.timing.makespan);
        ++timed;
      } catch (const std::invalid_argument&) {  // this kind has no plan for these levels
      }
    }
  }
  EXPECT_GE(timed, 350) << "seed " << seed;
}

TEST(TimePlan, TakesTheCostWhereStorageTakesNoTime) {
  const Levels slow{{.slots = 30}};
  for (const ScheduleKind kind : all_kinds) {
    const Step steps = kind == ScheduleKind::store_all ? 33 : 150;
    const Problem problem = in_pool(steps, 4, kind == ScheduleKind::disk_revolve ? Levels{{.slots = 150}} : slow, kind);
    const PlanTiming plan = time_plan(kind, problem);
    EXPECT_EQ(plan.timing.makespan, cost(kind, problem)) << name_of(kind);
    EXPECT_EQ(plan.timing.stall, 0) << name_of(kind);
  }
}

// What a run that waits for each access would take is what overlapping can only improve on.
TEST(TimePlan, TakesNoLongerThanStorageInTurn) {
  const Levels slow{{.slots = 30, .save_cost = 2, .load_cost = 3}};
  for (const ScheduleKind kind :
       {ScheduleKind::hrevolve, ScheduleKind::multistage, ScheduleKind::periodic, ScheduleKind::online}) {
    const Problem problem = in_pool(150, 4, slow, kind);
    EXPECT_LT(time_plan(kind, problem).timing.makespan, cost(kind, problem)) << name_of(kind);
  }
}

TEST(TimePlan, HidesAllOfADeviceThatIsFastEnough) {
  // W = R = 1, ub = 1: D* = 1, every state is kept and read back while another step is turned
  const Problem problem = in_pool(1000, 10, {{.slots = 1000, .save_cost = 1, .load_cost = 1}}, ScheduleKind::overlap);
  const PlanTiming plan = time_plan(ScheduleKind::overlap, problem);
  EXPECT_NEAR(plan.timing.makespan, 1999, 2);
  EXPECT_GE(plan.bound.makespan, 1999 * (1 - 1e-9));
}

TEST(Bound, AddsUpTheRatesAndSlotsOfSlowLevels) {
  const Levels two{{.slots = 40, .save_cost = 2, .load_cost = 6}, {.slots = 60, .save_cost = 6, .load_cost = 3}};
  const Levels together{{.slots = 100, .save_cost = 1.5, .load_cost = 2}};  // 1/2 + 1/6 = 2/3; 1/6 + 1/3 = 1/2
  const MakespanBound of_two = makespan_bound(in_pool(500, 5, two, ScheduleKind::hrevolve));
  const MakespanBound of_one = makespan_bound(in_pool(500, 5, together, ScheduleKind::hrevolve));
  EXPECT_NEAR(of_two.makespan, of_one.makespan, 1e-6);
  EXPECT_NEAR(of_two.proved, of_one.proved, 1e-6);
}

TEST(Bound, TakesLevelsOfOneDeviceThatAreEquallyFastForOne) {
  const Levels two{{.slots = 40, .save_cost = 2, .load_cost = 3, .device = 1},
                   {.slots = 60, .save_cost = 2, .load_cost = 3, .device = 1}};
  const Levels one{{.slots = 100, .save_cost = 2, .load_cost = 3}};
  const MakespanBound of_two = makespan_bound(in_pool(500, 5, two, ScheduleKind::hrevolve));
  const MakespanBound of_one = makespan_bound(in_pool(500, 5, one, ScheduleKind::hrevolve));
  EXPECT_NEAR(of_two.makespan, of_one.makespan, 1e-6);
  EXPECT_NEAR(of_two.proved, of_one.proved, 1e-6);
  EXPECT_NEAR(of_two.with_copies, of_one.with_copies, 1e-6);
}

TEST(Bound, IsHigherWhereADeviceIsShared) {
  Levels two{{.slots = 250, .save_cost = 3, .load_cost = 3}, {.slots = 300, .save_cost = 4, .load_cost = 4}};
  const double apart = makespan_bound(in_pool(500, 5, two, ScheduleKind::hrevolve)).proved;
  for (auto& level : two) level.device = 1;
  const double shared = makespan_bound(in_pool(500, 5, two, ScheduleKind::hrevolve)).proved;
  const Levels faster{{.slots = 550, .save_cost = 3, .load_cost = 3}};
  EXPECT_GT(shared, apart + 50);
  EXPECT_GE(shared, makespan_bound(in_pool(500, 5, faster, ScheduleKind::hrevolve)).proved - 1e-6)
      << "its rate is that of the fastest level";
}

TEST(Bound, DoesNotTakeAFewFastSlotsForADeviceOfThatSpeed) {
  // 10 slots of a device that costs next to nothing, and a slow one without limit
  const Levels two{{.slots = 10, .save_cost = .1, .load_cost = .1}, {.slots = 5000, .save_cost = 8, .load_cost = 8}};
  const Levels slow{{.slots = 5000, .save_cost = 8, .load_cost = 8}};
  const double of_two = makespan_bound(in_pool(1000, 10, two, ScheduleKind::hrevolve)).proved;
  const double of_slow = makespan_bound(in_pool(1000, 10, slow, ScheduleKind::hrevolve)).proved;
  EXPECT_LE(of_two, of_slow);
  EXPECT_GE(of_two, of_slow - 12);
}

TEST(Bound, IsNeverAboveASimulatedPlanOfThreeLevels) {
  constexpr unsigned seed = 20260445;
  std::mt19937 random{seed};
  const auto below = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  for (int i = 0; i < 40; ++i) {
    Levels slow;
    for (int k = 0; k < 2; ++k)
      slow.push_back(
          {.slots = 1 + below(i % 3 == 0 ? 200 : 15), .save_cost = below(60) / 4., .load_cost = below(60) / 4.});
    if (i % 2 == 0) slow[0].device = slow[1].device = 2;
    const Problem problem = in_pool(1 + below(150), 2 + below(8), slow, ScheduleKind::overlap, (1 + below(5)) / 2.);
    const OverlapShape shape = overlap_shape(problem);
    const MakespanBound bound = makespan_bound(problem);
    EXPECT_LE(bound.proved, bound.makespan * (1 + 1e-9));
    for (const OverlapPlan& plan : overlap_plans(shape)) {
      try {
        ASSERT_GE(simulate(shape, plan).makespan, bound.makespan * (1 - 1e-9))
            << plan.text() << ", by " << bound.reason << ", case " << i << " of seed " << seed;
      } catch (const std::logic_error&) {  // it does not fit
      }
    }
  }
}

TEST(Bound, LeavesLevelsWithoutSlotsOut) {
  const Levels one{{.slots = 40, .save_cost = 2, .load_cost = 6}};
  Levels and_none = one;
  and_none.push_back({.slots = 0});
  EXPECT_EQ(makespan_bound(in_pool(500, 5, and_none, ScheduleKind::hrevolve)).makespan,
            makespan_bound(in_pool(500, 5, one, ScheduleKind::hrevolve)).makespan);
}

TEST(Bound, IsThatOfRevolveWithoutSlowSlots) {
  const Problem problem = in_pool(500, 5, {{.slots = 0}}, ScheduleKind::hrevolve);
  EXPECT_EQ(makespan_bound(problem).reason, "slots");
  Problem alone{.steps = 500, .levels = {{.slots = 5}}, .turn_cost = 1};
  EXPECT_NEAR(makespan_bound(problem).proved, cost(ScheduleKind::revolve, alone), 1e-5);
}

TEST(Bound, DoesNotDependOnTheKindOfSchedule) {
  const Levels slow{{.slots = 40, .save_cost = 5, .load_cost = 2}};
  EXPECT_EQ(makespan_bound(in_pool(500, 5, slow, ScheduleKind::overlap)).makespan,
            makespan_bound(in_pool(500, 5, slow, ScheduleKind::hrevolve)).makespan);
}

TEST(TimePlan, MakesUseOfEverySlowLevel) {
  const Levels fast{{.slots = 20, .save_cost = 1, .load_cost = 1}};
  const Levels slow{{.slots = 2000, .save_cost = 12, .load_cost = 12}};
  const Levels both{fast[0], slow[0]};
  const auto makespan = [](const Levels& levels) {
    const ScheduleKind kind = ScheduleKind::overlap;
    return time_plan(kind, in_pool(600, 4, levels, kind)).timing.makespan;
  };
  EXPECT_LE(makespan(both), makespan(fast));
  EXPECT_LE(makespan(both), makespan(slow));
}

TEST(TimePlan, RefusesWhatCannotBePlanned) {
  EXPECT_THROW(time_plan(ScheduleKind::hrevolve, {.steps = 9, .levels = {{.slots = 0}}}), std::invalid_argument);
  EXPECT_THROW(time_plan(ScheduleKind::overlap, in_pool(0, 3, {{.slots = 4}}, ScheduleKind::overlap)),
               std::invalid_argument);
}

}  // namespace
}  // namespace cairn
