// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <cmath>
#include <initializer_list>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

constexpr Level ram{0};
constexpr Level disk{1};

/// Four steps over two slots of RAM and one of disk; the text of the error that the last action gives.
std::string refusal(std::initializer_list<Action> actions) {
  Replay replay{4, {2, 1}};
  std::size_t legal = 0;
  const std::string text = test::message_of<IllegalAction>([&] {
    for (const Action& action : actions) {
      replay.apply(action);
      ++legal;
    }
  });
  EXPECT_EQ(legal + 1, actions.size()) << text;
  return text;
}

TEST(Replay, CountsWhatAPlanDoes) {
  Replay replay{3, {2, 1}};
  for (const Action& action : std::initializer_list<Action>{
           Takeshot{0, ram}, Advance{{0, 1}}, Takeshot{1, ram}, Move{0, ram, disk}, Advance{{1, 2}}, Turn{2},
           Restore{1, ram}, Turn{1}, Restore{0, disk}, Discard{0, disk}, Turn{0}, Discard{1, ram}})
    replay.apply(action);
  EXPECT_TRUE(replay.finished());
  const PlanCounts expected{.advances = 2,
                            .turns = 3,
                            .actions = 12,
                            .levels = {{.takeshots = 2, .restores = 1, .moves = 0, .discards = 1, .peak = 2},
                                       {.takeshots = 0, .restores = 1, .moves = 1, .discards = 1, .peak = 1}}};
  EXPECT_EQ(replay.counts(), expected);
}

TEST(Replay, KnowsWhatIsLiveAndWhatIsHeld) {
  Replay replay{4, {2, 1}};
  EXPECT_EQ(replay.live(), 0);
  replay.apply(Takeshot{0, ram});
  replay.apply(Advance{{0, 3}});
  EXPECT_EQ(replay.live(), 3);
  EXPECT_TRUE(replay.holds(0, ram));
  EXPECT_FALSE(replay.holds(0, disk));
  EXPECT_FALSE(replay.holds(3, ram));
  EXPECT_FALSE(replay.holds(0, Level{7}));
  replay.apply(Turn{3});
  EXPECT_EQ(replay.live(), std::nullopt);
  EXPECT_FALSE(replay.finished());
}

TEST(Replay, HoldsAStateAtTwoLevels) {
  Replay replay{4, {2, 1}};
  replay.apply(Takeshot{0, ram});
  replay.apply(Takeshot{0, disk});
  replay.apply(Discard{0, ram});
  EXPECT_TRUE(replay.holds(0, disk));
}

TEST(Replay, FindsSnapshotsInAnyOrder) {
  Replay replay{100, {50}};
  for (Step step = 0; step < 50; ++step) {
    replay.apply(Takeshot{2 * step, ram});
    if (step < 49) replay.apply(Advance{{2 * step, 2 * step + 2}});
  }
  for (Step step : {40, 0, 98, 2, 96, 50}) {
    replay.apply(Restore{step, ram});
    replay.apply(Discard{step, ram});
    EXPECT_FALSE(replay.holds(step, ram));
    EXPECT_FALSE(replay.holds(step + 1, ram));
  }
  EXPECT_TRUE(replay.holds(4, ram));
  EXPECT_TRUE(replay.holds(94, ram));
  replay.apply(Takeshot{50, ram});  // in the midst of others
  EXPECT_TRUE(replay.holds(50, ram));
  EXPECT_TRUE(replay.holds(52, ram));
}

TEST(Replay, GoesOnFromSnapshotsThatAreStored) {
  Replay replay{4, {2, 1}, {{0, disk}, {2, ram}}};
  EXPECT_EQ(replay.live(), std::nullopt);
  EXPECT_TRUE(replay.holds(2, ram));
  for (const Action& action :
       std::initializer_list<Action>{Restore{2, ram}, Advance{{2, 3}}, Turn{3}, Restore{2, ram}, Turn{2},
                                     Restore{0, disk}, Advance{{0, 1}}, Turn{1}, Restore{0, disk}, Turn{0}})
    replay.apply(action);
  EXPECT_TRUE(replay.finished());
  EXPECT_EQ(replay.counts().levels[0].takeshots, Count{0}) << "what was there was not stored now";
  EXPECT_EQ(replay.counts().levels[0].peak, 1);
}

TEST(Replay, GoesOnInAFirstSweepWhereAStateIsLive) {
  Replay replay{4, {2, 1}, {{0, disk}}, 2};
  EXPECT_EQ(replay.live(), 2);
  for (const Action& action :
       std::initializer_list<Action>{Takeshot{2, ram}, Advance{{2, 3}}, Turn{3}, Restore{2, ram}, Turn{2}})
    replay.apply(action);
  EXPECT_FALSE(replay.finished());
  EXPECT_TRUE(replay.holds(0, disk));
  Replay without{4, {2, 1}, {{0, disk}}, std::nullopt};
  EXPECT_EQ(test::message_of<IllegalAction>([&] {
              without.apply(Advance{{0, 1}});
            }),
            "action 1 (advance 0 1): x_0 is not live, no state is");
}

