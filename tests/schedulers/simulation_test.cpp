// SPDX-License-Identifier: BSD-3-Clause
#include "support/listed_schedule.hpp"
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/interval_plan.hpp>
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

constexpr Level ram{0}, disk{1}, slower{2};

Machine machine(Slots buffers, double save, double load) {
  return {.levels = {{}, {.save = save, .load = load}}, .buffers = buffers};
}

Timing play(const Machine& on, std::vector<Action> plan) {
  ListedSchedule schedule{std::move(plan)};
  return Simulation{on}.run(schedule);
}

TEST(Simulation, TakesTheTimeOfTheOperatorsWhereNothingIsStored) {
  const Timing timing = play({.levels = {{}}, .turn_cost = 2.5}, {Advance{{0, 7}}, Turn{7}});
  EXPECT_DOUBLE_EQ(timing.makespan, 9.5);
  EXPECT_DOUBLE_EQ(timing.compute, 9.5);
  EXPECT_DOUBLE_EQ(timing.stall, 0);
}

TEST(Simulation, HidesASaveBehindTheSteps) {
  const Timing timing = play(machine(1, 4, 3), {Takeshot{0, disk}, Advance{{0, 5}}, Turn{5}});
  EXPECT_DOUBLE_EQ(timing.makespan, 6);
  EXPECT_DOUBLE_EQ(timing.levels[1].busy, 4);
  EXPECT_EQ(timing.levels[1].saves, Count{1});
}

TEST(Simulation, WaitsForABufferUntilASaveHasEnded) {
  const Timing timing =
      play(machine(1, 4, 3), {Takeshot{0, disk}, Advance{{0, 1}}, Takeshot{1, disk}, Advance{{1, 6}}, Turn{6}});
  EXPECT_DOUBLE_EQ(timing.stall, 3) << "from 1 to 4";
  EXPECT_DOUBLE_EQ(timing.levels[1].stall, 3);
  EXPECT_DOUBLE_EQ(timing.makespan, 4 + 5 + 1);
  EXPECT_EQ(timing.peak, 1);
}

TEST(Simulation, WaitsForASaveBeforeItLoadsTheSame) {
  // x_0 is saved from 0 to 10; turned at 1 … 2; loaded from 10 to 13, while the buffer of the save is free again
  const Timing timing =
      play(machine(1, 10, 3), {Takeshot{0, disk}, Advance{{0, 1}}, Turn{1}, Restore{0, disk}, Turn{0}});
  EXPECT_DOUBLE_EQ(timing.makespan, 14);
  EXPECT_DOUBLE_EQ(timing.stall, 11);
}

TEST(Simulation, LetsAReadThatTheOperatorsWaitForPassQueuedSaves) {
  // The lane saves x_20 from 20 to 30; x_21 is queued behind it; x_0 is wanted at 23.
  const Timing timing =
      play(machine(4, 10, 1), {Takeshot{0, disk}, Advance{{0, 20}}, Takeshot{20, disk}, Advance{{20, 21}},
                               Takeshot{21, disk}, Advance{{21, 22}}, Turn{22}, Restore{0, disk}, Turn{0}});
  EXPECT_DOUBLE_EQ(timing.makespan, 30 + 1 + 1);
  EXPECT_DOUBLE_EQ(timing.stall, 8);
}

TEST(Simulation, SavesInOrderAndReadsAheadBehindThem) {
  // As above, but there is work until 42: the read-ahead is last, from 40 to 41.
  std::vector<Action> plan{Takeshot{0, disk}, Advance{{0, 20}},   Takeshot{20, disk},
                           Advance{{20, 21}}, Takeshot{21, disk}, Advance{{21, 22}}};
  for (Step turned = 41; turned >= 22; --turned) plan.push_back(Turn{turned});
  plan.insert(plan.end(), {Restore{0, disk}, Turn{0}});
  const Timing timing = play(machine(4, 10, 1), plan);
  EXPECT_DOUBLE_EQ(timing.makespan, 43);
  EXPECT_DOUBLE_EQ(timing.stall, 0);
  EXPECT_EQ(timing.levels[1].read_ahead, Count{1});
  plan.erase(plan.end() - 4, plan.end() - 2);  // 40 at the restore: the save of x_21 has just ended, the read begins
  EXPECT_DOUBLE_EQ(play(machine(4, 10, 1), plan).stall, 1);
}

/// x_0 on disk; in the reverse sweep a snapshot in RAM comes and goes before x_0 is wanted.
std::vector<Action> with_ram_before_the_restore() {
  return {Takeshot{0, disk}, Advance{{0, 10}},  Takeshot{10, ram}, Advance{{10, 12}}, Turn{12},
          Restore{10, ram},  Advance{{10, 11}}, Takeshot{11, ram}, Turn{11},          Discard{11, ram},
          Restore{10, ram},  Turn{10},          Discard{10, ram},  Restore{0, disk},  Turn{0}};
}

