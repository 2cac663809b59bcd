// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Shapes = std::vector<Problem::LevelShape>;

const Choice::Candidate& candidate(const Choice& choice, ScheduleKind kind) {
  return *std::ranges::find(choice.candidates, kind, &Choice::Candidate::kind);
}

double cost_by_replay(ScheduleKind kind, const Problem& problem) {
  const PlanCounts counts = replay(*make_schedule(kind, problem), problem);
  std::vector<double> saves, loads;
  for (const auto& level : problem.levels) saves.push_back(level.save_cost), loads.push_back(level.load_cost);
  return cost_of(counts, saves, loads, problem.turn_cost);
}

/// The least cost of all kinds for which a schedule can be made and run.
double least_by_replay(const Problem& problem) {
  double least = std::numeric_limits<double>::infinity();
  for (const ScheduleKind kind : schedule_kinds()) {
    if (kind == ScheduleKind::automatic || kind == ScheduleKind::online) continue;
    try {
      least = std::min(least, cost_by_replay(kind, problem));
    } catch (const std::invalid_argument&) {
    }
  }
  return least;
}

TEST(Choose, TakesTheCheapestOfAllThatCanBeMade) {
  constexpr unsigned seed = 3;
  std::mt19937 random{seed};
  const auto below = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  for (int round = 0; round < 60; ++round) {
    Problem problem{.steps = 1 + below(150), .turn_cost = below(3) / 2.0};
    for (int level = 0; level < 1 + round % 3; ++level)
      problem.levels.push_back({.slots = 1 + below(12), .save_cost = below(16) / 4.0, .load_cost = below(16) / 4.0});
    if (below(2) == 0) problem.levels[0].save_cost = problem.levels[0].load_cost = 0;
    const Choice choice = choose_schedule(problem);
    const double least = least_by_replay(problem);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ": " + choice.reason);
    EXPECT_NEAR(cost_by_replay(choice.kind, problem), least, 1e-9 * least);
    EXPECT_NEAR(candidate(choice, choice.kind).cost, least, 1e-9 * least);
  }
}

TEST(Choose, SaysWhyWithFigures) {
  const Choice choice =
      choose_schedule({.steps = 1000, .levels = {{.slots = 10}, {.slots = 20, .save_cost = 2, .load_cost = 2}}});
  EXPECT_EQ(choice.kind, ScheduleKind::hrevolve);
  EXPECT_EQ(
      choice.reason,
      "hrevolve costs 3762 forward steps, the least of 4 that fit (periodic 3786, multistage 4352, revolve 4636)");
  EXPECT_EQ(candidate(choice, ScheduleKind::store_all).unfit,
            "store_all needs 999 slots for 1000 steps; the levels have 30 together");
  EXPECT_EQ(candidate(choice, ScheduleKind::disk_revolve).unfit, "it needs 85 slots at level 1, which has 20");
  EXPECT_EQ(candidate(choice, ScheduleKind::disk_revolve).cost, 3243);
}

TEST(Choose, TakesTheSimplestOfEquals) {
  EXPECT_EQ(choose_schedule({.steps = 1000, .levels = {{.slots = 10}}}).kind, ScheduleKind::revolve);
  EXPECT_EQ(
      choose_schedule({.steps = 5, .levels = {{.slots = 10}, {.slots = 10, .save_cost = 9, .load_cost = 9}}}).kind,
      ScheduleKind::revolve);
  EXPECT_EQ(choose_schedule({.steps = 1000, .levels = {{.slots = 10}, {.slots = 20}}}).kind, ScheduleKind::multistage);
}

TEST(Choose, SaysThatStorageWasTakenAsFreeWhereNoCostIsGiven) {
  const std::string note = "; no save or load cost is given, and storage was taken as free";
  EXPECT_TRUE(choose_schedule({.steps = 100, .levels = {{.slots = 3}, {.slots = 4}}}).reason.ends_with(note));
  const Problem priced{.steps = 100, .levels = {{.slots = 3}, {.slots = 4, .save_cost = 1}}};
  EXPECT_EQ(choose_schedule(priced).reason.find("free"), std::string::npos);
}

TEST(Choose, TakesOnlineWhereTheNumberOfStepsIsNotKnown) {
  const Choice choice = choose_schedule({.steps = 0, .levels = {{.slots = 3}}});
  EXPECT_EQ(choice.kind, ScheduleKind::online);
  EXPECT_EQ(choice.reason, "the number of steps is not known, and online alone plans without it");
}

TEST(Choose, WeighsPlansFromWhatIsStored) {
  Problem problem{.steps = 60, .levels = {{.slots = 3}, {.slots = 4, .save_cost = 1, .load_cost = 1}}};
  problem.stored = {{.step = 0, .level = Level{1}}, {.step = 20, .level = Level{1}}, {.step = 50, .level = Level{0}}};
  const Choice choice = choose_schedule(problem);
  const double least = least_by_replay(problem);
  EXPECT_NEAR(cost_by_replay(choice.kind, problem), least, 1e-9 * least) << choice.reason;
}

TEST(Choose, RefusesWhatNoScheduleFits) {
  try {
    choose_schedule({.steps = 10, .levels = {{.slots = 0}}});
    FAIL() << "it chose";
  } catch (const std::invalid_argument& refusal) {
    EXPECT_TRUE(
        std::string{refusal.what()}.starts_with("no schedule can be made for this: revolve: level 0 has no slot"))
        << refusal.what();
  }
  EXPECT_THROW(choose_schedule({.steps = -1, .levels = {{.slots = 3}}}), std::invalid_argument);
  EXPECT_THROW(choose_schedule({.steps = 10}), std::invalid_argument);
}

TEST(Choose, TakesMillisecondsForAnyNumberOfSteps) {  // no time is asserted: a replay of 2^40 steps would take hours
  const Choice choice = choose_schedule(
      {.steps = limits::steps, .levels = {{.slots = 100}, {.slots = 1000, .save_cost = 3, .load_cost = 3}}});
  EXPECT_EQ(choice.kind, ScheduleKind::hrevolve) << choice.reason;
}

}  // namespace
}  // namespace cairn