TEST(Replay, RefusesStoredSnapshotsThatHaveNoPlace) {
  const auto refusal_of = [](const std::vector<Problem::Stored>& stored) {
    return test::message_of<std::invalid_argument>([&] { Replay(4, {1, 1}, stored, 3); });
  };
  EXPECT_EQ(refusal_of({{0, ram}, {1, ram}}), "Replay: x_1 cannot be stored: the 1 slots of level 0 are full");
  EXPECT_EQ(refusal_of({{0, Level{2}}}), "Replay: x_0 cannot be stored: there is no level 2");
  EXPECT_EQ(refusal_of({{0, disk}, {0, disk}}), "Replay: x_0 cannot be stored: x_0 is held at level 1 already");
}

TEST(Replay, RefusesAnAdvance) {
  EXPECT_EQ(refusal({Advance{{1, 2}}}), "action 1 (advance 1 2): x_1 is not live, x_0 is");
  EXPECT_EQ(refusal({Advance{{0, 3}}, Turn{3}, Advance{{3, 4}}}),
            "action 3 (advance 3 4): x_3 is not live, no state is");
  EXPECT_EQ(refusal({Advance{{0, 0}}}), "action 1 (advance 0 0): an advance goes over at least one step");
  EXPECT_EQ(refusal({Advance{{0, -2}}}), "action 1 (advance 0 -2): an advance goes over at least one step");
  EXPECT_EQ(refusal({Advance{{0, 4}}}), "action 1 (advance 0 4): it runs past x_3, the next to turn");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Advance{{0, 3}}, Turn{3}, Restore{0, ram}, Advance{{0, 3}}}),
            "action 5 (advance 0 3): it runs past x_2, the next to turn");
}

TEST(Replay, RefusesATakeshot) {
  EXPECT_EQ(refusal({Takeshot{1, ram}}), "action 1 (takeshot 1 0): x_1 is not live, x_0 is");
  EXPECT_EQ(refusal({Advance{{0, 3}}, Turn{3}, Takeshot{3, ram}}),
            "action 3 (takeshot 3 0): x_3 is not live, no state is");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Takeshot{0, ram}}), "action 2 (takeshot 0 0): x_0 is held at level 0 already");
  EXPECT_EQ(refusal({Takeshot{0, disk}, Advance{{0, 1}}, Takeshot{1, disk}}),
            "action 3 (takeshot 1 1): the 1 slots of level 1 are full");
  EXPECT_EQ(refusal({Takeshot{0, Level{2}}}), "action 1 (takeshot 0 2): there is no level 2");
  EXPECT_EQ(refusal({Takeshot{0, Level{-1}}}), "action 1 (takeshot 0 -1): there is no level -1");
}

TEST(Replay, RefusesARestore) {
  EXPECT_EQ(refusal({Restore{0, ram}}), "action 1 (restore 0 0): x_0 is not held at level 0");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Restore{0, disk}}), "action 2 (restore 0 1): x_0 is not held at level 1");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Discard{0, ram}, Restore{0, ram}}),
            "action 3 (restore 0 0): x_0 is not held at level 0");
  EXPECT_EQ(refusal({Restore{0, Level{5}}}), "action 1 (restore 0 5): there is no level 5");
}

TEST(Replay, RefusesAMove) {
  EXPECT_EQ(refusal({Move{0, ram, disk}}), "action 1 (move 0 0 1): x_0 is not held at level 0");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Move{0, ram, ram}}), "action 2 (move 0 0 0): x_0 is held at level 0 already");
  EXPECT_EQ(refusal({Takeshot{0, disk}, Advance{{0, 1}}, Takeshot{1, ram}, Move{1, ram, disk}}),
            "action 4 (move 1 0 1): the 1 slots of level 1 are full");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Move{0, ram, Level{2}}}), "action 2 (move 0 0 2): there is no level 2");
  EXPECT_EQ(refusal({Move{0, Level{2}, ram}}), "action 1 (move 0 2 0): there is no level 2");
}

TEST(Replay, RefusesADiscard) {
  EXPECT_EQ(refusal({Discard{0, ram}}), "action 1 (discard 0 0): x_0 is not held at level 0");
  EXPECT_EQ(refusal({Takeshot{0, ram}, Discard{0, ram}, Discard{0, ram}}),
            "action 3 (discard 0 0): x_0 is not held at level 0");
  EXPECT_EQ(refusal({Discard{0, Level{2}}}), "action 1 (discard 0 2): there is no level 2");
}

