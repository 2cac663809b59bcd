// SPDX-License-Identifier: BSD-3-Clause
// The contract with the user, line by line.
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/storage/errors.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using CallState = Reversal::CallState;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

struct Stopped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Both executors on a mix of all tiers.
class Contract : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config mixed() { return config(ScheduleKind::multistage, "ram:3 mmap:3 hdf5:4", folder_, GetParam()); }
  TemporaryFolder folder_;
};

TEST_P(Contract, ForwardEndsWithTheLastStateLive) {
  for (const Step n : {0, 1, 2, 7, 50}) {
    Toy toy;
    Checked checked{toy, n};
    Reversal run{mixed(), toy.state(), checked.operators()};
    run.forward(n);
    checked.expect_live(n);
    EXPECT_EQ(checked.advanced(), n) << "the first sweep runs each step once";
    run.reverse();
    EXPECT_TRUE(checked.all_turned()) << n;
  }
}

TEST_P(Contract, ReverseEndsWithTheFirstStateLive) {
  for (const Step n : {0, 1, 2, 7, 50}) {
    Toy toy;
    Checked checked{toy, n};
    Reversal run{mixed(), toy.state(), checked.operators()};
    run.forward(n);
    toy.poison();  // the user's seed may do so
    run.reverse();
    checked.expect_live(0);
    EXPECT_EQ(run.call_state(), CallState::ready);
  }
}

TEST_P(Contract, SeedIsTheFirstThingInReverseWithTheLastStateLive) {
  Toy toy;
  Checked checked{toy, 20};
  int seeds = 0;
  Operators operators = checked.operators();
  operators.seed = [&] {
    ++seeds;
    checked.expect_live(20);
    toy.poison();
  };
  Reversal run{mixed(), toy.state(), operators};
  run.sweep(20);
  EXPECT_EQ(seeds, 1);
  EXPECT_TRUE(checked.all_turned());
  checked.expect_live(0);
}

TEST_P(Contract, SeedFindsTheLastStateAlsoAfterAnotherWasLookedAt) {
  Toy toy;
  Checked checked{toy, 20};
  int seeds = 0;
  Operators operators = checked.operators();
  operators.seed = [&] {
    ++seeds;
    checked.expect_live(20);
  };
  Reversal run{mixed(), toy.state(), operators};
  run.forward(20);
  run.state_at(3);
  run.reverse();
  EXPECT_EQ(seeds, 1);
}

TEST_P(Contract, SweepsWithChangedParametersEqualThoseOfAFreshProcess) {
  Toy toy;
  Checked checked{toy, 30};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.forward(30);
  run.reverse();
  for (const double parameter : {2.0, 3.0}) {  // x_0 changes, as in data assimilation
    Toy other{parameter};
    Toy changed{parameter};
    toy = changed;
    const auto n = static_cast<Step>(30 + parameter);
    checked.expect_again(Toy::trajectory(n, parameter));
    run.forward(n);
    run.reverse();
    EXPECT_TRUE(checked.all_turned());
    EXPECT_EQ(toy.digest(0), other.digest(0));
  }
}

