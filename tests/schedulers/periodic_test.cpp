// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/periodic.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

TEST(Periodic, KeepsTheStartsOfAllIntervalsButTheLast) {
  Periodic periodic{{.steps = 5, .period = 2, .slots = 1}};
  EXPECT_EQ(test::written(test::actions_of(periodic)),
            "takeshot 0 1, advance 0 2, takeshot 2 1, advance 2 4, turn 4, "
            "restore 2 1, discard 2 1, takeshot 2 0, advance 2 3, turn 3, restore 2 0, discard 2 0, turn 2, "
            "restore 0 1, discard 0 1, takeshot 0 0, advance 0 1, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(Periodic, CostsWhatTheFormulaSays) {
  for (const Slots s : {1, 2, 3, 8})
    for (Step n = 1; n <= 130; ++n)
      for (Step d = 1; d <= 20; ++d) {
        const Step q = (n - 1) / d;
        const Step l = n - q * d;
        const PlanCounts counts = test::counts_of(Periodic{{.steps = n, .period = d, .slots = s}}, n, {s, q});
        ASSERT_EQ(counts.advances, Count{q} * (Count{d} + least_advances(d, s)) + least_advances(l, s))
            << n << ", " << d;
        ASSERT_EQ(counts.levels[1].takeshots, Count{q});
        ASSERT_EQ(counts.levels[1].restores, Count{q});
        ASSERT_EQ(counts.levels[1].discards, Count{q});
        ASSERT_EQ(counts.levels[0].discards, counts.levels[0].takeshots);
        ASSERT_EQ(counts.levels[1].peak, q);
      }
}

TEST(Periodic, LeavesTheLevelsBetweenAlone) {
  const PlanCounts counts =
      test::counts_of(Periodic{{.steps = 40, .period = 10, .slots = 3, .last = Level{2}}}, 40, {3, 5, 3});
  EXPECT_EQ(counts.levels[1], PlanCounts::PerLevel{});
  EXPECT_EQ(counts.levels[2].takeshots, Count{3});
}

TEST(Periodic, OfOneIntervalIsRevolve) {
  for (const Step period : {Step{30}, Step{31}, std::numeric_limits<Step>::max()}) {
    Periodic periodic{{.steps = 30, .period = period, .slots = 3}};
    Revolve revolve{{.steps = 30, .slots = 3}};
    EXPECT_EQ(test::actions_of(periodic), test::actions_of(revolve)) << period;
  }
}

TEST(Periodic, OfTwoToTheFortyStepsIsLegalForAMillionActions) {
  const Step period = Step{1} << 25;
  Periodic periodic{{.steps = limits::steps, .period = period, .slots = 10}};
  Replay replay{limits::steps, {10, limits::steps / period}};
  for (int i = 0; i < 1'000'000; ++i) ASSERT_NO_THROW(replay.apply(*periodic.next())) << "action " << i;
}

TEST(Periodic, ClonedInEitherSweepGoesOnTheSameWay) {
  for (const int actions : {1, 33, 90, 150, 350}) {
    Periodic periodic{{.steps = 150, .period = 3, .slots = 2}};
    for (int i = 0; i < actions; ++i) ASSERT_TRUE(periodic.next());
    const auto clone = periodic.clone();
    EXPECT_EQ(test::actions_of(*clone), test::actions_of(periodic)) << actions;
  }
}

TEST(Periodic, SaysWhichNumberIsWrong) {
  const auto text = [](Periodic::Shape shape) {
    return test::message_of<std::invalid_argument>([&] { Periodic{shape}; });
  };
  EXPECT_EQ(text({.steps = 0, .period = 2, .slots = 1}), "steps is 0; there must be at least 1");
  EXPECT_EQ(text({.steps = limits::steps + 1, .period = 2, .slots = 1}),
            "steps is 1099511627777; at most 1099511627776 are supported");
  EXPECT_EQ(text({.steps = 9, .period = 0, .slots = 1}), "period is 0; it must be at least 1 step");
  EXPECT_EQ(text({.steps = 9, .period = 2, .slots = 0}), "slots is 0; there must be at least 1");
  EXPECT_EQ(text({.steps = 9, .period = 2, .slots = 1, .last = Level{0}}),
            "last is level 0; it must be slower than level 0, where the intervals are turned");
}

}  // namespace
}  // namespace cairn
