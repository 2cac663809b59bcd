// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hrevolve.hpp>
#include <cairn/schedulers/level_costs.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/allocations.hpp>
#include <support/plan_oracle.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

using Levels = std::vector<Problem::LevelShape>;

double cost_by_replay(const Problem& problem) {
  HRevolve hrevolve{{.steps = problem.steps, .levels = problem.levels}};
  std::vector<double> saves;
  std::vector<double> loads;
  for (const auto& level : problem.levels) {
    saves.push_back(level.save_cost);
    loads.push_back(level.load_cost);
  }
  return cost_of(replay(hrevolve, problem), saves, loads, problem.turn_cost);
}

// In the whole units of `problem`.
std::int64_t cost_of_plan(const test::WholeProblem& problem) {
  return std::llround(cost_by_replay(problem.problem()) * static_cast<double>(problem.unit));
}

TEST(HRevolve, CostsWhatIsKnown) {
  struct Known {
    Levels levels;
    double turn_cost;
    std::vector<std::pair<Step, double>> costs;
  };
  const std::vector<Known> all{
      {{{1, 0, 0}, {1, 1, 1}}, 1, {{4, 10}, {9, 29}}},
      {{{1, 0, 0}, {2, 1, 1}}, 1, {{8, 24}, {50, 249}}},
      {{{2, 0, 0}, {1, 5, 5}}, 1, {{9, 26}, {50, 251}}},
      {{{2, 0, 0}, {3, 2, 2}}, 1, {{50, 206}, {500, 3256}}},
      {{{3, 0, 0}, {5, 5, 1}}, 1, {{50, 188}, {500, 2565}}},
      {{{3, 0, 0}, {5, 1, 5}}, 1, {{50, 188}, {500, 2645}}},
      {{{1, 0, 0}, {1, 5, 5}}, 1, {{8, 34}, {9, 39}}},
      {{{1, 0, 0}, {1, 5, 1}}, 1, {{8, 29}, {9, 33}}},
      {{{1, 0, 0}, {1, 1, 5}}, 1, {{8, 30}, {9, 35}}},
      {{{1, 0, 0}, {3, 1, 1}}, 1, {{8, 24}, {9, 27}}},
      {{{2, 0, 0}, {3, .1, .1}}, 1, {{50, 173.9}, {200, 994.9}}},
      {{{10, 0, 0}, {20, 5, 5}}, 1, {{200, 698}, {1000, 3882}}},
      {{{10, 0, 0}, {20, 5, 5}}, 2, {{200, 898}, {1000, 4882}}},
      {{{5, 0, 0}, {10, 20, 20}}, 1, {{200, 940}, {500, 2500}}},
      {{{1, 0, 0}, {1, 1, 1}, {1, 3, 3}}, 1, {{8, 25}, {50, 259}}},
      {{{2, 0, 0}, {3, 1, 1}, {5, 5, 5}}, 1, {{50, 191}, {500, 2502}}},
      {{{2, 0, 0}, {3, 1, .5}, {5, 5, 10}}, 2, {{500, 3012.5}}},
      {{{3, .5, .2}, {4, 2, 1}}, 1, {{50, 195.2}, {200, 969}}},
      {{{1, 4, 4}, {1, 0, 0}}, 1, {{8, 32}}},
  };
  for (const Known& known : all)
    for (const auto& [steps, cost] : known.costs)
      EXPECT_NEAR(cost_by_replay({.steps = steps, .levels = known.levels, .turn_cost = known.turn_cost}), cost, 1e-6)
          << steps << " steps, " << known.levels[0].slots << " + " << known.levels.back().slots << " slots";
}

TEST(HRevolve, OfAMillionStepsCostsNoMoreThanKnown) {
  struct Known {
    Levels levels;
    double cost;
  };
  for (const Known& known :
       {Known{{{10, 0, 0}, {20, 5, 5}}, 6'762'912}, Known{{{10, 0, 0}, {20, 1, 1}}, 6'684'992},
        Known{{{10, 0, 0}, {20, 20, 20}}, 6'926'508}, Known{{{10, 0, 0}, {200, 5, 5}}, 4'944'836},
        Known{{{50, 0, 0}, {200, 5, 5}}, 4'114'763}, Known{{{10, 0, 0}, {20, 5, 5}, {200, 20, 20}}, 5'254'597}}) {
    const Problem problem{.steps = 1'000'000, .levels = known.levels};
    const double cost = cost_by_replay(problem);
    EXPECT_LE(cost, known.cost * (1 + 1e-5)) << known.levels.back().slots;
    const auto plan = best_level_plan(priced(problem), problem.steps);
    const double bound =
        static_cast<double>(whole_cost(*plan, problem.steps)) / plan->costs().units + 1e6 * problem.turn_cost;
    EXPECT_FALSE(plan->exact());
    EXPECT_GE(cost, bound);
    EXPECT_LE(cost, bound * (1 + 1e-5)) << "the certificate of " << known.levels.back().slots;
  }
}

// How often the plan is an optimum, and how far from it at worst.
struct Found {
  int cases = 0;
  int optimal = 0;
  double worst = 1;
};

template <typename Oracle>
Found compare(unsigned seeds, const test::RandomShape& shape, Oracle least_cost) {
  Found found;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    std::mt19937 random{seed};
    const auto problem = test::random_problem(random, shape);
    const std::int64_t least = *least_cost(problem);
    const std::int64_t cost = cost_of_plan(problem);
    EXPECT_GE(cost, least) << "seed " << seed << ": " << problem;
    ++found.cases;
    found.optimal += cost == least;
    found.worst = std::max(found.worst, static_cast<double>(cost) / static_cast<double>(least));
    if (cost != least && shape.free_base)
      ADD_FAILURE() << "seed " << seed << ": " << problem << ": " << cost << ", " << least;
  }
  return found;
}