TEST_P(Contract, StateAtMakesAnyStateLiveAndKeepsWhatIsStored) {
  Toy toy;
  Checked checked{toy, 40};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.forward(40);
  for (const Step t : {0, 40, 7, 39, 20, 21, 1}) {
    run.state_at(t);
    checked.expect_live(t);
    EXPECT_EQ(run.call_state(), CallState::forwarded);
  }
  run.reverse();
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, StateAtAfterASweepLeadsAwayUntilRestart) {
  Toy toy;
  Checked checked{toy, 15};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.sweep(15);
  run.state_at(9);
  checked.expect_live(9);
  EXPECT_EQ(run.call_state(), CallState::away);
  run.state_at(4);
  checked.expect_live(4);
  EXPECT_EQ(refusal([&] { run.forward(15); }),
            "Reversal::forward: the call state is away; it is legal when ready: after reverse() or restart()");
  run.restart();
  checked.expect_live(0);
  checked.expect_again(Toy::trajectory(15));
  run.sweep(15);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, RestartAbandonsASweep) {
  Toy toy;
  Checked checked{toy, 25};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.restart();  // legal always
  run.forward(25);
  run.restart();
  checked.expect_live(0);
  checked.expect_again(Toy::trajectory(25));
  run.sweep(25);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, CallsOutOfOrderSayWhatWasExpected) {
  Toy toy;
  Checked checked{toy, 5};
  Reversal run{mixed(), toy.state(), checked.operators()};
  EXPECT_EQ(refusal([&] { run.reverse(); }),
            "Reversal::reverse: the call state is ready; it is legal after forward() or forward_while()");
  EXPECT_EQ(refusal([&] { run.state_at(0); }),
            "Reversal::state_at: the call state is ready; call forward() or forward_while() first");
  EXPECT_EQ(refusal([&] { run.forward(-1); }), "Reversal::forward: -1 steps; from 0 to 1099511627775 are possible");
  run.forward(5);
  EXPECT_EQ(refusal([&] { run.forward(5); }),
            "Reversal::forward: the call state is forwarded; it is legal when ready: after reverse() or restart()");
  EXPECT_EQ(
      refusal([&] { run.rehearse(1); }),
      "Reversal::rehearse: the call state is forwarded; it is legal when ready: before forward(), after reverse() or "
      "restart()");
  EXPECT_EQ(refusal([&] { run.state_at(6); }), "Reversal::state_at: step 6; from 0 to 5 are possible");
  EXPECT_EQ(run.call_state(), CallState::forwarded) << "a refused call changes nothing";
  run.reverse();
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, AnExceptionAtEveryOperatorCallPassesUnchangedAndRestartHelps) {
  constexpr Step n = 12;
  Toy toy;
  Checked checked{toy, n};
  int calls = 0, fatal = -1;
  Operators plain = checked.operators();
  const auto guarded = [&](const auto& operation) {
    return [&, operation](auto... steps) {
      if (calls++ == fatal) throw Stopped{"by the user"};
      operation(steps...);
    };
  };
  Operators operators{.advance = guarded(plain.advance), .reverse = guarded(plain.reverse), .seed = guarded([] {})};
  Reversal run{mixed(), toy.state(), operators};
  run.sweep(n);
  const int all = calls;
  ASSERT_GT(all, 2 * n);
  for (fatal = 0; fatal < all + 40; ++fatal) {  // pieces differ in length, so that the number of calls does too
    calls = 0;
    checked.expect_again(Toy::trajectory(n));
    try {
      run.sweep(n);
      EXPECT_GE(fatal, calls);
      continue;
    } catch (const Stopped& stopped) {
      EXPECT_STREQ(stopped.what(), "by the user");
    }
    EXPECT_EQ(run.call_state(), CallState::failed);
    EXPECT_EQ(refusal([&] { run.forward(n); }),
              "Reversal::forward: the call state is failed; it is legal when ready: after reverse() or restart()");
    EXPECT_EQ(refusal([&] { run.reverse(); }),
              "Reversal::reverse: the call state is failed; it is legal after forward() or forward_while()");
    EXPECT_EQ(refusal([&] { run.state_at(0); }), "Reversal::state_at: the call state is failed; call restart() first");
    toy.poison();
    run.restart();
    checked.expect_live(0);
  }
  fatal = -1;
  checked.expect_again(Toy::trajectory(n));
  run.sweep(n);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, RehearsalPassesForACompleteState) {
  Toy toy;
  Checked checked{toy, 9};
  Reversal run{mixed(),
               toy.state(),
               {.advance =
                    [&](Steps s) {
                      EXPECT_TRUE(s.again);
                      toy.advance(s);
                    },
                .reverse = [](Steps) {}}};
  int spoiled = 0;
  run.rehearse(9, [&] {
    toy.poison_outside(0);
    ++spoiled;
  });
  EXPECT_EQ(spoiled, 1);
  checked.expect_live(0);
  EXPECT_EQ(run.call_state(), CallState::ready);
}

