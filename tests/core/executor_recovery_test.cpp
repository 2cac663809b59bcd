// SPDX-License-Identifier: BSD-3-Clause
// Sweeps that stop where they were asked to, and that go on without a tier. Lost snapshots: tests/fault/heal_test.cpp.
#include "support/configs.hpp"
#include "support/full_disk.hpp"
#include "support/gradient_toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/errors.hpp>

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Step n = 60;

GradientToy undisturbed() {
  const TemporaryFolder folder;
  GradientToy toy{n};
  Reversal run{config(ScheduleKind::revolve, "ram:5", folder), toy.state(), toy.operators([] {})};
  run.sweep(n);
  return toy;
}

/// Calls `then` at the call of that number, over all operators.
std::function<void()> at_call(int call, std::function<void()> then) {
  return [call, then, calls = std::make_shared<int>()] {
    if (++*calls == call) then();
  };
}

class Recovery : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config config_of(ScheduleKind kind, const std::string& tiers = "ram:3 hdf5:9") {
    Config made = config(kind, tiers, folder_, GetParam());
    made.resume = true;
    return made;
  }
  TemporaryFolder folder_;
};

TEST_P(Recovery, ARunThatIsStoppedGoesOnWhereItStood) {
  const GradientToy expected = undisturbed();
  for (const ScheduleKind kind : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap,
                                  ScheduleKind::automatic, ScheduleKind::store_all, ScheduleKind::periodic})
    for (const int call : {1, 7, 35, 59, 60, 61, 62, 90, 150}) {
      SCOPED_TRACE(std::string{name_of(kind)} + ", stopped at call " + std::to_string(call));
      const std::string tiers = kind == ScheduleKind::store_all ? "ram:3 hdf5:60" : "ram:3 hdf5:9";
      Step steps_run = 0;
      {
        GradientToy toy{n};
        Reversal* asked = nullptr;
        Reversal run{config_of(kind, tiers), toy.state(), toy.operators(at_call(call, [&] { asked->request_stop(); }))};
        asked = &run;
        toy.keep_in(run);
        const Report report = run.sweep(n);
        ASSERT_TRUE(report.stopped || (call > n && toy.gradient == expected.gradient)) << "turned to the end";
        if (!report.stopped) continue;
        EXPECT_EQ(run.call_state(), Reversal::CallState::stopped);
        EXPECT_EQ(report.stopped_in_reverse, call > n) << "call n + 1 is the seed's";
        EXPECT_EQ(report.stopped_at,
                  report.stopped_in_reverse ? n - static_cast<Step>(report.turns.value()) : toy.steps_run);
        EXPECT_THROW(run.reverse(), std::logic_error);
        steps_run = toy.steps_run;
      }
      GradientToy toy{n};
      Reversal run{config_of(kind, tiers), toy.state(), toy.operators([] {})};
      toy.keep_in(run);
      const Reversal::Arrived arrived = run.forward(n);
      if (call < n) {
        EXPECT_LE(toy.steps_run + steps_run, n + call / 4 + 1)
            << "but where a plan drops what is cheap to compute again";
      }
      EXPECT_EQ(arrived == Reversal::Arrived::in_reverse, call > n) << "a seed that has begun ends";
      EXPECT_FALSE(run.reverse().stopped);
      EXPECT_EQ(toy.gradient, expected.gradient);
    }
}

TEST_P(Recovery, StopAfterStopsByTheClock) {
  GradientToy toy{n};
  Config timed = config_of(ScheduleKind::multistage);
  timed.stop_after_seconds = 1e-9;
  Reversal run{timed, toy.state(), toy.operators([] {})};
  toy.keep_in(run);
  EXPECT_EQ(run.forward(n), Reversal::Arrived::stopped);
  EXPECT_LT(toy.steps_run, n);
}

TEST_P(Recovery, StateAtIsNotStopped) {
  GradientToy toy{n};
  Reversal run{config_of(ScheduleKind::multistage), toy.state(), toy.operators([] {})};
  run.forward(n);
  run.request_stop();
  run.state_at(17);
  EXPECT_EQ(run.call_state(), Reversal::CallState::forwarded);
  EXPECT_TRUE(run.reverse().stopped);
}

TEST_P(Recovery, ATierThatIsFullIsRetiredAndTheOthersDo) {
  const GradientToy expected = undisturbed();
  for (const ScheduleKind kind : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::overlap,
                                  ScheduleKind::automatic, ScheduleKind::periodic, ScheduleKind::store_all})
    for (const int call : {1, 2, 12, 30, 61}) {  // x_0 on its way there among them
      SCOPED_TRACE(std::string{name_of(kind)} + ", full at call " + std::to_string(call));
      const TemporaryFolder folder;
      GradientToy toy{n};
      FullDisk disk;
      const Config made = config(kind, "ram:3 hdf5:60", folder, GetParam());
      Reversal run{made, toy.state(), toy.operators(at_call(call, [&] { disk.full(); }))};
      const Report report = run.sweep(n);
      EXPECT_EQ(toy.gradient, expected.gradient);
      EXPECT_FALSE(report.levels[0].retired);
      if (report.levels[1].retired) {
        EXPECT_NE(report.table().find("the hdf5 tier failed and was retired"), std::string::npos);
      }
      if (call == 12 && kind == ScheduleKind::store_all) {
        EXPECT_TRUE(report.levels[1].retired) << "or this tests nothing";
      }
    }
}

// A tier may also fail between two actions: where what is kept is written, and where a state is looked at.
TEST_P(Recovery, ATierIsRetiredWhereverItFails) {
  const GradientToy expected = undisturbed();
  for (const ScheduleKind kind : {ScheduleKind::multistage, ScheduleKind::overlap, ScheduleKind::store_all})
    for (const int call : {55, 59, 60, 61, 70, 90}) {
      SCOPED_TRACE(std::string{name_of(kind)} + ", full at call " + std::to_string(call));
      const TemporaryFolder folder;
      GradientToy toy{n};
      FullDisk disk;
      Config made = config(kind, "ram:3 hdf5:60", folder, GetParam());
      made.keep_every_seconds = 1e-9;
      Reversal run{made, toy.state(), toy.operators(at_call(call, [&] { disk.full(); }))};
      toy.keep_in(run);
      run.forward(n);
      run.state_at(0);
      run.state_at(n - 1);
      run.reverse();
      EXPECT_EQ(toy.gradient, expected.gradient);
    }
}

TEST_P(Recovery, OrItIsAnErrorAsAsked) {
  GradientToy toy{n};
  FullDisk disk;
  Config made = config(ScheduleKind::store_all, "ram:3 hdf5:60", folder_, GetParam());
  made.on_tier_failure = OnTierFailure::stop;
  Reversal run{made, toy.state(), toy.operators(at_call(1, [&] { disk.full(); }))};
  try {
    run.sweep(n);
    FAIL() << "nothing could be stored";
  } catch (const StorageError& problem) {
    EXPECT_EQ(problem.kind(), StorageError::Kind::full) << problem.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Executors, Recovery, testing::Values(ExecutorKind::asynchronous, ExecutorKind::sequential),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
