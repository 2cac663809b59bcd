// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/plan_timing.hpp>

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

/// RAM of 10 buffers and a disk; level 0 has as many slots as buffers.
Problem overlapped(Step steps, double save, double load, Slots buffers = 10, Slots disk_slots = 1000) {
  return {.steps = steps,
          .levels = {{.slots = buffers}, {.slots = disk_slots, .save_cost = save, .load_cost = load}},
          .buffers = buffers};
}

TEST(ChooseByMakespan, TakesTheShortestOfAllKinds) {
  constexpr unsigned seed = 20260492;
  std::mt19937 random{seed};
  const auto from_to = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  for (int i = 0; i < 50; ++i) {
    Problem problem =
        overlapped(from_to(1, 150), from_to(0, 40) / 4., from_to(0, 40) / 4., from_to(2, 12), from_to(1, 60));
    problem.turn_cost = from_to(1, 4) / 2.;
    const Choice choice = choose_by_makespan(problem);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", case " + std::to_string(i) + ": " + choice.reason);
    double least = std::numeric_limits<double>::infinity();
    for (const Choice::Candidate& one : choice.candidates) {
      if (!one.unfit.empty()) continue;
      least = std::min(least, one.cost);
      if (one.kind == ScheduleKind::overlap) {
        EXPECT_DOUBLE_EQ(one.cost, plan_overlap(overlap_shape(problem)).makespan);
      } else {
        const auto schedule = make_schedule(one.kind, fitted(problem, one.kind));
        EXPECT_DOUBLE_EQ(one.cost, Simulation{machine_of(problem)}.run(*schedule).makespan) << name_of(one.kind);
      }
    }
    EXPECT_LE(candidate(choice, choice.kind).cost, least * 1.0011);
    EXPECT_EQ(choice.plan.has_value(), choice.kind == ScheduleKind::overlap);
  }
}

TEST(ChooseByMakespan, SaysWhyWithFigures) {
  const Choice overlap = choose_by_makespan(overlapped(1000, 5, 5));
  EXPECT_EQ(overlap.kind, ScheduleKind::overlap);
  EXPECT_TRUE(overlap.reason.starts_with(overlap.plan->text() + "; overlap takes ")) << overlap.reason;
  const Choice all_in_ram = choose_by_makespan(overlapped(5, 9, 9));
  EXPECT_EQ(all_in_ram.kind, ScheduleKind::revolve) << "the simplest of equals";
  EXPECT_TRUE(all_in_ram.reason.starts_with("revolve takes 9 forward steps, the least of ")) << all_in_ram.reason;
  EXPECT_FALSE(all_in_ram.plan);
}

TEST(ChooseByMakespan, WeighsOverlapAloneWhereEffortIsShort) {
  const Problem problem = overlapped(1000, 5, 5);
  const Choice some = choose_by_makespan(problem, {.most_work = 3000});
  EXPECT_EQ(some.kind, ScheduleKind::overlap);
  EXPECT_EQ(some.candidates.size(), 1U);
  EXPECT_TRUE(some.reason.ends_with(" forward steps, and no other fits")) << some.reason;
}

TEST(ChooseByMakespan, OfNoEffortTakesOverlapWhereThatHidesStorageElseTheCheapest) {
  const Choice hidden = choose_by_makespan(overlapped(1000, 5, 5), {.most_work = 0});
  EXPECT_EQ(hidden.kind, ScheduleKind::overlap);
  ASSERT_TRUE(hidden.plan);
  EXPECT_TRUE(hidden.plan->watches);
  const Problem slow = overlapped(1000, 50, 50);
  const Choice exposed = choose_by_makespan(slow, {.most_work = 0});
  const Choice synchronous = choose_schedule(fitted(slow, ScheduleKind::automatic));
  EXPECT_EQ(exposed.kind, synchronous.kind);
  EXPECT_EQ(exposed.reason, synchronous.reason);
}

TEST(ChooseByMakespan, TakesOnlineWhereTheNumberOfStepsIsNotKnownAndRefusesWhatCannotBe) {
  EXPECT_EQ(choose_by_makespan(overlapped(0, 5, 5)).kind, ScheduleKind::online);
  EXPECT_THROW(choose_by_makespan(overlapped(-1, 5, 5)), std::invalid_argument);
  EXPECT_THROW(choose_by_makespan(overlapped(10, -5, 5)), std::invalid_argument);
}

TEST(Fitted, LeavesABufferForCopiesWhereThereAreSlowLevels) {
  const auto slots = [](const Problem& problem, ScheduleKind kind) { return fitted(problem, kind).levels[0].slots; };
  const Problem problem = overlapped(10, 1, 1);
  EXPECT_EQ(slots(problem, ScheduleKind::hrevolve), 9);
  EXPECT_EQ(slots(problem, ScheduleKind::multistage), 9);
  EXPECT_EQ(slots(problem, ScheduleKind::revolve), 10) << "it writes nothing to disk";
  EXPECT_EQ(slots(problem, ScheduleKind::overlap), 10) << "it counts for itself";
  Problem fewer = problem;
  fewer.levels[0].slots = 4;
  EXPECT_EQ(slots(fewer, ScheduleKind::hrevolve), 4) << "there are more buffers than slots";
  EXPECT_EQ(slots(overlapped(10, 1, 1, 1), ScheduleKind::hrevolve), 1);
  EXPECT_EQ(slots({.steps = 10, .levels = {{.slots = 4}}, .buffers = 4}, ScheduleKind::hrevolve), 4) << "RAM alone";
}

TEST(Choose, TakesMillisecondsForAnyNumberOfSteps) {  // no time is asserted: a replay of 2^40 steps would take hours
  const Choice choice = choose_schedule(
      {.steps = limits::steps, .levels = {{.slots = 100}, {.slots = 1000, .save_cost = 3, .load_cost = 3}}});
  EXPECT_EQ(choice.kind, ScheduleKind::hrevolve) << choice.reason;
}

}  // namespace
}  // namespace cairn
