// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/online.hpp>
#include <cairn/schedulers/replay.hpp>

#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <support/allocations.hpp>
#include <support/online_loop.hpp>
#include <support/plans.hpp>

namespace cairn {
namespace {

using test::Loop;
using Levels = std::vector<Problem::LevelShape>;

// The whole plan of a loop that ends at x_{steps−1}.
std::vector<Action> looped(Online& online, Step steps) {
  std::vector<Action> actions;
  for (Step live = 0; live < steps - 1;) {
    actions.push_back(online.next().value());
    if (const auto* advance = std::get_if<Advance>(&actions.back())) live = advance->steps.last;
  }
  online.finish(steps);
  const auto rest = test::actions_of(online);
  actions.insert(actions.end(), rest.begin(), rest.end());
  return actions;
}

TEST(Online, OfOneStepIsATurn) {
  Online online{{.levels = {{.slots = 3}}}};
  online.finish(1);
  EXPECT_EQ(test::written(test::actions_of(online)), "turn 0");
}

TEST(Online, OfTwoStepsKeepsTheStart) {
  Online online{{.levels = {{.slots = 3}}}};
  EXPECT_EQ(test::written(looped(online, 2)), "takeshot 0 0, advance 0 1, turn 1, restore 0 0, discard 0 0, turn 0");
}

TEST(Online, MovesItsOldestSnapshotsToTheSlowLevel) {
  Online online{{.levels = {{.slots = 1}, {.slots = 1, .save_cost = 1, .load_cost = 1}}}};
  EXPECT_EQ(test::written(test::actions_of(online, 9)),
            "takeshot 0 0, advance 0 1, advance 1 2, advance 2 3, "
            "move 0 0 1, takeshot 3 0, advance 3 4, advance 4 5, advance 5 6");
}

TEST(Online, HandsOutTheAdvanceOfAStepWithWhatIsDoneBeforeIt) {
  Online online{{.levels = {{.slots = 2}, {.slots = 3, .save_cost = 2, .load_cost = 1}}}};
  Step live = 0;
  bool taken = false;
  for (int i = 0; i < 5000; ++i) {
    const Action action = online.next().value();
    if (const auto* advance = std::get_if<Advance>(&action)) {
      ASSERT_EQ(advance->steps, (Steps{live, live + 1}));
      ++live;
      taken = false;
    } else {
      ASSERT_FALSE(std::holds_alternative<Restore>(action) || std::holds_alternative<Turn>(action)) << i;
      ASSERT_FALSE(taken) << "the takeshot comes last, " << i;
      if (const auto* takeshot = std::get_if<Takeshot>(&action)) {
        ASSERT_EQ(takeshot->step, live);
        taken = true;
      }
    }
  }
}

TEST(Online, IsLegalWhereverTheLoopEnds) {
  const std::vector<Levels> mixes{
      {{.slots = 1}},
      {{.slots = 4}},
      {{.slots = 500}},
      {{.slots = 3, .save_cost = 4, .load_cost = 2}},
      {{.slots = 0}, {.slots = 2, .save_cost = 1, .load_cost = 1}},
      {{.slots = 1}, {.slots = 1, .save_cost = 3, .load_cost = 3}},
      {{.slots = 3}, {.slots = 5, .save_cost = 5, .load_cost = 1}},
      {{.slots = 2, .save_cost = 9, .load_cost = 9}, {.slots = 3}},
      {{.slots = 2}, {.slots = 2, .save_cost = 1, .load_cost = 4}, {.slots = 2, .save_cost = 4, .load_cost = 1}},
      {{.slots = 2}, {.slots = 1, .save_cost = 1, .load_cost = 1}, {.slots = 4, .save_cost = 3, .load_cost = 3}}};
  for (std::size_t mix = 0; mix < mixes.size(); ++mix) {
    Loop loop{mixes[mix]};
    for (Step live = 0; live < 220; ++live) {
      ASSERT_NO_THROW(loop.run_to(live)) << "mix " << mix << ", x_" << live;
      PlanCounts counts;
      ASSERT_NO_THROW(counts = loop.ended()) << "mix " << mix << ", x_" << live;
      ASSERT_EQ(counts.turns, Count{live + 1});
    }
  }
}

TEST(Online, IsLegalOverRandomLevels) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    const auto below = [&](int most) { return std::uniform_int_distribution<int>{0, most}(random); };
    Levels levels;
    for (int k = below(3); k >= 0; --k)
      levels.push_back({.slots = 1 + below(4), .save_cost = below(60) / 10.0, .load_cost = below(60) / 10.0});
    Loop loop{levels};
    for (Step live = below(10); live < 150; live += 1 + below(30)) {
      ASSERT_NO_THROW(loop.run_to(live)) << "seed " << seed;
      ASSERT_NO_THROW(loop.ended()) << "seed " << seed << ", x_" << live;
    }
  }
}

TEST(Online, OfAMillionStepsIsLegalToItsEnd) {
  for (const Levels& levels :
       {Levels{{.slots = 20}}, Levels{{.slots = 10}, {.slots = 20, .save_cost = 5, .load_cost = 5}}}) {
    const Step steps = Step{1} << 20;
    Loop loop{levels};
    loop.run_to(steps - 1);
    const PlanCounts counts = loop.ended();
    EXPECT_EQ(counts.turns, Count{steps});
    EXPECT_EQ(counts.levels[0].peak, levels[0].slots);
  }
}

TEST(Online, OfVeryManySlotsIsLegalWhereverTheLoopEnds) {
  Loop loop{{{.slots = 500}, {.slots = 700, .save_cost = 2, .load_cost = 1}, {.slots = 300, .save_cost = 9}}};
  for (const Step live : {600, 1500, 5000}) {
    ASSERT_NO_THROW(loop.run_to(live));
    ASSERT_NO_THROW(loop.ended()) << "x_" << live;
  }
}

