// SPDX-License-Identifier: BSD-3-Clause
// The contract of forward_while(): a loop whose length nobody knows before it ends.
#include "support/configs.hpp"
#include "support/hdf5_reading.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/schedulers/choose.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

namespace cairn::test {
namespace {

using CallState = Reversal::CallState;

struct Stopped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// Both executors on a mix of all tiers.
class ForwardWhile : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config mixed(ScheduleKind schedule = ScheduleKind::online) {
    return config(schedule, "ram:3 mmap:3 hdf5:4", folder_, GetParam());
  }
  /// A sweep of n steps from what is live; ends with what is right checked.
  void sweep(Reversal& run, Checked& checked, Step n, double parameter = 1.0) {
    checked.expect_again(Toy::trajectory(n, parameter));
    Loop loop{checked, n};
    run.forward_while([&] { return loop.more(); });
    checked.expect_live(n);
    EXPECT_EQ(run.call_state(), CallState::forwarded);
    const Report report = run.reverse();
    EXPECT_EQ(report.steps, n);
    EXPECT_EQ(report.turns, Count{n});
    EXPECT_EQ(loop.asked(), n + 1) << "never in recomputation";
    EXPECT_TRUE(checked.all_turned());
    checked.expect_live(0);
  }
  TemporaryFolder folder_;
};

TEST_P(ForwardWhile, AsksOnceBeforeEachStepWithItsStateLive) {
  for (const Step n : {0, 1, 2, 7, 50}) {
    Toy toy;
    Checked checked{toy, n};
    Operators operators = checked.operators();
    std::vector<std::string> calls, expected;
    operators.advance = [&, advance = operators.advance](Steps steps) {
      EXPECT_EQ(steps.size(), steps.again ? steps.size() : 1) << "one step at a time, while nobody knows the end";
      if (!steps.again) calls.push_back("step " + std::to_string(steps.first));
      advance(steps);
    };
    Reversal run{mixed(), toy.state(), operators};
    Loop loop{checked, n};
    run.forward_while([&] {
      calls.push_back("more " + std::to_string(loop.asked()));
      return loop.more();
    });
    for (Step t = 0; t < n; ++t) {
      expected.push_back("more " + std::to_string(t));
      expected.push_back("step " + std::to_string(t));
    }
    expected.push_back("more " + std::to_string(n));
    run.reverse();
    EXPECT_EQ(calls, expected);
    EXPECT_TRUE(checked.all_turned()) << n;
  }
}

TEST_P(ForwardWhile, FalseAtOnceIsASweepOfNoSteps) {
  Toy toy;
  Checked checked{toy, 0};
  int seeds = 0;
  Operators operators = checked.operators();
  operators.seed = [&] {
    ++seeds;
    checked.expect_live(0);
    toy.poison();
  };
  Reversal run{mixed(), toy.state(), operators};
  run.forward_while([] { return false; });
  const Report report = run.reverse();
  EXPECT_EQ(report.advances, Count{0});
  EXPECT_EQ(seeds, 1);
  checked.expect_live(0);
}

TEST_P(ForwardWhile, TheLastStepMayBeClipped) {
  constexpr double end = 2.05;
  Toy plain{1.0, Toy::small, end};
  Step n = 0;
  for (; plain.time() < end; ++n) plain.advance({n, n + 1});
  Toy toy{1.0, Toy::small, end};
  Checked checked{toy, Toy::trajectory(n, 1.0, Toy::small, end)};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.forward_while([&] { return toy.time() < end; });
  EXPECT_EQ(toy.time(), plain.time());
  EXPECT_EQ(run.reverse().steps, n);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(ForwardWhile, AnExceptionOutOfMorePassesUnchangedAndRestartHelps) {
  constexpr Step n = 15;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{mixed(), toy.state(), checked.operators()};
  for (Step fatal = 0; fatal <= n; ++fatal) {
    SCOPED_TRACE(fatal);
    checked.expect_again(Toy::trajectory(n));
    Loop loop{checked, n};
    try {
      run.forward_while([&] {
        if (loop.asked() == fatal) throw Stopped{"by the user"};
        return loop.more();
      });
      FAIL() << "the exception was lost";
    } catch (const Stopped& stopped) {
      EXPECT_STREQ(stopped.what(), "by the user");
    }
    EXPECT_EQ(run.call_state(), CallState::failed);
    EXPECT_EQ(
        refusal([&] { run.forward_while([] { return false; }); }),
        "Reversal::forward_while: the call state is failed; it is legal when ready: after reverse() or restart()");
    EXPECT_EQ(refusal([&] { run.reverse(); }),
              "Reversal::reverse: the call state is failed; it is legal after forward() or forward_while()");
    EXPECT_EQ(refusal([&] { run.state_at(0); }), "Reversal::state_at: the call state is failed; call restart() first");
    toy.poison();
    run.restart();
    checked.expect_live(0);
    EXPECT_EQ(refusal([&] { run.state_at(0); }),
              "Reversal::state_at: the call state is ready; call forward() or forward_while() first");
  }
  sweep(run, checked, n);
}

TEST_P(ForwardWhile, AnExceptionOutOfAnOperatorPassesUnchangedAndRestartHelps) {
  constexpr Step n = 12;
  Toy toy;
  Checked checked{toy, n};
  int calls = 0, fatal = -1;
  Operators operators = checked.operators();
  const auto guarded = [&](const auto& operation) {
    return [&, operation](Steps steps) {
      if (calls++ == fatal) throw Stopped{"by the user"};
      operation(steps);
    };
  };
  operators = {.advance = guarded(operators.advance), .reverse = guarded(operators.reverse)};
  Reversal run{mixed(), toy.state(), operators};
  sweep(run, checked, n);
  const int all = calls;
  for (fatal = 0; fatal < all; ++fatal) {
    calls = 0;
    checked.expect_again(Toy::trajectory(n));
    Loop loop{checked, n};
    try {
      run.forward_while([&] { return loop.more(); });
      run.reverse();
      EXPECT_GE(fatal, calls) << "pieces differ in length, so that the number of calls does too";
      continue;
    } catch (const Stopped&) {
      EXPECT_EQ(run.call_state(), CallState::failed);
    }
    toy.poison();
    run.restart();
    checked.expect_live(0);
  }
  fatal = -1;
  sweep(run, checked, n);
}

TEST_P(ForwardWhile, StateAtMakesAnyStateLiveAfterIt) {
  constexpr Step n = 40;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{mixed(), toy.state(), checked.operators()};
  Loop loop{checked, n};
  run.forward_while([&] { return loop.more(); });
  for (const Step t : {0, 40, 7, 39, 20, 21, 1}) {
    run.state_at(t);
    checked.expect_live(t);
    EXPECT_EQ(run.call_state(), CallState::forwarded);
  }
  EXPECT_EQ(refusal([&] { run.state_at(n + 1); }), "Reversal::state_at: step 41; from 0 to 40 are possible");
  run.reverse();
  EXPECT_TRUE(checked.all_turned());
  run.state_at(33);
  checked.expect_live(33);
  EXPECT_EQ(run.call_state(), CallState::away);
  EXPECT_EQ(loop.asked(), n + 1);
}

TEST_P(ForwardWhile, SweepsWithChangedParametersAndLengthsEqualThoseOfAFreshProcess) {
  Toy toy;
  Checked checked{toy, 30};
  Reversal run{mixed(), toy.state(), checked.operators()};
  sweep(run, checked, 30);
  for (const double parameter : {2.0, 3.0}) {  // x_0 changes, as in data assimilation
    toy = Toy{parameter};
    sweep(run, checked, static_cast<Step>(40 / parameter), parameter);
  }
}

TEST_P(ForwardWhile, TakesTurnsWithForward) {
  Toy toy;
  Checked checked{toy, 25};
  Reversal run{mixed(), toy.state(), checked.operators()};
  sweep(run, checked, 25);
  checked.expect_again(Toy::trajectory(31));
  const Report known = run.sweep(31);
  EXPECT_TRUE(checked.all_turned());
  checked.expect_again(Toy::trajectory(31));
  Loop loop{checked, 31};
  run.forward_while([&] { return loop.more(); });
  EXPECT_EQ(run.reverse().advances, known.advances) << "online does the same where it knows n";
}

TEST_P(ForwardWhile, ToleratesTiersInAnyOrderOfCost) {  // x_0 may go to a later tier first
  for (const std::string mix : {"mmap:2 hdf5:3", "ram:3 mmap:2 hdf5:3"}) {
    Config dearest_first = config(ScheduleKind::online, mix, folder_, GetParam());
    for (std::size_t i = 0; i < dearest_first.tiers.size(); ++i)
      dearest_first.tiers[i].save_cost = dearest_first.tiers[i].load_cost = 6.0 / static_cast<double>(i + 1);
    Toy toy;
    Checked checked{toy, 0};
    Reversal run{dearest_first, toy.state(), checked.operators()};
    for (Step n = 0; n <= 30 && !HasFailure(); ++n) {
      SCOPED_TRACE(testing::Message() << mix << ", n = " << n);
      sweep(run, checked, n);
    }
    EXPECT_GT(run.report().levels.back().takeshots, Count{0}) << "the last tier is the cheapest";
  }
}

TEST_P(ForwardWhile, OverlapsWithStorageWhereverTheLoopEnds) {
  for (const ScheduleKind schedule : {ScheduleKind::overlap, ScheduleKind::automatic})
    for (const std::string mix : {"ram:2 hdf5:2", "ram:3 mmap:40", "ram:6 mmap:3 hdf5:40", "ram:9 hdf5:5"}) {
      TemporaryFolder folder;
      Toy toy;
      Checked checked{toy, 0};
      Reversal run{config(schedule, mix, folder, GetParam()), toy.state(), checked.operators()};
      for (Step n = 0; n <= 60 && !HasFailure(); n += n < 20 ? 1 : 8) {
        SCOPED_TRACE(testing::Message() << name_of(schedule) << ", " << mix << ", n = " << n);
        sweep(run, checked, n);
      }
    }
}

TEST_P(ForwardWhile, OverlapGoesToTheSlowTierOfALongLoopAndNoStateIsTurnedFromElsewhere) {
  Toy toy;
  Checked checked{toy, 300};
  Reversal run{config(ScheduleKind::overlap, "ram:4 hdf5:12", folder_, GetParam()), toy.state(), checked.operators()};
  for (const double parameter : {1.0, 2.0}) {
    toy = Toy{parameter};
    sweep(run, checked, 300, parameter);
    const Report report = run.report();
    EXPECT_EQ(report.schedule, "overlap");
    EXPECT_GT(report.levels[1].moves, Count{0});  // as many as the device has time for
    EXPECT_LE(report.levels[0].peak, 4);
    EXPECT_LE(report.levels[1].peak, 12);
  }
  checked.expect_again(Toy::trajectory(40, 2.0));
  toy = Toy{2.0};
  const Report known = run.sweep(40);
  EXPECT_EQ(known.schedule, "overlap") << "and where n is known";
}

TEST_P(ForwardWhile, OverlapSurvivesAnExceptionOutOfMore) {
  Toy toy;
  Checked checked{toy, 40};
  Reversal run{config(ScheduleKind::overlap, "ram:4 hdf5:6", folder_, GetParam()), toy.state(), checked.operators()};
  for (const Step fatal : {0, 1, 5, 23}) {
    checked.expect_again(Toy::trajectory(40));
    Loop loop{checked, 40};
    EXPECT_THROW(run.forward_while([&] {
      if (loop.asked() == fatal) throw Stopped{"by the user"};
      return loop.more();
    }),
                 Stopped);
    toy.poison();
    run.restart();
    checked.expect_live(0);
  }
  sweep(run, checked, 40);
}

TEST_P(ForwardWhile, IsRehearsedLikeForward) {
  Toy toy;
  Checked checked{toy, 10};
  Reversal run{mixed(), toy.state(), checked.operators()};
  sweep(run, checked, 10);
  checked.expect_again(Toy::trajectory(10));
  Operators quiet{.advance = [&](Steps steps) { toy.advance(steps); }, .reverse = [](Steps) {}};
  TemporaryFolder folder;
  Reversal other{config(ScheduleKind::online, "ram:2 hdf5:3", folder, GetParam()), toy.state(), quiet};
  other.rehearse(6, [&] { toy.poison_outside(0); });
  checked.expect_live(0);
  sweep(run, checked, 10);
}

TEST_P(ForwardWhile, LoopsNest) {
  constexpr Step outer_steps = 6, inner_steps = 9;
  TemporaryFolder inner_folder;
  Toy inner_toy;
  Checked inner_checked{inner_toy, inner_steps};
  Reversal inner{config(ScheduleKind::online, "ram:2 hdf5:3", inner_folder, GetParam()), inner_toy.state(),
                 inner_checked.operators()};
  Toy toy;
  Checked checked{toy, outer_steps};
  Operators operators = checked.operators();
  operators.reverse = [&, turn = operators.reverse](Steps step) {
    sweep(inner, inner_checked, inner_steps);
    turn(step);
  };
  Reversal outer{mixed(), toy.state(), operators};
  sweep(outer, checked, outer_steps);
}

TEST_P(ForwardWhile, SchedulesThatMustKnowTheNumberOfStepsAreRefusedBeforeAnyWork) {
  Toy toy;
  for (const ScheduleKind kind : schedule_kinds()) {
    if (kind == ScheduleKind::online || kind == ScheduleKind::overlap || kind == ScheduleKind::automatic) continue;
    Reversal run{mixed(kind),
                 toy.state(),
                 {.advance = [](Steps) { FAIL() << "no work before the error"; }, .reverse = [](Steps) {}}};
    EXPECT_EQ(refusal([&] { run.forward_while([]() -> bool { throw Stopped{"it was asked"}; }); }),
              "Reversal::forward_while: schedule " + std::string{name_of(kind)} +
                  " must know the number of steps; call forward(n), or configure schedule: online, overlap or auto");
    EXPECT_EQ(run.call_state(), CallState::ready);
  }
}

TEST_P(ForwardWhile, CallsOutOfOrderSayWhatWasExpected) {
  Toy toy;
  Checked checked{toy, 5};
  Reversal run{mixed(), toy.state(), checked.operators()};
  EXPECT_EQ(refusal([&] { run.forward_while({}); }),
            "Reversal::forward_while: more is empty; it says whether to step on from x_t");
  Loop loop{checked, 5};
  run.forward_while([&] { return loop.more(); });
  EXPECT_EQ(
      refusal([&] { run.forward_while([] { return false; }); }),
      "Reversal::forward_while: the call state is forwarded; it is legal when ready: after reverse() or restart()");
  EXPECT_EQ(run.call_state(), CallState::forwarded) << "a refused call changes nothing";
  run.reverse();
  run.state_at(2);
  EXPECT_EQ(refusal([&] { run.forward_while([] { return false; }); }),
            "Reversal::forward_while: the call state is away; it is legal when ready: after reverse() or restart()");
  run.restart();
  sweep(run, checked, 5);
}

TEST_P(ForwardWhile, ProgressKnowsWhatIsLeftOnlyWhenTheLoopHasEnded) {
  Toy toy;
  Checked checked{toy, 5};
  Operators operators = checked.operators();
  operators.advance = [&, advance = operators.advance](Steps steps) {
    advance(steps);
    if (!steps.again) std::this_thread::sleep_for(std::chrono::milliseconds{110});  // more than between two calls
  };
  Reversal run{mixed(), toy.state(), operators};
  std::vector<Progress> told;
  run.on_progress([&](const Progress& progress) { told.push_back(progress); });
  sweep(run, checked, 5);
  ASSERT_GE(told.size(), 7U);
  for (Step t = 1; t <= 5; ++t) {
    const Progress& now = told[static_cast<std::size_t>(t - 1)];
    EXPECT_EQ(now.phase, Progress::Phase::forward);
    EXPECT_EQ(now.done, t);
    EXPECT_FALSE(now.left) << "nobody knows";
    EXPECT_FALSE(now.left_seconds);
  }
  EXPECT_EQ(told[5].phase, Progress::Phase::forward);
  EXPECT_EQ(told[5].left, 0) << "the loop has ended";
  EXPECT_EQ(told.back().phase, Progress::Phase::reverse);
  EXPECT_EQ(told.back().done, 5);
  EXPECT_EQ(told.back().left, 0);
}

TEST_P(ForwardWhile, TheFileSaysHowManyStepsOnceThatIsKnown) {
  Toy toy;
  Checked checked{toy, 12};
  const Config all = mixed();
  Reversal run{all, toy.state(), checked.operators()};
  const auto steps_in_file = [&] {
    return values_by_library<std::int64_t>(open_by_library(all.tiers[2].path), "run/steps", H5T_NATIVE_INT64).at(0);
  };
  for (int sweeps = 0; sweeps < 2; ++sweeps) {
    checked.expect_again(Toy::trajectory(12));
    Loop loop{checked, 12};
    run.forward_while([&] {
      EXPECT_EQ(steps_in_file(), -1);
      return loop.more();
    });
    EXPECT_EQ(steps_in_file(), 12);
    run.reverse();
    EXPECT_EQ(steps_in_file(), 12);
  }
}

TEST_P(ForwardWhile, ReportAndLogSayWhatAutoHasChosenAndWhy) {
  std::ostringstream lines;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(lines);
  spdlog::register_logger(std::make_shared<spdlog::logger>("cairn", sink));
  Toy toy;
  Checked checked{toy, 20};
  Reversal run{mixed(ScheduleKind::automatic), toy.state(), checked.operators()};
  sweep(run, checked, 20);
  const std::string_view chosen = GetParam() == ExecutorKind::sequential ? "online" : "overlap";
  EXPECT_EQ(run.report().schedule, chosen);
  EXPECT_FALSE(run.report().reason.empty());
  EXPECT_NE(lines.str().find(fmt::format("schedule {}: ", chosen)), std::string::npos) << lines.str();
  EXPECT_NE(lines.str().find("the loop ended after 20 steps"), std::string::npos) << lines.str();
  checked.expect_again(Toy::trajectory(30));
  const Report known = run.sweep(30);
  EXPECT_FALSE(known.reason.empty());
  EXPECT_NE(lines.str().find("forward over 30 steps, schedule "), std::string::npos) << lines.str();
  if (GetParam() == ExecutorKind::sequential) {  // the other measures, and plans anew
    const Choice choice = choose_schedule(problem_of(mixed(), run.provision(), 31));
    EXPECT_EQ(known.schedule, name_of(choice.kind));
    EXPECT_EQ(known.reason, choice.reason);
    EXPECT_NE(lines.str().find("schedule " + known.schedule + ": " + known.reason), std::string::npos) << lines.str();
  }
  spdlog::drop("cairn");
}

INSTANTIATE_TEST_SUITE_P(Executors, ForwardWhile, testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
