// SPDX-License-Identifier: BSD-3-Clause
#include "small_shot.hpp"
#include "support/temporary_folder.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace acoustic {
namespace {

constexpr Step steps = 400;

template <class T>
struct Setting {
  Model model = small_model();
  Shot<T> shot{survey_of(model), steps};
  std::vector<T> start = velocities<T>(smoothed(model, 4));
  std::vector<T> observed;
  Setting() {
    shot.set_velocity(velocities<T>(model));
    run_forward(shot, Listen::observe);
    observed.assign(shot.traces().begin(), shot.traces().end());
    shot.set_velocity(start);
  }
  void listen_to(const std::vector<T>& traces) { std::ranges::copy(traces, shot.traces().begin()); }
};

template <class T>
double error_of_dot_product(Setting<T>& setting, const std::vector<T>& m, const std::vector<T>& d) {
  const double tangent = product(change_of_traces<T>(setting.shot, m), d);
  setting.listen_to(d);
  const double adjoint = product(m, gradient_by_store_all(setting.shot, Listen::off));
  return std::abs(tangent - adjoint) / std::max(std::abs(tangent), std::abs(adjoint));
}

TEST(Gradient, IsTheTransposeOfTheTangentInDouble) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Setting<double> setting;
    const auto m = random_values<double>(setting.start.size(), seed);
    const auto d = random_values<double>(setting.observed.size(), seed + 100);
    EXPECT_LE(error_of_dot_product(setting, m, d), 1e-11) << "seed " << seed;
  }
}

TEST(Gradient, IsTheTransposeOfTheTangentInFloat) {
  Setting<float> setting;
  const auto m = random_values<float>(setting.start.size(), 1);
  const auto d = change_of_traces<float>(setting.shot, m);
  EXPECT_LE(error_of_dot_product(setting, m, d), 1e-5);
}

TEST(Gradient, HasTheValueOfADifferenceQuotientAtASingleCell) {
  Setting<double> setting;
  setting.listen_to(setting.observed);
  const auto gradient = gradient_by_store_all(setting.shot, Listen::compare);
  const std::size_t cell = 24 * 40 + 9;  // x 24, z 9: below the source
  const auto misfit_with = [&](double change) {
    auto velocity = setting.start;
    velocity[cell] += change;
    setting.shot.set_velocity(velocity);
    setting.listen_to(setting.observed);
    run_forward(setting.shot, Listen::compare);
    return setting.shot.misfit();
  };
  const double quotient = (misfit_with(1e-4) - misfit_with(-1e-4)) / 2e-4;
  EXPECT_NEAR(gradient[cell] / quotient, 1, 1e-6);
}

TEST(Gradient, LeavesATaylorRemainderOfSecondOrder) {
  Setting<double> setting;
  setting.listen_to(setting.observed);
  const auto gradient = gradient_by_store_all(setting.shot, Listen::compare);
  const double misfit = setting.shot.misfit();
  std::vector<double> direction(setting.start.size());
  for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = std::sin(0.01 * static_cast<double>(i));
  const double slope = product(gradient, direction);
  const auto remainder = [&](double length) {
    auto velocity = setting.start;
    for (std::size_t i = 0; i < velocity.size(); ++i) velocity[i] += length * direction[i];
    setting.shot.set_velocity(velocity);
    setting.listen_to(setting.observed);
    run_forward(setting.shot, Listen::compare);
    return std::abs(setting.shot.misfit() - misfit - length * slope);
  };
  for (double length = 2e-3; length > 2e-4; length /= 2)
    EXPECT_NEAR(std::log2(remainder(length) / remainder(length / 2)), 2, 0.05) << length;
}

/// Room for all states, in RAM, a mapped file and an HDF5 file, at prices that make plans use each.
cairn::Config three_tiers(cairn::ScheduleKind schedule, cairn::ExecutorKind executor,
                          const cairn::test::TemporaryFolder& folder) {
  cairn::Config config;
  config.schedule = schedule;
  config.executor = executor;
  const auto slots = [](cairn::Slots count) { return cairn::Capacity::of_slots(count); };
  config.tiers = {
      {.kind = cairn::TierKind::ram, .capacity = slots(7)},
      {.kind = cairn::TierKind::mmap, .path = folder / "a.map", .capacity = slots(15), .save_cost = 1, .load_cost = 1},
      {.kind = cairn::TierKind::hdf5,
       .path = folder / "a.h5",
       .capacity = slots(steps),
       .save_cost = 4,
       .load_cost = 3}};
  return config;
}

TEST(Gradient, IsBitwiseTheSameByEveryScheduleAsWithAllStatesKept) {
  Setting<float> setting;
  setting.listen_to(setting.observed);
  const auto expected = gradient_by_store_all(setting.shot, Listen::compare);
  const auto residuals = std::vector<float>(setting.shot.traces().begin(), setting.shot.traces().end());
  const Listen how = Listen::compare;
  for (const cairn::ScheduleKind schedule : cairn::schedule_kinds())
    for (const auto executor : {cairn::ExecutorKind::sequential, cairn::ExecutorKind::asynchronous}) {
      SCOPED_TRACE(testing::Message() << cairn::name_of(schedule) << ", " << cairn::name_of(executor));
      const cairn::test::TemporaryFolder folder;
      cairn::Reversal run{three_tiers(schedule, executor, folder), state_of(setting.shot),
                          operators_of(setting.shot, how)};
      setting.listen_to(setting.observed);
      setting.shot.rest();
      const cairn::Report report = run.sweep(steps);
      EXPECT_EQ(report.turns, cairn::Count{steps});
      EXPECT_EQ(setting.shot.gradient(), expected);
      EXPECT_TRUE(std::ranges::equal(setting.shot.traces(), residuals)) << "a recomputed step was listened to";
    }
}

TEST(Gradient, IsBitwiseTheSameWhereTheLoopEndsWhenItLikes) {
  Setting<float> setting;
  setting.listen_to(setting.observed);
  const auto expected = gradient_by_store_all(setting.shot, Listen::compare);
  const Listen how = Listen::compare;
  for (const auto executor : {cairn::ExecutorKind::sequential, cairn::ExecutorKind::asynchronous}) {
    const cairn::test::TemporaryFolder folder;
    cairn::Reversal run{three_tiers(cairn::ScheduleKind::automatic, executor, folder), state_of(setting.shot),
                        operators_of(setting.shot, how)};
    setting.listen_to(setting.observed);
    setting.shot.rest();
    Step ran = 0;
    run.forward_while([&] { return ran++ < steps; });
    EXPECT_EQ(run.reverse().schedule, executor == cairn::ExecutorKind::sequential ? "online" : "overlap");
    EXPECT_EQ(setting.shot.gradient(), expected) << cairn::name_of(executor);
  }
}

TEST(State, HoldsAllThatAStepNeeds) {
  Setting<float> setting;
  cairn::Config config;
  config.tiers = {{.kind = cairn::TierKind::ram, .capacity = cairn::Capacity::of_slots(3)}};
  const Listen how = Listen::off;
  cairn::Reversal run{config, state_of(setting.shot), operators_of(setting.shot, how)};
  setting.shot.rest();
  const auto spoil = [&] { std::ranges::fill(setting.shot.pressure(1), std::numeric_limits<float>::quiet_NaN()); };
  EXPECT_NO_THROW(run.rehearse(9, spoil));
}

}  // namespace
}  // namespace acoustic