TEST(Replay, RefusesATurn) {
  EXPECT_EQ(refusal({Turn{0}}), "action 1 (turn 0): it is out of order, step 3 is the next to turn");
  EXPECT_EQ(refusal({Turn{3}}), "action 1 (turn 3): x_3 is not live, x_0 is");
  EXPECT_EQ(refusal({Advance{{0, 3}}, Turn{3}, Turn{3}}),
            "action 3 (turn 3): it is out of order, step 2 is the next to turn");
  EXPECT_EQ(refusal({Advance{{0, 3}}, Turn{3}, Turn{2}}), "action 3 (turn 2): x_2 is not live, no state is");
}

TEST(Replay, RefusesToTurnPastTheFirstStep) {
  Replay replay{1, {}};
  replay.apply(Turn{0});
  EXPECT_EQ(test::message_of<IllegalAction>([&] { replay.apply(Turn{0}); }),
            "action 2 (turn 0): it is out of order, all steps are turned");
}

TEST(Replay, GoesOnAfterARefusalAsIfNothingHadBeenAsked) {
  Replay replay{2, {1}};
  replay.apply(Takeshot{0, ram});
  const PlanCounts before = replay.counts();
  EXPECT_THROW(replay.apply(Move{0, ram, disk}), IllegalAction);
  EXPECT_THROW(replay.apply(Advance{{0, 2}}), IllegalAction);
  EXPECT_EQ(replay.counts(), before);
  EXPECT_TRUE(replay.holds(0, ram));
  EXPECT_EQ(replay.live(), 0);
}

TEST(Replay, RefusesAPlanThatEndsEarly) {
  Revolve of_two_steps{{.steps = 2, .slots = 1}};
  EXPECT_EQ(test::message_of<IllegalAction>([&] { replay(of_two_steps, 1, {1}); }),
            "action 2 (advance 0 1): it runs past x_0, the next to turn");
  Revolve ended{{.steps = 2, .slots = 1}};
  test::actions_of(ended);
  EXPECT_EQ(test::message_of<IllegalAction>([&] { replay(ended, 2, {1}); }),
            "the plan ends after action 0 with 2 of 2 steps to turn");
}

TEST(Replay, SaysWhichNumberIsWrong) {
  EXPECT_EQ(test::message_of<std::invalid_argument>([] { Replay(0, {1}); }),
            "Replay: steps is 0; there must be at least 1");
  EXPECT_EQ(test::message_of<std::invalid_argument>([] {
              Replay(1, {1, -4});
            }),
            "Replay: level 1 has -4 slots; there must be 0 or more");
}

TEST(Actions, AreWrittenInOneLine) {
  EXPECT_EQ(to_string(Advance{{0, 17}}), "advance 0 17");
  EXPECT_EQ(to_string(Takeshot{17, ram}), "takeshot 17 0");
  EXPECT_EQ(to_string(Restore{17, disk}), "restore 17 1");
  EXPECT_EQ(to_string(Move{17, ram, disk}), "move 17 0 1");
  EXPECT_EQ(to_string(Discard{17, disk}), "discard 17 1");
  EXPECT_EQ(to_string(Turn{99}), "turn 99");
}

TEST(Cost, IsTheSumOfAllThatAPlanDoes) {
  const PlanCounts counts{.advances = 100,
                          .turns = 10,
                          .actions = 0,
                          .levels = {{.takeshots = 7, .restores = 9, .moves = 0, .discards = 7, .peak = 2},
                                     {.takeshots = 3, .restores = 4, .moves = 2, .discards = 5, .peak = 3}}};
  EXPECT_DOUBLE_EQ(cost_of(counts, {0.5, 5.0}, {0.25, 2.0}, 1.5), 100 + 15 + 3.5 + 2.25 + 25 + 8);
  EXPECT_DOUBLE_EQ(cost_of(counts, {0.0, 0.0}, {0.0, 0.0}, 0.0), 100);
}

TEST(Cost, OfASaturatedCountIsInfinite) {
  PlanCounts counts{.advances = std::numeric_limits<Count>::max(), .turns = 1, .actions = 1, .levels = {}};
  EXPECT_TRUE(std::isinf(cost_of(counts, {}, {}, 1.0)));
  counts = {.advances = 5, .turns = std::numeric_limits<Count>::max(), .actions = 1, .levels = {}};
  EXPECT_DOUBLE_EQ(cost_of(counts, {}, {}, 0.0), 5.0) << "what costs nothing costs nothing, however often";
}

TEST(Cost, NeedsOneCostForEachLevel) {
  const PlanCounts counts{.advances = 0, .turns = 0, .actions = 0, .levels = {{}, {}}};
  EXPECT_EQ(test::message_of<std::invalid_argument>([&] {
              cost_of(counts, {1.0}, {1.0, 2.0}, 1.0);
            }),
            "cost_of: 2 levels need as many costs; there are 1 save and 2 load costs");
}

}  // namespace
}  // namespace cairn
