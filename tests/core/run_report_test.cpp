// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/async_executor.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_report.hpp>
#include <cairn/core/sequential_executor.hpp>

#include <memory>
#include <optional>

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

/// Sweeps by an executor of its own, so that a report may be made between them.
class Bare {
 public:
  explicit Bare(ExecutorKind kind) : config_{config(ScheduleKind::multistage, "ram:3 hdf5:9", folder_, kind)} {
    const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = tiers_};
    if (kind == ExecutorKind::sequential)
      executor_ = std::make_unique<SequentialExecutor>(parts);
    else
      executor_ = std::make_unique<AsyncExecutor>(parts);
  }
  void sweep() {
    checked_.expect_again(Toy::trajectory(n));
    executor_->begin(n, make_schedule(choice_.kind, problem_of(config_, provision_, n + 1)));
    executor_->forward();
    executor_->reverse();
  }
  Report report_since(const SweepStart& start) const {
    return report_of({.config = config_,
                      .choice = choice_,
                      .layout = layout_,
                      .provision = provision_,
                      .tiers = tiers_,
                      .executor = *executor_,
                      .steps = n,
                      .start = start});
  }
  SweepStart now() const { return start_of_sweep(tiers_, *executor_); }

 private:
  TemporaryFolder folder_;
  Config config_;
  Choice choice_{.kind = ScheduleKind::multistage, .reason = {}, .candidates = {}};
  Toy toy_;
  State state_ = toy_.state();
  Checked checked_{toy_, n};
  Operators operators_ = checked_.operators();
  Layout layout_{state_.fields()};
  Provision provision_ = provide(config_, layout_.buffer_bytes());
  TierSet tiers_{config_, layout_, provision_};
  std::unique_ptr<Executor> executor_;
};

TEST_P(RunReport, TellsSpeedsAndTheLaneOfThisSweepAlone) {
  Bare run{GetParam()};
  run.sweep();
  const SweepStart start = run.now();
  run.sweep();
  const SweepStart end = run.now();
  const Report report = run.report_since(start);
  const Report::PerLevel& disk = report.levels[1];
  const double saves = static_cast<double>(end.paces[1].saves - start.paces[1].saves);
  const double loads = static_cast<double>(end.paces[1].loads - start.paces[1].loads);
  const double save_seconds = end.paces[1].save_seconds - start.paces[1].save_seconds;
  const double load_seconds = end.paces[1].load_seconds - start.paces[1].load_seconds;
  const auto snapshot = static_cast<double>(report.snapshot.count);
  EXPECT_EQ(saves, static_cast<double>(disk.takeshots.value()));
  ASSERT_TRUE(disk.save_gb_per_second && disk.load_gb_per_second);
  EXPECT_DOUBLE_EQ(*disk.save_gb_per_second, saves * snapshot / save_seconds / 1e9);
  EXPECT_DOUBLE_EQ(*disk.load_gb_per_second, loads * snapshot / load_seconds / 1e9);
  EXPECT_DOUBLE_EQ(disk.lane_seconds, end.lane_seconds[1] - start.lane_seconds[1]);
  EXPECT_EQ(disk.lane_seconds > 0, GetParam() == ExecutorKind::asynchronous);
  const double step_seconds = report.advance_seconds / static_cast<double>(report.advances.value());
  EXPECT_GT(*disk.save_cost, save_seconds / saves / step_seconds) << "with the copy";
  // Not the other sweep's:
  EXPECT_DOUBLE_EQ(run.report_since({}).levels[1].lane_seconds, end.lane_seconds[1]);
  EXPECT_DOUBLE_EQ(*run.report_since({}).levels[1].save_gb_per_second,
                   static_cast<double>(end.paces[1].saves) * snapshot / end.paces[1].save_seconds / 1e9);
}

TEST_P(RunReport, HasNoSpeedOfASweepThatStoredNothingAndKeepsTheCost) {
  Bare run{GetParam()};
  run.sweep();
  const Report whole = run.report_since({});
  const Report rest = run.report_since(run.now());
  EXPECT_EQ(rest.levels[1].save_gb_per_second, std::nullopt);
  EXPECT_EQ(rest.levels[1].load_gb_per_second, std::nullopt);
  EXPECT_EQ(rest.levels[1].lane_seconds, 0);
  EXPECT_GT(whole.levels[1].save_cost.value_or(0), 0);
  EXPECT_EQ(rest.levels[1].save_cost, whole.levels[1].save_cost);
  EXPECT_EQ(rest.levels[1].load_cost, whole.levels[1].load_cost);
}

TEST_P(RunReport, TellsTheSpeedOfCopiesInMemory) {
  const Report report = swept(ScheduleKind::revolve, "ram:3", GetParam());
  const Report::PerLevel& ram = report.levels[0];
  ASSERT_TRUE(ram.save_gb_per_second && ram.load_gb_per_second && ram.save_cost);
  const double step_seconds = report.advance_seconds / static_cast<double>(report.advances.value());
  EXPECT_NEAR(*ram.save_gb_per_second * *ram.save_cost * step_seconds * 1e9, static_cast<double>(report.snapshot.count),
              1e-6 * static_cast<double>(report.snapshot.count));
  EXPECT_EQ(*ram.load_gb_per_second, *ram.save_gb_per_second);
}

TEST_P(RunReport, TellsHowManyThreadsCopiedTheLiveState) {
  EXPECT_EQ(swept(ScheduleKind::revolve, "ram:3 hdf5:4", GetParam()).copy_threads, 1) << "a state too small for two";
}

TEST_P(RunReport, SharesTheWholeTimeAmongComputationCopiesStallsAndTheRest) {
  const Report report = swept(ScheduleKind::multistage, "ram:3 hdf5:4", GetParam());
  EXPECT_NEAR(report.share(report.compute_seconds()) + report.share(report.copy_seconds) +
                  report.share(report.stall_seconds) + report.share(report.other_seconds),
              1, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Executors, RunReport, testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& made) { return std::string{name_of(made.param)}; });

}  // namespace
}  // namespace cairn::test
