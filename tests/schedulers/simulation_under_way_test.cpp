// SPDX-License-Identifier: BSD-3-Clause
// Simulations that begin with what is stored, whose machine changes, whose plan a planner changes.
#include "support/listed_schedule.hpp"
#include "support/overlap_shapes.hpp"
#include "support/standings.hpp"
#include <cairn/schedulers/joined_plan.hpp>
#include <cairn/schedulers/rest_plan.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, disk{1};

Machine machine(Slots buffers, double save, double load) {
  return {.levels = {{}, {.save = save, .load = load}}, .buffers = buffers};
}

Timing play(const Machine& on, std::vector<Action> plan) {
  ListedSchedule schedule{std::move(plan)};
  return Simulation{on}.run(schedule);
}

/// x_0 on disk; in the reverse sweep a snapshot in RAM comes and goes before x_0 is wanted.
std::vector<Action> with_ram_before_the_restore() {
  return {Takeshot{0, disk}, Advance{{0, 10}},  Takeshot{10, ram}, Advance{{10, 12}}, Turn{12},
          Restore{10, ram},  Advance{{10, 11}}, Takeshot{11, ram}, Turn{11},          Discard{11, ram},
          Restore{10, ram},  Turn{10},          Discard{10, ram},  Restore{0, disk},  Turn{0}};
}

TEST(SimulationUnderWay, BeginsWithWhatIsStoredInTheReverseSweep) {
  const std::vector<Action> plan{Restore{1, ram}, Turn{1}, Discard{1, ram}, Restore{0, disk}, Turn{0}};
  const auto played_from = [&](Slots buffers) {
    Simulation simulation{machine(buffers, 1, 3)};
    simulation.begin_with({{1, ram}, {0, disk}});
    ListedSchedule schedule{plan};
    return simulation.run(schedule);
  };
  const Timing roomy = played_from(2);
  EXPECT_DOUBLE_EQ(roomy.makespan, 3 + 1) << "x_0 is read from 0 to 3";
  EXPECT_DOUBLE_EQ(roomy.stall, 2);
  EXPECT_EQ(roomy.levels[1].read_ahead, Count{1});
  EXPECT_EQ(roomy.levels[1].saves, Count{0});
  EXPECT_EQ(roomy.peak, 2);
  EXPECT_DOUBLE_EQ(played_from(1).makespan, 1 + 3 + 1) << "read once x_1 has left the only buffer";
}

TEST(SimulationUnderWay, BeginsWithALiveStateInTheFirstSweep) {
  const std::vector<Action> plan{Takeshot{5, disk}, Advance{{5, 6}}, Turn{6},         Restore{5, disk},
                                 Turn{5},           Restore{0, ram}, Advance{{0, 2}}, Turn{2}};
  Simulation simulation{machine(2, 4, 3)};
  simulation.begin_with({{0, ram}}, 5);
  ListedSchedule schedule{plan};
  const Timing timing = simulation.run(schedule);
  EXPECT_DOUBLE_EQ(timing.makespan, 4 + 3 + 1 + 2 + 1) << "x_5 is saved until 4 and read until 7";
  EXPECT_EQ(timing.peak, 2);
  Simulation full{machine(2, 4, 3)};
  full.begin_with({{0, ram}, {1, ram}}, 5);
  ListedSchedule again{plan};
  EXPECT_THROW(full.run(again), std::logic_error) << "both buffers hold snapshots";
}

/// Is due when it is told, notes where the run stands, and hands out what `plans` makes.
class Noting final : public Planner {
 public:
  struct Asked {
    Standing standing;
    double time;
    std::size_t under_way;
    std::unique_ptr<Schedule> rest;
  };
  using Plans = std::function<std::unique_ptr<Schedule>(const Standing&, const Schedule&)>;
  Noting(Simulation& simulation, std::function<bool(bool)> due, Plans plans = {})
      : simulation_{simulation}, due_{std::move(due)}, plans_{std::move(plans)} {}

