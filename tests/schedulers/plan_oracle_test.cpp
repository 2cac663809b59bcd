// SPDX-License-Identifier: BSD-3-Clause
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <support/plan_oracle.hpp>
#include <support/split_oracle.hpp>

namespace cairn {
namespace {

using Levels = std::vector<test::WholeProblem::One>;

TEST(PlanOracle, FindsTheKnownOptimaOfSmallProblems) {
  struct Known {
    int steps;
    Levels levels;
    std::int64_t cost;
  };
  for (const Known& known : {Known{4, {{1, 0, 0}, {1, 1, 1}}, 10}, Known{9, {{1, 0, 0}, {1, 1, 1}}, 29},
                             Known{8, {{1, 0, 0}, {2, 1, 1}}, 24}, Known{9, {{2, 0, 0}, {1, 5, 5}}, 26},
                             Known{8, {{1, 0, 0}, {1, 5, 5}}, 34}, Known{9, {{1, 0, 0}, {1, 5, 5}}, 39},
                             Known{8, {{1, 0, 0}, {1, 5, 1}}, 29}, Known{9, {{1, 0, 0}, {1, 5, 1}}, 33},
                             Known{8, {{1, 0, 0}, {1, 1, 5}}, 30}, Known{9, {{1, 0, 0}, {1, 1, 5}}, 35},
                             Known{8, {{1, 0, 0}, {3, 1, 1}}, 24}, Known{9, {{1, 0, 0}, {3, 1, 1}}, 27},
                             Known{8, {{1, 0, 0}, {1, 1, 1}, {1, 3, 3}}, 25}, Known{8, {{1, 4, 4}, {1, 0, 0}}, 32}}) {
    const test::WholeProblem problem{.steps = known.steps, .levels = known.levels, .turn = 1};
    EXPECT_EQ(test::searched_cost(problem), known.cost) << known.steps << " steps";
    EXPECT_EQ(test::StackOfLevels{problem}.least_cost(known.steps), known.cost) << known.steps << " steps";
  }
}

TEST(PlanOracle, IsTheBestOfAllSplitsWhereThereIsOneFreeLevel) {
  const test::BestOfAllSplits splits{9, 4};
  for (int slots = 1; slots <= 4; ++slots)
    for (int steps = 1; steps <= 9; ++steps)
      EXPECT_EQ(test::searched_cost({.steps = steps, .levels = {{slots, 0, 0}}}),
                splits.from_live(steps, slots)->advances)
          << steps << ", " << slots;
}

TEST(PlanOracle, KnowsThatWithoutASlotOneStepCanBeTurned) {
  EXPECT_EQ(test::searched_cost({.steps = 1, .levels = {{0, 0, 0}}, .turn = 7}), 7);
  EXPECT_EQ(test::searched_cost({.steps = 2, .levels = {{0, 0, 0}}}), std::nullopt);
  EXPECT_EQ(test::StackOfLevels({.steps = 2, .levels = {{0, 0, 0}}}).least_cost(2), std::nullopt);
}

TEST(PlanOracle, StartsFromSnapshotsThatAreStored) {
  test::WholeProblem problem{.steps = 4, .levels = {{1, 0, 1}, {2, 2, 3}}, .turn = 1};
  problem.stored = {{0, Level{1}}, {2, Level{0}}};
  // restore 2, advance, turn 3, restore 2, turn 2, restore 0, takeshot 0 in RAM, advance, turn 1, restore 0, turn 0
  EXPECT_EQ(test::searched_cost(problem), 4 /*turns*/ + 2 /*advances*/ + (1 + 1 + 3 + 1) /*restores*/);
  problem.stored = {{2, Level{0}}};
  EXPECT_EQ(test::searched_cost(problem), std::nullopt) << "nothing leads to x_0";
  problem.stored = {{0, Level{1}}, {7, Level{1}}};
  EXPECT_NE(test::searched_cost(problem), std::nullopt) << "x_7 is of no use and its slot is free";
}

TEST(PlanOracle, AgreesWithTheRecurrenceOverAllLevelsTogether) {
  for (const bool ordered : {true, false})
    for (const bool free_base : {true, false})
      for (unsigned seed = 1; seed <= 250; ++seed) {
        std::mt19937 random{seed};
        const auto problem = test::random_problem(random, {.ordered = ordered, .free_base = free_base});
        ASSERT_EQ(test::searched_cost(problem), test::StackOfLevels{problem}.least_cost(problem.steps))
            << "seed " << seed << ": " << problem;
      }
}

TEST(PlanOracle, AgreesOnThreeLevelsOfTwoSlots) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random{seed};
    const auto problem = test::random_problem(random, {.steps = 8, .slots = 4, .ordered = seed % 2 == 0});
    ASSERT_EQ(test::searched_cost(problem), test::StackOfLevels{problem}.least_cost(problem.steps))
        << "seed " << seed << ": " << problem;
  }
}

}  // namespace
}  // namespace cairn
