// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_report.hpp>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Step n = 40;

/// The report of one sweep over n steps.
Report swept(ScheduleKind schedule, std::string_view mix, ExecutorKind executor) {
  const TemporaryFolder folder;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{config(schedule, mix, folder, executor), toy.state(), checked.operators()};
  return run.sweep(n);
}

class RunReport : public testing::TestWithParam<ExecutorKind> {};

TEST_P(RunReport, CountsBytesBySnapshots) {
  const Report report = swept(ScheduleKind::multistage, "ram:3 mmap:2 hdf5:4", GetParam());
  EXPECT_EQ(report.turns, Count{n});  // the seed's turn is the user's
  EXPECT_EQ(report.steps, n);
  EXPECT_EQ(report.pool, 3);
  for (const Report::PerLevel& level : report.levels) {
    EXPECT_EQ(level.saved.count, report.snapshot.count * (level.takeshots + level.moves).value());
    EXPECT_EQ(level.loaded.count, report.snapshot.count * level.restores.value());
  }
}

TEST_P(RunReport, PricesThePlanByTheConfiguration) {
  const Report report = swept(ScheduleKind::hrevolve, "ram:3 hdf5:4", GetParam());
  const Report::PerLevel& disk = report.levels[1];
  const TemporaryFolder folder;
  const TierConfig tier = tiers("ram:3 hdf5:4", folder)[1];
  EXPECT_GT(disk.takeshots, Count{0});
  EXPECT_DOUBLE_EQ(report.plan_cost, static_cast<double>(report.advances.value()) +
                                         *tier.save_cost * static_cast<double>(disk.takeshots.value()) +
                                         *tier.load_cost * static_cast<double>(disk.restores.value()));
}

TEST_P(RunReport, MeasuresTheCostsOfTiersThatWereUsed) {
  const Report report = swept(ScheduleKind::revolve, "ram:3 hdf5:4", GetParam());
  EXPECT_GT(report.levels[0].save_cost.value_or(0), 0);
  EXPECT_GT(report.levels[0].load_cost.value_or(0), 0);
  EXPECT_EQ(report.levels[1].save_cost, std::nullopt);
  EXPECT_EQ(report.levels[1].load_cost, std::nullopt);
}

TEST_P(RunReport, GivesAReasonWhereAutoChose) {
  EXPECT_EQ(swept(ScheduleKind::revolve, "ram:3", GetParam()).reason, "");
  const Report report = swept(ScheduleKind::automatic, "ram:3 hdf5:4", GetParam());
  EXPECT_NE(report.reason.find(report.schedule), std::string::npos) << report.reason;
}

INSTANTIATE_TEST_SUITE_P(Executors, RunReport, testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& made) { return std::string{name_of(made.param)}; });

}  // namespace
}  // namespace cairn::test
