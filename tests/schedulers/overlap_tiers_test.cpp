// SPDX-License-Identifier: BSD-3-Clause
// RAM and two slow levels against RAM and either of them.
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/nested_candidates.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

struct Tier {
  double save, load;
  Slots slots;
};

constexpr Slots unlimited = Slots{1} << 20;

OverlapShape three_levels(Step steps, Slots buffers, const Tier& quick, const Tier& slow, bool shared) {
  OverlapShape shape = two_levels(steps, buffers, quick.save, quick.load, 1, quick.slots);
  shape.machine.levels[1].lane = 1;
  shape.machine.levels.push_back({.save = slow.save, .load = slow.load, .lane = shared ? 1U : 2U});
  shape.slots.push_back(slow.slots);
  return shape;
}

OverlapShape without(OverlapShape shape, std::ptrdiff_t level) {
  shape.machine.levels.erase(shape.machine.levels.begin() + level);
  shape.slots.erase(shape.slots.begin() + level);
  return shape;
}

double best_of_two_levels(const OverlapShape& shape) {
  return std::min(plan_overlap(without(shape, 1)).makespan, plan_overlap(without(shape, 2)).makespan);
}

OverlapShape drawn(std::mt19937& random) {
  const auto from_to = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  const auto time = [&] { return std::round(std::exp2(std::uniform_real_distribution{-2., 5.}(random)) * 4) / 4; };
  const auto slots = [&] { return from_to(0, 3) == 0 ? unlimited : Slots{from_to(1, 60)}; };
  const bool shared = from_to(0, 1) == 1;
  const Tier quick{time(), time(), slots()};
  const Tier slow{quick.save + time(), quick.load + time(), slots()};
  OverlapShape shape = three_levels(from_to(1, from_to(0, 1) == 0 ? 60 : 250), from_to(2, 12), quick, slow, shared);
  shape.machine.turn_cost = from_to(1, 6) / 2.;
  if (from_to(0, 2) == 0) shape.machine.copy_out = shape.machine.copy_in = .25;
  return shape;
}

TEST(OverlapOfTiers, IsNeverSlowerThanWithEitherSlowLevelAlone) {
  constexpr unsigned seed = 20260450;
  std::mt19937 random{seed};
  for (int i = 0; i < 60; ++i) {
    const OverlapShape shape = drawn(random);
    const OverlapPlan plan = plan_overlap(shape);
    EXPECT_LE(plan.makespan, best_of_two_levels(shape) + 1e-9)
        << plan.text() << ": " << text_of(shape) << ", seed " << seed << ", case " << i;
  }
}

TEST(OverlapOfTiers, BeatsTheBetterOfTheTwoWhereTheQuickLevelIsFilledAnew) {
  struct Known {
    Step steps;
    Slots buffers;
    Tier quick, slow;
    bool shared;
    double share;  // of the better one's makespan, at most
  };
  for (const Known& known : {Known{600, 5, {1, 1, 25}, {30, 30, unlimited}, false, .95},
                             Known{1000, 5, {1, 1, 30}, {10, 10, unlimited}, false, .92},
                             Known{1000, 10, {.5, .5, 10}, {30, 30, unlimited}, false, .94},
                             Known{600, 5, {1, 1, 60}, {5, 5, 150}, true, .98}}) {
    const OverlapShape shape = three_levels(known.steps, known.buffers, known.quick, known.slow, known.shared);
    const OverlapPlan plan = plan_overlap(shape);
    EXPECT_LE(plan.makespan, known.share * best_of_two_levels(shape)) << plan.text() << ": " << text_of(shape);
  }
}

TEST(OverlapOfTiers, UsesTwoDevicesSideBySide) {
  // either device keeps every third state; both keep two of three
  const OverlapShape shape = three_levels(2000, 10, {3, 3, unlimited}, {3, 3, unlimited}, false);
  EXPECT_LE(plan_overlap(shape).makespan, .93 * best_of_two_levels(shape));
  const OverlapShape shared = three_levels(2000, 10, {3, 3, unlimited}, {3, 3, unlimited}, true);
  EXPECT_GE(plan_overlap(shared).makespan, .99 * best_of_two_levels(shared)) << "a device does one thing at a time";
}

TEST(NestedCandidates, AreLegalForRandomShapes) {
  constexpr unsigned seed = 20260451;
  std::mt19937 random{seed};
  for (int i = 0; i < 300; ++i) {
    const OverlapShape shape = drawn(random);
    std::vector<Slots> slots = shape.slots;
    slots[0] = shape.machine.buffers;
    for (NestedIntervals::Shape candidate : nested_candidates(shape.steps, shape.machine, shape.slots)) {
      candidate.gauge = [&](Level) { return random() % 4; };
      NestedIntervals plan{candidate};
      ASSERT_EQ(replay(plan, shape.steps, slots).turns, Count{shape.steps})
          << text_of(shape) << ", seed " << seed << ", case " << i;
    }
  }
}

TEST(NestedCandidates, TakeTheQuickerLevelForTheFastOneAndNoneWithoutSlots) {
  OverlapShape shape = three_levels(2000, 10, {8, 8, 50}, {1, 1, 200}, false);
  for (const auto& candidate : nested_candidates(shape.steps, shape.machine, shape.slots)) {
    EXPECT_EQ(candidate.fast.level, Level{2});
    EXPECT_EQ(candidate.slow.level, Level{1});
  }
  EXPECT_FALSE(nested_candidates(shape.steps, shape.machine, shape.slots).empty());
  shape.slots[1] = 0;
  EXPECT_TRUE(nested_candidates(shape.steps, shape.machine, shape.slots).empty());
  const OverlapShape two = two_levels(100, 5, 1, 1);
  EXPECT_TRUE(nested_candidates(two.steps, two.machine, two.slots).empty());
}

TEST(NestedCandidates, AreFew) {
  for (const bool shared : {false, true}) {
    const OverlapShape shape = three_levels(10'000, 10, {1, 1, 50}, {30, 30, 500}, shared);
    EXPECT_LE(nested_candidates(shape.steps, shape.machine, shape.slots).size(), 10U);
  }
}

}  // namespace
}  // namespace cairn::test
