// SPDX-License-Identifier: BSD-3-Clause
// What only the asynchronous executor does: it lets the operators run on.
#include "support/configs.hpp"
#include "support/gate_tier.hpp"
#include "support/listed_schedule.hpp"
#include "support/toy.hpp"
#include <cairn/core/async_executor.hpp>
#include <cairn/core/reversal.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, slow{1};

class AsyncExecutorTest : public testing::Test {
 protected:
  void make(Slots buffers, Slots ram_slots, Slots slow_slots, Step n) {
    checked_.emplace(toy_, n);
    operators_ = checked_->operators();
    auto pool = std::make_unique<Pool>(buffers, layout_.buffer_bytes());
    auto gate = std::make_unique<GateTier>(layout_, slow_slots);
    gate_ = gate.get();
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout_, ram_slots, *pool));
    tiers.push_back(std::move(gate));
    tiers_ = std::make_unique<TierSet>(std::move(pool), std::move(tiers));
    executor_ = std::make_unique<AsyncExecutor>(
        Executor::Parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = *tiers_});
  }
  Toy toy_;
  State state_ = toy_.state();
  Layout layout_{state_.fields()};
  Operators operators_;
  std::optional<Checked> checked_;
  GateTier* gate_ = nullptr;
  std::unique_ptr<TierSet> tiers_;
  std::unique_ptr<AsyncExecutor> executor_;
};

TEST_F(AsyncExecutorTest, OperatorsRunOnWhileASnapshotIsWritten) {
  make(3, 2, 2, 4);
  executor_->begin(4, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, slow}, Advance{{0, 2}}, Takeshot{2, slow}, Advance{{2, 4}}, Turn{4}}));
  gate_->close();
  executor_->forward();  // would never return if it waited for the writes
  checked_->expect_live(4);
  EXPECT_TRUE(gate_->done().empty());
  gate_->open();
  executor_->settle();
  EXPECT_EQ(gate_->done(), (Done{"save 0", "save 1"}));
}

TEST_F(AsyncExecutorTest, ASnapshotIsReadBeforeItsRestore) {
  make(3, 2, 2, 3);
  const auto turn = operators_.reverse;
  operators_.reverse = [&](Steps step) {
    if (step.first == 2) {
      gate_->until_done("load 1");  // x_1 is read while step 2 is turned; would wait forever if it were not
      EXPECT_EQ(executor_->counts().levels[1].restores, Count{0});
    }
    turn(step);
  };
  executor_->begin(3, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, slow}, Advance{{0, 1}}, Takeshot{1, slow}, Advance{{1, 2}}, Takeshot{2, ram},
                          Advance{{2, 3}}, Turn{3}, Restore{2, ram}, Discard{2, ram}, Turn{2}, Restore{1, slow},
                          Discard{1, slow}, Turn{1}, Restore{0, slow}, Discard{0, slow}, Turn{0}}));
  executor_->forward();
  executor_->settle();
  executor_->reverse();
  EXPECT_TRUE(checked_->all_turned());
}

TEST_F(AsyncExecutorTest, ARamSnapshotIsMovedFromWhereItLies) {
  make(2, 1, 2, 1);
  executor_->begin(1, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, ram}, Move{0, ram, slow}, Advance{{0, 1}}, Turn{1}, Restore{0, slow}, Turn{0}}));
  gate_->close();
  executor_->forward();
  EXPECT_EQ(tiers_->pool().available(), 1) << "the one buffer is on its way, not a copy of it";
  gate_->open();
  executor_->reverse();
  EXPECT_TRUE(checked_->all_turned());
}

TEST_F(AsyncExecutorTest, ALoadedSnapshotBecomesARamSnapshotWithoutACopy) {
  make(2, 1, 2, 2);
  executor_->begin(2, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, slow}, Advance{{0, 2}}, Turn{2}, Restore{0, slow}, Discard{0, slow},
                          Takeshot{0, ram}, Advance{{0, 1}}, Turn{1}, Restore{0, ram}, Discard{0, ram}, Turn{0}}));
  executor_->forward();
  executor_->reverse();
  EXPECT_TRUE(checked_->all_turned());
  checked_->expect_live(0);
  EXPECT_EQ(executor_->counts().levels[0].takeshots, Count{1});
  // x_0 out, in from disk, in from RAM for turn 0, and once more for the end of the sweep; not out again to RAM.
  EXPECT_EQ(executor_->copies(), Count{4});
}

TEST_F(AsyncExecutorTest, SaysHowManySavesAreUnderWay) {
  make(3, 2, 2, 2);
  executor_->begin(2, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, slow}, Advance{{0, 1}}, Takeshot{1, slow}, Advance{{1, 2}}, Turn{2}}));
  EXPECT_EQ(executor_->saves_under_way(slow), 0U);
  gate_->close();
  executor_->forward();
  EXPECT_EQ(executor_->saves_under_way(slow), 2U);
  EXPECT_EQ(executor_->saves_under_way(ram), 0U);
  gate_->open();
  executor_->settle();
  EXPECT_EQ(executor_->saves_under_way(slow), 0U);
}

TEST_F(AsyncExecutorTest, AFailureOfTheLaneIsThrownAtTheLatestWhenTheSweepEnds) {
  make(3, 2, 2, 2);
  gate_->failing_slot = 0;
  executor_->begin(2, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, ram}, Advance{{0, 1}}, Takeshot{1, slow}, Advance{{1, 2}}, Turn{2},
                          Discard{1, slow}, Restore{0, ram}, Advance{{0, 1}}, Turn{1}, Restore{0, ram}, Turn{0}}));
  EXPECT_THROW(
      {
        executor_->forward();
        executor_->reverse();
      },
      StorageError);
}

TEST(AsyncExecutorOnFiles, TiersOnOneDeviceShareALane) {
  TemporaryFolder folder;
  Toy toy;
  Checked checked{toy, 40};
  Reversal run{config(ScheduleKind::multistage, "ram:2 mmap:3 hdf5:4", folder), toy.state(), checked.operators()};
  const Report report = run.sweep(40);
  EXPECT_GT(report.levels[1].lane_seconds, 0);
  EXPECT_EQ(report.levels[1].lane_seconds, report.levels[2].lane_seconds);
  EXPECT_EQ(report.levels[0].lane_seconds, 0);
}

}  // namespace
}  // namespace cairn::test
