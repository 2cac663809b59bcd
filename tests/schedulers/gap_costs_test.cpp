// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/gap_costs.hpp>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>

namespace cairn {
namespace {

double at(GapCosts& costs, std::size_t k, Step steps, Slots slots) {
  BinomialCost cursor{slots};
  return costs.reversed({k, slots}, steps, cursor);
}

TEST(GapCosts, OfAFreeLevelZeroAreBinomialAndNeedNoPlan) {
  GapCosts costs{test::levels_of(10, {{4, 0, 0}, {3, 20, 30}})};
  for (Slots slots = 1; slots <= 4; ++slots)
    for (const Step steps : {1, 2, 3, 100, 100'000})
      EXPECT_EQ(at(costs, 0, steps, slots), 10 * static_cast<double>(least_advances(steps, slots).value()));
  EXPECT_EQ(costs.plans(), 0);
}

TEST(GapCosts, OfOtherLevelsAreALoadAndTheRecurrence) {
  const LevelCosts levels = test::levels_of(10, {{2, 5, 3}, {3, 20, 30}, {2, 50, 40}});
  const test::PlainRecurrence recurrence{levels, 300};
  GapCosts costs{levels};
  for (std::size_t k = 0; k < 3; ++k)
    for (Slots slots = 1; slots <= levels.levels[k].slots; ++slots)
      for (const Step steps : {1, 2, 3, 17, 100, 256, 257, 300})
        ASSERT_EQ(at(costs, k, steps, slots),
                  static_cast<double>(levels.levels[k].load + recurrence.stored_cost(k, steps, slots)))
            << k << ", " << steps << ", " << slots;
}

TEST(GapCosts, OfNoStepsAreNone) {
  GapCosts costs{test::levels_of(1, {{2, 5, 3}, {3, 20, 30}})};
  EXPECT_EQ(at(costs, 0, 0, 2), 0);
  EXPECT_EQ(at(costs, 1, 0, 2), 0);
  EXPECT_EQ(costs.plans(), 0);
}

TEST(GapCosts, PlanTwiceAsFarWhereAGapIsLongerThanAllBefore) {
  GapCosts costs{test::levels_of(1, {{2, 0, 0}, {3, 20, 30}})};
  int plans = 0;
  for (const Step steps : {1, 256, 257, 512, 3, 513, 1 << 20}) {
    at(costs, 1, steps, 2);
    plans += steps == 1 || steps == 257 || steps == 513 || steps == 1 << 20 ? 1 : 0;
    EXPECT_EQ(costs.plans(), plans) << steps;
  }
  const GapCosts copy = costs;
  EXPECT_EQ(copy.plans(), plans);
}

}  // namespace
}  // namespace cairn