  bool is_due(bool turned) override {
    ++(turned ? turns : steps);
    return due_(turned);
  }
  std::unique_ptr<Schedule> plan_anew(const Standing& standing, const Schedule& rest) override {
    const Observed seen = simulation_.observed();
    std::size_t under_way = 0;
    const Gauge gauge = simulation_.gauge();
    for (std::size_t k = 1; k < seen.levels.size(); ++k) under_way += gauge(Level{static_cast<std::int32_t>(k)});
    asked.push_back({standing, seen.time, under_way, standing.live ? nullptr : rest.clone()});
    return plans_ ? plans_(standing, rest) : nullptr;
  }

  int steps = 0, turns = 0;
  std::vector<Asked> asked;

 private:
  Simulation& simulation_;
  std::function<bool(bool)> due_;
  Plans plans_;
};

const auto always = [](bool) { return true; };
const auto never_due = [](bool) { return false; };

/// A plan for a shape, of any kind: the portfolio's and the synchronous ones.
struct AnyPlan {
  std::string text;
  std::function<std::unique_ptr<Schedule>(Gauge)> make;
};

std::vector<AnyPlan> plans_for(const OverlapShape& shape) {
  std::vector<AnyPlan> all;
  for (const OverlapPlan& plan : overlap_plans(shape))
    all.push_back({plan.text(), [=](const Gauge& gauge) { return make_overlap(shape, plan, gauge); }});
  for (const ScheduleKind kind : schedule_kinds())
    if (kind != ScheduleKind::automatic && kind != ScheduleKind::online && kind != ScheduleKind::overlap)
      all.push_back({std::string{name_of(kind)}, [=](const Gauge&) { return make_schedule(kind, problem_of(shape)); }});
  return all;
}

std::vector<Slots> slots_in(OverlapShape shape) {
  shape.slots[0] = shape.machine.buffers;
  return shape.slots;
}

TEST(SimulationUnderWay, AsksAPlannerAfterEachStepOfTheFirstSweepAndEachTurnButTheLast) {
  Simulation simulation{machine(3, 1, 1)};
  Noting planner{simulation, always};
  simulation.run(std::make_unique<ListedSchedule>(with_ram_before_the_restore()), planner);
  EXPECT_EQ(planner.steps, 12) << "not the one that is run again";
  EXPECT_EQ(planner.turns, 3);
  ASSERT_EQ(planner.asked.size(), 15U);
  const Standing& first = planner.asked.front().standing;
  EXPECT_EQ(first.live, 1);
  EXPECT_EQ(first.stored, (std::vector<Problem::Stored>{{0, disk}}));
  EXPECT_DOUBLE_EQ(planner.asked.front().time, 1);
  const Standing& turned = planner.asked[13].standing;
  EXPECT_EQ(turned.live, std::nullopt);
  EXPECT_EQ(turned.to_turn, 11);
  EXPECT_EQ(turned.stored, (std::vector<Problem::Stored>{{0, disk}, {10, ram}, {11, ram}}));
}

TEST(SimulationUnderWay, TakesThePlanThatAPlannerMakesOnTheWay) {
  // After 3 of 6 steps: x_3 goes to RAM instead, and what follows needs no disk but for x_0.
  Simulation simulation{machine(2, 1, 1)};
  Noting planner{simulation, [&](bool turned) { return !turned && planner.steps == 3; },
                 [](const Standing& standing, const Schedule&) {
                   EXPECT_EQ(standing.live, 3);
                   return std::make_unique<ListedSchedule>(
                       std::vector<Action>{Takeshot{3, ram}, Advance{{3, 4}}, Turn{4}, Restore{3, ram}, Discard{3, ram},
                                           Turn{3}, Restore{0, disk}, Advance{{0, 2}}, Turn{2}});
                 }};
  const Timing timing = simulation.run(
      std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, disk}, Advance{{0, 6}}, Turn{6}}), planner);
  EXPECT_DOUBLE_EQ(timing.makespan, 4 + 1 + 1 + 2 + 1);
  EXPECT_EQ(timing.plans, Count{1});
  EXPECT_EQ(timing.levels[1].loads, Count{1});
  // In the reverse sweep what was read ahead for the old plan is dropped: x_0 is read at 3, and not wanted.
  Simulation reverse{machine(2, 0, 4)};
  reverse.begin_with({{0, disk}, {1, disk}, {2, disk}});
  Noting swaps{reverse, always, [](const Standing& standing, const Schedule&) -> std::unique_ptr<Schedule> {
                 if (standing.to_turn != 2) return nullptr;
                 return std::make_unique<ListedSchedule>(std::vector<Action>{
                     Discard{1, disk}, Restore{0, disk}, Advance{{0, 1}}, Turn{1}, Restore{0, disk}, Turn{0}});
               }};
  const Timing swapped =
      reverse.run(std::make_unique<ListedSchedule>(std::vector<Action>{Restore{2, disk}, Turn{2}, Restore{1, disk},
                                                                       Turn{1}, Restore{0, disk}, Turn{0}}),
                  swaps);
  // x_2 is read until 4 and turned until 5; the read of x_1 began at 4 and ends at 8, that of x_0 is next, until 12.
  EXPECT_DOUBLE_EQ(swapped.makespan, 12 + 1 + 1 + 4 - 2 + 1);
}

