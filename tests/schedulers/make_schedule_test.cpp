// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <array>
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

Problem problem_of(Step steps, const std::vector<Slots>& slots) {
  Problem problem{.steps = steps};
  for (const Slots level : slots) problem.levels.push_back({.slots = level, .save_cost = 0.0, .load_cost = 0.0});
  return problem;
}

std::string refusal(ScheduleKind kind, const Problem& problem) {
  return test::message_of<std::invalid_argument>([&] { make_schedule(kind, problem); });
}

const std::vector<std::vector<Slots>> many_slots = {
    {1},       {2},       {3},    {8},    {150},  {1, 1},   {1, 150}, {2, 3},          {5, 2},   {7, 1},     {1, 1, 1},
    {2, 3, 4}, {3, 0, 2}, {0, 2}, {0, 0}, {4, 0}, {60, 60}, {0},      {1, 2, 3, 4, 5}, {119, 1}, {3, 3, 150}};

TEST(ScheduleKinds, HaveNamesThatLeadBack) {
  for (const ScheduleKind kind : schedule_kinds()) EXPECT_EQ(schedule_kind(name_of(kind)), kind) << name_of(kind);
  EXPECT_EQ(schedule_kind("revolver"), std::nullopt);
  EXPECT_EQ(schedule_kind(""), std::nullopt);
}

TEST(ScheduleKinds, AreTheNineOfThisVersion) {
  std::string names;
  for (const ScheduleKind kind : schedule_kinds()) names += std::string{name_of(kind)} + ' ';
  EXPECT_EQ(names, "auto overlap hrevolve disk_revolve multistage revolve periodic store_all online ");
}

const std::vector<std::vector<std::array<double, 2>>> many_prices = {{}, {{0, 0}, {2, 2}, {5, 7}}, {{.3, .2}, {4, 1}}};

Problem priced_problem(Step steps, const std::vector<Slots>& slots, const std::vector<std::array<double, 2>>& prices) {
  Problem problem = problem_of(steps, slots);
  for (std::size_t k = 0; k < std::min(prices.size(), slots.size()); ++k) {
    problem.levels[k].save_cost = prices[k][0];
    problem.levels[k].load_cost = prices[k][1];
  }
  return problem;
}

TEST(EverySchedule, IsLegalOrRefusedForAllStepsAndSlots) {
  for (const ScheduleKind kind : schedule_kinds()) {
    int legal = 0;
    for (std::size_t which = 0; which < many_slots.size(); ++which)
      for (Step steps = 1; steps <= 300; steps += steps < 60 ? 1 : 11) {
        const auto& slots = many_slots[which];
        const Problem problem = priced_problem(steps, slots, many_prices[which % many_prices.size()]);
        std::unique_ptr<Schedule> schedule;
        try {
          schedule = make_schedule(kind, problem);
        } catch (const std::invalid_argument&) {
          continue;
        }
        const PlanCounts counts = replay(*schedule, problem);
        ASSERT_EQ(counts.turns, Count{steps}) << name_of(kind) << ", " << steps;
        Count stored;
        Count dropped;
        for (const auto& level : counts.levels) {
          stored += level.takeshots;
          dropped += level.discards;
        }
        ASSERT_EQ(stored, dropped) << name_of(kind) << ", " << steps << ": it leaves nothing behind";
        ++legal;
      }
    EXPECT_GE(legal, 400) << name_of(kind);
  }
}

TEST(EverySchedule, ClonedAtAnyActionGoesOnTheSameWay) {
  for (const ScheduleKind kind : schedule_kinds()) {
    const auto schedule = make_schedule(kind, problem_of(60, {20, 40}));
    auto ahead = schedule->clone();
    const auto all = test::actions_of(*ahead);
    for (std::size_t taken = 0; taken <= all.size(); ++taken) {
      const auto clone = schedule->clone();
      const std::vector<Action> rest{all.begin() + static_cast<std::ptrdiff_t>(taken), all.end()};
      ASSERT_EQ(test::actions_of(*clone), rest) << name_of(kind) << " cloned after " << taken;
      schedule->next();
    }
  }
}

TEST(EverySchedule, NeedsTheNumberOfStepsButForTheOnlineOnes) {
  for (const ScheduleKind kind : schedule_kinds()) {
    const std::string text = refusal(kind, problem_of(0, {9, 9}));
    if (kind == ScheduleKind::online || kind == ScheduleKind::overlap || kind == ScheduleKind::automatic)
      EXPECT_EQ(text, "nothing is thrown");
    else
      EXPECT_EQ(text,
                "steps is 0; there must be at least 1 (only online and overlap plan for a number that is not known "
                "yet)");
  }
}

