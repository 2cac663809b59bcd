// SPDX-License-Identifier: BSD-3-Clause
// What not knowing the end costs: plans of `online` against those that know it.
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/online.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <support/online_loop.hpp>

namespace cairn {
namespace {

using test::Loop;
using Levels = std::vector<Problem::LevelShape>;

TEST(OnlineRatio, StaysCloseToTheOfflineOptimumForAllLoopsOfUpTo2000Steps) {
  struct Promised {
    Slots slots;
    double worst;  // ratio of advances and turns
  };
  for (const auto& [slots, worst] :
       {Promised{3, 1.125}, Promised{5, 1.100}, Promised{10, 1.067}, Promised{20, 1.040}, Promised{50, 1.018}}) {
    Loop loop{{{.slots = slots}}};
    for (Step steps = 1; steps <= 2000; ++steps) {
      loop.run_to(steps - 1);
      const PlanCounts counts = loop.ended();
      const auto optimum =
          static_cast<double>(least_advances(steps, slots).value() + static_cast<std::uint64_t>(steps));
      ASSERT_LE(static_cast<double>((counts.advances + counts.turns).value()), worst * optimum)
          << steps << ", " << slots;
    }
  }
}

struct Costed {
  Levels levels;
  double turn_cost;
};

// Slots, saves and loads from 1 slot beside 1 to 20 beside 10, cheap and dear; turns.
std::vector<Costed> costed_levels() {
  std::vector<Costed> all;
  const auto add = [&](std::vector<Slots> slots, std::vector<double> saves, std::vector<double> loads, double turn) {
    all.push_back({{}, turn});
    for (std::size_t k = 0; k < slots.size(); ++k) all.back().levels.push_back({slots[k], saves[k], loads[k]});
  };
  add({1, 1}, {0, 1}, {0, 1}, 1);
  add({1, 1}, {0, 5}, {0, 5}, 1);
  add({1, 1}, {0, 5}, {0, 1}, 1);
  add({1, 1}, {0, 1}, {0, 5}, 1);
  add({1, 2}, {0, 1}, {0, 1}, 1);
  add({1, 3}, {0, 1}, {0, 1}, 1);
  add({2, 1}, {0, 5}, {0, 5}, 1);
  add({2, 3}, {0, 2}, {0, 2}, 1);
  add({2, 3}, {0, .1}, {0, .1}, 1);
  add({3, 5}, {0, 5}, {0, 1}, 1);
  add({3, 5}, {0, 1}, {0, 5}, 1);
  add({5, 10}, {0, 20}, {0, 20}, 1);
  add({10, 20}, {0, 5}, {0, 5}, 1);
  add({10, 20}, {0, 5}, {0, 5}, 2);
  add({1, 1, 1}, {0, 1, 3}, {0, 1, 3}, 1);
  add({2, 3, 5}, {0, 1, 5}, {0, 1, 5}, 1);
  add({2, 3, 5}, {0, 1, 5}, {0, .5, 10}, 2);
  add({3, 4}, {.5, 2}, {.2, 1}, 1);
  return all;
}

double cost_of(const PlanCounts& counts, const Costed& costed) {
  std::vector<double> saves;
  std::vector<double> loads;
  for (const auto& level : costed.levels) {
    saves.push_back(level.save_cost);
    loads.push_back(level.load_cost);
  }
  return cairn::cost_of(counts, saves, loads, costed.turn_cost);
}

struct Ratios {
  double worst = 0;
  double mean = 0;
};

// Of the cost of a loop to that of hrevolve, which knows its end: for 1, 1 + stride … up to `most` steps.
Ratios over_levels(const Costed& costed, Step most, Step stride) {
  const LevelCosts costs = priced(Problem{.levels = costed.levels, .stored = {}});
  const auto plan = make_level_plan(costs, most);
  Loop loop{costed.levels};
  Ratios ratios;
  Step loops = 0;
  for (Step steps = 1; steps <= most; steps += stride) {
    loop.run_to(steps - 1);
    const double optimum =
        static_cast<double>(whole_cost(*plan, steps)) / costs.units + costed.turn_cost * static_cast<double>(steps);
    const double ratio = cost_of(loop.ended(), costed) / optimum;
    ratios.worst = std::max(ratios.worst, ratio);
    ratios.mean += (ratio - ratios.mean) / static_cast<double>(++loops);
  }
  return ratios;
}

TEST(OnlineRatio, StaysCloseToTheOfflineOptimumOverLevels) {
  const auto sets = costed_levels();
  double mean = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_LE(over_levels(sets[i], 60, 1).worst, 1.17) << "set " << i;
    const Ratios ratios = over_levels(sets[i], 1000, 9);
    EXPECT_LE(ratios.worst, 1.11) << "set " << i;
    EXPECT_LE(ratios.mean, 1.035) << "set " << i;
    mean += ratios.mean / static_cast<double>(sets.size());
  }
  EXPECT_LE(mean, 1.02);
}

}  // namespace
}  // namespace cairn
