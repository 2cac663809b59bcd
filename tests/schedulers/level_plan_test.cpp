// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>

namespace cairn {
namespace {

template <typename Kind>
bool is_a(const std::shared_ptr<const LevelPlan>& plan) {
  return dynamic_cast<const Kind*>(plan.get()) != nullptr;
}

TEST(MakeLevelPlan, TakesTheTableWhileItIsSmallThenHullsThenSplitsAlone) {
  const LevelCosts costs = test::levels_of(1, {{10, 0, 0}, {20, 5, 5}});
  EXPECT_TRUE(is_a<LevelTable>(make_level_plan(costs, 3000)));
  EXPECT_TRUE(is_a<LevelHulls>(make_level_plan(costs, 10'000)));
  EXPECT_TRUE(is_a<LevelHulls>(make_level_plan(costs, 3000, Count{1000})));
  EXPECT_TRUE(is_a<LevelHulls>(make_level_plan(costs, limits::steps)));
  EXPECT_TRUE(is_a<LevelSplits>(make_level_plan(test::levels_of(1, {{1, 0, 0}, {1, 5, 5}}), limits::steps)));
}

TEST(MakeLevelPlan, RefusesStepsThatNoPlanHas) {
  const LevelCosts costs = test::levels_of(1, {{10, 0, 0}});
  EXPECT_THROW(make_level_plan(costs, 0), std::invalid_argument);
  EXPECT_THROW(make_level_plan(costs, limits::steps + 1), std::invalid_argument);
}

TEST(BestLevelPlan, IsTheCheapestOfAllOrders) {
  int conflicts = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 4, 40, seed % 2 == 0);
    for (auto& level : costs.levels) level.load = static_cast<Cost>(random() % 60);
    const Step steps = 2 + static_cast<Step>(random() % 40);
    Cost least = impossible;
    const auto orders = orders_of(costs);
    conflicts += orders.size() > 1;
    for (const LevelCosts& order : orders)
      least = std::min(least, test::PlainRecurrence{order, steps}.whole_cost(steps));
    ASSERT_EQ(whole_cost(*best_level_plan(costs, steps), steps), least)
        << "seed " << seed << ": " << test::written(costs);
  }
  EXPECT_GE(conflicts, 10);
}

TEST(WholeCost, IsNothingForOneStepAndImpossibleForTwoWithoutASlot) {
  const LevelTable none{LevelCosts{}, 2};
  EXPECT_EQ(whole_cost(none, 1), 0);
  EXPECT_EQ(whole_cost(none, 2), impossible);
  EXPECT_EQ(whole_cost(LevelTable{test::levels_of(10, {{1, 0, 0}}), 3}, 3), 30) << "2 advances and 1";
}

}  // namespace
}  // namespace cairn