TEST(SimulationUnderWay, WithAPlannerWhoNeverWantsAnythingIsAsWithoutOne) {
  constexpr unsigned seed = 20260480;
  std::mt19937 random{seed};
  for (int i = 0; i < 60; ++i) {
    OverlapShape shape = random_shape(random, 100, i % 2 == 0 ? 2 : 3);
    shape.machine.copy_out = .25 * static_cast<double>(random() % 4);
    shape.machine.copy_in = .25 * static_cast<double>(random() % 4);
    for (const AnyPlan& plan : plans_for(shape)) {
      SCOPED_TRACE(plan.text + ": " + text_of(shape) + ", seed " + std::to_string(seed) + ", case " +
                   std::to_string(i));
      Timing alone;
      try {
        Simulation simulation{shape.machine};
        alone = simulation.run(*plan.make(simulation.gauge()));
      } catch (const std::invalid_argument&) {
        continue;                              // it does not fit
      } catch (const std::logic_error& why) {  // snapshots alone fill the pool, and one more is read or written
        const auto again = plan.make([](Level) { return 0U; });
        ASSERT_GE(replay(*again, shape.steps, slots_in(shape)).levels[0].peak, shape.machine.buffers) << why.what();
        continue;
      }
      Simulation simulation{shape.machine};
      Noting planner{simulation, never_due};
      const Timing asked = simulation.run(plan.make(simulation.gauge()), planner);
      ASSERT_NEAR(asked.makespan, alone.makespan, 1e-9);
      ASSERT_NEAR(asked.stall, alone.stall, 1e-9);
      ASSERT_EQ(asked.copies, alone.copies);
      ASSERT_EQ(asked.peak, alone.peak);
      ASSERT_EQ(asked.plans, Count{0});
      for (std::size_t k = 0; k < alone.levels.size(); ++k) {
        ASSERT_EQ(asked.levels[k].saves, alone.levels[k].saves);
        ASSERT_EQ(asked.levels[k].loads, alone.levels[k].loads);
        ASSERT_EQ(asked.levels[k].read_ahead, alone.levels[k].read_ahead);
      }
    }
  }
}

TEST(SimulationUnderWay, KeepsWhatIsReadAheadWhereAPlannerSwapsToTheSamePlan) {
  for (const Slots buffers : {2, 3, 9}) {
    const double alone = play(machine(buffers, 1, 3), with_ram_before_the_restore()).makespan;
    Simulation simulation{machine(buffers, 1, 3)};
    Noting planner{simulation, [](bool turned) { return turned; },
                   [](const Standing&, const Schedule& rest) { return rest.clone(); }};
    const Timing swapped = simulation.run(std::make_unique<ListedSchedule>(with_ram_before_the_restore()), planner);
    EXPECT_DOUBLE_EQ(swapped.makespan, alone) << buffers;
    EXPECT_EQ(swapped.plans, Count{3});
    EXPECT_EQ(swapped.levels[1].loads, Count{1});
  }
}

