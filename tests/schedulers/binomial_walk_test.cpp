// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <array>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

std::vector<Action> interval_of(BinomialWalk& walk, std::size_t room) {
  std::vector<Action> all;
  std::vector<Action> some(room);
  while (const std::size_t written = walk.fill(some))
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(written));
  return all;
}

std::vector<Action> revolved(Step steps, Slots slots) {
  Revolve revolve{{.steps = steps, .slots = slots}};
  return test::actions_of(revolve);
}

TEST(BinomialWalk, GivesTheSameActionsWhateverTheRoom) {
  for (const std::size_t room : {BinomialWalk::least_room, std::size_t{4}, std::size_t{7}, std::size_t{1000}}) {
    BinomialWalk walk{60, 4};
    walk.start(0, 60);
    EXPECT_EQ(interval_of(walk, room), revolved(60, 4)) << room;
  }
}

TEST(BinomialWalk, TakesOneIntervalAfterAnother) {
  BinomialWalk walk{30, 3};
  for (const Step steps : {30, 1, 7, 2, 30}) {
    walk.start(0, steps);
    EXPECT_EQ(interval_of(walk, 32), revolved(steps, 3)) << steps;
  }
}

TEST(BinomialWalk, StartsAnywhere) {
  BinomialWalk walk{3, 2};
  walk.start(100, 3);
  EXPECT_EQ(test::written(interval_of(walk, 32)),
            "takeshot 100 0, advance 100 101, takeshot 101 0, advance 101 102, turn 102, restore 101 0, discard 101 0, "
            "turn 101, restore 100 0, discard 100 0, turn 100");
}

TEST(BinomialWalk, GivesEachDepthItsLevel) {
  BinomialWalk walk{3, 2, {Level{1}, Level{0}}};
  walk.start(0, 3);
  EXPECT_EQ(test::written(interval_of(walk, 32)),
            "takeshot 0 1, advance 0 1, takeshot 1 0, advance 1 2, turn 2, restore 1 0, discard 1 0, turn 1, "
            "restore 0 1, discard 0 1, turn 0");
}

}  // namespace
}  // namespace cairn
