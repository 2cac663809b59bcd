// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_shapes.hpp"
#include "support/plans.hpp"
#include <cairn/schedulers/spread_positions.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Stored = Problem::Stored;

const Gauge idle = [](Level) { return 0U; };

/// What is done at x_0 … x_{steps−1}.
std::vector<Action> visited(SpreadPositions& positions, Step steps, Step from = 0) {
  std::vector<Action> actions;
  std::array<Action, SpreadPositions::most_actions> room;
  for (Step live = from; live < steps; ++live)
    actions.insert(actions.end(), room.data(), positions.visit(live, room.data()));
  return actions;
}

TEST(SpreadPositions, KeepTheNewestInRamAndMoveTheOldestToDisk) {
  SpreadPositions positions{two_levels(1, 5, .5, 2, .5), idle};  // D = 3 / 1.5
  EXPECT_EQ(written(visited(positions, 9)),
            "takeshot 0 0, takeshot 2 0, move 0 0 1, takeshot 4 0, move 2 0 1, takeshot 6 0, move 4 0 1, takeshot 8 0");
  EXPECT_EQ(positions.stored(),
            (std::vector<Stored>{{0, Level{1}}, {2, Level{1}}, {4, Level{1}}, {6, Level{0}}, {8, Level{0}}}));
}

TEST(SpreadPositions, LieDApartOnAverageWhereThatIsNoWholeNumber) {
  SpreadPositions positions{two_levels(1, 5, .5, .6, .5), idle};  // D = 1.0667
  visited(positions, 1600);
  EXPECT_NEAR(static_cast<double>(positions.stored().size()), 1500, 1);
}

TEST(SpreadPositions, AreNotMovedBeforeASaveOfTheFirstCouldHaveEnded) {
  SpreadPositions positions{two_levels(1, 5, 40, 1, 1), idle};
  for (const Action& action : visited(positions, 40)) EXPECT_FALSE(std::holds_alternative<Move>(action));
  EXPECT_EQ(written(visited(positions, 41, 40)).substr(0, 8), "move 0 0");
}

TEST(SpreadPositions, WithoutAGaugeAreAsFarApartOnDiskAsSavesTake) {
  SpreadPositions positions{two_levels(1, 6, 7, 1, 1), {}};
  visited(positions, 700);
  const auto& stored = positions.stored();
  for (std::size_t j = 1; j < stored.size(); ++j) EXPECT_EQ(stored[j].step - stored[j - 1].step, 7) << j;
}

TEST(SpreadPositions, GoToTheNextLevelWhereTheFastestIsFull) {
  OverlapShape shape = two_levels(1, 4, .5, 1, 1, 2);
  shape.machine.levels.push_back({.save = .5, .load = 1, .lane = 1});
  shape.slots.push_back(30);
  SpreadPositions positions{shape, idle};
  visited(positions, 6);
  EXPECT_EQ(
      positions.stored(),
      (std::vector<Stored>{{0, Level{1}}, {1, Level{1}}, {2, Level{2}}, {3, Level{2}}, {4, Level{2}}, {5, Level{0}}}));
}

// The longest gap to the mean of all but the last, once the slow slots are full.
TEST(SpreadPositions, LieAboutAsFarFromEachOtherWheneverTheLoopEnds) {
  for (const Slots slots : {5, 20, 100}) {
    SpreadPositions positions{two_levels(1, 8, .5, 1, 1, slots), idle};
    Step from = 0;
    for (Step steps = 4 * slots; steps < 200 * slots; steps += steps / 7) {
      visited(positions, steps, from);
      from = steps;
      const auto& stored = positions.stored();
      ASSERT_EQ(std::ranges::count(stored, Level{1}, &Stored::level), slots);
      Step longest = steps - stored.back().step;
      for (std::size_t j = 1; j < stored.size(); ++j) longest = std::max(longest, stored[j].step - stored[j - 1].step);
      EXPECT_LE(static_cast<double>(longest), 2.5 * static_cast<double>(steps) / static_cast<double>(stored.size()))
          << slots << " slots, " << steps << " steps";
    }
  }
}

// A device that is busy all the time, and one that is free now and then.
TEST(SpreadPositions, HoldTheirSlotsAndTheirBuffersWhateverTheGaugeAnswers) {
  constexpr unsigned seed = 20260484;
  std::mt19937 random{seed};
  for (int i = 0; i < 200; ++i) {
    const OverlapShape shape = random_shape(random, 100, i % 2 == 0 ? 2 : 3);
    Slots under_way = 0;
    SpreadPositions positions{shape, [&](Level) { return static_cast<std::size_t>(under_way); }};
    for (Step live = 0; live < 300; ++live) {
      under_way = static_cast<Slots>(random() % 3);
      std::array<Action, SpreadPositions::most_actions> room;
      const auto end = positions.visit(live, room.data());
      const bool moved = std::any_of(room.data(), end, [](const Action& a) { return std::holds_alternative<Move>(a); });
      const auto& stored = positions.stored();
      const Slots in_ram = std::ranges::count(stored, Level{0}, &Stored::level);
      if (moved) {
        ASSERT_LE(in_ram + 1 + under_way * (static_cast<Slots>(shape.slots.size()) - 1), shape.machine.buffers);
      }
      ASSERT_LE(in_ram, std::max<Slots>(1, shape.machine.buffers - 3));
      for (std::size_t k = 1; k < shape.slots.size(); ++k)
        ASSERT_LE(std::ranges::count(stored, Level{static_cast<std::int32_t>(k)}, &Stored::level), shape.slots[k]);
      ASSERT_EQ(stored.front().step, 0);
      ASSERT_TRUE(std::ranges::is_sorted(stored, {}, &Stored::step));
    }
  }
}

TEST(SpreadPositions, RefuseLevelsThatTheyCannotUse) {
  const auto text = [](const OverlapShape& shape) {
    return message_of<std::invalid_argument>([&] { SpreadPositions(shape, {}); });
  };
  EXPECT_EQ(text(two_levels(1, 1, 1, 1)), "overlap has 1 buffers; 2 are needed");
  EXPECT_EQ(text(two_levels(1, 4, 1, 1, 1, 0)), "overlap has no slot on a slower level; online needs none");
  OverlapShape shape = two_levels(1, 4, 1, 1);
  shape.machine.ram = false;
  EXPECT_EQ(text(shape), "snapshots are spread over levels of which the first is RAM, each with its slots");
}

}  // namespace
}  // namespace cairn::test
