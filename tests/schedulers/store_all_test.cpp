// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/store_all.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

TEST(StoreAll, KeepsTheLatestOnTheFastestLevelAndTurnsTheLastAsItIs) {
  StoreAll store_all{{.steps = 4, .slots = {2, 1}}};
  EXPECT_EQ(test::written(test::actions_of(store_all)),
            "takeshot 0 1, advance 0 1, takeshot 1 0, advance 1 2, takeshot 2 0, advance 2 3, turn 3, "
            "restore 2 0, discard 2 0, turn 2, restore 1 0, discard 1 0, turn 1, restore 0 1, discard 0 1, turn 0");
}

TEST(StoreAll, OfOneStepNeedsNoSlot) {
  StoreAll store_all{{.steps = 1, .slots = {0}}};
  EXPECT_EQ(test::written(test::actions_of(store_all)), "turn 0");
}

TEST(StoreAll, NeverComputesAStateTwice) {
  for (const std::vector<Slots>& slots : {std::vector<Slots>{200}, {50, 150}, {0, 200}, {20, 0, 180}, {1, 1, 1, 500}})
    for (Step steps = 1; steps <= 201; ++steps) {
      const PlanCounts counts = test::counts_of(StoreAll{{.steps = steps, .slots = slots}}, steps, slots);
      ASSERT_EQ(counts.advances, Count{steps - 1});
      Slots left = steps - 1;
      for (std::size_t level = 0; level < slots.size(); ++level) {
        const Slots here = std::min(left, slots[level]);
        left -= here;
        const PlanCounts::PerLevel expected{
            .takeshots = here, .restores = here, .moves = 0, .discards = here, .peak = here};
        ASSERT_EQ(counts.levels[level], expected) << steps << " steps, level " << level;
      }
    }
}

TEST(StoreAll, OfAMillionStepsIsReplayedInNoTime) {  // a search through all that is held would take half an hour
  const PlanCounts counts =
      test::counts_of(StoreAll{{.steps = 1'000'000, .slots = {400'000, 600'000}}}, 1'000'000, {400'000, 600'000});
  EXPECT_EQ(counts.levels[1].peak, 599'999);
}

TEST(StoreAll, ClonedInEitherSweepGoesOnTheSameWay) {
  for (const int actions : {5, 70, 170, 340}) {
    StoreAll store_all{{.steps = 100, .slots = {30, 69}}};
    for (int i = 0; i < actions; ++i) ASSERT_TRUE(store_all.next());
    const auto clone = store_all.clone();
    EXPECT_EQ(test::actions_of(*clone), test::actions_of(store_all)) << actions;
  }
}

TEST(StoreAll, SaysWhichNumberIsWrong) {
  const auto text = [](Step steps, std::vector<Slots> slots) {
    return test::message_of<std::invalid_argument>([&] { StoreAll({.steps = steps, .slots = slots}); });
  };
  EXPECT_EQ(text(100, {20, 40}), "store_all needs 99 slots for 100 steps; the levels have 60 together");
  EXPECT_EQ(text(2, {}), "store_all needs 1 slots for 2 steps; the levels have 0 together");
  EXPECT_EQ(text(2, {1, -1}), "level 1 has -1 slots; there must be 0 or more");
  EXPECT_EQ(text(0, {1}), "steps is 0; there must be at least 1");
  EXPECT_EQ(text(limits::steps + 1, {1}), "steps is 1099511627777; at most 1099511627776 are supported");
}

}  // namespace
}  // namespace cairn
