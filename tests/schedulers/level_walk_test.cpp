// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/level_walk.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/level_plans.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

std::vector<Action> interval(LevelWalk& walk, Step first, Step steps, std::size_t room) {
  walk.start(first, steps);
  std::vector<Action> batch(room);
  std::vector<Action> all;
  while (const std::size_t written = walk.fill(batch))
    all.insert(all.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(written));
  return all;
}

TEST(LevelWalk, UsesTheSlowLevelWhereThatSavesMore) {
  const auto plan = std::make_shared<const LevelTable>(test::levels_of(1, {{1, 0, 0}, {1, 1, 1}}), 9);
  LevelWalk walk{plan};
  const auto actions = interval(walk, 0, 9, 32);
  Replay replay{9, {1, 1}};
  for (const Action& action : actions) replay.apply(action);
  EXPECT_TRUE(replay.finished());
  EXPECT_EQ(replay.counts().levels[1].peak, 1) << test::written(actions);
  EXPECT_EQ(test::cost_in_units(replay.counts(), plan->costs()), 29 - 9) << test::written(actions);
}

TEST(LevelWalk, HandsOutTheSameActionsInBatchesOfAnySize) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random{seed};
    const LevelCosts costs = test::random_levels(random, 4, 30, seed % 2 == 0);
    const auto plan = std::make_shared<const LevelTable>(costs, 60);
    LevelWalk walk{plan};
    const auto actions = interval(walk, 0, 60, 32);
    for (const std::size_t room : {LevelWalk::least_room, LevelWalk::least_room + 1, std::size_t{7}, std::size_t{1000}})
      ASSERT_EQ(interval(walk, 0, 60, room), actions)
          << "seed " << seed << ": " << test::written(costs) << ", room " << room;
  }
}

TEST(LevelWalk, TurnsOneIntervalAfterTheOther) {
  const LevelCosts costs = test::levels_of(10, {{2, 0, 0}, {3, 13, 7}});
  const auto plan = std::make_shared<const LevelTable>(costs, 50);
  LevelWalk walk{plan};
  const auto at_start = interval(walk, 0, 40, 32);
  interval(walk, 17, 50, 32);
  interval(walk, 3, 1, 32);
  EXPECT_EQ(interval(walk, 0, 40, 32), at_start);
}

TEST(LevelWalk, CopiedMidwayGoesOnTheSameWay) {
  const auto plan = std::make_shared<const LevelTable>(test::levels_of(10, {{2, 0, 0}, {3, 13, 7}, {2, 50, 9}}), 200);
  LevelWalk walk{plan};
  walk.start(0, 200);
  std::array<Action, 8> batch{};
  for (int i = 0; i < 40; ++i) ASSERT_GT(walk.fill(batch), 0u);
  LevelWalk copy{walk};
  std::array<Action, 8> copied{};
  for (bool more = true; more;) {
    const std::size_t written = walk.fill(batch);
    ASSERT_EQ(copy.fill(copied), written);
    for (std::size_t i = 0; i < written; ++i) ASSERT_EQ(batch[i], copied[i]);
    more = written > 0;
  }
}

TEST(LevelWalk, TurnsOneStepWithoutASlotAndRefusesTwo) {
  LevelWalk walk{std::make_shared<const LevelTable>(LevelCosts{}, 2)};
  EXPECT_EQ(test::written(interval(walk, 5, 1, 32)), "turn 5");
  EXPECT_THROW(walk.start(0, 2), std::invalid_argument);
}

}  // namespace
}  // namespace cairn
