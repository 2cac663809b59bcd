// SPDX-License-Identifier: BSD-3-Clause
// verify: replay in whole runs: operators that are deterministic, and one that goes astray in the last bit.
#include "support/configs.hpp"
#include "support/gradient_toy.hpp"
#include "support/stored_bytes.hpp"
#include <cairn/cairn.hpp>

#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

/// Another last bit of one value, as another order of a sum might leave it.
void stray(double& value) {
  value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ 1U);
}

/// A toy one of whose steps goes astray when it is run for the second time.
class Stray {
 public:
  explicit Stray(Step at) : at_{at} {}
  Operators operators() {
    Operators made = toy.operators([] {});
    const auto advance = made.advance;
    const auto reverse = made.reverse;
    made.advance = [this, advance](Steps steps) {
      for (Step t = steps.first; t < steps.last; ++t) {
        advance({t, t + 1, steps.again});
        if (t == at_ && ++runs_ == 2) stray(toy.wave[5]);
      }
    };
    made.reverse = [this, reverse](Steps steps) {
      reverse(steps);
      if (has_strayed()) ++turned_since;
    };
    return made;
  }
  bool has_strayed() const { return runs_ >= 2; }

  GradientToy toy{n};
  int turned_since = 0;

 private:
  Step at_;
  int runs_ = 0;
};

std::optional<NotDeterministic> error_of(const std::function<void()>& call) {
  try {
    call();
    return std::nullopt;
  } catch (const NotDeterministic& error) {
    return error;
  }
}

class VerifyReplay : public testing::TestWithParam<ExecutorKind> {
 protected:
  Config config_of(ScheduleKind kind, const std::string& tiers) {
    Config made = config(kind, tiers, folder_, GetParam());
    made.verify = Verify::replay;
    made.overwrite = true;
    return made;
  }
  TemporaryFolder folder_;
};

using Case = std::pair<ScheduleKind, std::string>;
const std::vector<Case> cases{{ScheduleKind::revolve, "ram:5"},
                              {ScheduleKind::multistage, "ram:3 hdf5:9"},
                              {ScheduleKind::multistage, "hdf5:6"},
                              {ScheduleKind::hrevolve, "ram:3 mmap:5"},
                              {ScheduleKind::hrevolve, "ram:2 mmap:2 hdf5:4"},
                              {ScheduleKind::disk_revolve, "ram:3 hdf5:60"},
                              {ScheduleKind::periodic, "ram:3 hdf5:9"},
                              {ScheduleKind::online, "ram:4"},
                              {ScheduleKind::online, "ram:3 hdf5:9"},
                              {ScheduleKind::overlap, "ram:4 hdf5:9"},
                              {ScheduleKind::automatic, "ram:4 hdf5:9"}};

TEST_P(VerifyReplay, ComparesEveryStateThatIsComputedAgain) {
  const GradientToy expected = undisturbed();
  for (const auto& [kind, tiers] : cases) {
    SCOPED_TRACE(std::string{name_of(kind)} + ", " + tiers);
    GradientToy toy{n};
    Reversal run{config_of(kind, tiers), toy.state(), toy.operators([] {})};
    const Report report = run.sweep(n);
    EXPECT_EQ(toy.gradient, expected.gradient);
    ASSERT_TRUE(report.compared);
    EXPECT_EQ(*report.compared, Count{toy.steps_run - n});
    EXPECT_GT(*report.compared, Count{0});
    EXPECT_EQ(nlohmann::json::parse(report.json())["compared"], report.compared->value());
  }
}

TEST_P(VerifyReplay, ComparesNothingUnlessItIsAskedTo) {
  GradientToy toy{n};
  Config always = config_of(ScheduleKind::revolve, "ram:5");
  always.verify = Verify::always;
  Reversal run{always, toy.state(), toy.operators([] {})};
  EXPECT_FALSE(run.sweep(n).compared);
}

TEST_P(VerifyReplay, NamesTheStepThatWentAstrayBeforeAnythingIsTurned) {
  for (const auto& [kind, tiers] : cases)
    for (const Step at : {0, 1, 17, 33, 57}) {
      SCOPED_TRACE(std::string{name_of(kind)} + ", " + tiers + ", step " + std::to_string(at));
      Stray strays{at};
      Reversal run{config_of(kind, tiers), strays.toy.state(), strays.operators()};
      const auto error = error_of([&] { run.sweep(n); });
      ASSERT_EQ(error.has_value(), strays.has_strayed()) << "unless it ran but once";
      if (!error) continue;
      EXPECT_EQ(error->steps(), (Steps{at, at + 1}));
      EXPECT_NE(std::string{error->what()}.find("step " + std::to_string(at) + " is not deterministic"),
                std::string::npos)
          << error->what();
      EXPECT_EQ(strays.turned_since, 0);
      EXPECT_EQ(run.call_state(), Reversal::CallState::failed);
      EXPECT_THROW(run.reverse(), std::logic_error);
    }
}

