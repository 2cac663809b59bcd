// SPDX-License-Identifier: BSD-3-Clause
#include "support/listed_schedule.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/scout.hpp>

#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, disk{1};

Scout scout_of(std::vector<Action> plan, Slots buffers, Slots live) {
  return Scout{std::make_unique<ListedSchedule>(std::move(plan)),
               {.buffers = buffers, .in_memory = true, .live = live, .start = false}};
}

TEST(Scout, FindsTheNextSlowRestore) {
  Scout scout = scout_of({Restore{9, ram}, Turn{9}, Restore{5, disk}, Turn{5}}, 2, 1);
  ASSERT_TRUE(scout.wanted(0));
  EXPECT_EQ(scout.wanted(0)->step, 5);
}

TEST(Scout, WaitsWhileRamSnapshotsWillNeedTheBuffers) {
  //                       live:      1                  2                 1
  const std::vector<Action> plan{Turn{9}, Takeshot{7, ram}, Turn{8}, Discard{7, ram},
                                 Turn{7}, Restore{5, disk}, Turn{5}};
  Scout scout = scout_of(plan, 2, 1);
  for (int done = 0; done < 4; ++done) {
    EXPECT_FALSE(scout.wanted(0)) << "a second RAM snapshot is still to come or there, after " << done << " actions";
    scout.follow();
  }
  ASSERT_TRUE(scout.wanted(0)) << "one RAM snapshot and this one: two buffers";
  EXPECT_FALSE(scout.wanted(1)) << "another is read ahead already";
}

TEST(Scout, ForgetsAPeakOnceItIsOverThoughALowerOneComesTwice) {
  //                       live:    2               1                2
  const std::vector<Action> plan{Discard{9, ram}, Discard{8, ram}, Takeshot{6, ram}, Restore{5, disk}};
  Scout scout = scout_of(plan, 3, 3);
  EXPECT_FALSE(scout.wanted(0));
  scout.follow();
  EXPECT_TRUE(scout.wanted(0)) << "two at most from here to the restore, and this one";
}

TEST(Scout, ThatTakesOverSeesFarAtOnce) {
  std::vector<Action> plan;
  for (Step turned = 700; turned > 5; --turned) plan.push_back(Turn{turned});
  plan.push_back(Restore{5, disk});
  EXPECT_TRUE(scout_of(plan, 2, 0).wanted(0));
}

TEST(Scout, LeavesABufferForASlowTakeshotBeforeTheRestore) {
  Scout scout = scout_of({Turn{9}, Takeshot{3, disk}, Restore{5, disk}, Turn{5}}, 2, 1);
  EXPECT_FALSE(scout.wanted(0));
  scout.follow();
  EXPECT_FALSE(scout.wanted(0));
  scout.follow();  // the takeshot is taken
  EXPECT_TRUE(scout.wanted(0));
}

TEST(Scout, ForgetsARestoreThatHappenedWithoutIt) {
  Scout scout = scout_of({Restore{5, disk}, Turn{5}, Restore{3, disk}, Turn{3}}, 1, 0);
  EXPECT_EQ(scout.wanted(0)->step, 5);
  scout.follow();
  EXPECT_EQ(scout.wanted(0)->step, 3);
}

TEST(Scout, GoesOnWhenARestoreIsTaken) {
  Scout scout = scout_of({Turn{9}, Restore{5, disk}, Turn{5}, Restore{3, disk}, Turn{3}}, 2, 0);
  EXPECT_EQ(scout.wanted(0)->step, 5);
  scout.taken();
  EXPECT_EQ(scout.wanted(1)->step, 3);
  scout.taken();
  EXPECT_FALSE(scout.wanted(2)) << "the plan ends";
}

// Level 1 on one lane, level 2 on another.
Scout scout_of_two_lanes(std::vector<Action> plan, Slots buffers, Slots live) {
  return Scout{std::make_unique<ListedSchedule>(std::move(plan)),
               {.buffers = buffers, .in_memory = true, .live = live, .start = false, .lanes = {0, 0, 1}}};
}

std::optional<Step> asked(Scout& scout, Slots read_ahead) {
  const std::optional<Restore> wanted = scout.wanted(read_ahead);
  if (!wanted) return std::nullopt;
  scout.taken();
  return wanted->step;
}

constexpr Level farther{2};

TEST(Scout, ReadsTheNextRestoreOfASlowLaneBesideThoseOfAQuickOne) {
  const std::vector<Action> plan{Restore{9, disk}, Turn{9}, Restore{8, disk},    Turn{8},
                                 Restore{7, disk}, Turn{7}, Restore{3, farther}, Turn{3}};
  Scout scout = scout_of_two_lanes(plan, 5, 0);
  EXPECT_EQ(asked(scout, 0), 9);
  EXPECT_EQ(asked(scout, 1), 8);
  EXPECT_EQ(asked(scout, 2), 3) << "the quick lane has two, and a buffer is left for its third";
  EXPECT_EQ(asked(scout, 3), std::nullopt);
  scout.follow();  // x_9 is restored
  EXPECT_EQ(asked(scout, 2), 7);
}

TEST(Scout, LeavesABufferForRestoresThatComeBeforeTheOneOfASlowLane) {
  const std::vector<Action> plan{Restore{9, disk}, Turn{9}, Restore{8, disk},    Turn{8},
                                 Restore{7, disk}, Turn{7}, Restore{3, farther}, Turn{3}};
  Scout scout = scout_of_two_lanes(plan, 3, 0);
  EXPECT_EQ(asked(scout, 0), 9);
  EXPECT_EQ(asked(scout, 1), 8);
  EXPECT_EQ(asked(scout, 2), std::nullopt) << "x_7 needs the third";
}

