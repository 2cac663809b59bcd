// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/level_costs.hpp>

#include <cmath>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using One = LevelCosts::One;

std::vector<std::int32_t> ranks(const LevelCosts& costs) {
  std::vector<std::int32_t> ranks;
  for (const One& level : costs.levels) ranks.push_back(level.level.rank);
  return ranks;
}

std::vector<std::vector<std::int32_t>> orders(const Problem& problem) {
  std::vector<std::vector<std::int32_t>> orders;
  for (const LevelCosts& order : orders_of(priced(problem))) orders.push_back(ranks(order));
  return orders;
}

TEST(Priced, KeepsWholeCostsAsTheyAre) {
  const LevelCosts costs = priced({.steps = 9, .levels = {{3, 0, 0}, {5, 2, 7}}});
  EXPECT_EQ(costs.step, 1);
  EXPECT_EQ(costs.units, 1.0);
  EXPECT_EQ(costs.levels, (std::vector<One>{{Level{0}, 3, 0, 0}, {Level{1}, 5, 2, 7}}));
  EXPECT_TRUE(costs.free_base());
  EXPECT_EQ(costs.all_slots(), 8);
}

TEST(Priced, MakesDecimalFractionsWhole) {
  const LevelCosts costs = priced({.steps = 100, .levels = {{1, .1, .25}, {1, 1.5, 3}}});
  EXPECT_EQ(costs.step, 100);
  EXPECT_EQ(costs.units, 100.0);
  EXPECT_EQ(costs.levels, (std::vector<One>{{Level{0}, 1, 10, 25}, {Level{1}, 1, 150, 300}}));
  EXPECT_FALSE(costs.free_base());
}

TEST(Priced, RoundsOtherCostsToAMillionthOfAStep) {
  const double third = 1.0 / 3.0;
  const LevelCosts costs = priced({.steps = 1000, .levels = {{1, 0, 0}, {1, third, M_PI}}});
  EXPECT_EQ(static_cast<double>(costs.step), costs.units);
  EXPECT_NEAR(static_cast<double>(costs.levels[1].save) / costs.units, third, 1e-6);
  EXPECT_NEAR(static_cast<double>(costs.levels[1].load) / costs.units, M_PI, 1e-6);
}

TEST(Priced, KeepsSumsOfVeryLongPlansBelowWhatACostHolds) {
  for (const double price : {.1, 1.0 / 3.0, 7.77777, 1000.5, Problem::most_cost, 1e300})
    for (const Step steps : {Step{1}, Step{1000}, Step{1'000'000'000}, limits::steps}) {
      const LevelCosts costs = priced({.steps = steps, .levels = {{10, 0, 0}, {20, price, price}}});
      EXPECT_GE(costs.step, 1);
      const double dearest = static_cast<double>(costs.levels[1].save + costs.levels[1].load);
      EXPECT_LT(static_cast<double>(steps) * (100 * static_cast<double>(costs.step) + dearest), 0x1p62)
          << price << ", " << steps;
    }
}

TEST(Priced, LeavesLevelsWithoutSlotsOut) {
  EXPECT_EQ(ranks(priced({.steps = 9, .levels = {{0, 0, 0}, {2, 1, 1}, {0, 5, 5}, {3, 7, 7}}})),
            (std::vector<std::int32_t>{1, 3}));
  const LevelCosts none = priced({.steps = 1, .levels = {{0, 0, 0}}});
  EXPECT_TRUE(none.levels.empty());
  EXPECT_FALSE(none.free_base());
  EXPECT_EQ(none.all_slots(), 0);
}

TEST(PricedForLeastAdvances, PricesEachLevelByItsRankWhereNothingIsPriced) {
  const LevelCosts free = priced_for_least_advances({.steps = 9, .levels = {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}});
  EXPECT_TRUE(free.least_advances);
  EXPECT_EQ(free.levels, (std::vector<One>{{Level{0}, 1, 0, 0}, {Level{1}, 1, 1, 1}, {Level{2}, 1, 2, 2}}));
  const LevelCosts given = priced_for_least_advances({.steps = 9, .levels = {{1, 0, 0}, {1, 4, 5}}});
  EXPECT_TRUE(given.least_advances);
  EXPECT_EQ(given.levels, (std::vector<One>{{Level{0}, 1, 0, 0}, {Level{1}, 1, 4, 5}}));
}

TEST(OrdersOf, SortsByCostWhereSavesAndLoadsAgree) {
  EXPECT_EQ(orders({.steps = 9, .levels = {{1, 4, 4}, {1, 0, 0}, {1, 2, 3}}}),
            (std::vector<std::vector<std::int32_t>>{{1, 2, 0}}));
  EXPECT_EQ(orders({.steps = 9, .levels = {{1, 1, 1}, {2, 1, 1}}}), (std::vector<std::vector<std::int32_t>>{{0, 1}}))
      << "equal costs keep the order given";
  EXPECT_EQ(orders({.steps = 9, .levels = {{1, 2, 5}, {1, 2, 3}}}), (std::vector<std::vector<std::int32_t>>{{1, 0}}));
}

TEST(OrdersOf, TriesAllOrdersWhereSavesAndLoadsConflict) {
  EXPECT_EQ(orders({.steps = 9, .levels = {{1, 1, 5}, {1, 5, 1}}}).size(), 2u);
  EXPECT_EQ(orders({.steps = 9, .levels = {{1, 0, 0}, {1, 1, 5}, {1, 5, 1}, {1, 9, 9}}}).size(), 24u);
  const auto many = orders({.steps = 9, .levels = {{1, 0, 0}, {1, 1, 5}, {1, 5, 1}, {1, 9, 9}, {1, 10, 10}}});
  EXPECT_GE(many.size(), 2u);
  for (const auto& order : many) EXPECT_EQ(order.size(), 5u);
}

}  // namespace
}  // namespace cairn