TEST_P(VerifyReplay, TheRunCanBeginAgainAfterwards) {
  const GradientToy expected = undisturbed();
  Stray strays{17};
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), strays.toy.state(), strays.operators()};
  EXPECT_TRUE(error_of([&] { run.sweep(n); }));
  run.restart();
  strays.toy.gradient = strays.toy.adjoint = {};
  strays.toy.traces.assign(static_cast<std::size_t>(n), 0);
  run.sweep(n);  // it strays but once
  EXPECT_EQ(strays.toy.gradient, expected.gradient);
}

TEST_P(VerifyReplay, StateAtComparesToo) {
  Stray strays{41};
  Reversal run{config_of(ScheduleKind::multistage, "ram:3 hdf5:9"), strays.toy.state(), strays.operators()};
  run.forward(n);
  const auto error = error_of([&] {
    for (Step t = n; t >= 0; --t) run.state_at(t);
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->steps(), (Steps{41, 42}));
}

TEST_P(VerifyReplay, WorksWhereNobodyKnowsTheNumberOfSteps) {
  for (const std::string tiers : {"ram:4", "ram:3 hdf5:9"}) {
    SCOPED_TRACE(tiers);
    Stray strays{23};
    Reversal run{config_of(ScheduleKind::online, tiers), strays.toy.state(), strays.operators()};
    const auto error = error_of([&] {
      run.forward_while([steps = 0]() mutable { return steps++ < n; });
      run.reverse();
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->steps(), (Steps{23, 24}));
  }
}

TEST_P(VerifyReplay, NamesAFewStepsWhereThereAreManyThousands) {
  constexpr Step many = 70'000;
  double state = 1;
  std::map<Step, int> runs;
  Reversal run{config_of(ScheduleKind::revolve, "ram:60"),
               State{}.add("state", state),
               {.advance =
                    [&](Steps steps) {
                      for (const Step t : steps) {
                        state = state * 1.0000001 + static_cast<double>(t);
                        if (t == 69'001 && ++runs[t] == 2) stray(state);
                      }
                    },
                .reverse = [&](Steps) { state = -1; }}};
  const auto error = error_of([&] { run.sweep(many); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->steps(), (Steps{69'000, 69'002}));
}

// The second process computes what the first one had stored, which is damaged meanwhile.
TEST_P(VerifyReplay, KnowsTheSumsOfAnEarlierProcess) {
  for (const bool astray : {false, true}) {
    Config made = config_of(ScheduleKind::multistage, "ram:2 hdf5:9");
    made.overwrite = false;
    made.resume = true;
    {
      GradientToy toy{n};
      Reversal run{made, toy.state(), toy.operators([] {})};
      run.forward(n);
      run.state_at(1);  // what is on its way to the file has come there
    }
    const StoredBytes bytes{folder_ / "level1.h5"};
    std::vector<StoredBytes::Held> held = bytes.held();
    std::ranges::sort(held, {}, &StoredBytes::Held::step);
    ASSERT_GT(held.size(), 3U);
    const StoredBytes::Held lost = held[2];
    bytes.flip(lost.slot, 77);
    GradientToy toy{n};
    Operators operators = toy.operators([] {});
    const auto advance = operators.advance;
    operators.advance = [&](Steps steps) {
      advance(steps);
      if (astray && steps.first < lost.step && lost.step <= steps.last) stray(toy.wave[5]);
    };
    Reversal run{made, toy.state(), operators};
    const auto error = error_of([&] { run.sweep(n); });
    ASSERT_EQ(error.has_value(), astray);
    if (!astray) {
      EXPECT_EQ(run.report().healed, Count{1});
      EXPECT_GT(*run.report().compared, Count{0});
      continue;
    }
    EXPECT_EQ(error->steps().last, lost.step);
    EXPECT_EQ(error->steps().first, held[1].step) << "the last that was as the earlier process had it";
  }
}

INSTANTIATE_TEST_SUITE_P(Executors, VerifyReplay, testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
