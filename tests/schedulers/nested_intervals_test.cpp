// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/nested_intervals.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, quick{1}, slow{2};

std::vector<Action> actions_of(Schedule& schedule) {
  std::vector<Action> all;
  while (const auto action = schedule.next()) all.push_back(*action);
  return all;
}

std::vector<Step> kept_on(Level level, const std::vector<Action>& plan) {
  std::vector<Step> kept;
  for (const Action& action : plan)
    if (const auto* takeshot = std::get_if<Takeshot>(&action); takeshot && takeshot->level == level)
      kept.push_back(takeshot->step);
  return kept;
}

// 40 steps, 4 quick slots every 2 steps, slow ones every 9; the last 12 steps have quick snapshots.
NestedIntervals::Shape small() {
  return {.steps = 40,
          .fast = {quick, 2, 4},
          .slow = {slow, 9, 20},
          .last_part = 12,
          .both = false,
          .longest_from_ram = 4,
          .tail = 4,
          .slots = 3,
          .tail_slots = 3};
}

NestedIntervals::Shape drawn(std::mt19937& random) {
  const auto from_to = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  NestedIntervals::Shape shape{.steps = from_to(1, from_to(0, 3) == 0 ? 8 : 300),
                               .fast = {quick, from_to(10, 80) / 10., from_to(1, 30)},
                               .slow = {slow, from_to(10, 300) / 10., from_to(1, 60)},
                               .last_part = from_to(0, 120),
                               .both = from_to(0, 1) == 1,
                               .longest_from_ram = from_to(0, 20),
                               .tail = from_to(1, 15),
                               .slots = from_to(1, 6),
                               .tail_slots = from_to(1, 6)};
  if (from_to(0, 3) == 0) std::swap(shape.fast.level, shape.slow.level);
  return shape;
}

std::vector<Slots> slots_of(const NestedIntervals::Shape& shape) {
  std::vector<Slots> slots(3);
  slots[0] = std::max(shape.slots, shape.tail_slots);
  slots[static_cast<std::size_t>(shape.fast.level.rank)] = shape.fast.slots;
  slots[static_cast<std::size_t>(shape.slow.level.rank)] = shape.slow.slots;
  return slots;
}

std::string text_of(const NestedIntervals::Shape& shape) {
  return std::to_string(shape.steps) + " steps, " + std::to_string(shape.fast.period) + " and " +
         std::to_string(shape.slow.period) + " apart, last part " + std::to_string(shape.last_part) + ", tail " +
         std::to_string(shape.tail);
}

TEST(NestedIntervals, KeepsSlowSnapshotsFirstAndQuickOnesInTheLastPart) {
  NestedIntervals plan{small()};
  std::vector<Action> first_sweep;
  while (true) {
    first_sweep.push_back(*plan.next());
    if (std::holds_alternative<Turn>(first_sweep.back())) break;
  }
  EXPECT_EQ(kept_on(slow, first_sweep), (std::vector<Step>{0, 9, 18, 27}));
  EXPECT_EQ(kept_on(quick, first_sweep), (std::vector<Step>{28, 30, 32, 34}));
}

TEST(NestedIntervals, UsesBothLevelsInTheLastPartWhereTheyAreDevicesOfTheirOwn) {
  NestedIntervals::Shape shape = small();
  shape.both = true;
  shape.slow.period = 3;
  shape.longest_from_ram = 40;
  NestedIntervals plan{shape};
  const std::vector<Action> actions = actions_of(plan);
  EXPECT_EQ(kept_on(slow, actions), (std::vector<Step>{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33}));
  EXPECT_EQ(kept_on(quick, actions), (std::vector<Step>{28, 31, 32, 34}))
      << "one behind where both are due, two steps apart in the mean";
}

TEST(NestedIntervals, FillsTheQuickLevelAnewForEachSlowInterval) {
  NestedIntervals plan{small()};
  const std::vector<Action> actions = actions_of(plan);
  EXPECT_EQ(kept_on(quick, actions),
            (std::vector<Step>{28, 30, 32, 34,  // in the first sweep, then from x_18, x_9 and x_0 …
                               18, 20, 22,      // … each of 9 steps, of which the last 4 are turned from RAM;
                               9, 11, 13, 0, 2, 4}))
      << "x_27 is a single step: from RAM";
}

TEST(NestedIntervals, SpreadsFewQuickSlotsOverAnInterval) {
  NestedIntervals::Shape shape = small();
  shape.slow.period = 24;
  shape.last_part = 4;
  shape.fast.slots = 3;
  NestedIntervals plan{shape};
  EXPECT_EQ(kept_on(quick, actions_of(plan)), (std::vector<Step>{24, 27, 30, 0, 7, 14}))
      << "12 steps before a tail of 4 by 3 slots, 20 by 3";
}

TEST(NestedIntervals, RunsTheNumberOfAdvancesThatItsHeaderSays) {
  // D_1 = 2, D_2 = 20, ten quick slots
  NestedIntervals::Shape shape{.steps = 2000,
                               .fast = {quick, 2, 10},
                               .slow = {slow, 20, 1000},
                               .last_part = 24,
                               .both = false,
                               .longest_from_ram = 4,
                               .tail = 4,
                               .slots = 4,
                               .tail_slots = 4};
  NestedIntervals plan{shape};
  const PlanCounts counts = replay(plan, 2000, slots_of(shape));
  const double again = static_cast<double>(counts.advances.value()) - 1999;
  EXPECT_NEAR(again, 2000 * (1 - 1 / 2.) + 2000 * (1 - 2 / 20.), .06 * again);
}

