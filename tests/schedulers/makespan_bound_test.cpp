// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_oracle.hpp"
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/overlap.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr double rounding = 1e-6;

TEST(MakespanBound, IsTheNumberThatIsKnown) {
  const auto bound = [](Step steps, Slots buffers, double save, double load, double turn) {
    return makespan_bound({.steps = steps, .buffers = buffers, .save = save, .load = load, .turn_cost = turn}).makespan;
  };
  EXPECT_NEAR(bound(1000, 5, 5, 5, 1), 2793.2, .06);
  EXPECT_NEAR(bound(1000, 10, 10, 10, 1), 2888.1, .06);
  EXPECT_NEAR(bound(1000, 10, 2, 2, 2), 3488.5, .06);
  EXPECT_NEAR(bound(1000, 50, 30, 30, 1), 2914.7, .06);
  EXPECT_NEAR(bound(10'000, 10, 5, 5, 1), 27988.2, .06);
  EXPECT_NEAR(bound(10'000, 10, 1, 5, 1), 26656.5, .06);
}

TEST(MakespanBound, SaysWhichArgumentGivesItAndWhetherThatIsProved) {
  const MakespanBound fast = makespan_bound({.steps = 1000, .buffers = 5, .save = .2, .load = .2});
  EXPECT_EQ(fast.reason, "nothing");
  EXPECT_DOUBLE_EQ(fast.makespan, 1999);

  const MakespanBound hidden = makespan_bound({.steps = 1000, .buffers = 10, .save = 5, .load = 5});
  EXPECT_EQ(hidden.reason, "buffers");
  EXPECT_DOUBLE_EQ(hidden.proved, hidden.makespan);

  const MakespanBound few = makespan_bound({.steps = 1000, .buffers = 5, .save = 0, .load = 0, .slots = 5});
  EXPECT_EQ(few.reason, "slots");
  EXPECT_NEAR(few.makespan, 3636 + 1000, .001) << "t(1000, 10) advances, were all slots free";

  const MakespanBound slow = makespan_bound({.steps = 1000, .buffers = 5, .save = 30, .load = 30});
  EXPECT_EQ(slow.reason, "prices");
  EXPECT_LT(slow.proved, slow.makespan);
}

TEST(MakespanBound, OfASingleStepIsItsTurn) {
  EXPECT_DOUBLE_EQ(makespan_bound({.steps = 1, .buffers = 1, .save = 1, .load = 1, .turn_cost = 3}).makespan, 3);
}

TEST(MakespanBound, CountsTheCopiesThatEveryPlanNeeds) {
  const OverlapProblem free{.steps = 100, .buffers = 100, .save = 1, .load = 1};
  OverlapProblem dear = free;
  dear.copy_out = .5;
  dear.copy_in = .25;
  EXPECT_DOUBLE_EQ(makespan_bound(free).with_copies, makespan_bound(free).makespan);
  EXPECT_NEAR(makespan_bound(dear).with_copies, 199 + 99 * (.5 + .25), 1e-6);
}

TEST(MakespanBound, IsNeverAboveTheBestOfAllPlans) {
  constexpr unsigned seed = 20260401;
  std::mt19937 random{seed};
  for (int i = 0; i < 200; ++i) {
    const WholeOverlap problem = random_overlap(random, {.steps = 7, .buffers = 4});
    EXPECT_LE(makespan_bound(bounded(shape_of(problem))).makespan, least_makespan(problem) + rounding)
        << problem << ", seed " << seed << ", case " << i;
  }
}

TEST(MakespanBound, IsNeverAboveASimulatedPlan) {
  constexpr unsigned seed = 20260402;
  std::mt19937 random{seed};
  for (int i = 0; i < 100; ++i) {
    const OverlapShape shape = random_shape(random, 200);
    const double least = makespan_bound(bounded(shape)).makespan - rounding;
    const auto expect = [&](const char* plan, double makespan) {
      EXPECT_GE(makespan, least) << plan << ": " << text_of(shape) << ", seed " << seed << ", case " << i;
    };
    for (const OverlapPlan& plan : overlap_plans(shape)) expect(plan.text().c_str(), makespan_of(shape, plan));
    const Problem problem = problem_of(shape);
    for (const auto kind : {ScheduleKind::hrevolve, ScheduleKind::multistage})
      expect("synchronous", played(shape, kind, problem).makespan);
    Problem ram = problem;
    ram.levels[0].slots = shape.machine.buffers;
    expect("revolve", played(shape, ScheduleKind::revolve, ram).makespan);
    Problem periodic = problem;
    periodic.period = std::max<Step>(1, (shape.steps + problem.levels[1].slots - 1) / problem.levels[1].slots);
    expect("periodic", played(shape, ScheduleKind::periodic, periodic).makespan);
  }
}

TEST(MakespanBound, WithCopiesIsNeverAboveASimulatedPlan) {
  constexpr unsigned seed = 20260403;
  std::mt19937 random{seed};
  for (int i = 0; i < 60; ++i) {
    OverlapShape shape = random_shape(random, 200);
    shape.machine.copy_out = std::uniform_real_distribution{0., 1.}(random);
    shape.machine.copy_in = std::uniform_real_distribution{0., 1.}(random);
    const MakespanBound bound = makespan_bound(bounded(shape));
    EXPECT_GE(bound.with_copies, bound.makespan - rounding);
    for (const OverlapPlan& plan : overlap_plans(shape))
      EXPECT_GE(makespan_of(shape, plan), bound.with_copies - rounding)
          << plan.text() << ": " << text_of(shape) << ", seed " << seed << ", case " << i;
  }
}

TEST(MakespanBound, FallsWithMoreBuffersAndSlotsAndRisesWithTimes) {
  constexpr unsigned seed = 20260404;
  constexpr double tolerance = .01;  // the prices are found by a search
  std::mt19937 random{seed};
  for (int i = 0; i < 60; ++i) {
    const OverlapProblem problem = bounded(random_shape(random, 500));
    const double at = makespan_bound(problem).makespan;
    const auto with = [&](auto change) {
      OverlapProblem other = problem;
      change(other);
      return makespan_bound(other).makespan;
    };
    const double falls = at * (1 + tolerance), rises = at * (1 - tolerance);
    EXPECT_LE(with([](auto& other) { ++other.buffers; }), falls) << seed << ", case " << i;
    EXPECT_LE(with([](auto& other) { ++other.slots; }), falls) << seed << ", case " << i;
    EXPECT_GE(with([](auto& other) { other.save *= 1.5; }), rises) << seed << ", case " << i;
    EXPECT_GE(with([](auto& other) { other.load *= 1.5; }), rises) << seed << ", case " << i;
    EXPECT_GE(with([](auto& other) { other.turn_cost += .5; }), rises) << seed << ", case " << i;
  }
}

TEST(MakespanBound, IsTheProvedOneForVeryLongRuns) {
  const MakespanBound bound = makespan_bound({.steps = limits::steps, .buffers = 5, .save = 5, .load = 5});
  const auto steps = static_cast<double>(limits::steps);
  EXPECT_EQ(bound.reason, "buffers");
  EXPECT_NEAR(bound.makespan / steps, 2.8, 1e-6);
}

TEST(MakespanBound, RefusesNumbersThatNoRunHas) {
  EXPECT_THROW(makespan_bound({.steps = 0, .buffers = 1, .save = 1, .load = 1}), std::invalid_argument);
  EXPECT_THROW(makespan_bound({.steps = 1, .buffers = 0, .save = 1, .load = 1}), std::invalid_argument);
  EXPECT_THROW(makespan_bound({.steps = 1, .buffers = 1, .save = -1, .load = 1}), std::invalid_argument);
  EXPECT_THROW(makespan_bound({.steps = 1, .buffers = 1, .save = 1, .load = NAN}), std::invalid_argument);
  EXPECT_THROW(makespan_bound({.steps = 1, .buffers = 1, .save = 1, .load = 1, .slots = -1}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::test
