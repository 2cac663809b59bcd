// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>

namespace cairn {
namespace {

TEST(LevelHulls, LoseAtMostThreePercentAndNeverPromiseTooMuch) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 1 + seed % 8, seed % 2 ? 60 : 300, seed % 4 != 0);
    const Step steps = 2 + static_cast<Step>(random() % 300);
    const LevelTable table{costs, steps};
    const auto hulls = LevelHulls::make(costs, steps);
    ASSERT_TRUE(hulls) << "seed " << seed << ": " << test::written(costs);
    const Cost least = whole_cost(table, steps);
    const Cost cost = test::cost_in_units(test::walked(hulls, steps), costs);
    ASSERT_LE(whole_cost(*hulls, steps), least)
        << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
    ASSERT_GE(cost, least) << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
    ASSERT_LE(static_cast<double>(cost), 1.03 * static_cast<double>(least))
        << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
  }
}

TEST(LevelHulls, AreNeverAboveTheTableForThePartsThatTheyReach) {
  std::size_t reached = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 5, 60, seed % 4 != 0);
    const Step steps = 2 + static_cast<Step>(random() % 100);
    const LevelTable table{costs, steps};
    const auto hulls = LevelHulls::make(costs, steps);
    ASSERT_TRUE(hulls);
    for (std::size_t k = 0; k < costs.levels.size(); ++k)
      for (Slots m = 1; m <= costs.levels[k].slots; ++m)
        for (Step l = 2; l <= steps; ++l) {
          if (hulls->live_cost(k, l, m) == impossible) continue;  // its slopes lie above S: the whole does not need it
          ASSERT_LE(hulls->live_cost(k, l, m), table.live_cost(k, l, m)) << seed << ": " << k << ' ' << l << ' ' << m;
          ASSERT_LE(hulls->stored_cost(k, l, m), table.stored_cost(k, l, m))
              << seed << ": " << k << ' ' << l << ' ' << m;
          ++reached;
        }
  }
  EXPECT_GE(reached, 20'000u);
}

TEST(LevelHulls, OfOneFreeLevelAreTheBinomialPlan) {
  for (const Slots slots : {1, 2, 7})
    for (Step steps = 2; steps <= 100; ++steps) {
      const LevelCosts costs = test::levels_of(1, {{slots, 0, 0}});
      const auto hulls = LevelHulls::make(costs, steps);
      ASSERT_TRUE(hulls);
      ASSERT_EQ(test::walked(hulls, steps).advances, least_advances(steps, slots)) << steps << ", " << slots;
    }
}

TEST(LevelHulls, OfUnlimitedSlotsLoseAtMostThreePercent) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 5, 100, seed % 4 != 0);
    costs.levels.back().slots = LevelCosts::unlimited;
    const Step steps = 2 + static_cast<Step>(random() % 400);
    const Cost least = whole_cost(LevelTable{costs, steps}, steps);
    const auto hulls = LevelHulls::make(costs, steps);
    ASSERT_TRUE(hulls) << "seed " << seed << ": " << test::written(costs);
    ASSERT_LE(whole_cost(*hulls, steps), least) << "seed " << seed << ": " << test::written(costs);
    ASSERT_LE(static_cast<double>(test::cost_in_units(test::walked(hulls, steps), costs)),
              1.03 * static_cast<double>(least))
        << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
  }
}

TEST(LevelHulls, OfLeastAdvancesAdvanceTheLeast) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 6, 60, seed % 4 != 0);
    costs.least_advances = true;
    const Step steps = 2 + static_cast<Step>(random() % 300);
    const auto hulls = LevelHulls::make(costs, steps);
    ASSERT_TRUE(hulls) << "seed " << seed << ": " << test::written(costs);
    ASSERT_EQ(test::walked(hulls, steps).advances, least_advances(steps, costs.all_slots()))
        << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps";
  }
}

TEST(LevelHulls, AreFewVerticesForAMillionSteps) {
  for (const auto& slots : std::vector<std::array<Slots, 2>>{{10, 20}, {10, 200}, {50, 200}, {1, 5}}) {
    const auto hulls = LevelHulls::make(test::levels_of(1, {{slots[0], 0, 0}, {slots[1], 5, 5}}), 1'000'000);
    ASSERT_TRUE(hulls);
    EXPECT_LE(hulls->vertices(), 60'000u) << slots[0] << ", " << slots[1];
    EXPECT_FALSE(hulls->exact());
  }
}

}  // namespace
}  // namespace cairn
