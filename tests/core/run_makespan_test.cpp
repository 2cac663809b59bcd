// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_makespan.hpp>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

/// The report of a sweep whose steps and turns take some time each.
Report swept(ScheduleKind schedule, std::string_view mix, ExecutorKind executor, std::chrono::microseconds step) {
  const TemporaryFolder folder;
  Toy toy;
  const Operators slow{.advance =
                           [&](Steps steps) {
                             for (const Step t : steps) {
                               std::this_thread::sleep_for(step);
                               toy.advance({t, t + 1});
                             }
                           },
                       .reverse = [&](Steps) { std::this_thread::sleep_for(2 * step); }};
  Reversal run{config(schedule, mix, folder, executor), toy.state(), slow};
  return run.sweep(100);
}

class RunMakespan : public testing::TestWithParam<ScheduleKind> {};

TEST_P(RunMakespan, IsNearTheOnePredictedAndAboveTheBound) {
  const auto step = std::chrono::microseconds{2000};
  const Report report = swept(GetParam(), "ram:6 hdf5:100", ExecutorKind::asynchronous, step);
  ASSERT_TRUE(report.makespan);
  const Report::Makespan& makespan = *report.makespan;
  EXPECT_GE(makespan.step_seconds, 0.002);
  EXPECT_GT(makespan.predicted, 0);
  EXPECT_GE(makespan.predicted, makespan.least * 0.999);
  EXPECT_GE(makespan.least, makespan.least_proved);
  EXPECT_GE(makespan.least_with_copies, makespan.least);
  EXPECT_DOUBLE_EQ(makespan.achieved * makespan.step_seconds, report.total_seconds);
  EXPECT_NE(report.table().find("makespan "), std::string::npos);
  EXPECT_NE(report.json().find("\"least_with_copies\""), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RunMakespan,
                         testing::Values(ScheduleKind::overlap, ScheduleKind::hrevolve, ScheduleKind::multistage,
                                         ScheduleKind::online),
                         [](const auto& made) { return std::string{name_of(made.param)}; });

TEST(RunMakespan, IsNotToldOfShortSweepsOneThreadOrOneTier) {
  const std::chrono::microseconds none{0};
  const std::chrono::microseconds some{2000};
  EXPECT_FALSE(swept(ScheduleKind::hrevolve, "ram:6 hdf5:100", ExecutorKind::asynchronous, none).makespan);
  EXPECT_FALSE(swept(ScheduleKind::hrevolve, "ram:6 hdf5:100", ExecutorKind::sequential, some).makespan);
  EXPECT_FALSE(swept(ScheduleKind::revolve, "ram:6", ExecutorKind::asynchronous, some).makespan);
}

}  // namespace
}  // namespace cairn::test
