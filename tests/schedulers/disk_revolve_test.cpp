// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/disk_revolve.hpp>
#include <cairn/schedulers/hrevolve.hpp>
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

struct Planned {
  PlanCounts counts;
  double cost = 0;
};

template <typename AnySchedule>
Planned planned(AnySchedule schedule, Problem problem) {
  problem.levels.back().slots = std::max(problem.steps, problem.levels.back().slots);
  std::vector<double> saves;
  std::vector<double> loads;
  for (const auto& level : problem.levels) {
    saves.push_back(level.save_cost);
    loads.push_back(level.load_cost);
  }
  const PlanCounts counts = replay(schedule, problem);
  return {counts, cost_of(counts, saves, loads, problem.turn_cost)};
}

Planned planned(const Problem& problem) {
  return planned(DiskRevolve{{.steps = problem.steps, .levels = problem.levels}}, problem);
}

TEST(DiskRevolve, IsTheOptimumOfAsManySlowSlotsAsSteps) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    auto problem = test::random_problem(random, {.steps = 20, .slots = 3, .free_base = seed % 3 != 0});
    if (problem.levels.size() < 2) continue;
    const double cost = planned(problem.problem()).cost * static_cast<double>(problem.unit);
    problem.levels.back().slots = problem.steps;
    ASSERT_EQ(std::llround(cost), test::StackOfLevels{problem}.least_cost(problem.steps))
        << "seed " << seed << ": " << problem;
  }
}

TEST(DiskRevolve, CostsNoMoreThanHRevolveWithAnyNumberOfSlots) {
  for (const Step steps : {10, 100, 300}) {
    const Problem problem{.steps = steps, .levels = {{3, 0, 0}, {0, 2.5, 1.5}}};
    const double unlimited = planned(problem).cost;
    double least = std::numeric_limits<double>::infinity();
    for (const Slots slots : {0, 1, 2, 5, 20, 80, 300}) {
      const Levels levels{{3, 0, 0}, {slots, 2.5, 1.5}};
      const double cost =
          planned(HRevolve{{.steps = steps, .levels = levels}}, {.steps = steps, .levels = levels}).cost;
      EXPECT_LE(unlimited, cost + 1e-6) << steps << ", " << slots;
      EXPECT_LE(cost, least + 1e-6) << steps << ", " << slots << ": more slots, more cost";
      least = cost;
    }
    EXPECT_NEAR(unlimited, least, 1e-6) << steps;
  }
}

TEST(DiskRevolve, CostsWhatIsKnown) {
  EXPECT_LE(planned({.steps = 1000, .levels = {{10, 0, 0}, {20, 2, 2}}}).cost, 3243);
}

TEST(DiskRevolve, OfAMillionStepsIsWithinItsCertificate) {
  const Problem problem{.steps = 1'000'000, .levels = {{10, 0, 0}, {20, 2, 2}}, .turn_cost = 0};
  const DiskRevolve disk_revolve{{.steps = problem.steps, .levels = problem.levels}};
  EXPECT_FALSE(disk_revolve.plan().exact());
  const double bound =
      static_cast<double>(whole_cost(disk_revolve.plan(), problem.steps)) / disk_revolve.plan().costs().units;
  const double cost = planned(problem).cost;
  EXPECT_GE(cost, bound);
  EXPECT_LE(cost, bound * (1 + 1e-5));
  const double per_step = cost / 1e6;
  const double of_a_tenth = planned({.steps = 100'000, .levels = problem.levels, .turn_cost = 0}).cost / 1e5;
  EXPECT_NEAR(per_step, of_a_tenth, 1e-3) << "the cost of a step tends to a limit";
}

TEST(DiskRevolve, IsRefusedByNameWhereTheLastLevelIsTooSmall) {
  Problem problem{.steps = 200, .levels = {{3, 0, 0}, {0, 2, 2}}};
  const Slots needed = planned(problem).counts.levels[1].peak;
  ASSERT_GT(needed, 1);
  problem.levels[1].slots = needed;
  DiskRevolve direct{{.steps = problem.steps, .levels = problem.levels}};
  EXPECT_EQ(test::actions_of(*make_schedule(ScheduleKind::disk_revolve, problem)), test::actions_of(direct));
  problem.levels[1].slots = needed - 1;
  EXPECT_THROW(make_schedule(ScheduleKind::disk_revolve, problem), std::invalid_argument);
}

TEST(DiskRevolve, IsLegalForAllStepsAndManyPrices) {
  for (const Levels& levels :
       {Levels{{1, 0, 0}, {0, 1, 1}}, Levels{{4, 0, 0}, {0, .3, .2}}, Levels{{2, 1, 1}, {0, 3, 4}},
        Levels{{2, 0, 0}, {3, 1, 1}, {0, 9, 7}}, Levels{{2, 5, 5}, {0, 1, 1}}})
    for (Step steps = 1; steps <= 300; ++steps) {
      const PlanCounts counts = planned({.steps = steps, .levels = levels}).counts;
      ASSERT_EQ(counts.turns, Count{steps});
      for (const auto& level : counts.levels) ASSERT_EQ(level.discards, level.takeshots) << steps;
      for (std::size_t k = 0; k + 1 < levels.size(); ++k) ASSERT_LE(counts.levels[k].peak, levels[k].slots) << steps;
    }
}

TEST(DiskRevolve, ClonedMidwayGoesOnTheSameWay) {
  DiskRevolve disk_revolve{{.steps = 300, .levels = {{2, 0, 0}, {0, 2, 2}}}};
  for (int i = 0; i < 333; ++i) ASSERT_TRUE(disk_revolve.next());
  const auto clone = disk_revolve.clone();
  EXPECT_EQ(test::actions_of(*clone), test::actions_of(disk_revolve));
}

TEST(DiskRevolve, SaysWhatIsWrong) {
  EXPECT_THROW(DiskRevolve({.steps = 10, .levels = {{3, 0, 0}}}), std::invalid_argument);
  EXPECT_THROW(DiskRevolve({.steps = 0, .levels = {{3, 0, 0}, {3, 1, 1}}}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
