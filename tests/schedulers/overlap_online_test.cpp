// SPDX-License-Identifier: BSD-3-Clause
#include "support/allocations.hpp"
#include "support/online_loop.hpp"
#include "support/overlap_shapes.hpp"
#include "support/plans.hpp"
#include <cairn/schedulers/overlap_online.hpp>
#include <cairn/schedulers/replay.hpp>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

/// Up to x_{steps−1}, then all that is left. Throws IllegalAction.
PlanCounts replayed(OverlapOnline& online, const OverlapShape& shape, Step steps) {
  Replay replay = Replay::of_unknown_steps(shape.slots);
  while (*replay.live() < steps - 1) {
    const Action action = online.next().value();
    if (const auto* advance = std::get_if<Advance>(&action); advance && advance->steps.size() != 1)
      throw IllegalAction{"an advance of more than a step before finish(): " + to_string(action)};
    replay.apply(action);
  }
  online.finish(steps);
  replay.finish(steps);
  const Action first = online.next().value();
  if (!(first == Action{Turn{steps - 1}})) throw IllegalAction{"the first action after finish(): " + to_string(first)};
  replay.apply(first);
  while (const auto action = online.next()) replay.apply(*action);
  if (!replay.finished()) throw IllegalAction{"the plan ends before all steps are turned"};
  return replay.counts();
}

TEST(OverlapOnline, IsLegalWhereverTheLoopEndsWhateverTheGaugeAnswers) {
  constexpr unsigned seed = 20260480;
  std::mt19937 random{seed};
  for (Step steps = 1; steps <= 200 && !HasFailure(); ++steps)
    for (const int levels : {2, 3}) {
      OverlapShape shape = random_shape(random, 200, levels);
      if (steps % 2 == 0) shape.slots[1] = 1 + static_cast<Slots>(random() % 4);
      const auto gauge = steps % 7 == 0 ? Gauge{} : [&](Level) { return random() % 4; };
      OverlapOnline online{shape, gauge};
      EXPECT_NO_THROW(EXPECT_EQ(replayed(online, shape, steps).turns, Count{steps}))
          << text_of(shape) << "; " << steps << " steps in fact, seed " << seed;
    }
}

TEST(OverlapOnline, OfFewStepsNeverWaitsForStorage) {
  for (const Step steps : {1, 2, 3, 10, 30}) {
    OverlapShape shape = two_levels(steps, 40, 50, 50);
    Simulation simulation{shape.machine};
    EndedLoop loop{std::make_unique<OverlapOnline>(shape, simulation.gauge()), steps};
    const Timing timing = simulation.run(loop);
    EXPECT_EQ(timing.stall, 0) << steps;
  }
}

/// Makespans by simulation, to that of the plan that knows n.
struct Ratios {
  double worst = 0, sum = 0;
  int cases = 0;
  std::string at = {};
  double mean() const { return sum / cases; }
};

double makespan_of_unknown(const OverlapShape& shape) {
  Simulation simulation{shape.machine};
  EndedLoop loop{std::make_unique<OverlapOnline>(shape, simulation.gauge()), shape.steps};
  return simulation.run(loop).makespan;
}

void note(Ratios& ratios, const OverlapShape& shape) {
  const double ratio = makespan_of_unknown(shape) / plan_overlap(shape).makespan;
  ratios.sum += ratio;
  ++ratios.cases;
  if (ratio <= ratios.worst) return;
  ratios.worst = ratio;
  ratios.at = text_of(shape);
}

// From n = 200 on; shorter loops lose more, by what is under way at their end.
Ratios against_known(unsigned seed, int levels, bool unlimited, int cases) {
  std::mt19937 random{seed};
  Ratios ratios;
  while (ratios.cases < cases) {
    OverlapShape shape = random_shape(random, 900, levels);
    if (shape.steps < 200) continue;
    if (unlimited) shape.slots[1] = Slots{1} << 20;
    if (ratios.cases % 3 == 0) shape.machine.copy_out = shape.machine.copy_in = .3;
    note(ratios, shape);
  }
  testing::Test::RecordProperty("worst", std::to_string(ratios.worst));
  testing::Test::RecordProperty("mean", std::to_string(ratios.mean()));
  return ratios;
}

TEST(OverlapOnline, TakesAFewPercentMoreThanThePlanThatKnowsTheNumberOfSteps) {
  const Ratios ratios = against_known(20260481, 2, true, 60);
  EXPECT_LE(ratios.mean(), 1.02) << ratios.at;
  EXPECT_LE(ratios.worst, 1.2) << ratios.at;
}

