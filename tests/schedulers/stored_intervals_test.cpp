// SPDX-License-Identifier: BSD-3-Clause
#include "support/plans.hpp"
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Stored = Problem::Stored;

constexpr Level ram{0}, disk{1}, slower{2};
constexpr Slots plenty = 1000;

TEST(StoredIntervals, TurnsGapByGapFromTheEnd) {
  StoredIntervals plan{{.steps = 5, .stored = {{0, disk}, {3, ram}}, .slots = 2}};
  EXPECT_EQ(written(actions_of(plan)),
            "restore 3 0, advance 3 4, turn 4, restore 3 0, discard 3 0, turn 3, "
            "restore 0 1, discard 0 1, takeshot 0 0, advance 0 1, takeshot 1 0, advance 1 2, turn 2, restore 1 0, "
            "discard 1 0, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(StoredIntervals, DiscardsWhatIsUselessFirst) {
  StoredIntervals plan{{.steps = 1, .stored = {{0, disk}}, .useless = {{7, ram}, {0, slower}}, .slots = 1}};
  EXPECT_EQ(written(actions_of(plan)), "discard 0 2, discard 7 0, restore 0 1, discard 0 1, turn 0");
}

TEST(StoredIntervals, LeavesTheSlotsOfEarlierSnapshotsInRamAlone) {
  // the gap from x_2 has 3 slots less the one of x_0: 6 steps by 2 slots
  StoredIntervals plan{{.steps = 8, .stored = {{0, ram}, {2, disk}}, .slots = 3}};
  const PlanCounts counts =
      replay(plan, {.steps = 8, .levels = {{.slots = 3}, {.slots = 1}}, .stored = {{0, ram}, {2, disk}}});
  EXPECT_EQ(counts.advances, least_advances(6, 2) + least_advances(2, 3));
  EXPECT_EQ(counts.levels[0].peak, 3);
}

TEST(StoredIntervals, HasASlotForEachGapWhereRamHoldsMoreThanItIsToHave) {
  StoredIntervals plan{{.steps = 9, .stored = {{0, ram}, {2, ram}, {4, disk}}, .slots = 1, .ram_slots = 3}};
  const PlanCounts counts =
      replay(plan, {.steps = 9, .levels = {{.slots = 3}, {.slots = 1}}, .stored = {{0, ram}, {2, ram}, {4, disk}}});
  EXPECT_EQ(counts.advances, least_advances(5, 1) + least_advances(2, 1) + least_advances(2, 1));
}

/// Snapshots on RAM and three slow levels, x_0 among them, and copies of some of them that are of no use.
StoredIntervals::Shape random_shape(std::mt19937& random) {
  const auto from_to = [&](Step least, Step most) { return std::uniform_int_distribution{least, most}(random); };
  StoredIntervals::Shape shape{.steps = from_to(1, 200), .stored = {}, .slots = from_to(1, 8)};
  shape.ram_slots = from_to(0, 2) == 0 ? shape.slots + from_to(1, 5) : 0;
  Slots ram_left = std::max(shape.slots, shape.ram_slots) - 1;
  std::set<Step> steps{0};
  for (Step i = from_to(0, 25); i > 0; --i) steps.insert(from_to(0, shape.steps - 1));
  const auto any_level = [&] {
    Level level{static_cast<std::int32_t>(from_to(0, 3))};
    if (level == ram && ram_left-- <= 0) level = disk;
    return level;
  };
  for (const Step step : steps) shape.stored.push_back({step, any_level()});
  for (const Stored& one : shape.stored)
    if (const Level level = any_level(); from_to(0, 4) == 0 && level != one.level)
      shape.useless.push_back({one.step, level});
  if (from_to(0, 3) == 0) shape.useless.push_back({shape.steps + 3, slower});
  return shape;
}

PlanCounts counts_from(const StoredIntervals::Shape& shape, Schedule& plan) {
  std::vector<Stored> all = shape.stored;
  all.insert(all.end(), shape.useless.begin(), shape.useless.end());
  return replay(plan, {.steps = shape.steps,
                       .levels = {{.slots = std::max(shape.slots, shape.ram_slots)},
                                  {.slots = plenty},
                                  {.slots = plenty},
                                  {.slots = plenty}},
                       .stored = all});
}

/// The least advances, gap by gap, by the slots that snapshots of earlier gaps leave.
Count least_from(const StoredIntervals::Shape& shape) {
  Count advances;
  Step end = shape.steps;
  for (std::size_t gap = shape.stored.size(); gap-- > 0; end = shape.stored[gap].step) {
    const auto earlier = std::ranges::count(
        shape.stored.begin(), shape.stored.begin() + static_cast<std::ptrdiff_t>(gap), ram, &Stored::level);
    advances += least_advances(end - shape.stored[gap].step, std::max<Slots>(1, shape.slots - earlier));
  }
  return advances;
}

TEST(StoredIntervals, IsLegalAndLoadsEachOnceFromAnyStoredSet) {
  constexpr unsigned seed = 20260460;
  std::mt19937 random{seed};
  for (int i = 0; i < 3000; ++i) {
    const StoredIntervals::Shape shape = random_shape(random);
    StoredIntervals plan{shape};
    const PlanCounts counts = counts_from(shape, plan);
    ASSERT_EQ(counts.turns, Count{shape.steps}) << "seed " << seed << ", case " << i;
    ASSERT_EQ(counts.advances, least_from(shape)) << "seed " << seed << ", case " << i;
    for (std::size_t k = 1; k < counts.levels.size(); ++k) {
      const auto lies_there = [k](const Stored& one) { return one.level == Level{static_cast<std::int32_t>(k)}; };
      const auto used = std::ranges::count_if(shape.stored, lies_there);
      ASSERT_EQ(counts.levels[k].restores, Count{used}) << "seed " << seed << ", case " << i;
      ASSERT_EQ(counts.levels[k].takeshots + counts.levels[k].moves, Count{0}) << "seed " << seed << ", case " << i;
      ASSERT_EQ(counts.levels[k].discards, Count{used + std::ranges::count_if(shape.useless, lies_there)})
          << "seed " << seed << ", case " << i;
    }
  }
}

TEST(StoredIntervals, GoesOnInACloneAtEveryAction) {
  constexpr unsigned seed = 20260461;
  std::mt19937 random{seed};
  for (int i = 0; i < 40; ++i) {
    StoredIntervals::Shape shape = random_shape(random);
    if (i % 2 == 0)
      shape.inside = std::make_shared<const Problem>(
          Problem{.steps = 1, .levels = {{.slots = shape.slots}, {2, 1, 1}, {2, 2, 2}, {2, 3, 3}}});
    StoredIntervals plan{shape};
    const std::vector<Action> all = actions_of(*plan.clone());
    for (std::size_t done = 0; done < all.size(); ++done) {
      if (done % 7 == 0) {
        const std::vector<Action> rest(all.begin() + static_cast<std::ptrdiff_t>(done), all.end());
        ASSERT_EQ(actions_of(*plan.clone()), rest) << "seed " << seed << ", case " << i << ", action " << done;
      }
      ASSERT_EQ(*plan.next(), all[done]) << "seed " << seed << ", case " << i << ", action " << done;
    }
    EXPECT_FALSE(plan.next());
  }
}

TEST(StoredIntervals, WithHRevolveInsideCostsWhatHRevolveCosts) {
  const Problem inside{.steps = 1, .levels = {{.slots = 2}, {.slots = 3, .save_cost = 1, .load_cost = 1}}};
  StoredIntervals plan{
      {.steps = 50, .stored = {{0, disk}, {20, disk}}, .slots = 2, .inside = std::make_shared<const Problem>(inside)}};
  const PlanCounts counts =
      replay(plan, {.steps = 50, .levels = {{.slots = 2}, {.slots = 4}}, .stored = {{0, disk}, {20, disk}}});
  double cost = 0;
  for (const Step steps : {20, 30}) {
    Problem gap = inside;
    gap.steps = steps;
    gap.stored = {{0, disk}};
    cost += cost_of(replay(*make_schedule(ScheduleKind::hrevolve, gap), gap), gap);
  }
  EXPECT_DOUBLE_EQ(cost_of(counts, {0, 1}, {0, 1}, 1), cost);
}

TEST(StoredIntervals, WithHRevolveInsideLeavesTheSlotsOfEarlierSnapshotsInRamAlone) {
  const std::vector<Stored> stored{{0, ram}, {10, ram}, {20, disk}};
  StoredIntervals plan{{.steps = 50,
                        .stored = stored,
                        .slots = 3,
                        .inside = std::make_shared<const Problem>(Problem{
                            .steps = 1, .levels = {{.slots = 3}, {.slots = 2, .save_cost = 1, .load_cost = 1}}})}};
  const PlanCounts counts = replay(plan, {.steps = 50, .levels = {{.slots = 3}, {.slots = 2}}, .stored = stored});
  EXPECT_EQ(counts.levels[0].peak, 3);
}

std::string refusal(StoredIntervals::Shape shape) {
  return message_of<std::invalid_argument>([&] { StoredIntervals{std::move(shape)}; });
}

TEST(StoredIntervals, NamesWhatIsWrong) {
  EXPECT_EQ(refusal({.steps = 0, .stored = {{0, ram}}, .slots = 1}), "steps is 0; it must be from 1 to 1099511627776");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}}, .slots = 0}), "slots is 0; it must be at least 1");
  EXPECT_EQ(refusal({.steps = 9, .stored = {}, .slots = 1}), "x_0 is not the first of the stored snapshots");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{2, ram}}, .slots = 1}), "x_0 is not the first of the stored snapshots");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}, {5, disk}, {3, disk}}, .slots = 1}),
            "the stored snapshots do not ascend");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}, {0, disk}}, .slots = 1}), "the stored snapshots do not ascend");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}, {9, disk}}, .slots = 1}),
            "x_9 is stored, and steps up to 9 alone are to be turned");
}

TEST(StoredIntervals, RefusesAGapThatFindsNoSlotInRam) {
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}, {4, ram}}, .slots = 1}),
            "the gap from x_4 finds no slot at level 0");
  EXPECT_EQ(refusal({.steps = 9, .stored = {{0, ram}, {4, disk}}, .slots = 1}),
            "the gap from x_4 finds no slot at level 0");
  StoredIntervals a_step{{.steps = 5, .stored = {{0, ram}, {4, disk}}, .slots = 1}};
  EXPECT_EQ(written(actions_of(a_step, 3)), "restore 4 1, discard 4 1, turn 4") << "that needs none";
}

}  // namespace
}  // namespace cairn::test
