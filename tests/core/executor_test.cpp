// SPDX-License-Identifier: BSD-3-Clause
// What both executors do with plans written by hand (executor.cpp, executor_actions.cpp): moves, an x_0 that the plan
// gives up, loops of unknown length, tiers that fail.
#include "support/allocations.hpp"
#include "support/faulty_tier.hpp"
#include "support/listed_schedule.hpp"
#include "support/sinking_schedule.hpp"
#include "support/toy.hpp"
#include <cairn/core/async_executor.hpp>
#include <cairn/core/sequential_executor.hpp>
#include <cairn/schedulers/make_schedule.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, slow{1}, slowest{2};

/// A toy on tiers in memory, one of which may stand for a disk.
class EveryExecutor : public testing::TestWithParam<ExecutorKind> {
 protected:
  /// Level 0 in RAM with `slots[0]` slots of a pool of `buffers`; the others stand for devices, on buffers of their
  /// own.
  void make(Slots buffers, const std::vector<Slots>& slots, Step n, Verify verify = Verify::disk) {
    checked_.emplace(toy_, n);
    operators_ = checked_->operators();
    auto pool = std::make_unique<Pool>(buffers, layout_.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout_, slots[0], *pool, Tier::Promise{.verify = verify}));
    for (std::size_t i = 1; i < slots.size(); ++i) {
      far_pools_.push_back(std::make_unique<Pool>(slots[i], layout_.buffer_bytes()));
      far_pools_.back()->touch(slots[i]);
      auto faulty = std::make_unique<FaultyTier>(std::make_unique<RamTier>(layout_, slots[i], *far_pools_.back()));
      faulty_.push_back(faulty.get());
      tiers.push_back(std::move(faulty));
    }
    tiers_ = std::make_unique<TierSet>(std::move(pool), std::move(tiers));
    const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = *tiers_};
    if (GetParam() == ExecutorKind::sequential)
      executor_ = std::make_unique<SequentialExecutor>(parts);
    else
      executor_ = std::make_unique<AsyncExecutor>(parts);
  }
  void sweep(Step n, std::vector<Action> plan) {
    executor_->begin(n, std::make_unique<ListedSchedule>(std::move(plan)));
    executor_->forward();
    checked_->expect_live(n);
    executor_->reverse();
    EXPECT_TRUE(checked_->all_turned());
    checked_->expect_live(0);
  }

  /// Sweeps while more() says so, n times.
  void sweep_while(Step n, std::unique_ptr<Schedule> schedule) {
    Loop loop{*checked_, n};
    executor_->begin(std::nullopt, std::move(schedule));
    EXPECT_EQ(executor_->forward_while([&] { return loop.more(); }), n);
    checked_->expect_live(n);
    executor_->reverse();
    EXPECT_EQ(loop.asked(), n + 1) << "once for each t of the first sweep";
    EXPECT_TRUE(checked_->all_turned());
    checked_->expect_live(0);
  }

  Toy toy_;
  State state_ = toy_.state();
  Layout layout_{state_.fields()};
  Operators operators_;
  std::optional<Checked> checked_;
  std::vector<std::unique_ptr<Pool>> far_pools_;
  std::vector<FaultyTier*> faulty_;
  std::unique_ptr<TierSet> tiers_;
  std::unique_ptr<Executor> executor_;
};

TEST_P(EveryExecutor, MovesSnapshotsBetweenAnyTwoTiers) {
  make(3, {2, 2, 2}, 3);
  sweep(3, {Takeshot{0, ram},
            Advance{{0, 1}},
            Takeshot{1, ram},
            Move{0, ram, slow},
            Advance{{1, 2}},
            Takeshot{2, ram},
            Move{1, ram, slow},
            Advance{{2, 3}},
            Turn{3},
            Restore{2, ram},
            Discard{2, ram},
            Turn{2},
            Move{1, slow, slowest},
            Restore{1, slowest},
            Discard{1, slowest},
            Turn{1},
            Move{0, slow, ram},
            Restore{0, ram},
            Discard{0, ram},
            Turn{0}});
  EXPECT_EQ(executor_->counts().levels[1].moves, Count{2});
  EXPECT_EQ(executor_->counts().levels[2].moves, Count{1});
  EXPECT_EQ(executor_->counts().levels[0].moves, Count{1});
}

