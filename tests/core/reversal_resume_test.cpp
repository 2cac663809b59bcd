// SPDX-License-Identifier: BSD-3-Clause
// Sweeps that go on in place, after an exception or a stop. Those of earlier processes: resume_test, resume_loop_test.
#include "support/configs.hpp"
#include "support/full_disk.hpp"
#include "support/gradient_toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/errors.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Step n = 13;
using Gradient = std::array<double, GradientToy::cells>;
using Arrived = Reversal::Arrived;
using CallState = Reversal::CallState;

struct Died : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const GradientToy& undisturbed() {
  static const GradientToy done = [] {
    const TemporaryFolder folder;
    GradientToy toy{n};
    Reversal run{config(ScheduleKind::store_all, "ram:20", folder), toy.state(), toy.operators([] {})};
    run.sweep(n);
    return toy;
  }();
  return done;
}

/// Throws at calls of operators, one after the other: at call calls[0], then calls[1] further on, and so on.
class Deaths {
 public:
  explicit Deaths(std::vector<int> calls) : calls_{std::move(calls)} {}
  void count() {
    if (calls_.empty() || ++count_ < calls_.front()) return;
    calls_.erase(calls_.begin());
    count_ = 0;
    throw Died{"as asked"};
  }
  bool over() const { return calls_.empty(); }

 private:
  std::vector<int> calls_;
  int count_ = 0;
};

/// Throws when half of the work is done, and leaves arrays that are of no use.
Operators ruinous(GradientToy& toy, Deaths& deaths) {
  return toy.operators([&] {
    try {
      deaths.count();
    } catch (const Died&) {
      constexpr double nan = std::numeric_limits<double>::quiet_NaN();
      for (auto* array : {&toy.wave, &toy.adjoint, &toy.gradient}) array->fill(nan);
      std::ranges::fill(toy.traces, nan);
      toy.energy = nan;
      throw;
    }
  });
}

/// Throws before anything is done, and ruins the State alone.
Operators careful(GradientToy& toy, Deaths& deaths) {
  Operators operators = toy.operators([] {});
  const auto guarded = [&toy, &deaths](const auto& operation) {
    return [&toy, &deaths, operation](auto... steps) {
      try {
        deaths.count();
      } catch (const Died&) {
        toy.wave.fill(std::numeric_limits<double>::quiet_NaN());
        throw;
      }
      operation(steps...);
    };
  };
  return {
      .advance = guarded(operators.advance), .reverse = guarded(operators.reverse), .seed = guarded(operators.seed)};
}

class ResumeInPlace : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config config_of(ScheduleKind kind, const std::string& tiers) {
    Config made = config(kind, tiers, folder_, GetParam());
    made.overwrite = true;
    made.keep_every_seconds = 1e-9;
    return made;
  }
  /// However often an operator throws.
  static Report sweep(Reversal& run, Step steps = n) {
    for (bool begun = false;;) {
      try {
        std::exchange(begun, true) ? run.resume() : run.forward(steps);
        return run.reverse();
      } catch (const Died&) {
        EXPECT_EQ(run.call_state(), CallState::failed);
      }
    }
  }
  TemporaryFolder folder_;
};

const std::vector<ScheduleKind> kinds{ScheduleKind::multistage, ScheduleKind::hrevolve,  ScheduleKind::overlap,
                                      ScheduleKind::automatic,  ScheduleKind::store_all, ScheduleKind::periodic,
                                      ScheduleKind::online,     ScheduleKind::revolve};

TEST_P(ResumeInPlace, GoesOnAfterAnExceptionAtAnyCallToTheSameGradient) {
  for (const ScheduleKind kind : kinds)
    for (const std::string tiers : {"ram:3 hdf5:15", "ram:3 mmap:15", "ram:2 mmap:3 hdf5:11"})
      for (const int second : {0, 1, 9}) {
        if (tiers == "ram:3 mmap:15" && kind != ScheduleKind::multistage) continue;
        const bool all = second == 0 && tiers == "ram:3 hdf5:15" &&
                         (kind == ScheduleKind::multistage || kind == ScheduleKind::overlap);
        bool reached = true;
        for (int call = all ? 1 : 2; reached && !HasFailure(); call += all ? 1 : second == 0 ? 5 : 9) {
          SCOPED_TRACE(std::string{name_of(kind)} + " on " + tiers + ", died at call " + std::to_string(call) +
                       " and " + std::to_string(second) + " further on");
          GradientToy toy{n};
          Deaths deaths{second > 0 ? std::vector{call, second} : std::vector{call}};
          Reversal run{config_of(kind, tiers), toy.state(), ruinous(toy, deaths)};
          toy.keep_in(run);
          sweep(run);
          reached = deaths.over();
          ASSERT_EQ(toy.gradient, undisturbed().gradient);
          ASSERT_EQ(toy.traces, undisturbed().traces);
          EXPECT_EQ(run.call_state(), CallState::ready);
        }
      }
}

