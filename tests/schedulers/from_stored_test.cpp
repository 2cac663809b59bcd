// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/from_stored.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plan_oracle.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

constexpr std::array all_kinds{ScheduleKind::hrevolve, ScheduleKind::disk_revolve, ScheduleKind::multistage,
                               ScheduleKind::revolve,  ScheduleKind::periodic,     ScheduleKind::store_all,
                               ScheduleKind::automatic};

double cost_from_stored(ScheduleKind kind, const Problem& problem) {
  std::vector<double> saves;
  std::vector<double> loads;
  for (const auto& level : problem.levels) {
    saves.push_back(level.save_cost);
    loads.push_back(level.load_cost);
  }
  return cost_of(replay(*make_schedule(kind, problem), problem), saves, loads, problem.turn_cost);
}

std::int64_t whole_cost_from_stored(ScheduleKind kind, const test::WholeProblem& problem) {
  return std::llround(cost_from_stored(kind, problem.problem()) * static_cast<double>(problem.unit));
}

TEST(FromStored, BeginsWithTheLastGap) {
  const Problem problem{.steps = 5, .levels = {{2, 0, 0}}, .stored = {{0, Level{0}}, {3, Level{0}}}};
  EXPECT_EQ(test::written(test::actions_of(*make_schedule(ScheduleKind::hrevolve, problem))),
            "restore 3 0, advance 3 4, turn 4, restore 3 0, discard 3 0, turn 3, restore 0 0, advance 0 1, "
            "takeshot 1 0, advance 1 2, turn 2, restore 1 0, discard 1 0, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(FromStored, DiscardsSnapshotsOfStepsThatAreTurned) {
  const Problem problem{.steps = 1, .levels = {{1, 0, 0}, {2, 1, 1}}, .stored = {{7, Level{0}}, {0, Level{1}}}};
  const auto counts = replay(*make_schedule(ScheduleKind::hrevolve, problem), problem);
  EXPECT_EQ(counts.levels[0].discards, Count{1});
  EXPECT_EQ(counts.levels[0].restores, Count{0});
}

TEST(FromStored, IsLegalAndNeverBelowTheOptimumForAllKindsThatFit) {
  for (const ScheduleKind kind : all_kinds) {
    int fit = 0;
    for (unsigned seed = 1; seed <= 200; ++seed) {
      std::mt19937 random{seed};
      auto problem = test::random_problem(random, {.ordered = seed % 2 == 0, .free_base = seed % 4 < 2});
      test::store_at_random(problem, random);
      std::int64_t cost = 0;
      try {
        cost = whole_cost_from_stored(kind, problem);
      } catch (const std::invalid_argument&) {
        continue;
      }
      ++fit;
      ASSERT_GE(cost, test::searched_cost(problem)) << name_of(kind) << ", seed " << seed << ": " << problem;
    }
    EXPECT_GE(fit, kind == ScheduleKind::periodic || kind == ScheduleKind::store_all ? 60 : 200) << name_of(kind);
  }
}

// Of hrevolve over the optimum, in 600 random cases.
TEST(FromStored, IsCloseToTheOptimum) {
  int optimal = 0;
  double sum = 0;
  double worst = 1;
  for (unsigned seed = 1; seed <= 600; ++seed) {
    std::mt19937 random{seed};
    auto problem = test::random_problem(random, {.ordered = seed % 3 != 0, .free_base = seed % 4 != 0});
    test::store_at_random(problem, random);
    const auto least = static_cast<double>(*test::searched_cost(problem));
    const auto cost = static_cast<double>(whole_cost_from_stored(ScheduleKind::hrevolve, problem));
    optimal += cost == least;
    if (least == 0) continue;
    sum += cost / least - 1;
    worst = std::max(worst, cost / least);
  }
  EXPECT_GE(optimal, 500);
  EXPECT_LE(sum / 600, .02);
  EXPECT_LE(worst, 1.5);
}

// It was restored at 3.1 where an advance does, in a plan of cost 3.9.
TEST(FromStored, DropsASnapshotThatIsDearerToLoadThanToReach) {
  const Problem problem{.steps = 2,
                        .levels = {{1, 0, 0}, {1, 1.8, 0}, {1, 5.6, 3.1}},
                        .turn_cost = .4,
                        .stored = {{0, Level{0}}, {1, Level{2}}}};
  for (const ScheduleKind kind : {ScheduleKind::hrevolve, ScheduleKind::disk_revolve}) {
    EXPECT_DOUBLE_EQ(cost_from_stored(kind, problem), 1.8);
    EXPECT_EQ(test::written(std::vector{*make_schedule(kind, problem)->next()}), "discard 1 2");
  }
}

// One slot of level 0 and its own for 216 steps: 3450 with all snapshots kept, as many slots as there are.
TEST(FromStored, DropsSnapshotsWhereALongGapNeedsTheirSlots) {
  Problem problem{.steps = 300, .levels = {{1, 0, 0}, {8, 1.4, 4.1}}, .turn_cost = 1};
  for (const Step at : {0, 6, 12, 15, 24, 48, 59, 84}) problem.stored.push_back({at, Level{1}});
  EXPECT_LE(cost_from_stored(ScheduleKind::hrevolve, problem), 1765);
}

TEST(FromStored, KeepsAllSnapshotsThatAreFarApart) {
  Problem problem{.steps = 1000, .levels = {{10, 0, 0}, {50, 5, 5}}};
  for (Step at = 0; at < 1000; at += 20) problem.stored.push_back({at, Level{1}});
  const auto schedule = make_schedule(ScheduleKind::hrevolve, problem);
  EXPECT_EQ(test::written(std::vector{*schedule->next()}), "restore 980 1");
  EXPECT_EQ(replay(*make_schedule(ScheduleKind::hrevolve, problem), problem).levels[1].restores, Count{50});
}

TEST(FromStored, IsTheOptimumFromOneSnapshotOfX0AtAnyLevel) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    auto problem = test::random_problem(random, {.free_base = true});
    problem.stored = {{0, Level{static_cast<std::int32_t>(random() % problem.levels.size())}}};
    ASSERT_EQ(whole_cost_from_stored(ScheduleKind::hrevolve, problem), test::searched_cost(problem))
        << "seed " << seed << ": " << problem;
  }
}