TEST_P(Contract, RehearsalAfterASweepNeedsNoMoreThanTheOneBuffer) {
  Toy toy;
  Checked checked{toy, 6};
  Reversal run{config(ScheduleKind::revolve, "ram:1", folder_, GetParam()), toy.state(), checked.operators()};
  run.sweep(6);
  run.rehearse(3);
  checked.expect_live(0);
  run.restart();
  checked.expect_live(0);
  checked.expect_again(Toy::trajectory(6));
  run.sweep(6);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, StateAtDoesNotTrustWhatTheUserMayHaveSeededInPlace) {
  Toy toy;
  Checked checked{toy, 20};
  Reversal run{mixed(), toy.state(), checked.operators()};
  run.forward(20);
  toy.poison();
  run.state_at(20);
  checked.expect_live(20);
  run.reverse();
  toy.poison();
  run.state_at(0);
  checked.expect_live(0);
}

TEST_P(Contract, StateAtSaysAgainAlsoBeyondWhereASweepHadStopped) {
  Toy toy;
  Step fatal = 5;
  bool looking = false;
  const auto advance = [&](Steps steps) {
    if (steps.last > fatal) throw Stopped{"by the user"};
    EXPECT_TRUE(steps.again || !looking);
    toy.advance(steps);
  };
  Reversal run{mixed(), toy.state(), {.advance = advance, .reverse = [](Steps) {}}};
  EXPECT_THROW(run.forward(20), Stopped);
  run.restart();
  fatal = 20;
  looking = true;
  run.state_at(15);
  EXPECT_EQ(toy.digest(15), Toy::trajectory(15).back());
}

TEST_P(Contract, RehearsalNamesTheFirstFieldThatAMissingOneSpoils) {
  double position = 1, velocity = 2, hidden = 0.5;
  State state;
  state.add("velocity", velocity).add("position", position);  // `hidden` is forgotten
  const auto advance = [&](Steps steps) {
    for ([[maybe_unused]] const Step t : steps) {
      position += hidden;
      hidden *= 0.9;
    }
  };
  Reversal run{mixed(), state, {.advance = advance, .reverse = [](Steps) {}}};
  try {
    run.rehearse(3);
    FAIL() << "an incomplete state was not noticed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(
        error.what(),
        "rehearse: field \"position\" differs after 3 steps run twice from the same state; either the State lacks "
        "something that the forward operator reads, or the operator is not deterministic");
  }
}

TEST_P(Contract, ReversalsNest) {
  constexpr Step outer_steps = 6, inner_steps = 9;
  TemporaryFolder inner_folder;
  Toy inner_toy;
  Checked inner_checked{inner_toy, inner_steps};
  Reversal inner{config(ScheduleKind::multistage, "ram:2 hdf5:3", inner_folder, GetParam()), inner_toy.state(),
                 inner_checked.operators()};
  Toy toy;
  Checked checked{toy, outer_steps};
  Operators operators = checked.operators();
  const auto turn = operators.reverse;
  operators.reverse = [&](Steps step) {
    inner_checked.expect_again(Toy::trajectory(inner_steps));
    inner.sweep(inner_steps);
    EXPECT_TRUE(inner_checked.all_turned());
    turn(step);
  };
  Reversal outer{mixed(), toy.state(), operators};
  outer.sweep(outer_steps);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(Contract, TheSamePathTwiceIsRefused) {
  Toy toy;
  Checked checked{toy, 3};
  Reversal run{mixed(), toy.state(), checked.operators()};
  EXPECT_THROW(Reversal(mixed(), toy.state(), checked.operators()), std::invalid_argument);
  run.sweep(3);
}

TEST_P(Contract, LongStretchesComeInPieces) {
  double x = 0;
  State state;
  state.add("x", x);
  std::vector<Step> pieces;
  const auto advance = [&](Steps s) {
    pieces.push_back(s.size());
    for ([[maybe_unused]] const Step t : s) x += 1;
    std::this_thread::sleep_for(std::chrono::milliseconds{30} * s.size());
  };
  Reversal run{config(ScheduleKind::revolve, "ram:1", folder_, GetParam()),
               state,
               {.advance = advance, .reverse = [](Steps) {}}};
  run.forward(70);
  EXPECT_GT(pieces.size(), 2U);
  for (const Step piece : pieces) EXPECT_LE(piece, 34) << "30 ms a step: a second is 33 of them";
}

TEST_P(Contract, ProgressComesFromBothPhasesAndEndsAtNothingLeft) {
  Toy toy;
  Checked checked{toy, 30};
  Reversal run{mixed(), toy.state(), checked.operators()};
  std::vector<Progress> told;
  run.on_progress([&](const Progress& progress) { told.push_back(progress); });
  run.sweep(30);
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.back().phase, Progress::Phase::reverse);
  EXPECT_EQ(told.back().done, 30);
  EXPECT_EQ(told.back().left, 0);
  const auto forward_end = std::find_if(told.begin(), told.end(), [](const Progress& p) { return p.left == 0; });
  EXPECT_EQ(forward_end->phase, Progress::Phase::forward);
  EXPECT_GE(told.back().stall_share, 0);
  EXPECT_LE(told.back().stall_share, 1);
}