TEST(Simulation, ReadsAheadOnlyWhereRamSnapshotsLeaveABuffer) {
  const double work = 12 + 4 + 1;
  const Timing roomy = play(machine(3, 1, 3), with_ram_before_the_restore());
  EXPECT_DOUBLE_EQ(roomy.makespan, work) << "two in RAM and one read ahead";
  EXPECT_EQ(roomy.peak, 3);
  const Timing tight = play(machine(2, 1, 3), with_ram_before_the_restore());
  EXPECT_DOUBLE_EQ(tight.makespan, work + 2) << "read from the discard of x_11 on, a turn before it is wanted";
  EXPECT_EQ(tight.peak, 2);
  EXPECT_EQ(tight.levels[1].read_ahead, Count{1});
}

TEST(Simulation, ReadsAheadTwoAtMost) {
  const std::vector<Action> plan{Takeshot{0, disk},
                                 Advance{{0, 1}},
                                 Takeshot{1, disk},
                                 Advance{{1, 2}},
                                 Takeshot{2, disk},
                                 Advance{{2, 10}},
                                 Turn{10},
                                 Restore{2, disk},
                                 Turn{2},
                                 Restore{1, disk},
                                 Turn{1},
                                 Restore{0, disk},
                                 Turn{0}};
  const Timing timing = play(machine(9, 1, 1), plan);
  EXPECT_EQ(timing.peak, 3) << "three staged in the first sweep, or two read ahead beside the one restored";
  EXPECT_DOUBLE_EQ(timing.makespan, 14);
  EXPECT_EQ(timing.levels[1].read_ahead, Count{3});
}

TEST(Simulation, MovesARamSnapshotToDiskWithoutACopy) {
  Machine copying = machine(1, 2, 1);
  copying.copy_out = .5;
  copying.copy_in = .25;
  const Timing timing = play(copying, {Takeshot{0, ram}, Advance{{0, 1}}, Move{0, ram, disk}, Advance{{1, 4}}, Turn{4},
                                       Restore{0, disk}, Turn{0}});
  EXPECT_EQ(timing.copies, Count{2}) << "out of the live state, and into it";
  EXPECT_DOUBLE_EQ(timing.copy, .75);
  EXPECT_EQ(timing.levels[1].saves, Count{1});
  EXPECT_EQ(timing.peak, 1);
}

TEST(Simulation, KeepsALoadedSnapshotInRamInPlace) {
  Machine copying = machine(1, 2, 1);
  copying.copy_out = .5;
  copying.copy_in = .25;
  const Timing timing = play(copying, {Takeshot{0, disk}, Advance{{0, 4}}, Turn{4}, Restore{0, disk}, Takeshot{0, ram},
                                       Advance{{0, 1}}, Turn{1}, Restore{0, ram}, Turn{0}});
  EXPECT_EQ(timing.copies, Count{3}) << "the takeshot in RAM needs none";
  EXPECT_DOUBLE_EQ(timing.copy, .5 + 2 * .25);
  EXPECT_EQ(timing.peak, 1);
}

TEST(Simulation, CountsSavesUnderWayForTheGauge) {
  Machine shared{.levels = {{}, {.save = 4}, {.save = 4}}, .buffers = 5};
  Simulation simulation{shared};
  const Gauge gauge = simulation.gauge();
  std::vector<std::pair<std::size_t, std::size_t>> seen;
  class Watching final : public Schedule {
   public:
    Watching(const Gauge& ask, std::vector<std::pair<std::size_t, std::size_t>>& answers)
        : ask_{ask}, answers_{answers} {}
    std::unique_ptr<Schedule> clone() const override { return std::make_unique<Watching>(*this); }

   protected:
    std::size_t fill(std::span<Action> next) override {
      if (at_ > 12) return 0;
      if (at_ < 12) answers_.emplace_back(ask_(disk), ask_(slower));
      const std::vector<Action> all{Takeshot{0, disk}, Takeshot{0, slower}, Advance{{0, 2}}, Takeshot{2, disk}};
      next[0] = at_ < all.size() ? all[at_] : at_ < 12 ? Action{Advance{{0, 1}}} : Action{Turn{1}};
      ++at_;
      return 1;
    }

   private:
    const Gauge& ask_;
    std::vector<std::pair<std::size_t, std::size_t>>& answers_;
    std::size_t at_ = 0;
  } schedule{gauge, seen};
  simulation.run(schedule);
  // One lane: level 1 from 0 to 4, level 2 from 4 to 8, level 1 from 8 to 12.
  const std::vector<std::pair<std::size_t, std::size_t>> expected{{0, 0}, {1, 0}, {1, 1}, {1, 1},  // at 0, 0, 0, 2
                                                                  {2, 1}, {2, 1},                  // at 2, 3
                                                                  {1, 1}, {1, 1}, {1, 1}, {1, 1},  // at 4, 5, 6, 7
                                                                  {1, 0}, {1, 0}};                 // at 8, 9
  EXPECT_EQ(seen, expected);
}