TEST(FromStored, OfRevolveAdvancesTheLeastGapByGap) {
  for (Step steps = 31; steps <= 120; steps += 7)
    for (const Slots slots : {3, 5, 9}) {
      const Problem problem{
          .steps = steps, .levels = {{slots, 0, 0}}, .stored = {{0, Level{0}}, {10, Level{0}}, {30, Level{0}}}};
      const Count least =
          least_advances(steps - 30, slots - 2) + least_advances(20, slots - 1) + least_advances(10, slots);
      for (const ScheduleKind kind : {ScheduleKind::revolve, ScheduleKind::multistage})
        ASSERT_EQ(replay(*make_schedule(kind, problem), problem).advances, least)
            << name_of(kind) << ", " << steps << ", " << slots;
      ASSERT_LE(replay(*make_schedule(ScheduleKind::hrevolve, problem), problem).advances, least)
          << steps << ", " << slots << ": it may drop snapshots";
    }
}

TEST(FromStored, IsLegalForManyStepsAndSnapshots) {
  for (const ScheduleKind kind : all_kinds)
    for (unsigned seed = 1; seed <= 60; ++seed) {
      std::mt19937 random{seed};
      const auto from_to = [&](Step least, Step most) {
        return std::uniform_int_distribution<Step>{least, most}(random);
      };
      Problem problem{.steps = from_to(10, 400), .levels = {{from_to(2, 8), 0, 0}, {500, 1.5, 2}}};
      problem.stored.push_back({0, Level{seed % 2 == 0 ? 1 : 0}});
      for (Slots ram = 1; ram < problem.levels[0].slots && from_to(0, 2) > 0; ++ram)
        problem.stored.push_back({problem.steps * ram / 9 + 1, Level{0}});  // the last may be behind the end
      for (Step at = from_to(1, 90); at < problem.steps; at += from_to(1, 90)) problem.stored.push_back({at, Level{1}});
      std::shuffle(problem.stored.begin(), problem.stored.end(), random);
      std::unique_ptr<Schedule> schedule;
      try {
        schedule = make_schedule(kind, problem);
      } catch (const std::invalid_argument&) {
        EXPECT_EQ(kind, ScheduleKind::periodic) << "seed " << seed;
        continue;
      }
      PlanCounts counts;
      ASSERT_NO_THROW(counts = replay(*schedule, problem)) << name_of(kind) << ", seed " << seed;
      Count discards;
      Count kept = problem.stored.size();
      for (const auto& level : counts.levels) {
        discards += level.discards;
        kept += level.takeshots;
      }
      EXPECT_EQ(discards, kept) << name_of(kind) << ", seed " << seed << ": it leaves nothing behind";
    }
}

