// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/planning.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

/// Nothing of costs is given.
Config open_config(ScheduleKind schedule, std::string_view mix, const TemporaryFolder& folder,
                   ExecutorKind executor = ExecutorKind::asynchronous) {
  Config open = config(schedule, mix, folder, executor);
  for (TierConfig& tier : open.tiers) tier.save_cost = tier.load_cost = std::nullopt;
  return open;
}

class PlanningTest : public testing::Test {
 protected:
  Report sweep(Reversal& run, Checked& checked, Step n) {
    toy_.set_start();
    checked.expect_again(Toy::trajectory(n));
    const Report report = run.sweep(n);
    EXPECT_TRUE(checked.all_turned());
    checked.expect_live(0);
    return report;
  }
  /// What is run again where the plan was made after the first steps.
  static std::uint64_t run_twice(const Report& report, const PlanCounts& plan) {
    return report.advances.value() - plan.advances.value();
  }

  TemporaryFolder folder_;
  Toy toy_;
};

TEST_F(PlanningTest, SchedulesThatWeighStorageMeasureTheCostsThatAreOpen) {
  for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous})
    for (const ScheduleKind kind : {ScheduleKind::hrevolve, ScheduleKind::overlap}) {
      SCOPED_TRACE(testing::Message() << name_of(kind) << ", " << name_of(executor));
      Checked checked{toy_, 60};
      Reversal run{open_config(kind, "ram:4 mmap:6 hdf5:90", folder_, executor), toy_.state(), checked.operators()};
      EXPECT_EQ(sweep(run, checked, 60).schedule, name_of(kind));
      EXPECT_EQ(sweep(run, checked, 60).schedule, name_of(kind)) << "and later sweeps know them";
    }
}

TEST_F(PlanningTest, AScheduleThatWasAskedForStartsAgainAfterTheFirstStepsAndLaterAtOnce) {
  Checked checked{toy_, 80};
  Reversal run{open_config(ScheduleKind::hrevolve, "ram:4 hdf5:3", folder_), toy_.state(), checked.operators()};
  const Step least = replay(*make_schedule(ScheduleKind::multistage, {.steps = 81, .levels = {{3}, {3}}}), 81, {3, 3})
                         .advances.value();
  const Report first = sweep(run, checked, 80);
  const Report second = sweep(run, checked, 80);
  EXPECT_GE(first.advances.value(), static_cast<std::uint64_t>(least) + 3);
  EXPECT_GE(second.advances.value(), static_cast<std::uint64_t>(least));
}

TEST_F(PlanningTest, AutoChoosesAmongAllAndSaysWhy) {
  Checked checked{toy_, 60};
  Reversal run{open_config(ScheduleKind::automatic, "ram:4 hdf5:90", folder_), toy_.state(), checked.operators()};
  const Report report = sweep(run, checked, 60);
  EXPECT_NE(report.schedule, "auto");
  EXPECT_FALSE(report.reason.empty());
}

TEST_F(PlanningTest, RunsOfAFewStepsNeedNoMeasurement) {
  Checked checked{toy_, 6};
  for (const ScheduleKind kind : {ScheduleKind::automatic, ScheduleKind::overlap, ScheduleKind::hrevolve}) {
    Reversal run{open_config(kind, "ram:2 hdf5:9", folder_), toy_.state(), checked.operators()};
    for (Step n = 0; n <= 6; ++n) sweep(run, checked, n);
  }
}

TEST_F(PlanningTest, StateAtAndRestartAreLegalWhateverWasPlannedOnTheWay) {
  Checked checked{toy_, 50};
  Reversal run{open_config(ScheduleKind::automatic, "ram:3 mmap:4 hdf5:70", folder_), toy_.state(),
               checked.operators()};
  for (int sweeps = 0; sweeps < 3; ++sweeps) {
    toy_.set_start();
    checked.expect_again(Toy::trajectory(50));
    run.forward(50);
    for (const Step t : {7, 49, 0, 50}) {
      run.state_at(t);
      checked.expect_live(t);
    }
    if (sweeps == 1) {
      run.restart();
      checked.expect_live(0);
      continue;
    }
    run.reverse();
    EXPECT_TRUE(checked.all_turned());
    run.state_at(23);
    checked.expect_live(23);
    run.restart();
  }
}

TEST_F(PlanningTest, StateAtIsLegalWhereRamSnapshotsHoldTheWholePool) {
  for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous})
    for (const char* mix : {"ram:2 hdf5:90", "ram:3 hdf5:90", "ram:6 mmap:90"}) {
      SCOPED_TRACE(testing::Message() << mix << ", " << name_of(executor));
      Checked checked{toy_, 50};
      Reversal run{config(ScheduleKind::overlap, mix, folder_, executor), toy_.state(), checked.operators()};
      toy_.set_start();
      checked.expect_again(Toy::trajectory(50));
      run.forward(50);
      for (const Step t : {7, 0, 31, 3, 50, 1}) {
        run.state_at(t);
        checked.expect_live(t);
      }
      run.reverse();
      EXPECT_TRUE(checked.all_turned());
      checked.expect_live(0);
    }
}

TEST_F(PlanningTest, GivenCostsThatAreWrongAreCorrected) {
  using namespace std::chrono_literals;
  Config wrong = open_config(ScheduleKind::automatic, "ram:4 hdf5:200", folder_);
  wrong.tiers[1].save_cost = wrong.tiers[1].load_cost = 500;  // as if storage were of no use
  Checked checked{toy_, 150};
  Operators slow = checked.operators();
  slow.advance = [advance = slow.advance](Steps steps) {
    std::this_thread::sleep_for(1ms * steps.size());
    advance(steps);
  };
  Reversal run{wrong, toy_.state(), slow};
  const Report report = sweep(run, checked, 150);
  ASSERT_TRUE(report.levels[1].save_cost);
  EXPECT_LT(*report.levels[1].save_cost, 100) << "a save of 34 KB takes less than a tenth of a second";
  const Report again = sweep(run, checked, 150);
  EXPECT_GT(again.levels[1].takeshots + again.levels[1].moves, Count{10})
      << "what was measured is known from the start";
}

TEST_F(PlanningTest, TheProblemHasTheDevicesOfTheTiers) {
  const Config two = open_config(ScheduleKind::overlap, "ram:4 mmap:6 hdf5:90", folder_);
  const Layout layout{toy_.state().fields()};
  const Provision provision = provide(two, layout.buffer_bytes());
  EXPECT_EQ(provision.slots[0], 4) << "overlap shares all buffers";
  TierSet tiers{two, layout, provision};
  EXPECT_EQ(tiers.at(Level{1}).device(), tiers.at(Level{2}).device());
}

}  // namespace
}  // namespace cairn::test
