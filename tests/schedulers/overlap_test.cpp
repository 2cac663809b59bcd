// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_oracle.hpp"
#include "support/overlap_shapes.hpp"
#include "support/plans.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/plan_timing.hpp>
#include <cairn/schedulers/replay.hpp>

#include <limits>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr double rounding = 1e-6;

TEST(SearchOfAllOverlaps, FindsTheNumbersThatAreKnown) {
  struct Known {
    int steps, buffers, time, turn, slots;
    double makespan;
  };
  constexpr int unlimited = 14;
  for (const Known& known :
       {Known{6, 1, 2, 1, 2, 15}, Known{7, 1, 3, 1, unlimited, 21}, Known{7, 1, 5, 2, unlimited, 31},
        Known{7, 2, 1, 1, 2, 15}, Known{7, 2, 1, 1, unlimited, 13}, Known{7, 2, 3, 1, unlimited, 16},
        Known{7, 2, 5, 1, unlimited, 17}, Known{6, 3, 3, 1, unlimited, 12}, Known{8, 2, 2, 1, unlimited, 17},
        Known{8, 2, 2, 1, 2, 18}, Known{8, 2, 5, 1, unlimited, 20}, Known{8, 3, 2, 1, unlimited, 16},
        Known{8, 3, 5, 2, unlimited, 26}}) {
    const WholeOverlap problem{.steps = known.steps,
                               .buffers = known.buffers,
                               .save = known.time,
                               .load = known.time,
                               .slots = known.slots,
                               .turn = known.turn};
    EXPECT_DOUBLE_EQ(least_makespan(problem), known.makespan) << problem;
    WholeOverlap in_halves = problem;
    in_halves.unit = 2;
    in_halves.save *= 2, in_halves.load *= 2, in_halves.turn *= 2;
    EXPECT_DOUBLE_EQ(least_makespan(in_halves), known.makespan) << in_halves;
  }
}

TEST(Overlap, RefusesATimeThatIsNoneByItsName) {
  OverlapShape shape = two_levels(20, 4, 1, 1);
  shape.machine.levels[1].load = -1;
  EXPECT_EQ(message_of<std::invalid_argument>([&] { plan_overlap(shape); }),
            "the time to save or load a snapshot is not a number of forward steps");
}

TEST(Overlap, IsNeverSlowerThanTheOthersWhereCopiesCost) {
  constexpr unsigned seed = 411;
  std::mt19937 random{seed};
  const auto drawn = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  for (int i = 0; i < 100; ++i) {
    const double copy = drawn(1, 12) / 10.0;
    const Slots buffers = drawn(2, 12);
    Problem problem{.steps = drawn(2, 300),
                    .levels = {{.slots = buffers, .save_cost = copy, .load_cost = copy},
                               {.slots = drawn(1, 40),
                                .save_cost = copy + drawn(0, 80) / 10.0,
                                .load_cost = copy + drawn(0, 80) / 10.0}},
                    .turn_cost = drawn(0, 6) / 2.0,
                    .buffers = buffers};
    const double ours = plan_overlap(overlap_shape(problem)).makespan;
    --problem.levels[0].slots;
    for (const ScheduleKind kind : {ScheduleKind::hrevolve, ScheduleKind::multistage})
      ASSERT_LE(ours, time_plan(kind, problem).timing.makespan + rounding)
          << name_of(kind) << ", " << problem.steps << " steps, " << buffers << " buffers, copies " << copy << ", case "
          << i << " of seed " << seed;
  }
}

TEST(Overlap, LiesAtTheOptimumOrAStepAboveInNineOfTenSmallCases) {
  constexpr unsigned seed = 20260430;
  constexpr int cases = 300;
  std::mt19937 random{seed};
  int within_a_step = 0, at_it = 0;
  for (int i = 0; i < cases; ++i) {
    const WholeOverlap problem = random_overlap(random, {.steps = 7, .buffers = 4});
    const double best = least_makespan(problem);
    const double ours = plan_overlap(shape_of(problem)).makespan;
    EXPECT_GE(ours, best - rounding) << problem << ", seed " << seed << ", case " << i;
    if (ours <= best + 1 + rounding) ++within_a_step;
    if (ours <= best + rounding) ++at_it;
  }
  EXPECT_GE(within_a_step, cases * 98 / 100) << "9 of 10 are asked for; 999 of 1000 were seen";
  EXPECT_GE(at_it, cases * 9 / 10);
}

TEST(Overlap, IsNeverSlowerThanSynchronousHRevolve) {
  constexpr unsigned seed = 20260431;
  std::mt19937 random{seed};
  for (int i = 0; i < 500; ++i) {
    const OverlapShape shape = random_shape(random, 120, i % 5 == 0 ? 3 : 2);
    const double ours = plan_overlap(shape).makespan;
    const Problem problem = problem_of(shape);
    const double simulated = played(shape, ScheduleKind::hrevolve, problem).makespan;
    const auto schedule = make_schedule(ScheduleKind::hrevolve, problem);
    std::vector<double> saves, loads;
    for (const auto& level : problem.levels) saves.push_back(level.save_cost), loads.push_back(level.load_cost);
    const double cost = cost_of(replay(*schedule, problem), saves, loads, problem.turn_cost);
    EXPECT_LE(ours, simulated + rounding) << text_of(shape) << ", seed " << seed << ", case " << i;
    EXPECT_LE(ours, cost + rounding) << text_of(shape) << ", seed " << seed << ", case " << i;
  }
}