TEST_P(EveryExecutor, ComputesASnapshotAgainThatIsDamagedWhenItIsMoved) {
  make(3, {2, 2}, 3, Verify::always);
  const std::vector<Action> rest{Restore{0, ram}, Advance{{0, 2}}, Turn{2},         Restore{0, ram}, Advance{{0, 1}},
                                 Turn{1},         Restore{0, ram}, Discard{0, ram}, Turn{0}};
  executor_->heal_by(
      [&](const Standing& standing, const std::vector<bool>&) {
        EXPECT_EQ(standing.to_turn, 3);
        EXPECT_EQ(standing.stored.size(), 1U) << "x_0";
        return Executor::Rest{std::make_unique<ListedSchedule>(rest), nullptr};
      },
      true);
  executor_->begin(3, std::make_unique<ListedSchedule>(std::vector<Action>{
                          Takeshot{0, ram}, Advance{{0, 1}}, Takeshot{1, ram}, Advance{{1, 3}}, Turn{3},
                          Move{1, ram, slow}, Restore{1, slow}, Advance{{1, 2}}, Turn{2}}));
  executor_->forward();
  for (Slot slot{0}; slot.index < 2; ++slot.index)
    if (tiers_->ram()->ledger().at(slot).step == 1)
      const_cast<std::byte&>(tiers_->ram()->view(slot, 1)[0]) ^= std::byte{1};  // a stray pointer
  executor_->reverse();
  EXPECT_TRUE(checked_->all_turned());
  checked_->expect_live(0);
  EXPECT_EQ(executor_->healed(), Count{1});
}

TEST_P(EveryExecutor, KeepsTheFirstStateThoughThePlanGivesItUpAndTakesItAnew) {
  make(3, {2, 1}, 2);
  sweep(2, {Takeshot{0, slow}, Advance{{0, 2}}, Turn{2}, Restore{0, slow}, Discard{0, slow}, Takeshot{0, ram},
            Advance{{0, 1}}, Turn{1}, Restore{0, ram}, Discard{0, ram}, Turn{0}});
}

TEST_P(EveryExecutor, MakesRoomWhereTheFirstStateIsHeldTwice) {
  make(3, {2, 1}, 2);
  sweep(2, {Takeshot{0, slow}, Advance{{0, 2}}, Turn{2}, Restore{0, slow}, Discard{0, slow}, Takeshot{0, ram},
            Advance{{0, 1}}, Takeshot{1, slow}, Turn{1}, Restore{0, ram}, Discard{1, slow}, Turn{0}});
}

TEST_P(EveryExecutor, MovesTheFirstStateToWhereItNeverLeft) {
  make(3, {2, 2}, 2);
  sweep(2, {Takeshot{0, slow}, Advance{{0, 2}}, Turn{2}, Restore{0, slow}, Discard{0, slow}, Takeshot{0, ram},
            Move{0, ram, slow}, Advance{{0, 1}}, Takeshot{1, ram}, Turn{1}, Discard{1, ram}, Restore{0, slow},
            Discard{0, slow}, Turn{0}});
  EXPECT_EQ(executor_->counts().levels[1].moves, Count{1});
  EXPECT_EQ(executor_->counts().levels[1].peak, 1);
  EXPECT_EQ(executor_->counts().levels[0].peak, 1);
}

