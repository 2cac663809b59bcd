// SPDX-License-Identifier: BSD-3-Clause
#include "plan_counts.hpp"

#include <cairn/schedulers/replay.hpp>

#include <vector>

#include <gtest/gtest.h>

namespace cairn::tool {
namespace {

std::string text(const PlanCounts& counts) {
  std::string line = std::to_string(counts.advances.value()) + " advances, " + std::to_string(counts.turns.value()) +
                     " turns, " + std::to_string(counts.actions.value()) + " actions";
  for (const auto& level : counts.levels)
    line += "; " + std::to_string(level.takeshots.value()) + ' ' + std::to_string(level.restores.value()) + ' ' +
            std::to_string(level.moves.value()) + ' ' + std::to_string(level.discards.value()) + ' ' +
            std::to_string(level.peak);
  return line;
}

PlanCounts by_replay(ScheduleKind kind, const Problem& problem) {
  std::vector<Slots> slots;
  for (const auto& level : problem.levels) slots.push_back(level.slots);
  return replay(*make_schedule(kind, problem), problem.steps, slots);
}

Problem problem_of(Step steps, const std::vector<Slots>& slots) {
  Problem problem{.steps = steps, .levels = {}, .period = {}};
  for (const Slots number : slots) problem.levels.push_back({.slots = number});
  return problem;
}

void expect_equal(ScheduleKind kind, const Problem& problem) {
  EXPECT_EQ(text(counts_by_formula(kind, problem)), text(by_replay(kind, problem)))
      << name_of(kind) << ", steps " << problem.steps << ", level 0 has " << problem.levels[0].slots << " slots";
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForRevolve) {
  for (Slots slots = 1; slots <= 9; ++slots)
    for (Step steps = 1; steps <= 120; ++steps) expect_equal(ScheduleKind::revolve, problem_of(steps, {slots}));
  for (const Step steps : {1000, 4321, 100'000}) expect_equal(ScheduleKind::revolve, problem_of(steps, {17, 4}));
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForMultistage) {
  for (const auto& slots : {std::vector<Slots>{1, 1}, {3, 2}, {2, 0, 5}, {0, 4}, {5, 1, 1}, {200, 3}})
    for (Step steps = 1; steps <= 120; ++steps) expect_equal(ScheduleKind::multistage, problem_of(steps, slots));
  expect_equal(ScheduleKind::multistage, problem_of(54'321, {7, 30, 11}));
}

TEST(PlanCounts, ByFormulaEqualThoseOfReplayForPeriodic) {
  for (Slots slots = 1; slots <= 4; ++slots)
    for (Step steps = 1; steps <= 60; ++steps) {
      Problem problem = problem_of(steps, {slots, 3, 60});
      expect_equal(ScheduleKind::periodic, problem);
      for (const Step period : {1, 2, 7, 59, 60, 1000}) {
        problem.period = period;
        expect_equal(ScheduleKind::periodic, problem);
      }
    }
}

TEST(PlanCounts, ComeFromReplayWherePlansAreShort) {
  const Counted counted = count(ScheduleKind::revolve, problem_of(1000, {10}));
  EXPECT_TRUE(counted.replayed);
  EXPECT_EQ(counted.counts, by_replay(ScheduleKind::revolve, problem_of(1000, {10})));
}

TEST(PlanCounts, ComeFromFormulasWherePlansAreLong) {
  const Counted counted = count(ScheduleKind::revolve, problem_of(limits::steps, {1}));
  EXPECT_FALSE(counted.replayed);
  EXPECT_TRUE(counted.counts.advances.saturated());
  EXPECT_EQ(counted.counts.turns, Count{limits::steps});
  EXPECT_EQ(counted.counts.levels[0].takeshots, Count{1});
  EXPECT_THROW(count(ScheduleKind::periodic, problem_of(limits::steps, {1})), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::tool