TEST(SimulationUnderWay, ChangesNothingWhereAPlannerSwapsToTheSamePlanInTheReverseSweep) {
  constexpr unsigned seed = 20260481;
  std::mt19937 random{seed};
  for (int i = 0; i < 120; ++i) {
    OverlapShape shape = random_shape(random, 300, i % 2 == 0 ? 2 : 3);
    const std::vector<AnyPlan> plans = plans_for(shape);
    for (int j = 0; j < 4; ++j) {
      const AnyPlan& plan = plans[random() % plans.size()];
      SCOPED_TRACE(plan.text + ": " + text_of(shape) + ", seed " + std::to_string(seed) + ", case " +
                   std::to_string(i));
      Timing alone;
      try {
        Simulation simulation{shape.machine};
        alone = simulation.run(*plan.make(simulation.gauge()));
      } catch (const std::logic_error&) {
        continue;  // it does not fit
      }
      Simulation simulation{shape.machine};
      Noting planner{simulation, [&](bool turned) { return turned && random() % 8 == 0; },
                     [](const Standing&, const Schedule& rest) { return rest.clone(); }};
      const Timing swapped = simulation.run(plan.make(simulation.gauge()), planner);
      ASSERT_NEAR(swapped.makespan, alone.makespan, 1e-9) << swapped.plans.value() << " swaps";
      ASSERT_EQ(swapped.levels[1].loads, alone.levels[1].loads);
    }
  }
}

TEST(SimulationUnderWay, GoesOnFromAStandingAsTheWholeRunDoes) {
  constexpr unsigned seed = 20260482;
  std::mt19937 random{seed};
  int compared = 0;
  for (int i = 0; i < 200; ++i) {
    OverlapShape shape = random_shape(random, 100, i % 2 == 0 ? 2 : 3);
    for (auto& level : shape.machine.levels) level.load = 0;  // so that nothing is half read there
    const std::vector<AnyPlan> plans = plans_for(shape);
    const AnyPlan& plan = plans[random() % plans.size()];
    Simulation simulation{shape.machine};
    Noting planner{simulation, [&](bool turned) { return turned && random() % 8 == 0; }};
    double makespan = 0;
    try {
      makespan = simulation.run(plan.make(simulation.gauge()), planner).makespan;
    } catch (const std::logic_error&) {
      continue;  // it does not fit
    }
    for (const Noting::Asked& asked : planner.asked) {
      if (asked.under_way > 0) continue;
      ++compared;
      Simulation later{shape.machine};
      later.begin_with(asked.standing.stored);
      ASSERT_NEAR(later.run(*asked.rest).makespan, makespan - asked.time, 1e-9)
          << plan.text << ": " << text_of(shape) << "; " << text_of(asked.standing) << ", seed " << seed << ", case "
          << i;
    }
  }
  EXPECT_GE(compared, 300);
}

TEST(SimulationUnderWay, GoesOnInAFirstSweepAsTheWholeRunDoes) {
  constexpr unsigned seed = 20260483;
  std::mt19937 random{seed};
  for (int i = 0; i < 30; ++i) {
    OverlapShape shape = random_shape(random, 60, i % 2 == 0 ? 2 : 3);
    shape.steps += 5;
    shape.machine.copy_out = shape.machine.copy_in = .25;
    const Step live = 1 + i % 4;
    const Standing standing{.to_turn = shape.steps, .live = live, .stored = {{0, ram}}};
    for (const RestPlan& plan : rest_plans(shape, standing)) {
      double rest = 0;
      try {
        rest = time_rest(shape, standing, plan);
      } catch (const std::logic_error&) {
        continue;  // it does not fit
      }
      Simulation simulation{shape.machine};
      std::vector<JoinedPlan::Part> parts;
      parts.push_back({plan.make(simulation.gauge()), 0});
      JoinedPlan whole{{Takeshot{0, ram}, Advance{{0, live}}}, std::move(parts)};
      ASSERT_NEAR(simulation.run(whole).makespan, .25 + static_cast<double>(live) + rest, 1e-9)
          << plan.text << ": " << text_of(shape) << ", seed " << seed << ", case " << i;
    }
  }
}

Machine ten_times_slower(Machine fast) {
  for (auto& level : fast.levels) level.save *= 10, level.load *= 10;
  return fast;
}

