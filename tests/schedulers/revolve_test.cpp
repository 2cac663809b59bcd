// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/allocations.hpp>
#include <support/plans.hpp>
#include <support/split_oracle.hpp>

namespace cairn {
namespace {

PlanCounts revolved(Step steps, Slots slots) {
  return test::counts_of(Revolve{{.steps = steps, .slots = slots}}, steps, {slots});
}

TEST(Revolve, OfOneStepIsATurn) {
  Revolve revolve{{.steps = 1, .slots = 3}};
  EXPECT_EQ(test::written(test::actions_of(revolve)), "turn 0");
}

TEST(Revolve, OfFourStepsAndTwoSlotsIsTheOneOfTheBooks) {
  Revolve revolve{{.steps = 4, .slots = 2}};
  EXPECT_EQ(test::written(test::actions_of(revolve)),
            "takeshot 0 0, advance 0 2, takeshot 2 0, advance 2 3, turn 3, restore 2 0, discard 2 0, turn 2, "
            "restore 0 0, advance 0 1, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(Revolve, OfOneSlotGoesBackToTheStartForEachStep) {
  Revolve revolve{{.steps = 3, .slots = 1}};
  EXPECT_EQ(test::written(test::actions_of(revolve)),
            "takeshot 0 0, advance 0 2, turn 2, restore 0 0, advance 0 1, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(Revolve, AdvancesNoMoreThanTheBestOfAllSplits) {
  const test::BestOfAllSplits oracle{200, 8};
  for (Slots slots = 1; slots <= 8; ++slots)
    for (Step steps = 1; steps <= 200; ++steps)
      ASSERT_EQ(revolved(steps, slots).advances, Count{oracle.from_live(steps, slots)->advances})
          << steps << ", " << slots;
}

TEST(Revolve, TakesTheLeastSnapshotsAmongPlansOfLeastAdvances) {
  const test::BestOfAllSplits oracle{300, 10};
  for (Slots slots = 1; slots <= 10; ++slots)
    for (Step steps = 1; steps <= 300; ++steps)
      ASSERT_EQ(revolved(steps, slots).levels[0].takeshots, Count{oracle.from_live(steps, slots)->takeshots})
          << steps << ", " << slots;
}

TEST(Revolve, AdvancesAsTheFormulaSaysForEachPlanOfUpTo2000StepsAnd50Slots) {
  for (Slots slots = 1; slots <= 50; ++slots)
    for (Step steps = 1; steps <= 2000; ++steps) {
      const PlanCounts counts = revolved(steps, slots);
      ASSERT_EQ(counts.advances, least_advances(steps, slots)) << steps << ", " << slots;
      ASSERT_EQ(counts.turns, Count{steps}) << steps << ", " << slots;
      ASSERT_EQ(counts.levels[0].restores, Count{steps - 1}) << steps << ", " << slots;
      ASSERT_EQ(counts.levels[0].discards, counts.levels[0].takeshots) << steps << ", " << slots;
      ASSERT_EQ(counts.levels[0].peak, std::min(slots, steps - 1)) << steps << ", " << slots;
    }
}

TEST(Revolve, OfAMillionStepsAdvancesAsKnown) {
  EXPECT_EQ(revolved(1'000'000, 10).advances, Count{11'647'922});
  EXPECT_EQ(revolved(1'000'000, 50).advances, Count{4'658'945});
  EXPECT_EQ(revolved(1'000'000, 100).advances, Count{3'817'896});
}

TEST(Revolve, DiscardsASnapshotRightAfterItsLastRestore) {
  for (const Slots slots : {1, 2, 3, 7})
    for (const Step steps : {2, 3, 10, 57, 120}) {
      Revolve revolve{{.steps = steps, .slots = slots}};
      const auto actions = test::actions_of(revolve);
      for (std::size_t i = 0; i < actions.size(); ++i)
        if (const auto* discard = std::get_if<Discard>(&actions[i])) {
          ASSERT_GT(i, 0u);
          EXPECT_EQ(actions[i - 1], Action(Restore{discard->step, Level{0}}))
              << steps << ", " << slots << ", action " << i;
        }
    }
}

TEST(Revolve, LeavesSlotsUnusedThatNoStepNeeds) {
  Revolve few{{.steps = 20, .slots = 19}};
  Revolve many{{.steps = 20, .slots = limits::steps}};
  EXPECT_EQ(test::actions_of(few), test::actions_of(many));
}

TEST(Revolve, OfTwoToTheFortyStepsIsLegalForAMillionActionsInConstantMemory) {
  for (const Slots slots : {1, 2, 10, 1000}) {
    const auto before = test::allocated();
    Revolve revolve{{.steps = limits::steps, .slots = slots}};
    const auto made = test::allocated();
    EXPECT_LE(made.bytes - before.bytes, 128 * static_cast<std::size_t>(slots) + 16 * 1024) << slots;
    for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(revolve.next()) << slots << ", action " << i;
    EXPECT_EQ(test::allocated().times, made.times) << slots;

    Revolve again{{.steps = limits::steps, .slots = slots}};
    Replay replay{limits::steps, {slots}};
    for (int i = 0; i < 1'000'000; ++i) ASSERT_NO_THROW(replay.apply(*again.next())) << slots << ", action " << i;
    EXPECT_GT(replay.counts().turns, Count{200'000}) << slots;
  }
}

TEST(Revolve, ClonedMidwayGoesOnTheSameWay) {
  Revolve revolve{{.steps = 100, .slots = 4}};
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(revolve.next());
  const auto clone = revolve.clone();
  const auto rest = test::actions_of(revolve);
  EXPECT_GT(rest.size(), 100u);
  EXPECT_EQ(test::actions_of(*clone), rest) << "though the original has come to its end";
}

TEST(Revolve, SaysWhichNumberIsWrong) {
  EXPECT_EQ(test::message_of<std::invalid_argument>([] { Revolve({.steps = 0, .slots = 1}); }),
            "steps is 0; there must be at least 1");
  EXPECT_EQ(test::message_of<std::invalid_argument>([] { Revolve({.steps = 1, .slots = 0}); }),
            "slots is 0; there must be at least 1");
}

}  // namespace
}  // namespace cairn
