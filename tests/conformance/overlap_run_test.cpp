// SPDX-License-Identifier: BSD-3-Clause
// Real runs on storage of any speed, also one that turns slow: none stands still, and the reverse sweep sees bitwise
// the forward states, whatever was measured and planned on the way.
#include "support/configs.hpp"
#include "support/slowing_tier.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy.hpp"
#include <cairn/core/async_executor.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/sequential_executor.hpp>
#include <cairn/schedulers/adaptive.hpp>
#include <cairn/schedulers/recorded_plan.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using std::chrono::microseconds;

/// Draws whole numbers.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_{seed} {}
  int from_to(int least, int most) { return std::uniform_int_distribution<int>{least, most}(random_); }
  bool often() { return from_to(0, 2) != 0; }

 private:
  std::mt19937 random_;
};

/// The operators of a Toy, some of which take their time.
Operators paused(Operators operators, microseconds step, microseconds turn) {
  return {.advance =
              [operators, step](Steps steps) {
                std::this_thread::sleep_for(step * steps.size());
                operators.advance(steps);
              },
          .reverse =
              [operators, turn](Steps steps) {
                std::this_thread::sleep_for(turn);
                operators.reverse(steps);
              }};
}

/// One run on tiers that exist already.
class Rig {
 public:
  Rig(Slots buffers, std::vector<Slots> slow, const std::vector<SlowingTier::Pauses>& pauses, Step n, microseconds step,
      microseconds turn)
      : checked_{toy_, Toy::trajectory(n, 1.0, Toy::small)}, operators_{paused(checked_.operators(), step, turn)} {
    auto pool = std::make_unique<Pool>(buffers, layout_.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout_, buffers, *pool));
    for (std::size_t k = 0; k < slow.size(); ++k)
      tiers.push_back(std::make_unique<SlowingTier>(layout_, slow[k], pauses[k]));
    tiers_ = std::make_unique<TierSet>(std::move(pool), std::move(tiers));
  }
  Executor::Parts parts() { return {.state = state_, .layout = layout_, .operators = operators_, .tiers = *tiers_}; }
  Checked& checked() { return checked_; }

 private:
  Toy toy_{1.0, Toy::small};
  State state_ = toy_.state();
  Layout layout_{state_.fields()};
  Checked checked_;
  Operators operators_;
  std::unique_ptr<TierSet> tiers_;
};

Problem problem_of(Step steps, Slots buffers, const std::vector<Slots>& slow) {
  Problem problem{.steps = steps, .levels = {{.slots = buffers}}, .buffers = buffers};
  for (const Slots slots : slow) problem.levels.push_back({.slots = slots});
  return problem;
}

void sweep(Executor& executor, Step n, std::unique_ptr<Schedule> schedule, Planner* planner) {
  executor.begin(n, std::move(schedule), planner);
  executor.record(100 * static_cast<std::size_t>(n + 2));
  executor.forward();
  executor.reverse();
}

TEST(OverlapRun, FiveHundredRunsOnStorageOfAnySpeedSeeTheForwardStates) {
  int plans = 0;
  for (unsigned seed = 0; seed < 500 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Draw draw{seed};
    const Step n = draw.from_to(1, 40);
    const Slots buffers = draw.from_to(2, 6);
    const auto some = [&](int most) { return draw.often() ? microseconds{draw.from_to(0, most)} : microseconds{0}; };
    std::vector<Slots> slow;
    std::vector<SlowingTier::Pauses> pauses;
    for (int levels = draw.from_to(1, 2); levels > 0; --levels) {
      slow.push_back(draw.from_to(1, 50));
      pauses.push_back({.save = some(300), .load = some(300)});
      if (draw.from_to(0, 3) == 0) pauses.back().slower = 10, pauses.back().from = 10;
    }
    Rig rig{buffers, slow, pauses, n, some(60), some(120)};
    AsyncExecutor executor{rig.parts()};
    Costs costs{1 + slow.size()};
    if (draw.often())
      for (std::size_t k = 1; k <= slow.size(); ++k)
        costs.give_prices(Level{static_cast<std::int32_t>(k)}, draw.from_to(0, 9), draw.from_to(0, 9));
    const ScheduleKind kind = std::array{ScheduleKind::automatic, ScheduleKind::overlap, ScheduleKind::hrevolve,
                                         ScheduleKind::multistage}[static_cast<std::size_t>(draw.from_to(0, 3))];
    Adaptive planner{{.problem = problem_of(n + 1, buffers, slow),
                      .kind = kind,
                      .overlaps = true,
                      .adapts = kind == ScheduleKind::automatic},
                     costs,
                     [&] { return executor.observed(); },
                     [&](Level level) { return executor.saves_under_way(level); }};
    sweep(executor, n, planner.first(), &planner);
    EXPECT_TRUE(rig.checked().all_turned());
    rig.checked().expect_live(0);
    plans += planner.plans();
  }
  EXPECT_GT(plans, 600) << "some runs were planned anew";
}