TEST(SimulationUnderWay, TakesADeviceThatTurnsSlowFromThenOn) {
  const Machine fast = machine(1, 4, 3);
  Simulation simulation{fast};
  simulation.change_later({5, ten_times_slower(fast)});
  ListedSchedule schedule{{Takeshot{0, disk}, Advance{{0, 4}}, Takeshot{4, disk}, Advance{{4, 6}}, Takeshot{6, disk},
                           Advance{{6, 7}}, Turn{7}, Restore{6, disk}, Turn{6}}};
  // x_0 is saved from 0 to 4, x_4 from 4 to 8 though the change is at 5; x_6 waits for the buffer until 8, is saved
  // from 8 to 48 and read from 48 to 78.
  const Timing timing = simulation.run(schedule);
  EXPECT_DOUBLE_EQ(timing.makespan, 79);
  EXPECT_DOUBLE_EQ(timing.levels[1].busy, 4 + 4 + 40 + 30);
  EXPECT_DOUBLE_EQ(timing.stall, 2 + (48 - 10) + 30);
}

TEST(SimulationUnderWay, ChangesAsOftenAsItIsTold) {
  Machine first = machine(4, 1, 1), second = first, third = first;
  first.copy_out = 1, first.copy_in = 2, first.turn_cost = 3;
  second.copy_out = 10, second.copy_in = 20, second.turn_cost = 30;
  third.copy_out = 100, third.copy_in = 200, third.turn_cost = 300;
  Simulation simulation{first};
  simulation.change_later({10, second});
  simulation.change_later({100, third});
  ListedSchedule schedule{{Takeshot{0, ram}, Advance{{0, 9}}, Takeshot{9, ram}, Advance{{9, 10}}, Turn{10},
                           Restore{9, ram}, Turn{9}, Restore{0, ram}}};
  // copied until 1, run until 10, copied until 20, run until 21, turned until 51, copied until 71, turned until 101 …
  EXPECT_DOUBLE_EQ(simulation.run(schedule).makespan, 101 + 200);
}

TEST(SimulationUnderWay, RefusesAChangeThatCannotBe) {
  Simulation simulation{machine(1, 1, 1)};
  EXPECT_THROW(simulation.change_later({1, machine(1, -1, 1)}), std::invalid_argument);
}

TEST(SimulationUnderWay, ObservesWhatTheRunHasTaken) {
  Machine copying = machine(3, 4, 3);
  copying.copy_out = .5, copying.copy_in = .25, copying.turn_cost = 2;
  Simulation simulation{copying};
  ListedSchedule schedule{
      {Takeshot{0, disk}, Advance{{0, 10}}, Takeshot{10, ram}, Turn{10}, Restore{0, disk}, Advance{{0, 2}}, Turn{2}}};
  const Timing timing = simulation.run(schedule);
  const Observed seen = simulation.observed();
  EXPECT_DOUBLE_EQ(seen.advances.count, 12);
  EXPECT_DOUBLE_EQ(seen.advances.time, 12);
  EXPECT_DOUBLE_EQ(seen.turns.count, 2);
  EXPECT_DOUBLE_EQ(seen.turns.time, 4);
  EXPECT_DOUBLE_EQ(seen.copies.count, 3);
  EXPECT_DOUBLE_EQ(seen.copies.time, 2 * .5 + .25);
  EXPECT_DOUBLE_EQ(seen.levels[1].saves.count, 1);
  EXPECT_DOUBLE_EQ(seen.levels[1].saves.time, 4);
  EXPECT_DOUBLE_EQ(seen.levels[1].loads.count, 1);
  EXPECT_DOUBLE_EQ(seen.levels[1].loads.time, 3);
  EXPECT_DOUBLE_EQ(seen.time, timing.makespan);
}

TEST(SimulationUnderWay, ObservesASaveOnceItHasEnded) {
  Simulation simulation{machine(3, 4, 3)};
  std::vector<double> saves;
  Noting planner{simulation, [&](bool) { return saves.push_back(simulation.observed().levels[1].saves.count), false; }};
  simulation.run(std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, disk}, Advance{{0, 2}},
                                                                      Takeshot{2, disk}, Advance{{2, 4}}, Turn{4}}),
                 planner);
  EXPECT_EQ(saves, (std::vector<double>{0, 0, 0, 1, 1})) << "at 1, 2, 3, 4 and 5; saved from 0 to 4 and from 4 to 8";
}

