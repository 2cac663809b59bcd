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

TEST(LevelHulls, AreNeverAboveTheTableForAnyPart) {
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
          ASSERT_LE(hulls->live_cost(k, l, m), table.live_cost(k, l, m)) << seed << ": " << k << ' ' << l << ' ' << m;
          ASSERT_LE(hulls->stored_cost(k, l, m), table.stored_cost(k, l, m))
              << seed << ": " << k << ' ' << l << ' ' << m;
        }
  }
}

// Slopes of such parts lie above S, for the whole does not need them: hulls of 200 slots, of which one is left.
TEST(LevelHulls, HaveACostForPartsOfFewSlotsAndManySteps) {
  const LevelCosts costs = test::levels_of(1, {{10, 0, 0}, {200, 5, 5}, {20, 50, 50}});
  const auto hulls = LevelHulls::make(costs, 1'000'000);
  ASSERT_TRUE(hulls);
  Cost before = 0;
  for (const Step steps : {1000, 100'000, 999'999, 1'000'000}) {
    const Cost cost = hulls->stored_cost(1, steps, 1);
    EXPECT_GT(cost, before);
    EXPECT_LE(cost, static_cast<Cost>(least_advances(steps, 10).value())) << "with the slots of level 0 alone";
    EXPECT_LE(hulls->live_cost(1, steps, 1), static_cast<Cost>(least_advances(steps, 10).value()));
    before = cost;
  }
  EXPECT_EQ(hulls->live_cost(0, 5, 0), impossible) << "there is no slot";
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