TEST_P(EveryExecutor, KeepsTheFirstStateWhereOneOfItsCopiesIsDiscardedAndTheOtherMoves) {
  make(3, {2, 2}, 2);
  sweep(2, {Takeshot{0, ram}, Takeshot{0, slow}, Advance{{0, 2}}, Turn{2}, Restore{0, ram}, Discard{0, ram},
            Advance{{0, 1}}, Turn{1}, Move{0, slow, ram}, Restore{0, ram}, Discard{0, ram}, Turn{0}});
}

TEST_P(EveryExecutor, RunsALoopOfAnyLengthWhoseSnapshotsSink) {
  make(4, {3, 2, 3}, 60);
  for (Step n = 0; n <= 60 && !HasFailure(); ++n) {
    SCOPED_TRACE(n);
    checked_->expect_again(Toy::trajectory(n));
    sweep_while(n, std::make_unique<SinkingSchedule>(tiers_->slots()));
  }
}

TEST_P(EveryExecutor, RefusesALoopBeyondTheMostSteps) {
  make(3, {2}, 9);
  executor_->begin(std::nullopt, std::make_unique<SinkingSchedule>(tiers_->slots()));
  EXPECT_EQ(executor_->forward_while([this] { return checked_->advanced() < 9; }, 9), 9) << "as many as there may be";
  checked_->expect_again(Toy::trajectory(9));
  executor_->restart();
  executor_->begin(std::nullopt, std::make_unique<SinkingSchedule>(tiers_->slots()));
  try {
    executor_->forward_while([] { return true; }, 9);
    FAIL() << "it went on";
  } catch (const std::length_error& error) {
    EXPECT_STREQ(error.what(), "the loop goes on after 9 steps; a run has at most that many");
  }
  EXPECT_EQ(checked_->advanced(), 9);
  toy_.poison();
  executor_->forget_live();
  executor_->restart();
  checked_->expect_live(0);
}

TEST_P(EveryExecutor, RefusesAScheduleThatRunsPastWhatTheLoopAskedFor) {
  make(3, {2}, 3);
  executor_->begin(std::nullopt,
                   std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, ram}, Advance{{0, 2}}}));
  EXPECT_THROW(executor_->forward_while([] { return true; }), std::logic_error);
  executor_->begin(std::nullopt, std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, ram}}));
  EXPECT_THROW(executor_->forward_while([] { return true; }), std::logic_error) << "it ends before the loop";
}

TEST_P(EveryExecutor, AllocatesNothingAStepOfALoop) {
  double x = 0;
  State state;
  state.add("x", x);
  const Layout layout{state.fields()};
  const Operators operators{.advance = [&](Steps) { x += 1; }, .reverse = [](Steps) {}};
  auto pool = std::make_unique<Pool>(5, layout.buffer_bytes());
  std::vector<std::unique_ptr<Tier>> one;
  one.push_back(std::make_unique<RamTier>(layout, 5, *pool));
  TierSet tiers{std::move(pool), std::move(one)};
  SequentialExecutor executor{{.state = state, .layout = layout, .operators = operators, .tiers = tiers}};
  executor.begin(std::nullopt, std::make_unique<SinkingSchedule>(tiers.slots()));
  std::size_t early = 0, late = 0;
  executor.forward_while([&] {
    if (x == 100) early = allocated().times;
    if (x == 5000) late = allocated().times;
    return x < 5000;
  });
  EXPECT_EQ(late, early);
}

TEST_P(EveryExecutor, StoresTheFirstStateWhereThePlanHasNoNeedTo) {
  make(1, {1}, 0);
  sweep(0, {Turn{0}});
  EXPECT_EQ(executor_->counts().levels[0].takeshots, Count{0}) << "it is not in the counts";
  EXPECT_EQ(executor_->counts().levels[0].peak, 0);
}

TEST_P(EveryExecutor, RestoresManyInARowFromASlowTierWithTwoBuffers) {
  constexpr Step n = 40;
  make(2, {1, n}, n);
  std::vector<Action> plan;
  for (Step t = 0; t < n; ++t) {
    plan.push_back(Takeshot{t, slow});
    plan.push_back(Advance{{t, t + 1}});
  }
  plan.push_back(Turn{n});
  for (Step t = n - 1; t >= 0; --t) {
    plan.push_back(Restore{t, slow});
    plan.push_back(Discard{t, slow});
    plan.push_back(Turn{t});
  }
  sweep(n, plan);
  EXPECT_EQ(executor_->counts().levels[1].restores, Count{n});
}