TEST_P(ResumeInPlace, TheNextSweepIsOneOfItsOwn) {
  GradientToy toy{n};
  Deaths deaths{{5, 20}};
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), toy.state(), ruinous(toy, deaths)};
  toy.keep_in(run);
  sweep(run);
  for (auto* array : {&toy.gradient, &toy.adjoint}) array->fill(0);
  std::ranges::fill(toy.traces, 0.);
  run.sweep(n);
  EXPECT_EQ(toy.gradient, undisturbed().gradient);
}

TEST_P(ResumeInPlace, WithoutKeepTheFirstSweepAndTheSeedGoOnFromMemory) {
  for (const ScheduleKind kind : kinds)
    for (const std::string tiers : {"ram:14", "ram:5", "ram:3 hdf5:15"}) {
      if (tiers == "ram:5" && kind == ScheduleKind::store_all) continue;
      if (tiers != "ram:3 hdf5:15" && (kind == ScheduleKind::overlap || kind == ScheduleKind::periodic)) continue;
      for (const int second : {0, 1, 3}) {
        bool seeded = false;
        for (int call = 1; !seeded && !HasFailure(); ++call) {
          SCOPED_TRACE(std::string{name_of(kind)} + " on " + tiers + ", died at call " + std::to_string(call) +
                       " and " + std::to_string(second) + " further on");
          GradientToy toy{n};
          Deaths deaths{second > 0 ? std::vector{call, second} : std::vector{call}};
          Operators operators = careful(toy, deaths);
          operators.seed = [&seeded, seed = operators.seed] {
            seed();
            seeded = true;
          };
          Reversal run{config_of(kind, tiers), toy.state(), operators};
          try {
            sweep(run);
          } catch (const std::logic_error& problem) {
            ASSERT_TRUE(seeded) << problem.what();
            EXPECT_NE(std::string{problem.what()}.find("Reversal::keep()"), std::string::npos) << problem.what();
            EXPECT_EQ(run.call_state(), CallState::failed);
            continue;
          }
          ASSERT_EQ(toy.gradient, undisturbed().gradient);
        }
      }
    }
}

TEST_P(ResumeInPlace, RunsNoStepAgainBeforeTheLastCommit) {
  const Config all = config_of(ScheduleKind::store_all, "hdf5:15");
  for (int call = 2; call <= n; ++call) {
    SCOPED_TRACE("died at call " + std::to_string(call));
    GradientToy toy{n};
    Deaths deaths{{call}};
    std::vector<Steps> advanced;
    Operators operators = ruinous(toy, deaths);
    operators.advance = [&advanced, advance = operators.advance](Steps steps) {
      advanced.push_back(steps);
      advance(steps);
    };
    Reversal run{all, toy.state(), operators};
    toy.keep_in(run);
    EXPECT_THROW(run.forward(n), Died);
    advanced.clear();
    const Step before = toy.steps_run;
    EXPECT_EQ(run.resume(), Arrived::at_the_end);
    EXPECT_FALSE(advanced.front().again) << "x_t of the commit is stored";
    EXPECT_EQ(toy.steps_run - before, n - advanced.front().first);
  }
  GradientToy toy{n};
  Deaths deaths{{n}};
  Reversal run{config_of(ScheduleKind::store_all, "ram:14"), toy.state(), toy.operators([&] { deaths.count(); })};
  EXPECT_THROW(run.forward(n), Died);
  const Step before = toy.steps_run;
  EXPECT_EQ(run.resume(), Arrived::at_the_end);
  EXPECT_EQ(toy.steps_run - before, 1) << "RAM counts in place";
}

