// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/online_positions.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>
#include <support/plain_online.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

std::vector<Action> visited(OnlinePositions& positions, Step live) {
  std::array<Action, OnlinePositions::most_actions> actions;
  return {actions.data(), positions.visit(live, actions.data())};
}

// All decisions up to x_steps; on a difference, the first.
std::string difference(const LevelCosts& costs, Step steps) {
  OnlinePositions fast{costs};
  test::PlainOnline plain{costs, steps};
  for (Step live = 0; live < steps; ++live) {
    const std::string done = test::written(visited(fast, live));
    const std::string expected = test::written(plain.visit(live));
    if (done != expected) return "at x_" + std::to_string(live) + ": " + done + "; the plain twin: " + expected;
  }
  return "none";
}

TEST(OnlinePositions, DecideInRamAsThePlainTwin) {
  for (Slots slots = 1; slots <= 8; ++slots)
    EXPECT_EQ(difference(test::levels_of(1, {{slots, 0, 0}}), 800), "none") << slots;
  EXPECT_EQ(difference(test::levels_of(1, {{20, 0, 0}}), 800), "none");
}

TEST(OnlinePositions, DecideOverLevelsAsThePlainTwin) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random{seed};
    LevelCosts costs = test::random_levels(random, seed % 10 == 0 ? 9 : 4, 60, seed % 3 != 0);
    costs.levels[0].save = std::min<Cost>(costs.levels[0].save, costs.step);
    EXPECT_EQ(difference(costs, 300), "none") << test::written(costs) << ", seed " << seed;
  }
}

TEST(OnlinePositions, DecideAsThePlainTwinWhereGapsOutgrowThePlan) {
  EXPECT_EQ(difference(test::levels_of(1, {{1, 0, 0}, {1, 5, 5}}), 700), "none");
  EXPECT_EQ(difference(test::levels_of(10, {{2, 3, 2}, {1, 50, 70}}), 700), "none");
}

TEST(OnlinePositions, GrowOlderTowardsTheSlowerLevels) {
  const LevelCosts costs = test::levels_of(1, {{3, 0, 0}, {4, 2, 1}, {5, 6, 3}});
  OnlinePositions positions{costs};
  for (Step live = 0; live < 3000; ++live) {
    visited(positions, live);
    const auto stored = positions.stored();
    ASSERT_EQ(stored.front().step, 0);
    for (std::size_t j = 1; j < stored.size(); ++j) {
      ASSERT_LT(stored[j - 1].step, stored[j].step) << live;
      ASSERT_GE(stored[j - 1].level, stored[j].level) << live;
    }
  }
  EXPECT_EQ(positions.stored().size(), 12u) << "all slots are used in a long loop";
  EXPECT_EQ(positions.stored().front().level, Level{2});
}

TEST(OnlinePositions, KeepShortGapsOutOfSlotsThatAreDearToFill) {
  const auto written = [](Cost save) {
    OnlinePositions positions{test::levels_of(1, {{20, save, 5}})};
    std::string steps;
    for (Step live = 0; live <= 12; ++live)
      if (!visited(positions, live).empty()) steps += (steps.empty() ? "" : " ") + std::to_string(live);
    return steps;
  };
  EXPECT_EQ(written(1), "0 1 2 3 4 5 6 7 8 9 10 11 12");
  EXPECT_EQ(written(2), "0 2 4 6 8 10 12");
  EXPECT_EQ(written(5), "0 3 6 9 12");
}

// The cost of a loop that ends at x_i over the offline optimum, turns counted as a step each, for all i < steps.
struct Ratios {
  double worst = 1;
  double mean = 0;
};
Ratios ratios(Slots slots, Step steps, Step first = 2, Step stride = 1) {
  OnlinePositions positions{test::levels_of(1, {{slots, 0, 0}})};
  Ratios ratios;
  Step loops = 0;
  for (Step live = 0; live < steps; visited(positions, live++)) {
    if (live + 1 < first || (live + 1 - first) % stride != 0) continue;
    const auto stored = positions.stored();
    Count online{2 * live + 1};  // the first sweep, and the turns
    for (std::size_t j = 0; j < stored.size(); ++j) {
      const Step end = j + 1 < stored.size() ? stored[j + 1].step : live;
      online += least_advances(end - stored[j].step, slots - static_cast<Slots>(j));
    }
    const Count offline = least_advances(live + 1, slots) + Count{live + 1};
    const double ratio = static_cast<double>(online.value()) / static_cast<double>(offline.value());
    ratios.worst = std::max(ratios.worst, ratio);
    ratios.mean += (ratio - ratios.mean) / static_cast<double>(++loops);
  }
  return ratios;
}

TEST(OnlinePositions, StayCloseToTheOfflineOptimumForAllLoopsOfUpTo5000Steps) {
  struct Promised {
    Slots slots;
    double worst;
    double mean;
  };
  for (const auto& [slots, worst, mean] :
       {Promised{1, 1.0, 1.0}, Promised{2, 1.110, 1.009}, Promised{3, 1.062, 1.0121}, Promised{5, 1.041, 1.007},
        Promised{10, 1.032, 1.005}, Promised{20, 1.020, 1.002}, Promised{50, 1.006, 1.0004}}) {
    const Ratios found = ratios(slots, 5000);
    EXPECT_LE(found.worst, worst) << slots;
    EXPECT_LE(found.mean, mean + 1e-12) << slots;
  }
}

// Beyond 512 snapshots not every choice is weighed anew.
TEST(OnlinePositions, OfVeryManySnapshotsStayAsClose) {
  EXPECT_LE(ratios(600, 400'000, 601, 9973).worst, 1.002);
  EXPECT_LE(ratios(5000, 60'000, 5001, 2999).worst, 1.0001);
}

}  // namespace
}  // namespace cairn
