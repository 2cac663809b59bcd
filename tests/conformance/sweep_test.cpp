// SPDX-License-Identifier: BSD-3-Clause
// Every schedule × executor × mix of tiers × n in 1 … 200: the reverse sweep sees bitwise the forward states, last
// first, and does exactly what the plan says.
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/schedulers/replay.hpp>

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Case = std::tuple<ScheduleKind, ExecutorKind, std::string>;

class EverySweep : public testing::TestWithParam<Case> {
 protected:
  ScheduleKind schedule() const { return std::get<0>(GetParam()); }
  ExecutorKind executor() const { return std::get<1>(GetParam()); }
  std::string mix() const { return std::get<2>(GetParam()); }

  /// Sweeps n steps and compares with the plan; where no plan is possible, with its error.
  void sweep(Reversal& run, Toy& toy, Checked& checked, Step n) {
    SCOPED_TRACE(testing::Message() << "n = " << n);
    std::vector<Problem::LevelShape> levels;
    for (const Slots slots : run.provision().slots) levels.push_back({.slots = slots});
    std::unique_ptr<Schedule> plan;
    try {
      plan = make_schedule(schedule(), {.steps = n + 1, .levels = levels});
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
    const PlanCounts counts = replay(*plan, n + 1, run.provision().slots);
    EXPECT_EQ(report.advances, counts.advances);
    EXPECT_EQ(Count{checked.advanced()}, counts.advances);
    for (std::size_t i = 0; i < counts.levels.size(); ++i) {
      EXPECT_EQ(report.levels[i].takeshots, counts.levels[i].takeshots) << "level " << i;
      EXPECT_EQ(report.levels[i].restores, counts.levels[i].restores) << "level " << i;
      EXPECT_EQ(report.levels[i].moves, counts.levels[i].moves) << "level " << i;
      EXPECT_EQ(report.levels[i].peak, counts.levels[i].peak) << "level " << i;
    }
    ++swept_;
  }

  void sweep_all(Step most, std::size_t points) {
    expected_ = Toy::trajectory(most, 1.0, points);
    Toy toy{1.0, points};
    Checked checked{toy, expected_};
    Reversal run{config(schedule(), mix(), folder_, executor()), toy.state(), checked.operators()};
    for (Step n = 1; n <= most && !HasFatalFailure() && !HasNonfatalFailure(); ++n) sweep(run, toy, checked, n);
  }

  TemporaryFolder folder_;
  std::vector<std::uint64_t> expected_;
  int swept_ = 0;
};

TEST_P(EverySweep, SeesTheForwardStatesLastFirst) {
  sweep_all(200, Toy::small);
  EXPECT_GT(swept_, 0);
}

TEST_P(EverySweep, SeesTheForwardStatesOfLargeFields) {
  sweep_all(25, Toy::large);
  EXPECT_GT(swept_, 0);
}

std::vector<Case> cases() {
  std::vector<Case> cases;
  for (const ScheduleKind schedule : schedule_kinds())
    for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous})
      for (const char* mix : {"ram:1", "ram:2", "ram:9", "ram:2 hdf5:2", "ram:2 mmap:3", "ram:4 mmap:2 hdf5:5",
                              "mmap:3", "hdf5:4", "mmap:3 hdf5:3", "ram:5 mmap:60 hdf5:140"}) {
        const std::string_view tiers = mix;
        const bool one_tier = tiers.find(' ') == std::string_view::npos;
        if (schedule == ScheduleKind::periodic && one_tier) continue;  // an error of the configuration
        cases.emplace_back(schedule, executor, mix);
      }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, EverySweep, testing::ValuesIn(cases()), [](const auto& made) {
  std::string name = std::string{name_of(std::get<0>(made.param))} + "_" +
                     std::string{name_of(std::get<1>(made.param))} + "_" + std::get<2>(made.param);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace cairn::test