TEST_P(ResumeInPlace, SaysWhereItHasArrived) {
  GradientToy toy{n};
  Deaths deaths{{4, n + 1}};
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), toy.state(), ruinous(toy, deaths)};
  toy.keep_in(run);
  EXPECT_THROW(run.forward(n), Died);
  EXPECT_EQ(run.resume(), Arrived::at_the_end);
  EXPECT_EQ(run.call_state(), CallState::forwarded);
  run.state_at(3);
  EXPECT_THROW(run.reverse(), Died);
  const Arrived arrived = run.resume();
  if (arrived == Arrived::in_reverse) toy.adjoint.fill(99);  // a seed that does not count
  run.reverse();
  EXPECT_EQ(toy.gradient, undisturbed().gradient);
}

TEST_P(ResumeInPlace, IsRefusedWhereNothingCanGoOn) {
  const auto refusal = [](Reversal& run) {
    try {
      run.resume();
    } catch (const std::logic_error& problem) {
      return std::string{problem.what()};
    }
    return std::string{"it went on"};
  };
  GradientToy toy{n};
  Deaths deaths{{100'000}};
  Deaths* fatal = &deaths;
  const Operators whole = toy.operators([&] { fatal->count(); });
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), toy.state(), whole};
  EXPECT_EQ(refusal(run), "Reversal::resume: the call state is ready; it is legal when failed or stopped");
  run.forward(n);
  EXPECT_EQ(refusal(run), "Reversal::resume: the call state is forwarded; it is legal when failed or stopped");
  run.reverse();
  run.state_at(2);
  EXPECT_EQ(refusal(run), "Reversal::resume: the call state is away; it is legal when failed or stopped");
  Deaths now{{1}};
  fatal = &now;
  EXPECT_THROW(run.state_at(7), Died);
  EXPECT_EQ(refusal(run), "Reversal::resume: no sweep was under way that could go on; call restart()");
  run.restart();
  EXPECT_EQ(refusal(run), "Reversal::resume: the call state is ready; it is legal when failed or stopped");
}

TEST_P(ResumeInPlace, AFailedStateAtBeforeTheReverseSweepLosesNothing) {
  for (const bool keeps : {false, true}) {
    GradientToy toy{n};
    Deaths deaths{{n + 1}};  // the first step that is none of the first sweep
    Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:3"), toy.state(),
                 toy.operators([&] { deaths.count(); })};
    if (keeps) toy.keep_in(run);
    for (Step step = n - 1; step > 0 && run.call_state() != CallState::failed; --step) {
      try {
        step == n - 1 ? static_cast<void>(run.forward(n)) : run.state_at(step);
      } catch (const Died&) {
      }
    }
    ASSERT_TRUE(deaths.over());
    EXPECT_EQ(run.resume(), Arrived::at_the_end);
    run.reverse();
    EXPECT_EQ(toy.gradient, undisturbed().gradient);
  }
}

TEST_P(ResumeInPlace, AfterAStopNothingIsRunAgain) {
  for (const bool keeps : {false, true})
    for (const ScheduleKind kind : kinds)
      for (int call = 1; call < 3 * n; call += keeps ? 5 : 2) {
        SCOPED_TRACE(std::string{name_of(kind)} + (keeps ? ", kept" : "") + ", stopped at call " +
                     std::to_string(call));
        GradientToy toy{n};
        int calls = 0;
        Reversal* asked = nullptr;
        Reversal run{config_of(kind, "ram:3 hdf5:20"), toy.state(), toy.operators([&] {
                       if (++calls == call) asked->request_stop();
                     })};
        asked = &run;
        if (keeps) toy.keep_in(run);
        bool stopped = run.forward(n) == Arrived::stopped;
        if (stopped) {
          EXPECT_EQ(run.call_state(), CallState::stopped);
          EXPECT_EQ(run.resume(), Arrived::at_the_end);
          EXPECT_LE(toy.steps_run, n + 4) << "but for the first ones, which `auto` runs to time them";
        }
        Report report = run.reverse();
        if (report.stopped) {
          EXPECT_EQ(run.resume(), Arrived::in_reverse);
          report = run.reverse();
        }
        EXPECT_FALSE(report.stopped);
        ASSERT_EQ(toy.gradient, undisturbed().gradient);
      }
}

TEST_P(ResumeInPlace, StopAfterCountsAnew) {
  GradientToy toy{n};
  Config timed = config_of(ScheduleKind::multistage, "ram:3 hdf5:9");
  timed.stop_after_seconds = 1e-9;
  Reversal run{timed, toy.state(), toy.operators([] {})};
  int starts = 0;
  Arrived arrived = run.forward(n);
  for (; arrived == Arrived::stopped && starts < 100; ++starts) arrived = run.resume();
  EXPECT_EQ(arrived, Arrived::at_the_end);
  EXPECT_GT(starts, 1);
}

