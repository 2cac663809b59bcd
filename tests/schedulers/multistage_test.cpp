// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/revolve.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/allocations.hpp>
#include <support/plans.hpp>
#include <support/stack_oracle.hpp>

namespace cairn {
namespace {

Slots sum_of(const std::vector<Slots>& slots) {
  return std::accumulate(slots.begin(), slots.end(), Slots{0});
}

PlanCounts staged(Step steps, const std::vector<Slots>& slots) {
  return test::counts_of(Multistage{{.steps = steps, .slots = slots}}, steps, slots);
}

// The most accesses that any choice of `slots` places of the stack has; there are no more than 2^16 choices.
Count most_accesses(const std::vector<StackUse>& uses, Slots slots) {
  Count most;
  for (std::uint32_t choice = 0; choice < 1u << uses.size(); ++choice) {
    if (std::popcount(choice) > slots) continue;
    Count accesses;
    for (std::size_t depth = 0; depth < uses.size(); ++depth)
      if (choice >> depth & 1) accesses += uses[depth].accesses();
    most = std::max(most, accesses);
  }
  return most;
}

TEST(Multistage, PutsTheMostUsedPlaceOnTheFastestLevel) {
  Multistage multistage{{.steps = 4, .slots = {1, 1}}};  // x_0: one takeshot, two restores; x_2: one and one
  EXPECT_EQ(test::written(test::actions_of(multistage)),
            "takeshot 0 0, advance 0 2, takeshot 2 1, advance 2 3, turn 3, restore 2 1, discard 2 1, turn 2, "
            "restore 0 0, advance 0 1, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(Multistage, CostsNoMoreAdvancesThanRevolveWithAllSlots) {
  for (const std::vector<Slots>& slots : {std::vector<Slots>{3}, {1, 1}, {2, 5}, {0, 4}, {4, 0, 3}, {1, 2, 3, 4}})
    for (Step steps = 1; steps <= 300; ++steps) {
      const PlanCounts counts = staged(steps, slots);
      const PlanCounts alone =
          test::counts_of(Revolve{{.steps = steps, .slots = sum_of(slots)}}, steps, {sum_of(slots)});
      Count takeshots;
      for (const auto& level : counts.levels) {
        takeshots += level.takeshots;
        ASSERT_EQ(level.moves, Count{0});
        ASSERT_EQ(level.discards, level.takeshots);
      }
      ASSERT_EQ(counts.advances, least_advances(steps, sum_of(slots))) << steps;
      ASSERT_EQ(takeshots, alone.levels[0].takeshots) << steps;
    }
}

TEST(Multistage, UsesTheFastLevelsAsMuchAsTheBestOfAllAssignments) {
  for (const std::vector<Slots>& slots :
       {std::vector<Slots>{1, 1}, {1, 4}, {2, 3}, {5, 5}, {0, 3}, {1, 2, 3}, {3, 3, 4}})
    for (Step steps = 1; steps <= 150; steps += steps < 60 ? 1 : 13) {
      const auto uses = test::uses_seen(steps, sum_of(slots));
      const PlanCounts counts = staged(steps, slots);
      Count on_fast_levels;
      Slots fast_slots = 0;
      for (std::size_t level = 0; level < slots.size(); ++level) {
        on_fast_levels += counts.levels[level].takeshots + counts.levels[level].restores;
        fast_slots += slots[level];
        ASSERT_EQ(on_fast_levels, most_accesses(uses, fast_slots)) << steps << " steps, levels 0 to " << level;
      }
    }
}

TEST(Multistage, OfTwoToTheFortyStepsIsLegalForAMillionActionsInConstantMemory) {
  for (const std::vector<Slots>& slots : {std::vector<Slots>{1}, {1, 1}, {4, 6}, {300, 700}}) {
    Multistage multistage{{.steps = limits::steps, .slots = slots}};
    Replay replay{limits::steps, slots};
    for (int i = 0; i < 1'000'000; ++i) ASSERT_NO_THROW(replay.apply(*multistage.next())) << "action " << i;
    const auto before = test::allocated();
    for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(multistage.next()) << "action " << i;
    EXPECT_EQ(test::allocated().times, before.times);
  }
}

TEST(Multistage, ClonedMidwayGoesOnTheSameWay) {
  Multistage multistage{{.steps = 100, .slots = {2, 3}}};
  for (int i = 0; i < 123; ++i) ASSERT_TRUE(multistage.next());
  const auto clone = multistage.clone();
  EXPECT_EQ(test::actions_of(*clone), test::actions_of(multistage));
}

TEST(Multistage, SaysWhichNumberIsWrong) {
  const auto text = [](Step steps, std::vector<Slots> slots) {
    return test::message_of<std::invalid_argument>([&] { Multistage({.steps = steps, .slots = slots}); });
  };
  EXPECT_EQ(text(0, {1}), "steps is 0; there must be at least 1");
  EXPECT_EQ(text(5, {}), "slots is 0; there must be at least 1");
  EXPECT_EQ(text(5, {0, 0}), "slots is 0; there must be at least 1");
  EXPECT_EQ(text(5, {3, -1}), "level 1 has -1 slots; there must be 0 or more");
}

}  // namespace
}  // namespace cairn
