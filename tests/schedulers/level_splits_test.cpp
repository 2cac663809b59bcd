// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>

namespace cairn {
namespace {

TEST(LevelSplits, AdvanceTheLeastThatAllSlotsAllow) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 5, 40, seed % 2 == 0);
    const Step steps = 1 + static_cast<Step>(random() % 200);
    const auto plan = std::make_shared<const LevelSplits>(costs, steps);
    ASSERT_EQ(test::walked(plan, steps).advances, least_advances(steps, costs.all_slots()))
        << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
    ASSERT_FALSE(plan->exact());
  }
}

TEST(LevelSplits, PromiseNoMoreThanAnyPlanCosts) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 4, 40, seed % 2 == 0);
    const LevelSplits splits{costs, 60};
    const LevelTable table{costs, 60};
    for (std::size_t k = 0; k < costs.levels.size(); ++k)
      for (Slots m = 0; m <= costs.levels[k].slots; ++m)
        for (Step l = 1; l <= 60; ++l) {
          ASSERT_LE(splits.live_cost(k, l, m), table.live_cost(k, l, m)) << "seed " << seed << ": " << k << l << m;
          if (m == 0) continue;
          ASSERT_LE(splits.stored_cost(k, l, m), table.stored_cost(k, l, m)) << "seed " << seed << ": " << k << l << m;
        }
  }
}

TEST(LevelSplits, StayBelowWhatACostHoldsWhereThePlanIsEndless) {
  const LevelSplits splits{test::levels_of(1000, {{1, 0, 0}}), limits::steps};
  EXPECT_LT(splits.live_cost(0, limits::steps, 1), impossible);
  EXPECT_EQ(splits.live_cost(0, limits::steps, 0), impossible);
}

}  // namespace
}  // namespace cairn