TEST(OverlapOnline, OfFewSlowSlotsKeepsItsSnapshotsWellSpread) {
  const Ratios ratios = against_known(20260482, 2, false, 60);
  EXPECT_LE(ratios.mean(), 1.03) << ratios.at;
  EXPECT_LE(ratios.worst, 1.2) << ratios.at;
}

TEST(OverlapOnline, UsesTwoSlowLevels) {
  const Ratios ratios = against_known(20260483, 3, false, 30);
  EXPECT_LE(ratios.mean(), 1.04) << ratios.at;
  EXPECT_LE(ratios.worst, 1.25) << ratios.at;
}

TEST(OverlapOnline, WhereAnIntervalFitsRamHidesStorageWithinAPercent) {
  for (const Slots buffers : {10, 20, 50})
    for (const double time : {.5, 1., 2., 5.})
      for (const Step steps : {1'000, 2'431}) {
        const OverlapShape shape = two_levels(steps, buffers, time, time);
        EXPECT_LE(makespan_of_unknown(shape), 1.01 * plan_overlap(shape).makespan) << text_of(shape);
      }
}

TEST(OverlapOnline, MeetsADeviceSlowerThanItWasTold) {
  const OverlapShape told = two_levels(2000, 30, 2, 2), real = two_levels(2000, 30, 10, 10);
  Simulation simulation{real.machine};
  EndedLoop loop{std::make_unique<OverlapOnline>(told, simulation.gauge()), 2000};
  EXPECT_LE(simulation.run(loop).makespan, 1.1 * plan_overlap(real).makespan);
}

TEST(OverlapOnline, OfVeryManyStepsIsLegalToItsEnd) {
  const OverlapShape shape = two_levels(1, 10, 2, 2, 1, 2000);
  OverlapOnline online{shape, [](Level) { return 0U; }};
  EXPECT_EQ(replayed(online, shape, 150'000).turns, Count{150'000});
}

TEST(OverlapOnline, AllocatesNothingInItsFirstSweepOnceItsSlotsAreFull) {
  OverlapShape shape = two_levels(1, 10, 2, 2, 1, 50);
  OverlapOnline online{shape, [](Level) { return 0U; }};
  for (int i = 0; i < 3000; ++i) online.next();
  const std::size_t times = allocated().times;
  for (int i = 0; i < 100'000; ++i) online.next();
  EXPECT_EQ(allocated().times, times);
}

TEST(OverlapOnline, IsClonedInItsReverseSweepAndNotBefore) {
  const OverlapShape shape = two_levels(1, 6, 2, 1, 1, 9);
  OverlapOnline online{shape, [](Level) { return 0U; }};
  EXPECT_EQ(message_of<std::logic_error>([&] { online.clone(); }),
            "a schedule that watches storage cannot be cloned before its reverse sweep has begun");
  for (Step live = 0; live < 99;)
    if (const Action action = online.next().value(); std::holds_alternative<Advance>(action)) ++live;
  online.finish(100);
  for (const std::size_t actions : {0, 1, 40, 77}) {
    actions_of(online, actions);
    const auto clone = online.clone();
    const auto second = clone->clone();
    EXPECT_EQ(actions_of(*clone), actions_of(*second)) << actions;
  }
  const auto clone = online.clone();
  const auto rest = actions_of(online);
  EXPECT_GT(rest.size(), 10U);
  EXPECT_EQ(actions_of(*clone), rest);
}

TEST(OverlapOnline, SaysWhyItCannotFinish) {
  const auto text = [](Schedule& schedule, Step steps) {
    return message_of<std::logic_error>([&] { schedule.finish(steps); });
  };
  OverlapOnline online{two_levels(1, 6, 2, 1)};
  EXPECT_EQ(text(online, 0), "OverlapOnline::finish: x_0 is live, so that the loop ends with 1 step to turn, not 0");
  while (!std::holds_alternative<Advance>(online.next().value())) continue;
  EXPECT_EQ(text(online, 1), "OverlapOnline::finish: x_1 is live, so that the loop ends with 2 steps to turn, not 1");
  online.finish(2);
  EXPECT_EQ(text(online, 2), "OverlapOnline::finish: the number of steps is known already, it is 2");
}

}  // namespace
}  // namespace cairn::test