TEST(FromStored, OfAMillionStepsIsLegal) {
  const Problem problem{.steps = 1'000'000,
                        .levels = {{10, 0, 0}, {40, 5, 5}},
                        .stored = {{0, Level{1}}, {400'000, Level{1}}, {900'000, Level{1}}, {999'990, Level{0}}}};
  const double cost = cost_from_stored(ScheduleKind::hrevolve, problem);
  EXPECT_LE(cost, 6.8e6) << "that of 10 + 20 slots from the start";
}

TEST(FromStored, ClonedAnywhereGoesOnTheSameWay) {
  const Problem problem{.steps = 60,
                        .levels = {{4, 0, 0}, {60, 2, 2}},
                        .stored = {{0, Level{1}}, {20, Level{1}}, {41, Level{0}}, {60, Level{0}}}};
  for (const ScheduleKind kind : all_kinds) {
    const auto whole = test::actions_of(*make_schedule(kind, problem));
    const auto schedule = make_schedule(kind, problem);
    for (std::size_t taken = 0; taken <= whole.size(); ++taken) {
      const std::vector<Action> rest{whole.begin() + static_cast<std::ptrdiff_t>(taken), whole.end()};
      ASSERT_EQ(test::actions_of(*schedule->clone()), rest) << name_of(kind) << ", cloned after " << taken;
      schedule->next();
    }
  }
}

TEST(FromStored, SaysWhatIsWrong) {
  const auto refusal = [](std::vector<Problem::Stored> stored, ScheduleKind kind = ScheduleKind::hrevolve) {
    const Problem problem{.steps = 9, .levels = {{1, 0, 0}, {2, 1, 1}}, .stored = std::move(stored)};
    return test::message_of<std::invalid_argument>([&] { make_schedule(kind, problem); });
  };
  EXPECT_EQ(refusal({{3, Level{0}}}),
            "x_0 is not among the stored snapshots; without it the first steps cannot be turned");
  EXPECT_EQ(refusal({{0, Level{2}}}), "the stored x_0 is at level 2; there are levels 0 to 1");
  EXPECT_EQ(refusal({{0, Level{0}}, {1, Level{0}}}), "the stored x_1 has no place: level 0 has 1 slots");
  EXPECT_EQ(refusal({{0, Level{1}}, {-1, Level{1}}}), "the stored x_-1 is of no step; steps count from 0");
  EXPECT_EQ(refusal({{0, Level{1}}, {0, Level{1}}}), "the stored x_0 is given twice at level 1");
  EXPECT_EQ(refusal({{0, Level{1}}}, ScheduleKind::online), "online has no plan from stored snapshots; hrevolve has");
}

}  // namespace
}  // namespace cairn