TEST_P(EveryExecutor, ABufferIsNeverShortHoweverTakeshotsAndRestoresAlternate) {
  // Between two slow restores the plan takes a slow takeshot and fills RAM: reading ahead must not take the last
  // buffer.
  make(2, {1, 4}, 6);
  sweep(6, {Takeshot{0, slow}, Advance{{0, 3}},  Takeshot{3, slow}, Advance{{3, 6}},  Turn{6},
            Restore{3, slow},  Advance{{3, 4}},  Takeshot{4, slow}, Advance{{4, 5}},  Turn{5},
            Restore{4, slow},  Discard{4, slow}, Turn{4},           Restore{3, slow}, Discard{3, slow},
            Turn{3},           Restore{0, slow}, Advance{{0, 1}},   Takeshot{1, ram}, Advance{{1, 2}},
            Turn{2},           Restore{1, ram},  Discard{1, ram},   Turn{1},          Restore{0, slow},
            Discard{0, slow},  Turn{0}});
}

TEST_P(EveryExecutor, AFailureAtEveryTransferIsThrownAndTheNextSweepIsRight) {
  constexpr Step n = 30;
  make(3, {2, 6}, n);
  const auto plan = [] {
    return make_schedule(ScheduleKind::multistage, {.steps = n + 1, .levels = {{.slots = 2}, {.slots = 6}}});
  };
  const auto sweep_once = [&] {
    checked_->expect_again(Toy::trajectory(n));
    executor_->begin(n, plan());
    executor_->forward();
    executor_->reverse();
  };
  sweep_once();
  const std::uint64_t writes = faulty_[0]->writes(), reads = faulty_[0]->reads();
  ASSERT_GT(writes, 6U);
  ASSERT_GT(reads, 6U);
  for (std::uint64_t k = 1; k <= writes + reads; ++k) {
    SCOPED_TRACE(k);
    faulty_[0]->clear_faults();
    if (k <= writes)
      faulty_[0]->fail_write(faulty_[0]->writes() + k, StorageError::Kind::full);
    else
      faulty_[0]->fail_read(faulty_[0]->reads() + k - writes, StorageError::Kind::corrupt);
    try {
      sweep_once();
      ADD_FAILURE() << "the failure was lost";
    } catch (const StorageError& failure) {
      EXPECT_EQ(failure.kind(), k <= writes ? StorageError::Kind::full : StorageError::Kind::corrupt);
    }
    executor_->forget_live();
    executor_->settle();
    faulty_[0]->clear_faults();
    toy_.poison();
    try {
      executor_->restart();
    } catch (const StorageError& lost) {
      EXPECT_EQ(lost.kind(), StorageError::Kind::absent);
      EXPECT_EQ(k, 1U) << "only where the save of x_0 itself had failed";
      toy_.set_start();
    }
    checked_->expect_live(0);
  }
  sweep_once();
  EXPECT_TRUE(checked_->all_turned());
}

TEST_P(EveryExecutor, ALateTierChangesNoState) {
  constexpr Step n = 40;
  make(3, {2, 5}, n);
  faulty_[0]->delay(std::chrono::microseconds{300});
  executor_->begin(n,
                   make_schedule(ScheduleKind::multistage, {.steps = n + 1, .levels = {{.slots = 2}, {.slots = 5}}}));
  executor_->forward();
  executor_->reverse();
  EXPECT_TRUE(checked_->all_turned());
  EXPECT_GT(executor_->meter().seconds(Meter::Doing::stall), 0);
}

INSTANTIATE_TEST_SUITE_P(Executors, EveryExecutor,
                         testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