std::optional<std::int64_t> by_stack(const test::WholeProblem& problem) {
  return test::StackOfLevels{problem}.least_cost(problem.steps);
}

TEST(HRevolve, IsTheOptimumOfAllPlansWhereLevelZeroIsFree) {
  for (const bool ordered : {true, false})
    EXPECT_EQ(compare(300, {.ordered = ordered, .free_base = true}, test::searched_cost).optimal, 300)
        << (ordered ? "tiers in order" : "tiers in any order");
}

TEST(HRevolve, IsTheOptimumOfLongerPlansAndMoreSlotsWhereLevelZeroIsFree) {
  for (const bool ordered : {true, false})
    EXPECT_EQ(compare(200, {.steps = 24, .slots = 3, .ordered = ordered, .free_base = true}, by_stack).optimal, 200)
        << (ordered ? "tiers in order" : "tiers in any order");
}

TEST(HRevolve, IsNeverBelowTheOptimumAndSeldomFarAboveItWhereLevelZeroIsNotFree) {
  for (const bool ordered : {true, false}) {
    const Found small = compare(300, {.ordered = ordered}, test::searched_cost);
    const Found longer = compare(200, {.steps = 24, .slots = 3, .ordered = ordered}, by_stack);
    EXPECT_GE(small.optimal + longer.optimal, 490);
    EXPECT_LE(std::max(small.worst, longer.worst), 1.02);
  }
}

TEST(HRevolve, CostsExactlyWhatItsPlanSaysWithinItsSlots) {
  const std::vector<Levels> all{{{1, 0, 0}},
                                {{4, .3, .2}},
                                {{1, 0, 0}, {1, 2, 2}},
                                {{3, 0, 0}, {6, 1.5, .5}},
                                {{2, .1, .1}, {3, 4, 2}},
                                {{0, 0, 0}, {3, 1, 1}},
                                {{2, 7, 7}, {2, 0, 0}},
                                {{1, 0, 0}, {0, 1, 1}, {2, 2, 3}},
                                {{2, 0, 0}, {2, 1, 4}, {2, 4, 1}},
                                {{1, 0, 0}, {2, .5, .5}, {2, 2, 2}, {300, 8, 9}}};
  for (const Levels& levels : all)
    for (Step steps = 1; steps <= 300; steps += steps < 60 || levels.size() < 3 ? 1 : 7) {
      const Problem problem{.steps = steps, .levels = levels, .turn_cost = 1.5};
      const auto plan = best_level_plan(priced(problem), steps);
      ASSERT_TRUE(plan->exact());
      const double promised = static_cast<double>(whole_cost(*plan, steps)) / plan->costs().units;
      ASSERT_NEAR(cost_by_replay(problem), promised + 1.5 * static_cast<double>(steps), 1e-6)
          << steps << " steps, levels " << levels.size() << ", slots of the first " << levels[0].slots;
    }
}

TEST(HRevolve, IsMadeByName) {
  const Problem problem{.steps = 77, .levels = {{2, 0, 0}, {3, 2, 2}}};
  HRevolve direct{{.steps = problem.steps, .levels = problem.levels}};
  EXPECT_EQ(test::actions_of(*make_schedule(ScheduleKind::hrevolve, problem)), test::actions_of(direct));
}

TEST(HRevolve, OfTwoToTheFortyStepsIsLegalForAMillionActionsInConstantMemory) {
  for (const Levels& levels : {Levels{{10, 0, 0}, {20, 5, 5}}, Levels{{10, 0, 0}, {20, 5, 5}, {200, 20, 20}},
                               Levels{{1, 0, 0}, {1, 2, 2}}, Levels{{5, .5, .25}, {10, 3, 2}}}) {
    HRevolve hrevolve{{.steps = limits::steps, .levels = levels}};
    Replay replay{limits::steps, slots_of({.steps = limits::steps, .levels = levels})};
    for (int i = 0; i < 1'000'000; ++i) ASSERT_NO_THROW(replay.apply(*hrevolve.next())) << "action " << i;
    EXPECT_GT(replay.counts().turns, Count{100'000}) << levels.size() << " levels";
    const auto before = test::allocated();
    for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(hrevolve.next()) << "action " << i;
    EXPECT_EQ(test::allocated().times, before.times) << levels.size() << " levels";
  }
}

TEST(HRevolve, ClonedMidwayGoesOnTheSameWay) {
  for (const Levels& levels : {Levels{{2, 0, 0}, {3, 2, 2}}, Levels{{2, .5, .5}, {3, 2, 2}}}) {
    HRevolve hrevolve{{.steps = 200, .levels = levels}};
    for (int i = 0; i < 333; ++i) ASSERT_TRUE(hrevolve.next());
    const auto clone = hrevolve.clone();
    EXPECT_EQ(test::actions_of(*clone), test::actions_of(hrevolve));
  }
}

TEST(HRevolve, SaysWhichNumberIsWrong) {
  EXPECT_THROW(HRevolve({.steps = 0, .levels = {{1, 0, 0}}}), std::invalid_argument);
  EXPECT_THROW(HRevolve({.steps = 2, .levels = {{0, 0, 0}}}), std::invalid_argument);
  EXPECT_THROW(HRevolve({.steps = 2, .levels = {}}), std::invalid_argument);
  EXPECT_THROW(HRevolve({.steps = 2, .levels = {{1, -1, 0}}}), std::invalid_argument);
  EXPECT_THROW(HRevolve({.steps = limits::steps + 1, .levels = {{1, 0, 0}}}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
