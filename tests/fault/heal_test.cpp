// SPDX-License-Identifier: BSD-3-Clause
// Snapshots are damaged or cannot be read: each is computed again, and the gradient is what it would have been.
#include "support/failures.hpp"
#include "support/faulty_system.hpp"
#include "support/file_tiers.hpp"
#include "support/stored_bytes.hpp"
#include "wide_runs.hpp"
#include <cairn/core/async_executor.hpp>
#include <cairn/core/planning.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/sequential_executor.hpp>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Kind = StorageError::Kind;
constexpr Step n = 60;
constexpr std::uint64_t seeds = 50;
constexpr std::uint64_t faults = 20;  // of the calls of a run, evenly spread

const WideToy::Gradient& undisturbed() {
  return test::undisturbed(n);
}

/// The steps whose present snapshot behind level 0 the plan restores after that call of an operator.
std::set<Step> restored_after(int call, Schedule& plan) {
  int calls = 0;
  std::set<Step> restored, gone;
  while (const std::optional<Action> action = plan.next()) {
    if (const auto* advance = std::get_if<Advance>(&*action)) calls += static_cast<int>(advance->steps.size());
    if (std::holds_alternative<Turn>(*action)) ++calls;  // of step n: the seed
    if (calls < call) continue;
    const auto* restore = std::get_if<Restore>(&*action);
    if (restore && restore->level > Level{0} && !gone.contains(restore->step)) restored.insert(restore->step);
    const auto* discard = std::get_if<Discard>(&*action);
    if (discard && discard->level > Level{0}) gone.insert(discard->step);
  }
  return restored;
}

class Heal : public WideRun {
 protected:
  Config config_of(ScheduleKind schedule, Slots slots = 9) {
    Config made = WideRun::config_of(schedule, slots);
    made.overwrite = true;
    return made;
  }

  struct Outcome {
    bool flipped = false;
    Count healed;
  };
  /// A run in which, once `call` operators were called, a byte of a snapshot is flipped that `chooses` says may be:
  /// (number of the call, the toy, the snapshot).
  template <class Chooses>
  Outcome run_with_a_flip(ScheduleKind schedule, int call, std::uint64_t seed, const Chooses& chooses) {
    WideToy toy{n};
    Outcome outcome;
    std::mt19937_64 random{seed};
    std::unique_ptr<StoredBytes> bytes;
    int calls = 0;
    Reversal run{config_of(schedule), toy.state(), toy.operators([&] {
                   if (++calls < call || outcome.flipped) return;
                   std::vector<StoredBytes::Held> suitable;
                   if (!bytes) bytes = std::make_unique<StoredBytes>(file());
                   for (const StoredBytes::Held& held : bytes->held())
                     if (chooses(calls, toy, run, held.step)) suitable.push_back(held);
                   if (suitable.empty()) return;
                   bytes->flip(suitable[random() % suitable.size()].slot, random() % bytes->snapshot_bytes());
                   outcome.flipped = true;
                 })};
    outcome.healed = run.sweep(n).healed;
    EXPECT_EQ(toy.gradient(), undisturbed());
    return outcome;
  }
  int random_call(std::uint64_t seed) const { return static_cast<int>(std::mt19937_64{seed}() % (2 * n)); }
};

// The plan does not depend on times, so that it is known which snapshots will be read.
TEST_P(Heal, AFlippedByteOfASnapshotThatIsReadLaterIsHealedOnce) {
  undisturbed();
  for (const ScheduleKind schedule : {ScheduleKind::multistage, ScheduleKind::hrevolve}) {
    std::uint64_t flipped = 0, healed = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      SCOPED_TRACE(std::string{name_of(schedule)} + ", seed " + std::to_string(seed));
      std::set<Step> read_later;
      int known_for = -1;
      const auto is_read_later = [&](int calls, const WideToy&, const Reversal& run, Step step) {
        if (known_for != calls) {
          const auto plan = make_schedule(schedule, problem_of(config_of(schedule), run.provision(), n + 1));
          read_later = restored_after(calls, *plan);
          known_for = calls;
        }
        return step > 0 && read_later.contains(step);
      };
      const Outcome outcome = run_with_a_flip(schedule, random_call(seed), seed, is_read_later);
      if (!outcome.flipped) continue;
      ++flipped;
      if (outcome.healed == Count{1}) ++healed;
      EXPECT_LE(outcome.healed, Count{1});
      if (executor() == ExecutorKind::sequential) {
        EXPECT_EQ(outcome.healed, Count{1});
      }
    }
    EXPECT_GE(flipped, seeds * 9 / 10) << name_of(schedule);
    EXPECT_GE(healed, flipped * 3 / 4) << name_of(schedule) << ": the others were read ahead before";
    RecordProperty("flipped_healed_" + std::string{name_of(schedule)},
                   std::to_string(flipped) + "_" + std::to_string(healed));
  }
}