TEST_P(Contract, StoreAllWithTooFewSlotsSaysBothNumbersBeforeAnyWork) {
  Toy toy;
  Reversal run{config(ScheduleKind::store_all, "ram:4", folder_, GetParam()),
               toy.state(),
               {.advance = [](Steps) { FAIL() << "no work before the error"; }, .reverse = [](Steps) {}}};
  const std::string text = refusal([&] { run.forward(10); });
  EXPECT_NE(text.find("10"), std::string::npos) << text;
  EXPECT_NE(text.find("4"), std::string::npos) << text;
  EXPECT_EQ(run.call_state(), CallState::ready);
}

TEST_P(Contract, EmptyOperatorsAreRefused) {
  Toy toy;
  EXPECT_THROW(Reversal(mixed(), toy.state(), {.advance = {}, .reverse = [](Steps) {}}), std::invalid_argument);
  EXPECT_THROW(Reversal(mixed(), toy.state(), {.advance = [](Steps) {}, .reverse = {}}), std::invalid_argument);
}

TEST_P(Contract, APackedStateComesBack) {
  std::string words = "0000";
  State state = State::packed(
      Bytes{4}, [&](std::span<std::byte> to) { std::memcpy(to.data(), words.data(), 4); },
      [&](std::span<const std::byte> from) { std::memcpy(words.data(), from.data(), 4); });
  Step expected = 10;
  Reversal run{mixed(),
               state,
               {.advance =
                    [&](Steps s) {
                      for (const Step t : s) words = std::to_string(1001 + t);
                    },
                .reverse =
                    [&](Steps s) {
                      EXPECT_EQ(s.first, --expected);
                      EXPECT_EQ(words, s.first == 0 ? "0000" : std::to_string(1000 + s.first));
                      words = "dead";
                    }}};
  run.sweep(10);
  EXPECT_EQ(expected, 0);
  EXPECT_EQ(words, "0000");
}

TEST_P(Contract, ReportSaysWhatThePlanDid) {
  constexpr Step n = 60;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{mixed(), toy.state(), checked.operators()};
  const Report report = run.sweep(n);
  const Problem problem = problem_of(mixed(), run.provision(), n + 1);
  const PlanCounts counts = replay(*make_schedule(ScheduleKind::multistage, problem), problem);
  EXPECT_EQ(report.advances, counts.advances);
  EXPECT_EQ(report.turns, Count{n});
  EXPECT_EQ(report.steps, n);
  EXPECT_EQ(static_cast<std::uint64_t>(checked.advanced()), counts.advances.value())
      << "x_0 comes back from its own snapshot, without a step";
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    EXPECT_EQ(report.levels[i].takeshots, counts.levels[i].takeshots) << i;
    EXPECT_EQ(report.levels[i].restores, counts.levels[i].restores) << i;
    EXPECT_EQ(report.levels[i].discards, counts.levels[i].discards) << i;
    EXPECT_EQ(report.levels[i].peak, counts.levels[i].peak) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Executors, Contract, testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
