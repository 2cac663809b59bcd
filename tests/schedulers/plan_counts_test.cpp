// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/plan_counts.hpp>
#include <cairn/schedulers/replay.hpp>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Shapes = std::vector<Problem::LevelShape>;

// Beyond what formulas are asked for, and short enough to run.
constexpr Step long_steps = (Step{1} << 14) + 3;

std::string text(const PlanCounts& counts) {
  std::string line = std::to_string(counts.advances.value()) + " advances, " + std::to_string(counts.turns.value()) +
                     " turns, " + std::to_string(counts.actions.value()) + " actions";
  for (const auto& level : counts.levels)
    line += "; " + std::to_string(level.takeshots.value()) + ' ' + std::to_string(level.restores.value()) + ' ' +
            std::to_string(level.moves.value()) + ' ' + std::to_string(level.discards.value()) + ' ' +
            std::to_string(level.peak);
  return line;
}

Problem problem_of(Step steps, const std::vector<Slots>& slots) {
  Problem problem{.steps = steps};
  for (const Slots number : slots) problem.levels.push_back({.slots = number});
  return problem;
}

void expect_equal(ScheduleKind kind, const Problem& problem) {
  const Counted counted = count_plan_by_formula(kind, problem);
  EXPECT_FALSE(counted.replayed);
  EXPECT_EQ(text(counted.counts), text(replay(*make_schedule(kind, problem), problem)))
      << name_of(kind) << ", steps " << problem.steps << ", level 0 has " << problem.levels[0].slots << " slots";
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForRevolve) {
  for (const Slots slots : {1, 2, 3, 9, 40}) expect_equal(ScheduleKind::revolve, problem_of(long_steps, {slots}));
  for (const Step steps : {17'000, 54'321, 100'000}) expect_equal(ScheduleKind::revolve, problem_of(steps, {17, 4}));
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForMultistage) {
  for (const auto& slots : {std::vector<Slots>{1, 1}, {3, 2}, {2, 0, 5}, {0, 4}, {5, 1, 1}, {200, 3}})
    expect_equal(ScheduleKind::multistage, problem_of(long_steps, slots));
  expect_equal(ScheduleKind::multistage, problem_of(54'321, {7, 30, 11}));
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForPeriodic) {
  for (Slots slots = 1; slots <= 4; ++slots) {
    Problem problem = problem_of(long_steps, {slots, 3, long_steps});
    expect_equal(ScheduleKind::periodic, problem);
    for (const Step period : {1, 2, 7, 59, 60, 1000, 16'000, 20'000}) {
      problem.period = period;
      expect_equal(ScheduleKind::periodic, problem);
    }
  }
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForHRevolve) {
  constexpr unsigned seed = 11;
  std::mt19937 random{seed};
  const auto below = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  for (int round = 0; round < 12; ++round) {
    Problem problem{.steps = long_steps + below(3000)};
    double cost = 0;
    for (int level = 0; level < 2 + round % 2; ++level) {
      problem.levels.push_back({.slots = 1 + below(30), .save_cost = cost, .load_cost = cost / 2});
      cost += below(80) / 8.0;
    }
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    expect_equal(ScheduleKind::hrevolve, problem);
  }
}

TEST(PlanCounts, ComeWithTheirCost) {
  Problem problem = problem_of(500, {10});
  problem.levels[0] = {.slots = 10, .save_cost = .5, .load_cost = .25};
  problem.turn_cost = 2;
  const PlanCounts counts = replay(*make_schedule(ScheduleKind::revolve, problem), problem);
  const double expected = static_cast<double>(counts.advances.value()) + 2 * 500 +
                          .5 * static_cast<double>(counts.levels[0].takeshots.value()) +
                          .25 * static_cast<double>(counts.levels[0].restores.value());
  EXPECT_DOUBLE_EQ(count_plan(ScheduleKind::revolve, problem).cost, expected);
}

TEST(PlanCounts, ComeFromReplayWherePlansAreShort) {
  const Counted counted = count_plan(ScheduleKind::revolve, problem_of(100'000, {10}));
  EXPECT_TRUE(counted.replayed);
  EXPECT_EQ(counted.counts, count_plan_by_formula(ScheduleKind::revolve, problem_of(100'000, {10})).counts);
}

TEST(PlanCounts, ComeFromFormulasWherePlansAreLong) {
  const Counted counted = count_plan(ScheduleKind::revolve, problem_of(limits::steps, {1}));
  EXPECT_FALSE(counted.replayed);
  EXPECT_TRUE(counted.counts.advances.saturated());
  EXPECT_EQ(counted.cost, std::numeric_limits<double>::infinity());
  EXPECT_EQ(counted.counts.turns, Count{limits::steps});
  EXPECT_EQ(counted.counts.levels[0].takeshots, Count{1});
  EXPECT_THROW(count_plan(ScheduleKind::periodic, problem_of(limits::steps, {1})), std::invalid_argument);
}

TEST(PlanCounts, SayHowManySlotsDiskRevolveNeeds) {
  Problem problem{.steps = 1000, .levels = Shapes{{.slots = 10}, {.slots = 1, .save_cost = 2, .load_cost = 2}}};
  const Counted counted = count_plan(ScheduleKind::disk_revolve, problem);
  EXPECT_GT(counted.counts.levels[1].peak, 1);
  problem.levels[1].slots = counted.counts.levels[1].peak;
  EXPECT_EQ(replay(*make_schedule(ScheduleKind::disk_revolve, problem), problem), counted.counts);
  --problem.levels[1].slots;
  EXPECT_THROW(make_schedule(ScheduleKind::disk_revolve, problem), std::invalid_argument);
}

TEST(PlanCounts, NameTheOrderOfLevelsOnlyWhereItIsNotTheOneGiven) {
  Problem problem{.steps = 50, .levels = Shapes{{.slots = 2}, {.slots = 3, .save_cost = 2, .load_cost = 2}}};
  EXPECT_TRUE(count_plan(ScheduleKind::hrevolve, problem).order.empty());
  std::swap(problem.levels[0], problem.levels[1]);
  EXPECT_EQ(count_plan(ScheduleKind::hrevolve, problem).order, (std::vector<Level>{Level{1}, Level{0}}));
}

}  // namespace
}  // namespace cairn
