// SPDX-License-Identifier: BSD-3-Clause
// Every schedule × executor × mix of tiers × n in 1 … 200 (every seventh of overlap from 25 on), and those for a loop
// of unknown length also through forward_while, n in 0 … 60: the reverse sweep sees bitwise the forward states, last
// first, and does exactly what the plan says.
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/schedulers/replay.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Case = std::tuple<ScheduleKind, ExecutorKind, std::string>;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr Step pace = 7;  // beyond 60 steps: all of them would take an hour
#else
constexpr Step pace = 1;
#endif

class EverySweep : public testing::TestWithParam<Case> {
 protected:
  ScheduleKind schedule() const { return std::get<0>(GetParam()); }
  ExecutorKind executor() const { return std::get<1>(GetParam()); }
  std::string mix() const { return std::get<2>(GetParam()); }

  bool weighs_time() {
    return schedule() == ScheduleKind::overlap || (schedule() == ScheduleKind::automatic && overlaps(configured()));
  }

  Config configured() { return config(schedule(), mix(), folder_, executor()); }

  /// Sweeps n steps and compares with the plan; where no plan is possible, with its error.
  void sweep(Reversal& run, Toy& toy, Checked& checked, Step n) {
    SCOPED_TRACE(testing::Message() << "n = " << n);
    Problem problem = problem_of(configured(), run.provision(), n + 1);
    for (Problem::LevelShape& level : problem.levels) level.device = 0;  // one folder
    std::unique_ptr<Schedule> plan;
    try {
      plan = make_schedule(schedule(), problem);
    } catch (const std::invalid_argument& impossible) {
      try {
        run.forward(n);
        FAIL() << "a plan that is impossible was run";
      } catch (const std::invalid_argument& refused) {
        EXPECT_STREQ(refused.what(), impossible.what());
      }
      return;
    }
    toy.set_start();
    checked.expect_again({expected_.begin(), expected_.begin() + n + 1});
    const Report report = run.sweep(n);
    ASSERT_TRUE(checked.all_turned());
    checked.expect_live(0);
    expect_counts(report, checked, replay(*plan, problem));
  }

  /// The same for a loop that ends after n steps.
  void sweep_while(Reversal& run, Toy& toy, Checked& checked, Step n) {
    SCOPED_TRACE(testing::Message() << "n = " << n);
    toy.set_start();
    checked.expect_again({expected_.begin(), expected_.begin() + n + 1});
    Loop loop{checked, n};
    run.forward_while([&] { return loop.more(); });
    checked.expect_live(n);
    const Report report = run.reverse();
    ASSERT_TRUE(checked.all_turned());
    EXPECT_EQ(loop.asked(), n + 1);
    checked.expect_live(0);
    const Problem problem = problem_of(configured(), run.provision(), 0);
    expect_counts(report, checked, counts_of_loop(*make_schedule(schedule(), problem), n, slots_of(problem)));
  }

  /// What an online schedule does where the loop ends after n steps.
  static PlanCounts counts_of_loop(Schedule& plan, Step n, std::vector<Slots> slots) {
    Replay integers = Replay::of_unknown_steps(std::move(slots));
    while (integers.live() != n) integers.apply(plan.next().value());
    plan.finish(n + 1);
    integers.finish(n + 1);
    while (const std::optional<Action> action = plan.next()) integers.apply(*action);
    EXPECT_TRUE(integers.finished());
    return integers.counts();
  }

  void expect_counts(const Report& report, const Checked& checked, const PlanCounts& counts) {
    EXPECT_EQ(Count{checked.advanced()}, report.advances);
    ++swept_;
    if (weighs_time() && executor() == ExecutorKind::asynchronous)
      return;  // positions are where the lanes had time, and plans are made anew
    EXPECT_EQ(report.advances, counts.advances);
    for (std::size_t i = 0; i < counts.levels.size(); ++i) {
      EXPECT_EQ(report.levels[i].takeshots, counts.levels[i].takeshots) << "level " << i;
      EXPECT_EQ(report.levels[i].restores, counts.levels[i].restores) << "level " << i;
      EXPECT_EQ(report.levels[i].moves, counts.levels[i].moves) << "level " << i;
      EXPECT_EQ(report.levels[i].peak, counts.levels[i].peak) << "level " << i;
    }
  }