TEST(NestedIntervals, IsLegalForRandomShapes) {
  constexpr unsigned seed = 20260440;
  std::mt19937 random{seed};
  for (int i = 0; i < 3000; ++i) {
    const NestedIntervals::Shape shape = drawn(random);
    NestedIntervals plan{shape};
    ASSERT_EQ(replay(plan, shape.steps, slots_of(shape)).turns, Count{shape.steps})
        << text_of(shape) << ", seed " << seed << ", case " << i;
  }
}

TEST(NestedIntervals, IsLegalWhateverTheGaugeAnswersAndRepeatsForTheSameAnswers) {
  constexpr unsigned seed = 20260441;
  std::mt19937 random{seed};
  for (int i = 0; i < 1000; ++i) {
    NestedIntervals::Shape shape = drawn(random);
    std::vector<std::size_t> answers;
    shape.gauge = [&](Level) { return answers.emplace_back(random() % 4); };
    NestedIntervals plan{shape};
    Replay checked{shape.steps, slots_of(shape)};
    std::vector<Action> actions;
    while (const auto action = plan.next()) checked.apply(actions.emplace_back(*action));
    ASSERT_TRUE(checked.finished()) << text_of(shape) << ", seed " << seed << ", case " << i;

    std::size_t at = 0;
    shape.gauge = [&](Level) { return answers.at(at++); };
    NestedIntervals again{shape};
    ASSERT_EQ(actions_of(again), actions) << text_of(shape) << ", seed " << seed << ", case " << i;
    ASSERT_EQ(at, answers.size());
  }
}

TEST(NestedIntervals, AsksForEachLaneByItself) {
  NestedIntervals::Shape shape = small();
  shape.both = true;
  shape.gauge = [](Level level) { return level == slow ? 5U : 0U; };
  NestedIntervals plan{shape};
  std::vector<Action> first_sweep;
  do first_sweep.push_back(*plan.next());
  while (!std::holds_alternative<Turn>(first_sweep.back()));
  EXPECT_EQ(kept_on(slow, first_sweep), (std::vector<Step>{0})) << "x_0 whatever the gauge says";
  EXPECT_EQ(kept_on(quick, first_sweep), (std::vector<Step>{28, 30, 32, 34}));
}

TEST(NestedIntervals, ThatWatchesIsClonedInTheReverseSweepOnly) {
  NestedIntervals::Shape shape = small();
  shape.gauge = [](Level) { return 0U; };
  NestedIntervals plan{shape};
  EXPECT_THROW(static_cast<void>(plan.clone()), std::logic_error);
  while (!std::holds_alternative<Turn>(*plan.next())) {
  }
  const std::unique_ptr<Schedule> copy = plan.clone();
  EXPECT_EQ(actions_of(*copy), actions_of(plan));
}

TEST(NestedIntervals, GoesOnInACloneAtEveryAction) {
  NestedIntervals plan{small()};
  std::vector<Action> rest = actions_of(*plan.clone());
  while (const auto action = plan.next()) {
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(*action, rest.front());
    rest.erase(rest.begin());
    ASSERT_EQ(actions_of(*plan.clone()), rest);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(NestedIntervals, RunsOnTheClockForRandomShapesWithoutADeadlock) {
  constexpr unsigned seed = 20260442;
  std::mt19937 random{seed};
  for (int i = 0; i < 500; ++i) {
    NestedIntervals::Shape shape = drawn(random);
    const Slots buffers = std::max(shape.slots, shape.tail_slots) + 1;
    const bool apart = random() % 2 == 0;
    Simulation simulation{{.levels = {{},
                                      {.save = static_cast<double>(random() % 8), .load = 1, .lane = 1},
                                      {.save = 3, .load = static_cast<double>(random() % 20), .lane = apart ? 2U : 1U}},
                           .buffers = buffers}};
    if (random() % 2 == 0) shape.gauge = simulation.gauge();
    NestedIntervals plan{shape};
    const Timing timing = simulation.run(plan);
    ASSERT_GE(timing.makespan, static_cast<double>(2 * shape.steps - 1))
        << text_of(shape) << ", seed " << seed << ", case " << i;
    ASSERT_LE(timing.peak, buffers);
  }
}

TEST(NestedIntervals, RefusesShapesThatCannotBe) {
  const auto refused = [](auto change) {
    NestedIntervals::Shape shape = small();
    change(shape);
    EXPECT_THROW(NestedIntervals{shape}, std::invalid_argument);
  };
  refused([](auto& shape) { shape.steps = 0; });
  refused([](auto& shape) { shape.steps = limits::steps + 1; });
  refused([](auto& shape) { shape.fast.period = .5; });
  refused([](auto& shape) { shape.slow.period = NAN; });
  refused([](auto& shape) { shape.fast.slots = 0; });
  refused([](auto& shape) { shape.slow.slots = 0; });
  refused([](auto& shape) { shape.slow.level = quick; });
  refused([](auto& shape) { shape.fast.level = ram; });
  refused([](auto& shape) { shape.last_part = -1; });
  refused([](auto& shape) { shape.longest_from_ram = -1; });
  refused([](auto& shape) { shape.tail = 0; });
  refused([](auto& shape) { shape.slots = 0; });
  refused([](auto& shape) { shape.tail_slots = 0; });
}

}  // namespace
}  // namespace cairn::test