TEST(Overlap, MakesThePlanThatItSimulated) {
  constexpr unsigned seed = 20260432;
  std::mt19937 random{seed};
  for (int i = 0; i < 100; ++i) {
    const OverlapShape shape = random_shape(random, 200, i % 2 == 0 ? 2 : 3);
    const OverlapPlan plan = plan_overlap(shape);
    Simulation simulation{shape.machine};
    const auto schedule = make_overlap(shape, plan, simulation.gauge());
    EXPECT_DOUBLE_EQ(simulation.run(*schedule).makespan, plan.makespan) << plan.text();
    EXPECT_FALSE(plan.text().empty());
  }
}

TEST(Overlap, EveryPlanOfThePortfolioIsLegalWhateverTheGaugeAnswers) {
  constexpr unsigned seed = 20260433;
  std::mt19937 random{seed};
  for (int i = 0; i < 100; ++i) {
    const OverlapShape shape = random_shape(random, 100, i % 2 == 0 ? 2 : 3);
    std::vector<Slots> slots = shape.slots;
    slots[0] = shape.machine.buffers;
    for (const OverlapPlan& plan : overlap_plans(shape)) {
      const auto schedule = make_overlap(shape, plan, [&](Level) { return random() % 4; });
      EXPECT_EQ(replay(*schedule, shape.steps, slots).turns, Count{shape.steps})
          << plan.text() << ": " << text_of(shape) << ", seed " << seed << ", case " << i;
    }
  }
}