TEST(Online, CostsWhatItsPositionsPromise) {
  for (const Slots slots : {1, 2, 3, 7, 20}) {
    const Levels levels{{.slots = slots}};
    OnlinePositions positions{priced(Problem{.levels = levels, .stored = {}})};
    std::array<Action, OnlinePositions::most_actions> unused;
    Loop loop{levels};
    for (Step live = 0; live < 400; ++live) {
      loop.run_to(live);
      const auto stored = positions.stored();
      Count promised{live};
      for (std::size_t j = 0; j < stored.size(); ++j) {
        const Step end = j + 1 < stored.size() ? stored[j + 1].step : live;
        promised += least_advances(end - stored[j].step, slots - static_cast<Slots>(j));
      }
      ASSERT_EQ(loop.ended().advances, promised) << slots << ", x_" << live;
      positions.visit(live, unused.data());
    }
  }
}

TEST(Online, OfKnownStepsDoesTheSameAndEndsByItself) {
  for (const Levels& levels : {Levels{{.slots = 3}}, Levels{{.slots = 2, .save_cost = .2537193, .load_cost = .7316281},
                                                            {.slots = 2, .save_cost = 2, .load_cost = 1}}})
    for (const Step steps : {1, 2, 3, 50, 333, 2000}) {
      Online known{{.levels = levels, .steps = steps}};
      Online told{{.levels = levels}};
      EXPECT_EQ(test::actions_of(known), looped(told, steps)) << steps;
    }
}

TEST(Online, OfMoreSlotsThanStepsAdvancesEachStepOnce) {
  const Levels levels{{.slots = limits::slots}, {.slots = 7, .save_cost = 1, .load_cost = 1}};
  for (const Step steps : {1, 2, 17, 1000}) {
    Loop loop{levels};
    loop.run_to(steps - 1);
    EXPECT_EQ(loop.ended().advances, Count{steps - 1});
  }
}

TEST(Online, OfOneSlotGoesBackToTheStartForEachStep) {
  Loop loop{{{.slots = 1}}};
  loop.run_to(99);
  const PlanCounts counts = loop.ended();
  EXPECT_EQ(counts.advances, Count{100 * 99 / 2});
  EXPECT_EQ(counts.levels[0].takeshots, Count{1});
}

TEST(Online, OfTwoToTheFortyStepsIsLegalForAMillionActionsInConstantMemory) {
  Online online{{.levels = {{.slots = 20}}, .steps = limits::steps}};
  Replay replay{limits::steps, {20}};
  std::size_t times = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const Action action = online.next().value();
    ASSERT_NO_THROW(replay.apply(action)) << "action " << i;
    if (i == 1000) times = test::allocated().times;
  }
  EXPECT_EQ(test::allocated().times, times);
  EXPECT_GT(replay.counts().advances, Count{800'000});
}

TEST(Online, ClonedInEitherSweepGoesOnTheSameWay) {
  const Levels levels{{.slots = 3}, {.slots = 4, .save_cost = 2, .load_cost = 3}};
  for (const std::size_t actions : {0, 1, 100, 399, 400, 450, 700}) {
    Online online{{.levels = levels, .steps = 300}};
    ASSERT_EQ(test::actions_of(online, actions).size(), actions);
    const auto clone = online.clone();
    const auto rest = test::actions_of(online);
    EXPECT_GT(rest.size(), 100u) << actions;
    EXPECT_EQ(test::actions_of(*clone), rest) << actions;
  }
}

TEST(Online, ClonedBeforeTheEndIsFinishedAlone) {
  Online online{{.levels = {{.slots = 2}}}};
  test::actions_of(online, 2);
  const auto clone = online.clone();
  clone->finish(2);
  EXPECT_EQ(test::written(test::actions_of(*clone, 1)), "turn 1");
  EXPECT_EQ(test::written(test::actions_of(online, 2)), "takeshot 1 0, advance 1 2");
}

TEST(Online, SaysWhyItCannotFinish) {
  const auto text = [](Schedule& schedule, Step steps) {
    return test::message_of<std::logic_error>([&] { schedule.finish(steps); });
  };
  Online online{{.levels = {{.slots = 2}}}};
  EXPECT_EQ(text(online, 0), "Online::finish: x_0 is live, so that the loop ends with 1 step to turn, not 0");
  test::actions_of(online, 4);
  EXPECT_EQ(text(online, 2), "Online::finish: x_2 is live, so that the loop ends with 3 steps to turn, not 2");
  online.finish(3);
  EXPECT_EQ(text(online, 3), "Online::finish: the number of steps is known already, it is 3");
  Online known{{.levels = {{.slots = 2}}, .steps = 1}};
  EXPECT_EQ(text(known, 1), "Online::finish: the number of steps is known already, it is 1");
}

TEST(Online, SaysWhichNumberIsWrong) {
  const auto text = [](Online::Shape shape) { return test::message_of<std::invalid_argument>([&] { Online{shape}; }); };
  EXPECT_EQ(text({.levels = {{.slots = 0}, {.slots = 0}}}),
            "the levels have no slot together; online needs at least 1");
  EXPECT_EQ(text({.levels = {}}), "no level is given; a plan needs at least one");
  EXPECT_EQ(text({.levels = {{.slots = 1}}, .steps = 0}), "steps is 0; there must be at least 1");
  EXPECT_EQ(text({.levels = {{.slots = 1}}, .steps = limits::steps + 1}),
            "steps is 1099511627777; at most 1099511627776 are supported");
}

}  // namespace
}  // namespace cairn