TEST(Scout, CountsTheRamSnapshotsUpToTheRestoreOfASlowLane) {
  //                       live:      1                 1        2                  1
  const std::vector<Action> plan{Restore{9, disk}, Turn{9}, Takeshot{5, ram}, Discard{5, ram}, Restore{3, farther}};
  Scout scout = scout_of_two_lanes(plan, 3, 1);
  EXPECT_EQ(asked(scout, 0), 9);
  EXPECT_EQ(asked(scout, 1), std::nullopt) << "two in RAM, one read ahead";
  for (int done = 0; done < 4; ++done) scout.follow();
  EXPECT_EQ(asked(scout, 0), 3);
}

TEST(Scout, KeepsTheOrderOfLevelsThatShareALane) {
  const std::vector<Action> plan{Restore{9, disk}, Turn{9}, Restore{8, disk}, Turn{8}, Restore{3, farther}, Turn{3}};
  Scout scout = scout_of(plan, 9, 0);
  EXPECT_EQ(asked(scout, 0), 9);
  EXPECT_EQ(asked(scout, 1), 8);
  EXPECT_EQ(asked(scout, 2), std::nullopt);
}

TEST(Scout, CountsTheFirstStateAsStoredForGood) {
  Scout scout{
      std::make_unique<ListedSchedule>(std::vector<Action>{Turn{2}, Discard{0, ram}, Turn{1}, Restore{5, disk}}),
      {.buffers = 1, .in_memory = true, .live = 1, .start = true}};
  for (int done = 0; done < 3; ++done, scout.follow()) EXPECT_FALSE(scout.wanted(0)) << done;
}

TEST(Scout, KnowsThatTheFirstStateMovesAwayAndComesBack) {
  //                        live:       0                 1                1             2
  const std::vector<Action> plan{Move{0, ram, disk}, Takeshot{0, ram}, Turn{3},
                                 Takeshot{2, ram},   Turn{2},          Restore{5, disk}};
  Scout scout{std::make_unique<ListedSchedule>(plan), {.buffers = 3, .in_memory = true, .live = 1, .start = true}};
  scout.follow();  // the move is made
  EXPECT_FALSE(scout.wanted(1)) << "two in RAM, one read ahead, and this one";
  EXPECT_TRUE(scout.wanted(0));
}

/// The rule as it is written down, by looking at the whole plan.
bool allowed(const std::vector<Action>& plan, std::size_t now, std::size_t restore, Slots live, Slots read_ahead,
             Slots buffers) {
  Slots most = live;
  bool staging = false;
  for (std::size_t i = now; i < restore; ++i) {
    if (const auto* shot = std::get_if<Takeshot>(&plan[i])) (shot->level == ram ? void(++live) : void(staging = true));
    if (const auto* gone = std::get_if<Discard>(&plan[i]); gone && gone->level == ram) --live;
    most = std::max(most, live);
  }
  return most + read_ahead + 1 + (staging ? 1 : 0) <= buffers;
}

TEST(Scout, NeverAllowsWhatTheRuleForbidsAndFindsWhatItAllows) {
  for (const Slots buffers : {2, 3, 4, 6}) {
    const auto schedule =
        make_schedule(ScheduleKind::multistage, {.steps = 200, .levels = {{.slots = buffers - 1}, {.slots = 5}}});
    std::vector<Action> plan;
    while (const auto action = schedule->next()) plan.push_back(*action);
    const auto first_turn = static_cast<std::size_t>(
        std::find_if(plan.begin(), plan.end(), [](const Action& a) { return std::holds_alternative<Turn>(a); }) -
        plan.begin());
    Slots live = 0;
    for (std::size_t i = 0; i <= first_turn; ++i)
      if (const auto* shot = std::get_if<Takeshot>(&plan[i]); shot && shot->level == ram) ++live;
    const std::vector<Action> rest{plan.begin() + static_cast<std::ptrdiff_t>(first_turn) + 1, plan.end()};
    Scout scout{std::make_unique<ListedSchedule>(rest),
                {.buffers = buffers, .in_memory = true, .live = live, .start = true}};
    int found = 0;
    for (std::size_t now = 0; now < rest.size(); ++now) {
      const auto next = static_cast<std::size_t>(
          std::find_if(rest.begin() + static_cast<std::ptrdiff_t>(now), rest.end(),
                       [](const Action& a) {
                         return std::holds_alternative<Restore>(a) && std::get<Restore>(a).level == disk;
                       }) -
          rest.begin());
      if (const auto wanted = scout.wanted(0)) {
        ++found;
        ASSERT_LT(next, rest.size());
        EXPECT_EQ(*wanted, std::get<Restore>(rest[next]));
        EXPECT_TRUE(allowed(rest, now, next, live, 0, buffers)) << "action " << now << ", " << buffers << " buffers";
      }
      scout.follow();
      if (const auto* shot = std::get_if<Takeshot>(&rest[now]); shot && shot->level == ram) ++live;
      if (const auto* gone = std::get_if<Discard>(&rest[now]); gone && gone->level == ram && gone->step != 0) --live;
    }
    EXPECT_GT(found, 0) << buffers;
  }
}

}  // namespace
}  // namespace cairn::test