// Plans that watch storage: which snapshots are read is not known; what lies below the next turn mostly is.
TEST_P(Heal, AFlippedByteIsHealedWhereThePlanChangesAsItGoes) {
  undisturbed();
  for (const ScheduleKind schedule : {ScheduleKind::overlap, ScheduleKind::automatic}) {
    std::uint64_t flipped = 0, healed = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      SCOPED_TRACE(std::string{name_of(schedule)} + ", seed " + std::to_string(seed));
      const Outcome outcome = run_with_a_flip(
          schedule, random_call(seed), seed,
          [](int, const WideToy& toy, const Reversal&, Step step) { return step > 0 && step < toy.turned; });
      flipped += outcome.flipped;
      if (outcome.healed == Count{1}) ++healed;
      EXPECT_LE(outcome.healed, Count{1});
    }
    EXPECT_GE(flipped, seeds * 9 / 10) << name_of(schedule);
    EXPECT_GE(healed, flipped / 2) << name_of(schedule);
    RecordProperty("flipped_healed_" + std::string{name_of(schedule)},
                   std::to_string(flipped) + "_" + std::to_string(healed));
  }
}

TEST_P(Heal, OnlyTheStartIsLeft) {
  for (const ScheduleKind schedule : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap,
                                      ScheduleKind::automatic, ScheduleKind::store_all}) {
    SCOPED_TRACE(name_of(schedule));
    WideToy toy{n};
    Reversal run{config_of(schedule, 70), toy.state(), toy.operators([] {})};
    run.forward(n);
    run.state_at(n - 1);  // what is on its way to the file has come there
    const StoredBytes bytes{file()};
    std::uint64_t flipped = 0;
    for (const StoredBytes::Held& held : bytes.held())
      if (held.step > 0) bytes.flip(held.slot, 8 * static_cast<std::uint64_t>(held.slot.index)), ++flipped;
    const Report report = run.reverse();
    EXPECT_EQ(toy.gradient(), undisturbed());
    EXPECT_LE(report.healed.value(), flipped);
    if (schedule == ScheduleKind::overlap || schedule == ScheduleKind::automatic) continue;  // memory may do for them
    EXPECT_GT(flipped, 2U);
    EXPECT_GT(report.healed.value(), 2U);
  }
}

TEST_P(Heal, AStateAtALostSnapshotIsComputedFromAnEarlierOne) {
  std::vector<std::vector<double>> trails;
  {
    WideToy toy{n};
    const Operators operators = toy.operators([] {});
    for (Step t = 0; t <= n; ++t) {
      trails.push_back(toy.trail);
      operators.advance({t, t + 1, t == n});
    }
  }
  for (const ScheduleKind schedule : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap}) {
    SCOPED_TRACE(name_of(schedule));
    WideToy toy{n};
    Reversal run{config_of(schedule), toy.state(), toy.operators([] {})};
    run.forward(n);
    run.state_at(1);
    const StoredBytes bytes{file()};
    const std::vector<StoredBytes::Held> held = bytes.held();
    ASSERT_GT(held.size(), 1U);
    ASSERT_GT(held.back().step, 0);
    bytes.flip(held.back().slot, 5);
    run.state_at(held.back().step);
    EXPECT_EQ(toy.trail, trails[static_cast<std::size_t>(held.back().step)]);
    EXPECT_EQ(run.report().healed, Count{1});
    run.state_at(n);
    EXPECT_EQ(toy.trail, trails.back());
    EXPECT_EQ(run.reverse().healed, Count{1});
    EXPECT_EQ(toy.gradient(), undisturbed());
    run.state_at(held.back().step);  // after the sweep, from x_0
    EXPECT_EQ(toy.trail, trails[static_cast<std::size_t>(held.back().step)]);
  }
}