TEST(Simulation, LevelsOnOneDeviceShareItsLane) {
  const std::vector<Action> plan{Takeshot{0, disk},  Advance{{0, 1}}, Takeshot{1, slower}, Advance{{1, 2}}, Turn{2},
                                 Restore{1, slower}, Turn{1}};
  Machine two{.levels = {{}, {.save = 5, .load = 1, .lane = 0}, {.save = 5, .load = 1, .lane = 0}}, .buffers = 3};
  EXPECT_DOUBLE_EQ(play(two, plan).makespan, 10 + 1 + 1) << "x_1 is saved from 5 to 10";
  two.levels[2].lane = 1;
  EXPECT_DOUBLE_EQ(play(two, plan).makespan, 6 + 1 + 1) << "x_1 is saved from 1 to 6";
}

TEST(Simulation, LevelZeroMayLieOnADevice) {
  Machine device{.levels = {{.save = 3, .load = 2}}, .ram = false, .buffers = 1};
  const Timing timing = play(device, {Takeshot{0, ram}, Advance{{0, 1}}, Turn{1}, Restore{0, ram}, Turn{0}});
  EXPECT_DOUBLE_EQ(timing.makespan, 3 + 2 + 1);
  EXPECT_EQ(timing.levels[0].loads, Count{1});
}

TEST(Simulation, ReportsAWaitWithoutEnd) {
  EXPECT_THROW(play(machine(1, 1, 1), {Takeshot{0, ram}, Advance{{0, 1}}, Takeshot{1, ram}}), std::logic_error);
  EXPECT_THROW(play(machine(1, 1, 1), {Takeshot{0, ram}, Advance{{0, 1}}, Takeshot{1, disk}}), std::logic_error);
  EXPECT_THROW(play(machine(2, 1, 1), {Advance{{0, 1}}, Turn{1}, Restore{0, disk}}), std::logic_error);
}

TEST(Simulation, RefusesAMachineThatCannotBe) {
  EXPECT_THROW(Simulation({.levels = {}}), std::invalid_argument);
  EXPECT_THROW(Simulation(machine(0, 1, 1)), std::invalid_argument);
  EXPECT_THROW(Simulation(machine(1, -1, 1)), std::invalid_argument);
  EXPECT_THROW(Simulation(machine(1, 1, NAN)), std::invalid_argument);
  Machine turning = machine(1, 1, 1);
  turning.turn_cost = std::numeric_limits<double>::infinity();
  EXPECT_THROW(Simulation{turning}, std::invalid_argument);
}

TEST(Simulation, TimesTheIntervalPlansThatAreKnown) {
  struct Known {
    Step steps;
    Slots buffers;
    double save, load, turn;
    double makespan, forwards;
    std::uint64_t saves;
  };
  for (const Known& known :
       {Known{1000, 5, 5, 5, 1, 2795, 1795, 199}, Known{1000, 10, 10, 10, 1, 2890, 1890, 99},
        Known{1000, 10, 2, 2, 2, 3494, 1494, 496}, Known{1000, 50, 30, 30, 1, 2918, 1918, 32},
        Known{10'000, 10, 5, 5, 1, 27991, 17991, 1999}, Known{10'000, 10, 1, 5, 1, 26659, 16659, 3331}}) {
    const double period = std::max({1.0, known.save, (known.load + 1) / (1 + known.turn)});
    IntervalPlan plan{{.steps = known.steps,
                       .period = period,
                       .tail = std::max<Step>(known.buffers - 1, static_cast<Step>(std::ceil(period))),
                       .slots = known.buffers - 1,
                       .tail_slots = known.buffers - 1,
                       .slow_slots = known.steps}};
    Machine on = machine(known.buffers, known.save, known.load);
    on.turn_cost = known.turn;
    const Timing timing = Simulation{on}.run(plan);
    EXPECT_DOUBLE_EQ(timing.makespan, known.makespan);
    EXPECT_DOUBLE_EQ(timing.compute - static_cast<double>(known.steps) * known.turn, known.forwards);
    EXPECT_EQ(timing.levels[1].saves, Count{known.saves});
    EXPECT_EQ(timing.levels[1].loads, Count{known.saves});
    EXPECT_DOUBLE_EQ(timing.stall, 0);
  }
}

TEST(Simulation, AddsUpToItsMakespanAndNeverWaitsForEver) {
  constexpr unsigned seed = 20260410;
  std::mt19937 random{seed};
  for (int i = 0; i < 3400; ++i) {
    OverlapShape shape = random_shape(random, 150, i % 2 == 0 ? 2 : 3);
    shape.machine.copy_out = .25 * static_cast<double>(random() % 4);
    shape.machine.copy_in = .25 * static_cast<double>(random() % 4);
    const Problem problem = problem_of(shape);
    for (const auto kind : {ScheduleKind::hrevolve, ScheduleKind::multistage, ScheduleKind::revolve}) {
      const Timing timing = played(shape, kind, problem);
      EXPECT_NEAR(timing.makespan, timing.compute + timing.copy + timing.stall, 1e-6)
          << text_of(shape) << ", seed " << seed << ", case " << i;
      EXPECT_LE(timing.peak, shape.machine.buffers);
    }
  }
}

}  // namespace
}  // namespace cairn::test