TEST(EverySchedule, OfUnknownStepsIsLegalWhereverTheLoopEndsWhateverTheLevels) {
  for (const ScheduleKind kind : {ScheduleKind::online, ScheduleKind::overlap})
    for (const auto& slots : {std::vector<Slots>{1}, {7}, {2, 0}, {2, 3}, {5, 0, 40}}) {
      Problem problem = priced_problem(0, slots, many_prices[1]);
      for (const Step steps : {1, 2, 3, 60}) {
        const auto schedule = make_schedule(kind, problem);
        Replay replay = Replay::of_unknown_steps(slots);
        while (replay.live() < steps - 1) replay.apply(schedule->next().value());
        schedule->finish(steps);
        replay.finish(steps);
        while (const auto action = schedule->next()) ASSERT_NO_THROW(replay.apply(*action)) << name_of(kind);
        EXPECT_TRUE(replay.finished()) << name_of(kind) << ", " << steps;
      }
    }
}

TEST(EverySchedule, EndsByItselfAndNotByFinish) {
  for (const ScheduleKind kind : schedule_kinds())
    EXPECT_THROW(make_schedule(kind, problem_of(5, {4, 4}))->finish(5), std::logic_error) << name_of(kind);
}

TEST(EverySchedule, RefusesAProblemThatIsNone) {
  for (const ScheduleKind kind : schedule_kinds()) {
    EXPECT_EQ(refusal(kind, problem_of(-1, {9, 9})), "steps is -1; there must be at least 1");
    EXPECT_EQ(refusal(kind, problem_of(limits::steps + 1, {9, 9})),
              "steps is 1099511627777; at most 1099511627776 are supported");
    EXPECT_EQ(refusal(kind, problem_of(5, {})), "no level is given; a plan needs at least one");
    EXPECT_EQ(refusal(kind, problem_of(5, {9, -1})), "level 1 has -1 slots; there must be 0 or more");
    Problem problem = problem_of(5, {9, 9});
    problem.levels[1].save_cost = -2.0;
    EXPECT_EQ(refusal(kind, problem),
              "the save cost of level 1 is -2.000000; give a finite number of forward steps, 0 or more");
    problem = problem_of(5, {9, 9});
    problem.levels[0].load_cost = std::nan("");
    EXPECT_EQ(refusal(kind, problem),
              "the load cost of level 0 is nan; give a finite number of forward steps, 0 or more");
    problem = problem_of(5, {9, 9});
    problem.levels[0].load_cost = 1e300;
    EXPECT_EQ(refusal(kind, problem), "the load cost of level 0 is above 1e9 forward steps; give at most that");
    problem.levels[0].load_cost = 0;
    problem.turn_cost = INFINITY;
    EXPECT_EQ(refusal(kind, problem), "the turn cost is inf; give a finite number of forward steps, 0 or more");
  }
}

TEST(EverySchedule, IsLegalAtTheGreatestCosts) {
  for (const ScheduleKind kind : schedule_kinds())
    for (const Step steps : {Step{1}, Step{2}, Step{60}, Step{1000}, limits::steps}) {
      if (kind == ScheduleKind::store_all && steps > 60) continue;
      SCOPED_TRACE(std::string{name_of(kind)} + ", " + std::to_string(steps) + " steps");
      const bool long_run = steps == limits::steps;
      Problem problem{.steps = steps, .levels = {{.slots = 10}, {.slots = 60}}, .turn_cost = Problem::most_cost};
      problem.levels[1].save_cost = problem.levels[1].load_cost = Problem::most_cost;
      if (kind == ScheduleKind::disk_revolve) problem.levels[1].slots = limits::slots;
      if (long_run && kind == ScheduleKind::disk_revolve) continue;  // its slots are too few
      if (long_run && kind == ScheduleKind::overlap) continue;       // simulated, which takes its time
      const auto schedule = make_schedule(kind, problem);
      Replay replay{steps, slots_of(problem)};
      for (int i = 0; i < (long_run ? 1000 : 1'000'000'000); ++i) {
        const std::optional<Action> action = schedule->next();
        if (!action) break;
        replay.apply(*action);
      }
      if (!long_run) {
        EXPECT_EQ(replay.counts().turns, Count{steps});
      }
    }
}

TEST(MakeSchedule, GivesRevolveLevel0Alone) {
  const PlanCounts counts = replay(*make_schedule(ScheduleKind::revolve, problem_of(100, {5, 50})), 100, {5, 0});
  EXPECT_EQ(counts.advances, least_advances(100, 5));
  EXPECT_EQ(refusal(ScheduleKind::revolve, problem_of(5, {0, 3})),
            "level 0 has no slot; revolve needs at least 1 there");
}

TEST(MakeSchedule, GivesMultistageAllLevels) {
  const PlanCounts counts =
      replay(*make_schedule(ScheduleKind::multistage, problem_of(100, {3, 0, 2})), 100, {3, 0, 2});
  EXPECT_EQ(counts.advances, least_advances(100, 5));
  EXPECT_EQ(refusal(ScheduleKind::multistage, problem_of(5, {0, 0})),
            "the levels have no slot together; 5 steps need at least 1");
}

TEST(MakeSchedule, GivesPeriodicThePeriodThatFillsTheLastLevel) {
  for (const Slots slots : {1, 2, 7, 99, 100, 500}) {
    const PlanCounts counts =
        replay(*make_schedule(ScheduleKind::periodic, problem_of(100, {3, 0, slots})), 100, {3, 0, slots});
    const Step period = (100 + slots - 1) / slots;
    EXPECT_EQ(counts.levels[2].takeshots, Count{(100 - 1) / period}) << slots;
  }
}

TEST(MakeSchedule, RefusesAPeriodThatIsTooShortAndNamesTheLeastOne) {
  Problem problem = problem_of(1000, {3, 8});
  problem.period = 50;
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem),
            "a period of 50 over 1000 steps needs 19 slots at level 1, which has 8; give a period of at least 112");
  problem.period = 112;
  EXPECT_EQ(replay(*make_schedule(ScheduleKind::periodic, problem), 1000, {3, 8}).levels[1].peak, 8);
  problem.period = 111;
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem),
            "a period of 111 over 1000 steps needs 9 slots at level 1, which has 8; give a period of at least 112");
}