using Times = std::vector<std::optional<double>>;

TEST(SimulationUnderWay, ObservesHowLongASaveUnderWayHasTaken) {
  Simulation simulation{machine(3, 4, 3)};
  Times times;
  Noting planner{simulation, [&](bool) {
                   const Observed::PerLevel seen = simulation.observed().levels[1];
                   EXPECT_FALSE(seen.load_under_way);
                   return times.push_back(seen.save_under_way), false;
                 }};
  simulation.run(std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, disk}, Advance{{0, 2}},
                                                                      Takeshot{2, disk}, Advance{{2, 9}}, Turn{9}}),
                 planner);
  EXPECT_EQ(times, (Times{1, 2, 3, 0, 1, 2, 3, {}, {}, {}})) << "the second waits until 4, and ends at 8";
}

TEST(SimulationUnderWay, ObservesALoadOnceItHasEndedAndHowLongItHasTakenBefore) {
  Simulation simulation{machine(4, 4, 2.5)};
  simulation.begin_with({{3, ram}, {2, ram}, {1, ram}, {0, disk}});
  Times times;
  std::vector<double> loads;
  Noting planner{simulation, [&](bool) {
                   const Observed::PerLevel seen = simulation.observed().levels[1];
                   EXPECT_FALSE(seen.save_under_way);
                   loads.push_back(seen.loads.count);
                   return times.push_back(seen.load_under_way), false;
                 }};
  simulation.run(std::make_unique<ListedSchedule>(std::vector<Action>{
                     Restore{3, ram}, Turn{3}, Discard{3, ram}, Restore{2, ram}, Turn{2}, Discard{2, ram},
                     Restore{1, ram}, Turn{1}, Discard{1, ram}, Restore{0, disk}, Turn{0}}),
                 planner);
  EXPECT_EQ(times, (Times{1, 2, {}})) << "read ahead from 0 to 2.5";
  EXPECT_EQ(loads, (std::vector<double>{0, 0, 1}));
}

TEST(SimulationUnderWay, AddsUpAndNeverWaitsForEverFromAnyStanding) {
  constexpr unsigned seed = 20260484;
  std::mt19937 random{seed};
  int played_to_the_end = 0;
  for (int i = 0; played_to_the_end < 10'000; ++i) {
    OverlapShape shape = random_shape(random, i % 4 == 0 ? 30 : 80, i % 2 == 0 ? 2 : 3);
    ++shape.steps;
    shape.machine.copy_out = .25 * static_cast<double>(random() % 4);
    shape.machine.copy_in = .25 * static_cast<double>(random() % 4);
    DrawnStandings standings{shape, random};
    const Standing standing = i % 16 == 0 ? standings.in_first_sweep() : standings.in_reverse_sweep();
    for (const RestPlan& plan : rest_plans(shape, standing)) {
      SCOPED_TRACE(plan.text + ": " + text_of(shape) + "; " + text_of(standing) + ", seed " + std::to_string(seed) +
                   ", case " + std::to_string(i));
      Simulation simulation{shape.machine};
      simulation.begin_with(standing.stored, standing.live);
      Timing timing;
      try {
        const auto schedule = plan.make(simulation.gauge());
        timing = simulation.run(*schedule);
      } catch (const std::invalid_argument&) {
        continue;                              // it does not fit
      } catch (const std::logic_error& why) {  // snapshots alone fill the pool, and one more is read or written
        const auto again = plan.make([](Level) { return 0U; });
        ASSERT_GE(replay_from(standing, shape, *again).levels[0].peak, shape.machine.buffers) << why.what();
        continue;
      }
      ++played_to_the_end;
      ASSERT_NEAR(timing.makespan, timing.compute + timing.copy + timing.stall, 1e-6);
      ASSERT_LE(timing.peak, shape.machine.buffers);
    }
  }
}

}  // namespace
}  // namespace cairn::test
