// SPDX-License-Identifier: BSD-3-Clause
// Loops of unknown length that another process had begun.
#include "support/configs.hpp"
#include "support/gradient_toy.hpp"
#include <cairn/core/reversal.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Step n = 40;
using Gradient = std::array<double, GradientToy::cells>;
using Arrived = Reversal::Arrived;

struct Died : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Gradient undisturbed(Step steps = n) {
  const TemporaryFolder folder;
  GradientToy toy{steps};
  Reversal run{config(ScheduleKind::revolve, "ram:5", folder), toy.state(), toy.operators([] {})};
  run.sweep(steps);
  return toy.gradient;
}

/// One process that runs the loop, or a part of it.
struct Looping {
  Looping(const Config& config, bool keeps, std::function<void()> at_each)
      : keeps_{keeps}, run{config, toy.state(), watched(std::move(at_each))} {
    run.depends_on("velocity", toy.velocity);
    if (keeps) toy.keep_in(run);
  }
  std::function<bool()> more() {
    return [this] {
      const Step live = steps_of_toy().step_of(toy);
      EXPECT_GE(live, 0) << "x_t is live";
      EXPECT_TRUE(asked.empty() || live == asked.back() + 1) << "one by one";
      asked.push_back(live);
      return live < n;
    };
  }
  Operators watched(std::function<void()> at_each) {
    Operators operators = toy.operators(std::move(at_each));
    operators.advance = [this, advance = operators.advance](Steps steps) {
      if (!steps.again && !first_step) first_step = steps.first;
      advance(steps);
    };
    return operators;
  }
  static const StepsOfToy& steps_of_toy() {
    static const StepsOfToy steps{n};
    return steps;
  }

  bool keeps_;
  GradientToy toy{n};
  std::vector<Step> asked;
  std::optional<Step> first_step;  // that was none of recomputation
  Reversal run;
};

class ResumeLoop : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config config_of(ScheduleKind kind, const std::string& tiers) {
    Config made = config(kind, tiers, folder_, GetParam());
    made.resume = true;
    made.keep_every_seconds = 1e-9;
    return made;
  }
  void die_at(int call, const Config& config, bool keeps, std::chrono::microseconds each = {}) {
    Looping loop{config, keeps, [call, each, calls = std::make_shared<int>()] {
                   std::this_thread::sleep_for(each);
                   if (++*calls == call) throw Died{"as asked"};
                 }};
    EXPECT_THROW(
        {
          loop.run.forward_while(loop.more());
          loop.run.reverse();
        },
        Died);
  }
  TemporaryFolder folder_;
};

const std::vector<ScheduleKind> kinds{ScheduleKind::online, ScheduleKind::overlap, ScheduleKind::automatic};

TEST_P(ResumeLoop, GoesOnAtAnyStepToTheSameGradient) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind kind : kinds)
    for (const std::string tiers : {"ram:4 hdf5:9", "ram:3 mmap:3 hdf5:5", "ram:4 hdf5:60", "hdf5:7"}) {
      if (tiers == "hdf5:7" && kind == ScheduleKind::overlap) continue;
      const int stride = kind == ScheduleKind::overlap && tiers == "ram:4 hdf5:9" ? 1 : 7;
      for (int call = 1; call <= n + 5 && !HasFailure(); call += stride) {
        SCOPED_TRACE(std::string{name_of(kind)} + " on " + tiers + ", died at call " + std::to_string(call));
        const Config made = config_of(kind, tiers);
        die_at(call, made, true);
        Looping loop{made, true, [] {}};
        const Arrived arrived = loop.run.forward_while(loop.more());
        if (arrived == Arrived::at_the_end && !loop.asked.empty()) {
          EXPECT_LE(loop.asked.front(), call);
          EXPECT_EQ(loop.asked.back(), n);
          if (loop.first_step) {
            EXPECT_EQ(*loop.first_step, loop.asked.front()) << "what is kept is of the step that is asked for";
          }
          EXPECT_EQ(loop.run.report().steps, n);
        }
        loop.run.reverse();
        ASSERT_EQ(loop.toy.gradient, expected);
      }
    }
}

TEST_P(ResumeLoop, DiesAgainAndAgain) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind kind : kinds) {
    const Config made = config_of(kind, "ram:4 mmap:4 hdf5:8");
    int starts = 0;
    for (bool ended = false; !ended; ++starts) {
      ASSERT_LT(starts, 60) << "it comes further in the end";
      Looping loop{made, true, [most = 25 + 5 * starts, calls = std::make_shared<int>()] {
                     if (++*calls == most) throw Died{"as asked"};
                   }};
      try {
        loop.run.forward_while(loop.more());
        loop.run.reverse();
        ended = true;
        EXPECT_EQ(loop.toy.gradient, expected);
      } catch (const Died&) {
      }
    }
    EXPECT_GT(starts, 2);
  }
}