TEST(MakeSchedule, RefusesPeriodicWithoutWhatItNeeds) {
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem_of(10, {3})),
            "periodic keeps the starts of its intervals on a second, slower level, and there is one level; "
            "revolve plans for one");
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem_of(10, {0, 3})),
            "level 0 has no slot; periodic needs at least 1 there");
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem_of(10, {3, 0})),
            "level 1 has no slot; periodic needs at least 1 there");
  Problem problem = problem_of(10, {3, 0});
  problem.period = 0;
  EXPECT_EQ(refusal(ScheduleKind::periodic, problem), "period is 0; it must be at least 1 step");
  problem.period = 10;  // one interval
  EXPECT_EQ(replay(*make_schedule(ScheduleKind::periodic, problem), 10, {3, 0}).advances, least_advances(10, 3));
}

TEST(MakeSchedule, GivesStoreAllAllLevelsOrNamesBothNumbers) {
  EXPECT_EQ(replay(*make_schedule(ScheduleKind::store_all, problem_of(10, {4, 5})), 10, {4, 5}).advances, Count{9});
  EXPECT_EQ(refusal(ScheduleKind::store_all, problem_of(10, {4, 4})),
            "store_all needs 9 slots for 10 steps; the levels have 8 together");
}

TEST(MakeSchedule, GivesOverlapTheBuffersOfThePool) {
  Problem problem = priced_problem(200, {3, 200}, {{0, 0}, {2, 2}});
  const PlanCounts three = replay(*make_schedule(ScheduleKind::overlap, problem), problem);
  EXPECT_LE(three.levels[0].peak, 3);
  problem.buffers = 5;
  problem.levels[0].slots = 5;
  const PlanCounts five = replay(*make_schedule(ScheduleKind::overlap, problem), problem);
  EXPECT_LE(five.levels[0].peak, 5);
  problem.levels[0].slots = 3;  // not asked where buffers are given
  EXPECT_EQ(test::actions_of(*make_schedule(ScheduleKind::overlap, problem)).size(), five.actions.value());
  EXPECT_EQ(refusal(ScheduleKind::overlap, problem_of(5, {0, 3})),
            "level 0 has no slot; overlap needs at least 1 there");
}

TEST(MakeSchedule, LetsOverlapWatchTheGauge) {
  Problem problem = priced_problem(500, {8, 500}, {{0, 0}, {2, 2}});
  std::size_t asked = 0;
  problem.gauge = [&asked](Level level) {
    EXPECT_EQ(level, Level{1});
    return ++asked % 7;  // mostly more than one save is under way
  };
  const PlanCounts watched = replay(*make_schedule(ScheduleKind::overlap, problem), problem);
  EXPECT_GT(asked, 100u);
  problem.gauge = [](Level) { return std::size_t{0}; };
  const PlanCounts free = replay(*make_schedule(ScheduleKind::overlap, problem), problem);
  EXPECT_LT(watched.levels[1].takeshots, free.levels[1].takeshots) << "a busy lane is given less";
}

TEST(MakeSchedule, RefusesAKindThatIsNone) {
  EXPECT_EQ(refusal(static_cast<ScheduleKind>(99), problem_of(10, {4})), "make_schedule: there is no schedule kind 99");
  EXPECT_EQ(test::message_of<std::invalid_argument>([] { name_of(static_cast<ScheduleKind>(99)); }),
            "name_of: there is no schedule kind 99");
}

}  // namespace
}  // namespace cairn