TEST_P(ResumeInPlace, GoesOnWhenTheDiskHasRoomAgain) {
  for (const ScheduleKind kind : kinds)
    for (const bool keeps : {false, true})
      for (const int call : {2, 7, 12, 14, 24}) {
        SCOPED_TRACE(std::string{name_of(kind)} + (keeps ? ", kept" : "") + ", full at call " + std::to_string(call));
        GradientToy toy{n};
        FullDisk disk;
        Config made = config_of(kind, "ram:3 hdf5:20");
        made.on_tier_failure = OnTierFailure::stop;
        int calls = 0;
        Reversal run{made, toy.state(), toy.operators([&] {
                       if (++calls == call) disk.full();
                     })};
        if (keeps) toy.keep_in(run);
        bool lost = false;
        for (bool begun = false, ended = false; !ended && !lost;) {
          try {
            std::exchange(begun, true) ? run.resume() : run.forward(n);
            run.reverse();
            ended = true;
          } catch (const StorageError& problem) {
            EXPECT_EQ(run.call_state(), CallState::failed);
            lost = problem.kind() == StorageError::Kind::absent;  // x_0, or all that was kept, was on its way there
            disk.room();
          } catch (const std::logic_error& problem) {
            EXPECT_FALSE(keeps) << problem.what();
            EXPECT_GT(calls, n);
            lost = true;
          }
        }
        if (!lost) {
          EXPECT_EQ(toy.gradient, undisturbed().gradient);
        }
      }
}

TEST_P(ResumeInPlace, ALostStartIsAnError) {
  GradientToy toy{n};
  FullDisk disk;
  Config made = config_of(ScheduleKind::multistage, "hdf5:9");
  made.on_tier_failure = OnTierFailure::stop;
  Reversal run{made, toy.state(), toy.operators([] {})};
  disk.full();
  EXPECT_THROW(run.sweep(n), StorageError);
  disk.room();
  if (run.call_state() != CallState::failed) return;  // it had not begun
  try {
    run.resume();
    FAIL() << "from nothing";
  } catch (const StorageError& problem) {
    EXPECT_NE(std::string{problem.what()}.find("x_0 is lost"), std::string::npos) << problem.what();
  } catch (const std::logic_error& problem) {
    EXPECT_NE(std::string{problem.what()}.find("no sweep was under way"), std::string::npos) << problem.what();
  }
  EXPECT_EQ(run.call_state(), CallState::failed);
}

TEST_P(ResumeInPlace, ALoopGoesOnWhereverItThrew) {
  const StepsOfToy steps_of_toy{n};
  for (const ScheduleKind kind : {ScheduleKind::online, ScheduleKind::overlap, ScheduleKind::automatic})
    for (const bool keeps : {false, true})
      for (int call = 1; call < 3 * n && !HasFailure(); call += keeps && kind != ScheduleKind::online ? 4 : 1) {
        SCOPED_TRACE(std::string{name_of(kind)} + (keeps ? ", kept" : "") + ", died at call " + std::to_string(call));
        GradientToy toy{n};
        Deaths deaths{{call}};
        const auto more = [&] {
          if (!keeps) deaths.count();
          const Step live = steps_of_toy.step_of(toy);
          EXPECT_GE(live, 0) << "x_t is live";
          return live < n;
        };
        Reversal run{config_of(kind, "ram:4 mmap:3 hdf5:6"), toy.state(),
                     keeps ? ruinous(toy, deaths) : careful(toy, deaths)};
        if (keeps) toy.keep_in(run);
        bool lost = false;
        for (bool begun = false, ended = false; !ended && !lost;) {
          try {
            begun ? run.resume(more) : run.forward_while(more);
            run.reverse();
            ended = true;
          } catch (const Died&) {
            if (call <= n && !begun) {
              EXPECT_THROW(run.resume(), std::logic_error) << "without more";
            }
            begun = true;
          } catch (const std::logic_error&) {
            EXPECT_FALSE(keeps);
            lost = true;
          }
        }
        if (!lost) {
          EXPECT_EQ(toy.gradient, undisturbed().gradient);
        }
      }
}

INSTANTIATE_TEST_SUITE_P(Executors, ResumeInPlace,
                         testing::Values(ExecutorKind::asynchronous, ExecutorKind::sequential),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