TEST_P(Heal, TheSweepAfterAHealedOneIsLikeAnyOther) {
  WideToy toy{n};
  bool flips = true;
  std::unique_ptr<StoredBytes> bytes;
  Reversal run{config_of(ScheduleKind::multistage), toy.state(), toy.operators([&] {
                 if (!flips || toy.turned > n - 2) return;
                 if (!bytes) bytes = std::make_unique<StoredBytes>(file());
                 for (const StoredBytes::Held& held : bytes->held())
                   if (held.step > 0 && flips && held.step < toy.turned) bytes->flip(held.slot, 7), flips = false;
               })};
  EXPECT_EQ(run.sweep(n).healed, Count{1});
  EXPECT_EQ(toy.gradient(), undisturbed());
  toy.toy.gradient.fill(0);
  toy.toy.adjoint.fill(0);
  std::fill(toy.toy.traces.begin(), toy.toy.traces.end(), 0.);
  EXPECT_EQ(run.sweep(n).healed, Count{0});
  EXPECT_EQ(toy.gradient(), undisturbed());
}

// Of such runs the report tells a makespan, from the actions that were done.
TEST_P(Heal, ALongRunIsReportedAsAnyOther) {
  for (const ScheduleKind schedule : {ScheduleKind::hrevolve, ScheduleKind::overlap, ScheduleKind::automatic}) {
    SCOPED_TRACE(name_of(schedule));
    WideToy toy{n};
    bool flips = true;
    std::unique_ptr<StoredBytes> bytes;
    Reversal run{config_of(schedule), toy.state(), toy.operators([&] {
                   std::this_thread::sleep_for(std::chrono::milliseconds{6});
                   if (!flips || toy.turned > n - 4) return;
                   if (!bytes) bytes = std::make_unique<StoredBytes>(file());
                   for (const StoredBytes::Held& held : bytes->held())
                     if (held.step > 0 && flips && held.step < toy.turned) bytes->flip(held.slot, 7), flips = false;
                 })};
    const Report report = run.sweep(n);
    EXPECT_FALSE(flips);
    EXPECT_EQ(toy.gradient(), undisturbed());
    EXPECT_LE(report.healed, Count{1});
    EXPECT_GT(report.total_seconds, .5);
  }
}

TEST_P(Heal, ALostStartIsAnErrorThatNamesIt) {
  WideToy toy{n};
  Config made = config(ScheduleKind::multistage, kind() + ":9", folder_, executor());
  Reversal run{made, toy.state(), toy.operators([] {})};
  const std::string alone = folder_ / (kind() == "mmap" ? "level0.map" : "level0.h5");
  run.forward(n);
  run.state_at(0);
  const StoredBytes bytes{alone};
  int flipped = 0;
  for (const StoredBytes::Held& held : bytes.held())
    if (held.step == 0) bytes.flip(held.slot, 9), ++flipped;
  ASSERT_EQ(flipped, 1);
  const StorageError lost = failure([&] { run.reverse(); });
  EXPECT_EQ(lost.kind(), Kind::corrupt) << lost.what();
  EXPECT_NE(std::string{lost.what()}.find(alone + ": slot 0, step 0: "), std::string::npos) << lost.what();
  EXPECT_EQ(run.call_state(), Reversal::CallState::failed);
}

struct Died : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Between two processes; the snapshot that the later one goes on from among them.
TEST_P(Heal, WhatIsDamagedBetweenTwoProcessesIsHealedByTheLaterOne) {
  int healed = 0;
  for (const int call : {20, 45, 59, 70, 90})
    for (const bool latest : {true, false}) {
      SCOPED_TRACE("died at call " + std::to_string(call) + (latest ? ", latest" : ", first"));
      Config made = config_of(ScheduleKind::multistage);
      made.keep_every_seconds = 1e-9;
      {
        WideToy toy{n};
        int calls = 0;
        Reversal run{made, toy.state(), toy.operators([&] {
                       if (++calls == call) throw Died{"as asked"};
                     })};
        toy.keep_in(run);
        EXPECT_THROW(run.sweep(n), Died);
      }
      {
        const StoredBytes bytes{file()};
        std::optional<StoredBytes::Held> chosen;
        for (const StoredBytes::Held& held : bytes.held())
          if (held.step > 0 && (!chosen || (held.step > chosen->step) == latest)) chosen = held;
        if (!chosen) continue;
        bytes.flip(chosen->slot, 24'100);
      }
      made.resume = true;
      made.overwrite = false;
      WideToy toy{n};
      Reversal run{made, toy.state(), toy.operators([] {})};
      toy.keep_in(run);
      healed += run.sweep(n).healed == Count{1};
      EXPECT_EQ(toy.gradient(), undisturbed());
    }
  EXPECT_GE(healed, 5);
}

/// A run on a system that fails, put together as Reversal does.
class RunOnAFaultySystem {
 public:
  WideToy toy{n};
  FaultySystem system;

  RunOnAFaultySystem(const std::string& kind, ExecutorKind executor, ScheduleKind schedule)
      : home_{kind}, config_{config(schedule, "ram:3 " + kind + ":9", folder_, executor)} {
    auto pool = std::make_unique<Pool>(provision_.pool, layout_.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout_, provision_.slots[0], *pool));
    tiers.push_back(home_.make(layout_, 9, {}, system).owned);
    tiers_ = std::make_unique<TierSet>(std::move(pool), std::move(tiers));
    const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = *tiers_};
    if (executor == ExecutorKind::sequential)
      executor_ = std::make_unique<SequentialExecutor>(parts);
    else
      executor_ = std::make_unique<AsyncExecutor>(parts);
    planning_ = std::make_unique<Planning>(config_, provision_, *tiers_, *executor_);
    executor_->heal_by(
        [this](const Standing& standing, const std::vector<bool>& retired) {
          auto rest = planning_->plan_rest(n, standing, retired);
          return Executor::Rest{std::move(rest), planning_->planner()};
        },
        true);
  }
  void forward() {
    auto plan = planning_->plan(n);
    executor_->begin(n, std::move(plan), planning_->planner());
    executor_->forward();
  }
  void reverse() {
    executor_->bring(n);
    executor_->forget_live();
    operators_.seed();
    executor_->reverse();
  }

  Count healed() const { return executor_->healed(); }

 private:
  FileTierHome home_;
  TemporaryFolder folder_;
  Config config_;
  State state_ = toy.state();
  Layout layout_{state_.fields()};
  Operators operators_ = toy.operators([] {});
  Provision provision_ = provide(config_, layout_.buffer_bytes());
  std::unique_ptr<TierSet> tiers_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Planning> planning_;
};

