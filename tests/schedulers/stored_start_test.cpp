// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/stored_start.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>

namespace cairn {
namespace {

// What it costs from the live and stored x_first on, by walking each part.
Cost followed(const StoredStart& start, Cost load, Step steps) {
  const auto cost = [](const std::shared_ptr<const LevelPlan>& plan, Step part) {
    return part == 1 ? 0 : test::cost_in_units(test::walked(plan, part), plan->costs());
  };
  Cost sum = 0;
  Step left = steps;
  for (Step j = start.split(left); j != 0; j = start.split(left)) {
    sum += j * start.instead()->costs().step + cost(start.beside(), left - j) + load;
    left = j;
  }
  return sum + cost(start.instead(), left);
}

// Q of stored_start.hpp as it is written there.
std::vector<Cost> plain(const LevelCosts& costs, Level level, Step steps) {
  const auto k = static_cast<std::size_t>(level.rank);
  LevelCosts fewer = costs;
  if (--fewer.levels[k].slots == 0) fewer.levels.erase(fewer.levels.begin() + static_cast<std::ptrdiff_t>(k));
  const test::PlainRecurrence instead{costs, steps};
  std::vector<Cost> behind{0, 0};
  for (Step l = 2; l <= steps; ++l)
    behind.push_back(fewer.levels.empty() ? impossible / 8 : test::PlainRecurrence{fewer, l}.whole_cost(l));
  std::vector<Cost> best{0, 0};
  for (Step l = 2; l <= steps; ++l) {
    best.push_back(instead.whole_cost(l));
    for (Step j = 1; j < l; ++j) {
      const auto at = [](Step x) { return static_cast<std::size_t>(x); };
      best.back() = std::min(best.back(), j * costs.step + behind[at(l - j)] + costs.levels[k].load + best[at(j)]);
    }
  }
  return best;
}

TEST(StoredStart, SplitsAsTheRecurrenceSays) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 3, 60, seed % 3 != 0);
    const Step steps = 1 + static_cast<Step>(random() % 25);
    for (const auto& level : costs.levels) {
      const StoredStart start{std::make_shared<const LevelTable>(costs, steps), level.level};
      const std::vector<Cost> best = plain(costs, level.level, steps);
      for (Step l = 1; l <= steps; ++l)
        for (const Cost cost : {followed(start, level.load, l), start.cost(l)})
          ASSERT_EQ(cost, best[static_cast<std::size_t>(l)])
              << "seed " << seed << ": " << test::written(costs) << ", from level " << level.level.rank << ", " << l;
    }
  }
}

TEST(StoredStart, ByHullsIsCloseToThatByTables) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 6, 60, seed % 3 != 0);
    const Step steps = 100 + static_cast<Step>(random() % 200);
    const auto hulls = LevelHulls::make(costs, steps);
    ASSERT_TRUE(hulls);
    for (const auto& level : costs.levels) {
      const StoredStart exact{std::make_shared<const LevelTable>(costs, steps), level.level};
      const StoredStart start{hulls, level.level};
      const auto least = static_cast<double>(followed(exact, level.load, steps));
      const auto cost = static_cast<double>(followed(start, level.load, steps));
      ASSERT_GE(cost, least) << "seed " << seed << ": " << test::written(costs) << ", level " << level.level.rank;
      const auto promised = static_cast<double>(start.cost(steps));
      ASSERT_LE(promised, least) << "seed " << seed << ": " << test::written(costs) << ", level " << level.level.rank;
      ASSERT_GE(1.05 * promised, least) << "seed " << seed << ": " << test::written(costs) << ", level "
                                        << level.level.rank;
      ASSERT_LE(cost, 1.05 * least) << "seed " << seed << ": " << test::written(costs) << ", level "
                                    << level.level.rank;
    }
  }
}

TEST(StoredStart, GoesBackToTheOnlySlotForEachStep) {
  const StoredStart start{std::make_shared<const LevelTable>(test::levels_of(1, {{1, 2, 2}}), 9), Level{0}};
  for (Step l = 2; l <= 9; ++l) EXPECT_EQ(start.split(l), l - 1);
  EXPECT_EQ(start.split(1), 0);
}

TEST(StoredStart, RefusesALevelThatThePlanHasNot) {
  const auto plan = std::make_shared<const LevelTable>(test::levels_of(1, {{1, 2, 2}}), 9);
  EXPECT_THROW(StoredStart(plan, Level{1}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
