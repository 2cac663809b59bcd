// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

// Weighs an advance so that no storage outweighs it.
constexpr Cost heavy = Cost{1} << 40;

void expect_same_costs(const LevelTable& table, const test::PlainRecurrence& plain) {
  for (std::size_t k = 0; k < table.costs().levels.size(); ++k)
    for (Slots m = 0; m <= plain.slots(k); ++m)
      for (Step l = 1; l <= table.steps(); ++l) {
        ASSERT_EQ(table.live_cost(k, l, m), plain.live_cost(k, l, m)) << "R of " << k << ", " << l << ", " << m;
        if (m == 0) continue;
        ASSERT_EQ(table.stored_cost(k, l, m), plain.stored_cost(k, l, m)) << "P of " << k << ", " << l << ", " << m;
      }
}

TEST(LevelTable, HoldsEachCostOfTheRecurrence) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 6, 60, seed % 3 != 0);
    const Step steps = 1 + static_cast<Step>(random() % 40);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << test::written(costs) << ", " << steps << " steps");
    expect_same_costs(LevelTable{costs, steps}, test::PlainRecurrence{costs, steps});
    if (HasFatalFailure()) return;
  }
}

TEST(LevelTable, OfUnlimitedSlotsIsThatOfAsManySlotsAsSteps) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 4, 60, seed % 3 != 0);
    const Step steps = 1 + static_cast<Step>(random() % 40);
    const std::size_t last = costs.levels.size() - 1;
    costs.levels[last].slots = steps;
    const test::PlainRecurrence plain{costs, steps};
    costs.levels[last].slots = LevelCosts::unlimited;
    const LevelTable table{costs, steps};
    for (Step l = 1; l <= steps; ++l)
      ASSERT_EQ(table.live_cost(last, l, LevelCosts::unlimited), plain.whole_cost(l)) << "seed " << seed << ", " << l;
  }
}

TEST(LevelTable, OfLeastAdvancesHoldsTheStorageCostsOfTheRecurrenceWithADearStep) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 4, 60, seed % 3 != 0);
    costs.least_advances = true;
    const Step steps = 1 + static_cast<Step>(random() % 40);
    const LevelTable table{costs, steps};
    costs.step = heavy;
    const test::PlainRecurrence plain{costs, steps};
    for (std::size_t k = 0; k < costs.levels.size(); ++k)
      for (Step l = 1; l <= steps; ++l)
        for (Slots m = l > 1 && k == 0 ? 1 : 0; m <= plain.slots(k); ++m) {
          ASSERT_EQ(table.live_cost(k, l, m), plain.live_cost(k, l, m) % heavy)
              << "seed " << seed << ": " << test::written(costs) << ", R of " << k << ", " << l << ", " << m;
          if (m == 0) continue;
          ASSERT_EQ(table.stored_cost(k, l, m), plain.stored_cost(k, l, m) % heavy)
              << "seed " << seed << ": " << test::written(costs) << ", P of " << k << ", " << l << ", " << m;
        }
  }
}

TEST(LevelTable, MakesPlansOfExactlyItsCost) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 6, 60, seed % 3 != 0);
    const Step steps = 1 + static_cast<Step>(random() % 120);
    const auto table = std::make_shared<const LevelTable>(costs, steps);
    for (const Step l : {steps, steps / 2 + 1})
      ASSERT_EQ(test::cost_in_units(test::walked(table, l), costs), whole_cost(*table, l))
          << "seed " << seed << ": " << test::written(costs) << ", " << l << " steps";
  }
}

TEST(LevelTable, OfLeastAdvancesMakesPlansOfLeastAdvances) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, 6, 60, seed % 3 != 0);
    costs.least_advances = true;
    const Step steps = 1 + static_cast<Step>(random() % 120);
    const auto table = std::make_shared<const LevelTable>(costs, steps);
    const PlanCounts counts = test::walked(table, steps);
    ASSERT_EQ(counts.advances, least_advances(steps, costs.all_slots()))
        << "seed " << seed << ": " << test::written(costs);
    costs.step = 0;
    ASSERT_EQ(test::cost_in_units(counts, costs), whole_cost(*table, steps))
        << "seed " << seed << ": " << test::written(costs);
  }
}

TEST(LevelTable, SaysWhatItsWorkIs) {
  const LevelCosts costs = test::levels_of(1, {{10, 0, 0}, {20, 1, 1}});
  EXPECT_EQ(LevelTable::work(costs, 1000), Count{20'000'000}) << "a free level 0 is a formula";
  EXPECT_EQ(LevelTable::work(test::levels_of(1, {{10, 1, 0}, {20, 1, 1}}), 1000), Count{30'000'000});
  EXPECT_EQ(LevelTable::work(test::levels_of(1, {{10, 0, 0}, {LevelCosts::unlimited, 1, 1}}), 1000), Count{1'000'000});
  EXPECT_TRUE(LevelTable::work(costs, limits::steps).saturated());
}

TEST(LevelTable, RefusesStepsThatItCannotHold) {
  const LevelCosts costs = test::levels_of(1, {{10, 0, 0}});
  EXPECT_THROW(LevelTable(costs, 0), std::invalid_argument);
  EXPECT_THROW(LevelTable(costs, LevelTable::most_steps + 1), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
