// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/level_counts.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

TEST(BinomialCounts, AreThoseOfReplay) {
  for (const Slots slots : {1, 2, 5, 30})
    for (Step steps = 1; steps <= 150; ++steps)
      ASSERT_EQ(binomial_counts(steps, slots),
                test::counts_of(Revolve{{.steps = steps, .slots = slots}}, steps, {slots}))
          << steps << ", " << slots;
}

TEST(LevelCounts, AreThoseOfReplayForPlansOfAllSorts) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 6, 60, seed % 3 != 0);
    costs.least_advances = seed % 5 == 0;
    const Step steps = 1 + static_cast<Step>(random() % 200);
    std::vector<std::shared_ptr<const LevelPlan>> plans{std::make_shared<const LevelTable>(costs, steps),
                                                        std::make_shared<const LevelSplits>(costs, steps),
                                                        LevelHulls::make(costs, steps)};
    for (std::size_t sort = 0; sort < plans.size(); ++sort) {
      ASSERT_TRUE(plans[sort]) << "seed " << seed;
      ASSERT_EQ(level_counts(*plans[sort], steps, costs.levels.size()), test::walked(plans[sort], steps))
          << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps, sort " << sort;
    }
  }
}

TEST(LevelCounts, OfUnlimitedSlotsSayHowManyAreUsed) {
  for (const Step steps : {1, 2, 50, 400}) {
    LevelCosts costs = test::levels_of(10, {{2, 0, 0}, {LevelCosts::unlimited, 15, 20}});
    const auto plan = std::make_shared<const LevelTable>(costs, steps);
    EXPECT_EQ(level_counts(*plan, steps, 2), test::walked(plan, steps)) << steps;
  }
}

TEST(LevelCounts, OfAMillionStepsAreThoseOfReplay) {
  const auto plan = LevelHulls::make(test::levels_of(1, {{10, 0, 0}, {20, 5, 5}, {200, 20, 20}}), 1'000'000);
  ASSERT_TRUE(plan);
  EXPECT_EQ(level_counts(*plan, 1'000'000, 3), test::walked(plan, 1'000'000));
}

TEST(LevelCounts, HaveAPlaceForLevelsThatThePlanLeavesOut) {
  LevelCosts costs = test::levels_of(1, {{3, 0, 0}});
  costs.levels[0].level = Level{2};
  const PlanCounts counts = level_counts(LevelTable{costs, 20}, 20, 4);
  ASSERT_EQ(counts.levels.size(), 4u);
  EXPECT_EQ(counts.levels[2].restores, Count{19});
  EXPECT_EQ(counts.levels[0], PlanCounts::PerLevel{});
}

}  // namespace
}  // namespace cairn
