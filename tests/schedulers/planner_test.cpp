// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/planner.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Held = std::vector<Problem::Stored>;

constexpr Level ram{0}, disk{1};

TEST(Stock, HoldsWhatTakeshotsStoreUntilItIsDiscarded) {
  Stock stock;
  EXPECT_TRUE(stock.stored().empty());
  stock.note(Takeshot{0, disk});
  stock.note(Takeshot{4, ram});
  stock.note(Takeshot{4, disk});
  EXPECT_EQ(stock.stored(), (Held{{0, disk}, {4, ram}, {4, disk}}));
  stock.note(Discard{4, disk});
  EXPECT_EQ(stock.stored(), (Held{{0, disk}, {4, ram}}));
}

TEST(Stock, FollowsMoves) {
  Stock stock;
  stock.note(Takeshot{0, ram});
  stock.note(Move{0, ram, disk});
  EXPECT_EQ(stock.stored(), (Held{{0, disk}}));
}

TEST(Stock, IsNotTouchedByOtherActions) {
  Stock stock;
  stock.note(Takeshot{3, ram});
  for (const Action& other :
       {Action{Advance{{3, 5}}}, Action{Restore{3, ram}}, Action{Turn{3}}, Action{Discard{3, disk}}})
    stock.note(other);
  EXPECT_EQ(stock.stored(), (Held{{3, ram}}));
}

TEST(Stock, HoldsWhatAReplayHolds) {
  constexpr unsigned seed = 20260462;
  std::mt19937 random{seed};
  for (int i = 0; i < 60; ++i) {
    const Problem problem{.steps = 1 + static_cast<Step>(random() % 60),
                          .levels = {{.slots = 2 + static_cast<Slots>(random() % 4)}, {5, 1, 1}, {60, 2, 2}}};
    const auto kind = std::vector{ScheduleKind::hrevolve, ScheduleKind::multistage, ScheduleKind::store_all}[i % 3];
    const auto schedule = make_schedule(kind, problem);
    Stock stock;
    Replay replay{problem.steps, slots_of(problem)};
    while (const auto action = schedule->next()) {
      stock.note(*action);
      replay.apply(*action);
      std::size_t held = 0;
      for (Step step = 0; step < problem.steps; ++step)
        for (std::int32_t rank = 0; rank < 3; ++rank) held += replay.holds(step, Level{rank}) ? 1 : 0;
      ASSERT_EQ(stock.stored().size(), held) << to_string(*action) << ", seed " << seed << ", case " << i;
      for (const auto& [step, level] : stock.stored()) ASSERT_TRUE(replay.holds(step, level)) << to_string(*action);
    }
  }
}

}  // namespace
}  // namespace cairn