TEST_P(ResumeLoop, RunsNoStepAgainBeforeTheLatestSnapshot) {
  for (const bool keeps : {false, true}) {
    Config made = config_of(ScheduleKind::online, "hdf5:60");
    made.tiers.front().save_cost = made.tiers.front().load_cost = .1;  // however busy the machine is
    die_at(31, made, keeps, std::chrono::milliseconds{1});             // commits are due then
    Looping loop{made, keeps, [] {}};
    EXPECT_EQ(loop.run.forward_while(loop.more()), Arrived::at_the_end);
    EXPECT_GE(loop.asked.front(), 20) << "the snapshots lie as close as their cost allows";
    EXPECT_EQ(loop.toy.steps_run, n - loop.asked.front());
  }
}

TEST_P(ResumeLoop, AnotherRunIsRefused) {
  const Config made = config_of(ScheduleKind::online, "ram:3 hdf5:9");
  die_at(31, made, true);
  Looping loop{made, true, [] {}};
  loop.toy.velocity[3] += 1e-12;
  loop.run.depends_on("velocity", loop.toy.velocity);
  EXPECT_THROW(loop.run.forward_while(loop.more()), StorageError);
}

TEST_P(ResumeLoop, OtherCapacitiesTiersAndSchedulesMayGoOn) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind first : kinds)
    for (const ScheduleKind then : kinds)
      for (const int call : {9, 23, 40}) {
        SCOPED_TRACE(std::string{name_of(first)} + ", then " + std::string{name_of(then)});
        die_at(call, config_of(first, "ram:4 mmap:9 hdf5:9"), true);
        Looping loop{config_of(then, "ram:7 mmap:5 hdf5:30"), true, [] {}};
        loop.run.forward_while(loop.more());
        loop.run.reverse();
        ASSERT_EQ(loop.toy.gradient, expected);
      }
}

TEST_P(ResumeLoop, MayBeKnownToEndNow) {
  die_at(23, config_of(ScheduleKind::online, "ram:3 hdf5:9"), true);
  Looping loop{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), true, [] {}};
  EXPECT_EQ(loop.run.forward(n), Arrived::at_the_end);
  EXPECT_GT(loop.first_step, 0);
  loop.run.reverse();
  EXPECT_EQ(loop.toy.gradient, undisturbed());
}

TEST_P(ResumeLoop, OrToHaveEndedEarlier) {
  die_at(35, config_of(ScheduleKind::online, "ram:3 hdf5:9"), true);
  GradientToy toy{n};  // what is kept has the same shape
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), toy.state(), toy.operators([] {})};
  run.depends_on("velocity", toy.velocity);
  toy.keep_in(run);
  EXPECT_EQ(run.forward(12), Arrived::at_the_end);
  run.reverse();
  EXPECT_EQ(toy.gradient, undisturbed(12));
}

TEST_P(ResumeLoop, IsStoppedAndGoesOnWhereItStood) {
  const Gradient expected = undisturbed();
  for (const bool keeps : {false, true})
    for (const ScheduleKind kind : kinds)
      for (int call = 1; call <= n && !HasFailure(); call += 3) {
        SCOPED_TRACE(std::string{name_of(kind)} + (keeps ? ", kept" : "") + ", stopped at call " +
                     std::to_string(call));
        const Config made = config_of(kind, "ram:4 hdf5:9");
        std::vector<double> traces;
        {
          Reversal* asked = nullptr;
          Looping loop{made, keeps, [&, calls = std::make_shared<int>()] {
                         if (++*calls == call) asked->request_stop();
                       }};
          asked = &loop.run;
          ASSERT_EQ(loop.run.forward_while(loop.more()), Arrived::stopped);
          EXPECT_EQ(loop.run.call_state(), Reversal::CallState::stopped);
          EXPECT_EQ(loop.toy.steps_run, call);
          traces = loop.toy.traces;
        }
        Looping loop{made, keeps, [] {}};
        if (!keeps) loop.toy.traces = traces;  // as who keeps them himself
        EXPECT_EQ(loop.run.forward_while(loop.more()), Arrived::at_the_end);
        EXPECT_EQ(loop.asked.front(), call);
        EXPECT_EQ(loop.toy.steps_run, n - call);
        loop.run.reverse();
        ASSERT_EQ(loop.toy.gradient, expected);
      }
}

TEST_P(ResumeLoop, IsStoppedAndGoesOnInPlace) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind kind : kinds)
    for (const int call : {1, 5, 17, 39, 40}) {
      Reversal* asked = nullptr;
      Config made = config_of(kind, "ram:4 hdf5:9");
      made.overwrite = true;
      made.resume = false;
      Looping loop{made, call % 2 == 0, [&, calls = std::make_shared<int>()] {
                     if (++*calls == call) asked->request_stop();
                   }};
      asked = &loop.run;
      ASSERT_EQ(loop.run.forward_while(loop.more()), Arrived::stopped);
      EXPECT_EQ(loop.run.resume(loop.more()), Arrived::at_the_end);
      EXPECT_EQ(loop.toy.steps_run, n);
      loop.run.reverse();
      ASSERT_EQ(loop.toy.gradient, expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Executors, ResumeLoop, testing::Values(ExecutorKind::asynchronous, ExecutorKind::sequential),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