// What the lanes answered is all that tells one run of `overlap` from another.
TEST(OverlapRun, RecordedAnswersOfTheGaugeReplayedSequentiallyGiveTheSameActions) {
  for (unsigned seed = 0; seed < 40 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Draw draw{seed};
    const Step n = draw.from_to(20, 120);
    const Slots buffers = draw.from_to(3, 8);
    const std::vector<Slots> slow{draw.from_to(5, 200)};
    const std::vector<SlowingTier::Pauses> pauses{
        {.save = microseconds{draw.from_to(0, 400)}, .load = microseconds{50}}};
    Problem problem = problem_of(n + 1, buffers, slow);
    problem.levels[1].save_cost = problem.levels[1].load_cost = draw.from_to(1, 3);
    const OverlapShape shape = overlap_shape(problem);
    const OverlapPlan plan = plan_overlap(shape);

    Rig overlapped{buffers, slow, pauses, n, microseconds{20}, microseconds{20}};
    AsyncExecutor async{overlapped.parts()};
    std::vector<std::size_t> answers;
    const Gauge recording = [&](Level level) {
      answers.push_back(async.saves_under_way(level));
      return answers.back();
    };
    sweep(async, n, make_overlap(shape, plan, recording), nullptr);
    const auto actions = async.recorded();
    ASSERT_TRUE(actions);

    Rig alone{buffers, slow, pauses, n, microseconds{0}, microseconds{0}};
    SequentialExecutor sequential{alone.parts()};
    std::size_t at = 0;
    sweep(sequential, n, make_overlap(shape, plan, [&](Level) { return answers.at(at++); }), nullptr);
    EXPECT_EQ(at, answers.size());
    ASSERT_TRUE(sequential.recorded());
    EXPECT_EQ(*sequential.recorded(), *actions);
    EXPECT_TRUE(overlapped.checked().all_turned());
    EXPECT_TRUE(alone.checked().all_turned());
  }
}

// The plan that a run has carried out, its plans made anew among it, is one plan that the other executor can carry out.
TEST(OverlapRun, WhatAnAdaptiveRunDidCanBeReplayedSequentially) {
  const Step n = 200;
  const std::vector<Slots> slow{400};
  const std::vector<SlowingTier::Pauses> pauses{
      {.save = microseconds{100}, .load = microseconds{100}, .slower = 10, .from = 60}};
  Rig rig{5, slow, pauses, n, microseconds{50}, microseconds{100}};
  AsyncExecutor executor{rig.parts()};
  Costs costs{2};
  Adaptive planner{
      {.problem = problem_of(n + 1, 5, slow), .kind = ScheduleKind::automatic, .overlaps = true, .adapts = true},
      costs,
      [&] { return executor.observed(); },
      [&](Level level) { return executor.saves_under_way(level); }};
  sweep(executor, n, planner.first(), &planner);
  EXPECT_GT(planner.plans(), 1);
  Rig alone{5, slow, {{}}, n, microseconds{0}, microseconds{0}};
  SequentialExecutor sequential{alone.parts()};
  sweep(sequential, n, std::make_unique<RecordedPlan>(executor.recorded()), nullptr);
  EXPECT_TRUE(alone.checked().all_turned());
  alone.checked().expect_live(0);
}

}  // namespace
}  // namespace cairn::test
