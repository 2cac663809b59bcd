// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/allocations.hpp>
#include <support/plan_oracle.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

using Levels = std::vector<Problem::LevelShape>;

Levels unpriced(const std::vector<Slots>& slots) {
  Levels levels;
  for (const Slots level : slots) levels.push_back({.slots = level});
  return levels;
}

PlanCounts staged(Step steps, const Levels& levels) {
  Multistage multistage{{.steps = steps, .levels = levels}};
  return replay(multistage, Problem{.steps = steps, .levels = levels});
}

Count accesses(const PlanCounts& counts, std::size_t level) {
  return counts.levels[level].takeshots + counts.levels[level].restores;
}

// Saves and loads at the prices of `problem`, in its units.
std::int64_t storage_cost(const PlanCounts& counts, const test::WholeProblem& problem) {
  std::int64_t cost = 0;
  for (std::size_t k = 0; k < problem.levels.size(); ++k)
    cost += static_cast<std::int64_t>(counts.levels[k].takeshots.value()) * problem.levels[k].save +
            static_cast<std::int64_t>(counts.levels[k].restores.value()) * problem.levels[k].load;
  return cost;
}

// The least storage cost of the plans of least advances: a step is so dear that storage only breaks ties.
std::int64_t least_storage(test::WholeProblem problem) {
  problem.unit = std::int64_t{1} << 40;
  problem.turn = 0;
  return *test::StackOfLevels{problem}.least_cost(problem.steps) % problem.unit;
}

TEST(Multistage, PutsTheSnapshotThatIsReadMostOnTheFastestLevel) {
  const PlanCounts counts = staged(4, unpriced({1, 1}));  // one of the two is read once, the other twice
  EXPECT_EQ(accesses(counts, 0), Count{3});
  EXPECT_EQ(accesses(counts, 1), Count{2});
}

TEST(Multistage, AdvancesTheLeastThatAllSlotsTogetherAllow) {
  for (const std::vector<Slots>& slots :
       {std::vector<Slots>{3}, {1, 1}, {2, 5}, {0, 4}, {4, 0, 3}, {1, 2, 3, 4}, {9, 300}})
    for (Step steps = 1; steps <= 300; steps += slots.back() < 300 ? 1 : 13) {
      const PlanCounts counts = staged(steps, unpriced(slots));
      ASSERT_EQ(counts.advances, least_advances(steps, std::accumulate(slots.begin(), slots.end(), Slots{0})))
          << steps << " steps, level 0 has " << slots[0];
      ASSERT_EQ(counts.turns, Count{steps});
      for (const auto& level : counts.levels) {
        ASSERT_EQ(level.moves, Count{0});
        ASSERT_EQ(level.discards, level.takeshots);
      }
    }
}

TEST(Multistage, StoresForTheLeastCostAmongThePlansOfLeastAdvances) {
  for (const bool free_base : {true, false})
    for (unsigned seed = 1; seed <= 400; ++seed) {
      std::mt19937 random{seed};
      const auto problem = test::random_problem(random, {.steps = 24, .slots = 3, .free_base = free_base});
      const PlanCounts counts = staged(problem.steps, problem.problem().levels);
      ASSERT_EQ(storage_cost(counts, problem), least_storage(problem)) << "seed " << seed << ": " << problem;
    }
}

TEST(Multistage, WithoutPricesTakesALevelForDearerTheSlowerItIs) {
  for (int steps = 1; steps <= 30; ++steps)
    for (const auto& [a, b, c] : std::vector<std::array<int, 3>>{{1, 1, 1}, {1, 2, 3}, {3, 1, 2}, {2, 2, 0}}) {
      const test::WholeProblem ranked{.steps = steps, .levels = {{a, 0, 0}, {b, 1, 1}, {c, 2, 2}}};
      ASSERT_EQ(storage_cost(staged(steps, unpriced({a, b, c})), ranked), least_storage(ranked))
          << steps << ": " << a << ' ' << b << ' ' << c;
    }
}

TEST(Multistage, OfThreeThousandStepsGoesToTheDiskSeldom) {
  for (const Levels& levels : {unpriced({10, 20}), Levels{{10, 0, 0}, {20, 5, 5}}}) {
    const PlanCounts counts = staged(3000, levels);
    EXPECT_EQ(counts.advances, least_advances(3000, 30));
    EXPECT_LE(accesses(counts, 1), Count{440});
  }
}

TEST(Multistage, OfAMillionStepsAdvancesTheLeastAndGoesToTheDiskSeldom) {
  const PlanCounts counts = staged(1'000'000, Levels{{10, 0, 0}, {20, 5, 5}});
  EXPECT_EQ(counts.advances, Count{5'623'008});
  EXPECT_LE(accesses(counts, 1), Count{96'000});
}

TEST(Multistage, OfTwoToTheFortyStepsIsLegalForAMillionActionsInConstantMemory) {
  for (const std::vector<Slots>& slots : {std::vector<Slots>{1}, {1, 1}, {4, 6}, {300, 700}}) {
    Multistage multistage{{.steps = limits::steps, .levels = unpriced(slots)}};
    Replay replay{limits::steps, slots};
    for (int i = 0; i < 1'000'000; ++i) ASSERT_NO_THROW(replay.apply(*multistage.next())) << "action " << i;
    const auto before = test::allocated();
    for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(multistage.next()) << "action " << i;
    EXPECT_EQ(test::allocated().times, before.times);
  }
}

TEST(Multistage, ClonedMidwayGoesOnTheSameWay) {
  Multistage multistage{{.steps = 100, .levels = unpriced({2, 3})}};
  for (int i = 0; i < 123; ++i) ASSERT_TRUE(multistage.next());
  const auto clone = multistage.clone();
  EXPECT_EQ(test::actions_of(*clone), test::actions_of(multistage));
}

TEST(Multistage, SaysWhichNumberIsWrong) {
  EXPECT_THROW(Multistage({.steps = 0, .levels = unpriced({1})}), std::invalid_argument);
  EXPECT_THROW(Multistage({.steps = 5, .levels = {}}), std::invalid_argument);
  EXPECT_THROW(Multistage({.steps = 5, .levels = unpriced({0, 0})}), std::invalid_argument);
  EXPECT_THROW(Multistage({.steps = 5, .levels = unpriced({3, -1})}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
