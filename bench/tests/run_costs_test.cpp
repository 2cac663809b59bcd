// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <run_costs.hpp>

namespace cairn::bench {
namespace {

const RunCosts some{.step_seconds = 0.01, .turn = 2, .copy_out = 0.25, .copy_in = 0.5, .save = 3.25, .load = 2.5};

Report some_report() {
  Report report;
  report.advances = Count{200};
  report.turns = Count{100};
  report.advance_seconds = 2;
  report.turn_seconds = 2;
  report.levels.resize(2);
  report.levels[0].save_cost = 0.25;
  report.levels[0].load_cost = 0.5;
  report.levels[1].save_cost = 3.25;
  report.levels[1].load_cost = 2.5;
  return report;
}

Config ram_and_file(ScheduleKind schedule, ExecutorKind executor, Slots buffers, Slots slots) {
  Config config;
  config.schedule = schedule;
  config.executor = executor;
  config.tiers = {{.kind = TierKind::ram, .capacity = Capacity::of_slots(buffers)},
                  {.kind = TierKind::hdf5, .path = "never_made.h5", .capacity = Capacity::of_slots(slots)}};
  return config;
}

TEST(RunCosts, KeepTheDeviceBesideOtherCopies) {
  const RunCosts other = some.with_copies(1.5, 2);
  EXPECT_DOUBLE_EQ(other.copy_out, 1.5);
  EXPECT_DOUBLE_EQ(other.copy_in, 2);
  EXPECT_DOUBLE_EQ(other.write(), some.write());
  EXPECT_DOUBLE_EQ(other.read(), some.read());
  EXPECT_DOUBLE_EQ(other.turn, some.turn);
}

TEST(RunCosts, AreThoseOfTheReportInItsMeanStep) {
  const RunCosts costs = costs_of(some_report());
  EXPECT_DOUBLE_EQ(costs.step_seconds, 0.01);
  EXPECT_DOUBLE_EQ(costs.turn, 2);
  EXPECT_DOUBLE_EQ(costs.copy_out, 0.25);
  EXPECT_DOUBLE_EQ(costs.copy_in, 0.5);
  EXPECT_DOUBLE_EQ(costs.write(), 3);
  EXPECT_DOUBLE_EQ(costs.read(), 2);
}

TEST(RunCosts, StayAsTheyWereWhereTheSweepDidNotDoIt) {
  Report report = some_report();
  report.levels[1].load_cost.reset();
  report.levels[0].save_cost.reset();
  const RunCosts costs = costs_of(report, {.copy_out = 7, .load = 8});
  EXPECT_DOUBLE_EQ(costs.load, 8);
  EXPECT_DOUBLE_EQ(costs.copy_out, 7);
  EXPECT_DOUBLE_EQ(costs.save, 3.25);
}

TEST(RunCosts, HaveTheMedianOfEachOnItsOwn) {
  const RunCosts median =
      median_of({{.step_seconds = 1, .turn = 9}, {.step_seconds = 2, .turn = 1}, {.step_seconds = 7}});
  EXPECT_DOUBLE_EQ(median.step_seconds, 2);
  EXPECT_DOUBLE_EQ(median.turn, 1);
}

TEST(LeastDistance, IsTheGreatestOfItsFourReasons) {
  const RunCosts free{.turn = 1};
  EXPECT_DOUBLE_EQ(least_distance(free, 100, 1000), 1);
  EXPECT_DOUBLE_EQ(least_distance(some, 100, 1000), 3);                    // W
  EXPECT_DOUBLE_EQ(least_distance({.turn = 2, .load = 8}, 100, 1000), 3);  // (R + 1)/(1 + ub)
  EXPECT_DOUBLE_EQ(least_distance(some, 100, 10), 10);                     // n/c
}

TEST(PredictedSteps, AddUpOneAfterTheOtherInTheSequentialExecutor) {
  // multistage with room for all of the 3 steps and the seed: 3 advances, 3 turns; x_0, x_1, x_2 are saved and loaded,
  // one of them in the one RAM slot beside the staging buffer, the others in the file.
  const Config config = ram_and_file(ScheduleKind::multistage, ExecutorKind::sequential, 2, 10);
  const double in_ram = some.copy_out + some.copy_in;
  const double in_file = some.save + some.load;
  EXPECT_DOUBLE_EQ(predicted_steps(ScheduleKind::multistage, config, some, 3, MiB(1)),
                   3 + 3 * 2 + in_ram + 2 * in_file);
}

TEST(PredictedSteps, AreFewerWhereStorageWorksBesideTheOperators) {
  const auto steps = [](ExecutorKind executor) {
    const Config config = ram_and_file(ScheduleKind::multistage, executor, 4, 200);
    return predicted_steps(ScheduleKind::multistage, config, some, 100, MiB(1));
  };
  EXPECT_LT(steps(ExecutorKind::asynchronous), 0.9 * steps(ExecutorKind::sequential));
  EXPECT_GT(steps(ExecutorKind::asynchronous), 100 + 100 * 2);
}

TEST(PredictedSteps, OfRevolveAreThoseOfRamAlone) {
  Config config = ram_and_file(ScheduleKind::revolve, ExecutorKind::sequential, 10, 1);
  config.tiers.pop_back();
  RunCosts no_copies = some;
  no_copies.copy_in = no_copies.copy_out = 0;
  EXPECT_DOUBLE_EQ(predicted_steps(ScheduleKind::revolve, config, no_copies, 9, MiB(1)), 9 + 9 * 2);  // all are kept
}

}  // namespace
}  // namespace cairn::bench