  void sweep_all(Step most, std::size_t points) {
    expected_ = Toy::trajectory(most, 1.0, points);
    Toy toy{1.0, points};
    Checked checked{toy, expected_};
    Reversal run{configured(), toy.state(), checked.operators()};
    const Step last_of_all = weighs_time() ? 25 : 60;  // it simulates a portfolio for each n
    const Step further = weighs_time() ? 7 : pace;
    for (Step n = 1; n <= most && !HasFailure(); n += n < last_of_all ? 1 : further) sweep(run, toy, checked, n);
  }

  void sweep_all_while(Step most, std::size_t points) {
    expected_ = Toy::trajectory(most, 1.0, points);
    Toy toy{1.0, points};
    Checked checked{toy, expected_};
    Reversal run{configured(), toy.state(), checked.operators()};
    for (Step n = 0; n <= most && !HasFailure(); ++n) sweep_while(run, toy, checked, n);
    EXPECT_EQ(swept_, most + 1);
  }

  TemporaryFolder folder_;
  std::vector<std::uint64_t> expected_;
  int swept_ = 0;
};
class EveryLoop : public EverySweep {};

TEST_P(EverySweep, SeesTheForwardStatesLastFirst) {
  sweep_all(200, Toy::small);
  EXPECT_GT(swept_, 0);
}

TEST_P(EverySweep, SeesTheForwardStatesOfLargeFields) {
  sweep_all(25, Toy::large);
  EXPECT_GT(swept_, 0);
}

TEST_P(EveryLoop, SeesTheForwardStatesLastFirst) {
  sweep_all_while(60, Toy::small);
}

TEST_P(EveryLoop, SeesTheForwardStatesOfLargeFields) {
  sweep_all_while(25, Toy::large);
}

std::vector<Case> cases(std::span<const ScheduleKind> schedules) {
  std::vector<Case> cases;
  for (const ScheduleKind schedule : schedules)
    for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous})
      for (const char* mix : {"ram:1", "ram:2", "ram:9", "shared:3", "shared:3 hdf5:4", "ram:2 hdf5:2", "ram:2 mmap:3",
                              "ram:4 mmap:2 hdf5:5", "mmap:3", "hdf5:4", "mmap:3 hdf5:3", "ram:5 mmap:60 hdf5:140"}) {
        const std::string_view tiers = mix;
        const bool one_tier = tiers.find(' ') == std::string_view::npos;
        const bool needs_two = schedule == ScheduleKind::periodic || schedule == ScheduleKind::disk_revolve ||
                               schedule == ScheduleKind::overlap;
        const bool needs_ram = schedule == ScheduleKind::overlap;
        if (needs_two && one_tier) continue;  // an error of the configuration
        if (needs_ram && !tiers.starts_with("ram") && !tiers.starts_with("shared")) continue;
        cases.emplace_back(schedule, executor, mix);
      }
  return cases;
}

std::string name_of_case(const testing::TestParamInfo<Case>& made) {
  std::string name = std::string{name_of(std::get<0>(made.param))} + "_" +
                     std::string{name_of(std::get<1>(made.param))} + "_" + std::get<2>(made.param);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

constexpr std::array of_unknown_length{ScheduleKind::automatic, ScheduleKind::online};
INSTANTIATE_TEST_SUITE_P(All, EverySweep, testing::ValuesIn(cases(schedule_kinds())), name_of_case);
INSTANTIATE_TEST_SUITE_P(All, EveryLoop, testing::ValuesIn(cases(of_unknown_length)), name_of_case);

}  // namespace
}  // namespace cairn::test