TEST_P(Heal, ASnapshotThatCannotBeReadIsComputedAgain) {
  for (const ScheduleKind schedule : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap}) {
    std::uint64_t first = 0, last = 0;
    {
      RunOnAFaultySystem run{kind(), executor(), schedule};
      run.forward();
      first = run.system.count(FaultySystem::Call::pread) + 1;
      run.reverse();
      last = run.system.count(FaultySystem::Call::pread);
      ASSERT_GT(last, first + 3);
    }
    int healed = 0, lost_starts = 0;
    for (std::uint64_t kth = first; kth <= last; kth += 1 + (last - first) / faults) {
      SCOPED_TRACE(std::string{name_of(schedule)} + ", pread number " + std::to_string(kth));
      RunOnAFaultySystem run{kind(), executor(), schedule};
      run.system.fail(FaultySystem::Call::pread, kth, EIO);
      try {
        run.forward();
        run.reverse();
      } catch (const StorageError& lost) {
        EXPECT_EQ(lost.kind(), Kind::io) << lost.what();
        EXPECT_NE(std::string{lost.what()}.find(", step 0: "), std::string::npos) << lost.what();
        ++lost_starts;
        continue;
      }
      EXPECT_EQ(run.toy.gradient(), undisturbed());
      EXPECT_LE(run.healed(), Count{1});
      healed += run.healed() == Count{1};
    }
    EXPECT_GT(healed, 3) << name_of(schedule);
    EXPECT_LE(lost_starts, 6) << name_of(schedule);
  }
}

// A fault of the device while it writes is no loss of what it holds already.
TEST_P(Heal, ASnapshotThatCannotBeWrittenCostsNoOther) {
  for (const ScheduleKind schedule : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap}) {
    std::uint64_t first = 0, last = 0;
    {
      RunOnAFaultySystem run{kind(), executor(), schedule};
      first = run.system.count(FaultySystem::Call::pwrite) + 1;
      run.forward();
      run.reverse();
      last = run.system.count(FaultySystem::Call::pwrite);
    }
    for (std::uint64_t kth = first; kth <= last; kth += 1 + (last - first) / faults) {
      SCOPED_TRACE(std::string{name_of(schedule)} + ", pwrite number " + std::to_string(kth) + " of " +
                   std::to_string(first) + " to " + std::to_string(last));
      RunOnAFaultySystem run{kind(), executor(), schedule};
      run.system.fail(FaultySystem::Call::pwrite, kth, EIO);
      try {
        run.forward();
        run.reverse();
      } catch (const StorageError& lost) {
        EXPECT_NE(std::string{lost.what()}.find("step 0: "), std::string::npos) << lost.what();
        continue;
      }
      EXPECT_EQ(run.toy.gradient(), undisturbed());
      EXPECT_EQ(run.healed(), Count{0});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, Heal, each_wide_run(), name_of_wide_run);

}  // namespace
}  // namespace cairn::test