TEST(Overlap, ReachesTheRatiosThatAreKnown) {
  struct Known {
    Slots buffers;
    double time, makespan;
  };
  // n = 10^4, W = R, ub = 1, slots without limit. Where D* ≤ s−1 within .1 % of the bound …
  for (const Known& known : {Known{5, 1, 19999}, Known{5, 5, 27994}, Known{10, 10, 28989}, Known{50, 30, 29615}}) {
    const OverlapShape shape = two_levels(10'000, known.buffers, known.time, known.time);
    const double makespan = plan_overlap(shape).makespan;
    EXPECT_LE(makespan, known.makespan + rounding);
    EXPECT_LE(makespan, 1.001 * makespan_bound(bounded(shape)).makespan) << known.buffers << ", " << known.time;
  }
  // … elsewhere the portfolio's.
  for (const Known& known : {Known{5, 10, 32990}, Known{5, 30, 42967}, Known{10, 30, 36307}}) {
    const OverlapShape shape = two_levels(10'000, known.buffers, known.time, known.time);
    EXPECT_LE(plan_overlap(shape).makespan, known.makespan + rounding) << known.buffers << ", " << known.time;
  }
}

TEST(Overlap, WatchesTheDeviceWhereAnIntervalFitsRam) {
  const OverlapShape shape = two_levels(2000, 10, 2, 2.2, 2.2);
  const OverlapPlan plan = plan_overlap(shape);
  EXPECT_EQ(plan.form, OverlapPlan::Form::intervals);
  EXPECT_TRUE(plan.watches);
  EXPECT_LE(plan.makespan, 1.002 * makespan_bound(bounded(shape)).makespan);
}

TEST(Overlap, ThatWatchesMeetsADeviceSlowerThanItWasTold) {
  // Planned for W = 2, run with 10: positions are where the device allows them.
  const OverlapShape told = two_levels(2000, 15, 2, 2), real = two_levels(2000, 15, 10, 10);
  const OverlapPlan plan = plan_overlap(told);
  ASSERT_TRUE(plan.watches);
  EXPECT_LE(simulate(real, plan).makespan, 1.02 * plan_overlap(real).makespan);
}

TEST(Overlap, OfOneStepIsATurn) {
  EXPECT_DOUBLE_EQ(plan_overlap(two_levels(1, 2, 5, 5, 3)).makespan, 3);
}

TEST(Overlap, HidesStorageWhereRamHoldsAnIntervalThatTheDeviceKeepsUpWith) {
  // D* = max(1, W, (R+1)/(1+ub), n/c) ≤ s − 1
  EXPECT_TRUE(hides_storage(two_levels(1000, 6, 5, 5)));
  EXPECT_FALSE(hides_storage(two_levels(1000, 5, 5, 5))) << "W";
  EXPECT_TRUE(hides_storage(two_levels(1000, 6, 1, 9)));
  EXPECT_FALSE(hides_storage(two_levels(1000, 6, 1, 9.1))) << "(R + 1) / 2";
  EXPECT_TRUE(hides_storage(two_levels(1000, 6, 1, 9.1, 1.1))) << "turns are longer";
  EXPECT_TRUE(hides_storage(two_levels(1000, 6, 1, 1, 1, 200)));
  EXPECT_FALSE(hides_storage(two_levels(1000, 6, 1, 1, 1, 199))) << "n / c";
  EXPECT_FALSE(hides_storage(two_levels(1000, 6, 1, 1, 1, 0))) << "no slots";
  EXPECT_FALSE(hides_storage(two_levels(1000, 1, 0, 0))) << "one buffer";
  OverlapShape three = two_levels(1000, 6, 9, 9);
  three.machine.levels.push_back({.save = 5, .load = 5, .lane = 1});
  three.slots.push_back(1000);
  EXPECT_TRUE(hides_storage(three)) << "on the other level";
}

TEST(Overlap, OfNoEffortTakesTheLikeliestAsItIs) {
  const OverlapShape hidden = two_levels(1000, 10, 2, 2);
  const OverlapPlan watching = plan_overlap(hidden, {.most_work = 0});
  EXPECT_TRUE(watching.watches);
  EXPECT_DOUBLE_EQ(watching.makespan, 0) << "not known";
  EXPECT_LE(simulate(hidden, watching).makespan, 1.01 * plan_overlap(hidden).makespan) << "and it is a good one";
  const OverlapPlan as_it_is = plan_overlap(two_levels(1000, 3, 20, 20), {.most_work = 999});
  EXPECT_EQ(as_it_is.form, OverlapPlan::Form::levels);
  EXPECT_EQ(as_it_is.text(), "hrevolve as it is");
}

TEST(Overlap, OfLittleEffortIsTheBestOfThoseThatItSimulated) {
  constexpr unsigned seed = 20260490;
  std::mt19937 random{seed};
  for (int i = 0; i < 40; ++i) {
    const OverlapShape shape = random_shape(random, 100);
    const double best = plan_overlap(shape).makespan;
    double last = std::numeric_limits<double>::infinity();
    for (const double plans : {1., 3., 10., 1000.}) {
      const OverlapPlan plan = plan_overlap(shape, {.most_work = plans * static_cast<double>(shape.steps)});
      SCOPED_TRACE(plan.text() + ": " + text_of(shape) + ", " + std::to_string(plans) + ", seed " +
                   std::to_string(seed) + ", case " + std::to_string(i));
      ASSERT_GE(plan.makespan, best - rounding);
      ASSERT_LE(plan.makespan, last + rounding) << "more effort";
      ASSERT_DOUBLE_EQ(plan.makespan, makespan_of(shape, plan));
      last = plan.makespan;
    }
    ASSERT_NEAR(last, best, rounding);
  }
}

TEST(Overlap, PrefersAPlanThatWatchesByWhatThatIsWorth) {
  constexpr unsigned seed = 20260491;
  std::mt19937 random{seed};
  int preferred = 0;
  for (int i = 0; i < 60; ++i) {
    const OverlapShape shape = random_shape(random, 100);
    const OverlapPlan best = plan_overlap(shape);
    const OverlapPlan watching = plan_overlap(shape, {.for_watching = .1});
    ASSERT_LE(watching.makespan * (watching.watches ? .9 : 1), best.makespan + rounding) << text_of(shape);
    if (!best.watches && watching.watches) ++preferred;
    if (best.watches) {
      ASSERT_TRUE(watching.watches) << text_of(shape) << ", seed " << seed << ", case " << i;
    }
  }
  EXPECT_GE(preferred, 3);
}

TEST(Overlap, SaysWhatItsIntervalsAreMadeOf) {
  const OverlapShape shape = two_levels(100, 10, 2, 2, 1, 30);
  const OverlapPlan plan{.form = OverlapPlan::Form::intervals,
                         .period = 3.5,
                         .tail = 9,
                         .watches = true,
                         .ram = 8,
                         .tail_ram = 9,
                         .spare = 1};
  const IntervalPlan::Shape intervals = intervals_of(shape, plan);
  EXPECT_EQ(intervals.steps, 100);
  EXPECT_EQ(intervals.period, 3.5);
  EXPECT_EQ(intervals.tail, 9);
  EXPECT_EQ(intervals.slots, 8);
  EXPECT_EQ(intervals.tail_slots, 9);
  EXPECT_EQ(intervals.slow_slots, 29);
  EXPECT_EQ(intervals.slow, Level{1});
  EXPECT_FALSE(intervals.gauge);
  EXPECT_FALSE(intervals.inside);
  EXPECT_EQ(message_of<std::invalid_argument>([&] { intervals_of(shape, {}); }),
            "a plan of intervals is needed, this is: hrevolve as it is");
}

TEST(Overlap, RefusesShapesThatCannotBe) {
  OverlapShape shape = two_levels(10, 3, 1, 1);
  shape.machine.ram = false;
  EXPECT_THROW(plan_overlap(shape), std::invalid_argument);
  shape = two_levels(10, 3, 1, 1);
  shape.slots.pop_back();
  EXPECT_THROW(plan_overlap(shape), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::test
