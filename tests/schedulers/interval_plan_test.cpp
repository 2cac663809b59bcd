// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_shapes.hpp"
#include "support/standings.hpp"
#include <cairn/schedulers/interval_plan.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, disk{1};

std::vector<Action> actions_of(Schedule& schedule) {
  std::vector<Action> all;
  while (const auto action = schedule.next()) all.push_back(*action);
  return all;
}

std::vector<Step> kept_on_disk(const std::vector<Action>& plan) {
  std::vector<Step> kept;
  for (const Action& action : plan)
    if (const auto* takeshot = std::get_if<Takeshot>(&action); takeshot && takeshot->level == disk)
      kept.push_back(takeshot->step);
  return kept;
}

IntervalPlan::Shape shape(Step steps, double period, Step tail, Slots slots, Slots slow_slots) {
  return {
      .steps = steps, .period = period, .tail = tail, .slots = slots, .tail_slots = slots, .slow_slots = slow_slots};
}

TEST(IntervalPlan, KeepsEveryPeriodAndTurnsIntervalsFromTheEnd) {
  IntervalPlan plan{shape(6, 2, 2, 2, 10)};
  const std::vector<Action> expected{
      Takeshot{0, disk}, Advance{{0, 2}},  Takeshot{2, disk}, Advance{{2, 4}},  // the first sweep, as far as the tail
      Takeshot{4, ram},  Advance{{4, 5}},  Turn{5},           Restore{4, ram},  Discard{4, ram},  Turn{4},
      Restore{2, disk},  Discard{2, disk}, Takeshot{2, ram},  Advance{{2, 3}},  Turn{3},          Restore{2, ram},
      Discard{2, ram},   Turn{2},          Restore{0, disk},  Discard{0, disk}, Takeshot{0, ram}, Advance{{0, 1}},
      Turn{1},           Restore{0, ram},  Discard{0, ram},   Turn{0}};
  std::vector<Action> without_last_discards = expected;  // whether a last RAM slot is given back is Revolve's affair
  const auto is_ram_discard = [](const Action& a) {
    return std::holds_alternative<Discard>(a) && std::get<Discard>(a).level == ram;
  };
  std::erase_if(without_last_discards, is_ram_discard);
  std::vector<Action> actual = actions_of(plan);
  std::erase_if(actual, is_ram_discard);
  EXPECT_EQ(actual, without_last_discards);
}

TEST(IntervalPlan, TakesAPeriodThatIsNotWhole) {
  IntervalPlan plan{shape(12, 2.5, 2, 2, 10)};
  EXPECT_EQ(kept_on_disk(actions_of(plan)), (std::vector<Step>{0, 3, 5, 8})) << "2.5 steps apart in the mean";
}

TEST(IntervalPlan, StopsKeepingWhereSlotsRunOut) {
  IntervalPlan plan{shape(40, 2, 4, 3, 3)};
  EXPECT_EQ(kept_on_disk(actions_of(plan)), (std::vector<Step>{0, 2, 4}));
}

TEST(IntervalPlan, WaitsWithAGaugeUntilTheDeviceIsReady) {
  std::size_t outstanding = 2;
  auto watching = shape(20, 1, 2, 2, 20);
  watching.gauge = [&](Level) { return outstanding; };
  IntervalPlan plan{watching};
  std::vector<Action> actions;
  while (const auto action = plan.next()) {
    actions.push_back(*action);
    const auto* advance = std::get_if<Advance>(&*action);
    if (!advance) continue;
    if (actions.size() < 20) {
      EXPECT_EQ(advance->steps.size(), 1) << "an answer is of its time";
    }
    outstanding = advance->steps.last % 5 == 0 ? 1 : 2;
  }
  EXPECT_EQ(kept_on_disk(actions), (std::vector<Step>{0, 5, 10, 15}));
}

TEST(IntervalPlan, KeepsTheFirstStateWhateverTheGaugeSays) {
  for (const std::size_t always : {0, 1, 2, 9}) {
    auto watching = shape(20, 1, 2, 2, 20);
    watching.gauge = [&](Level) { return always; };
    IntervalPlan plan{watching};
    EXPECT_EQ(replay(plan, 20, {2, 20}).turns, Count{20}) << always;
  }
}

TEST(IntervalPlan, IsLegalForAllSmallShapes) {
  for (Step steps = 1; steps <= 300; steps += steps < 40 ? 1 : 13)
    for (const double period : {1., 1.5, 3., 7.25, 40.})
      for (const Slots slots : {1, 2, 4, 9})
        for (const Slots slow : {0, 1, 3, 300})
          for (const Step tail : {1, 5, 50}) {
            auto given = shape(steps, period, tail, slots, slow);
            given.tail_slots = slots + tail % 2;
            IntervalPlan plan{given};
            const PlanCounts counts = replay(plan, steps, {slots + 1, slow});
            ASSERT_EQ(counts.turns, Count{steps});
            ASSERT_EQ(counts.levels[1].restores, counts.levels[1].takeshots);
          }
}

TEST(IntervalPlan, WithHRevolveInsideIsLegalForAllSmallShapes) {
  for (Step steps = 1; steps <= 300; steps += steps < 20 ? 1 : 31)
    for (const double period : {1., 5.5, 40.})
      for (const Slots slots : {1, 3})
        for (const Slots spare : {0, 2}) {
          auto given = shape(steps, period, 5, slots, 20);
          given.inside = std::make_shared<const Problem>(Problem{
              .steps = steps, .levels = {{.slots = slots}, {.slots = 1 + spare, .save_cost = 1, .load_cost = 1}}});
          IntervalPlan plan{given};
          ASSERT_EQ(replay(plan, steps, {slots, 20 + spare}).turns, Count{steps}) << steps << ", " << period;
        }
}

TEST(IntervalPlan, IsLegalWhateverTheGaugeAnswersAndRepeatsForTheSameAnswers) {
  constexpr unsigned seed = 20260420;
  std::mt19937 random{seed};
  for (Step steps = 1; steps <= 300; ++steps)
    for (const Slots slots : {1, 3, 7}) {
      auto given = shape(steps, 1 + static_cast<double>(random() % 40) / 10, 1 + static_cast<Step>(random() % 12),
                         slots, 1 + static_cast<Slots>(random() % 60));
      std::vector<std::size_t> answers;
      given.gauge = [&](Level level) {
        EXPECT_EQ(level, disk);
        return answers.emplace_back(random() % 4);
      };
      IntervalPlan plan{given};
      Replay checked{steps, {slots, given.slow_slots}};
      std::vector<Action> actions;
      while (const auto action = plan.next()) checked.apply(actions.emplace_back(*action));
      ASSERT_TRUE(checked.finished()) << steps << ", seed " << seed;

      std::size_t at = 0;
      given.gauge = [&](Level) { return answers.at(at++); };
      IntervalPlan again{given};
      ASSERT_EQ(actions_of(again), actions) << steps << ", seed " << seed;
      ASSERT_EQ(at, answers.size());
    }
}

TEST(IntervalPlan, ThatWatchesIsClonedInTheReverseSweepOnly) {
  auto watching = shape(50, 3, 4, 3, 20);
  watching.gauge = [](Level) { return 0U; };
  IntervalPlan plan{watching};
  EXPECT_THROW(static_cast<void>(plan.clone()), std::logic_error);
  while (!std::holds_alternative<Turn>(*plan.next())) {
  }
  const std::unique_ptr<Schedule> copy = plan.clone();
  EXPECT_EQ(actions_of(*copy), actions_of(plan));
}

TEST(IntervalPlan, AsksTheGaugeNoMoreOnceTheReverseSweepHasBegun) {
  auto watching = shape(50, 3, 4, 3, 20);
  int asked = 0;
  watching.gauge = [&](Level) { return ++asked, 0U; };
  IntervalPlan plan{watching};
  while (!std::holds_alternative<Turn>(*plan.next())) {
  }
  const int in_first_sweep = asked;
  EXPECT_GT(in_first_sweep, 0);
  const auto copy = plan.clone();
  actions_of(*copy);
  actions_of(plan);
  EXPECT_EQ(asked, in_first_sweep);
}

TEST(IntervalPlan, GoesOnInACloneAtEveryAction) {
  IntervalPlan plan{shape(40, 3.5, 4, 3, 20)};
  std::vector<Action> rest = actions_of(*plan.clone());
  while (const auto action = plan.next()) {
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(*action, rest.front());
    rest.erase(rest.begin());
    ASSERT_EQ(actions_of(*plan.clone()), rest);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(IntervalPlan, KeepsWhereAsManySavesAreUnderWayAsAreAllowed) {
  for (const std::size_t under_way : {2U, 3U, 4U}) {
    auto watching = shape(20, 4, 2, 2, 20);
    watching.gauge = [=](Level) { return under_way; };
    watching.most_under_way = 3;
    IntervalPlan plan{watching};
    EXPECT_EQ(kept_on_disk(actions_of(plan)),
              under_way <= 3 ? (std::vector<Step>{0, 4, 8, 12, 16}) : std::vector<Step>{0});
  }
}

/// A first sweep of 12 steps that stands at x_6.
IntervalPlan::Shape under_way(std::vector<Problem::Stored> kept) {
  auto given = shape(12, 4, 2, 3, 10);
  given.kept = std::move(kept);
  given.live = 6;
  return given;
}

TEST(IntervalPlan, GoesOnInAFirstSweepWithThePositionsThatThereAre) {
  IntervalPlan plan{under_way({{0, disk}, {4, disk}})};
  const std::vector<Action> actions = actions_of(plan);
  EXPECT_EQ(std::vector<Action>(actions.begin(), actions.begin() + 3),
            (std::vector<Action>{Advance{{6, 8}}, Takeshot{8, disk}, Advance{{8, 10}}}));
  std::vector<Step> restored;
  for (const Action& action : actions)
    if (const auto* restore = std::get_if<Restore>(&action); restore && restore->level == disk)
      restored.push_back(restore->step);
  EXPECT_EQ(restored, (std::vector<Step>{8, 4, 0}));
}

TEST(IntervalPlan, KeepsTheLiveStateWhereThatIsLate) {
  IntervalPlan plan{under_way({{0, disk}, {1, disk}})};
  EXPECT_EQ(plan.next(), Action(Takeshot{6, disk}));
}

TEST(IntervalPlan, CountsTheSlotsOfWhatIsKept) {
  IntervalPlan::Shape given = under_way({{0, disk}, {1, Level{2}}, {2, disk}});
  given.slow_slots = 2;
  IntervalPlan plan{given};
  EXPECT_EQ(kept_on_disk(actions_of(plan)), std::vector<Step>{});
}

TEST(IntervalPlan, LeavesTheRamThatIsInUseAlone) {
  IntervalPlan::Shape given = under_way({{0, ram}, {3, disk}});
  given.steps = 40;
  given.tail = 34;
  given.useless = {{3, ram}};
  IntervalPlan plan{given};
  Replay on_integers{40, {3, 10}, {{0, ram}, {3, ram}, {3, disk}}, 6};
  while (const auto action = plan.next()) on_integers.apply(*action);
  EXPECT_TRUE(on_integers.finished());
  EXPECT_EQ(on_integers.counts().levels[0].peak, 3);
}

TEST(IntervalPlan, GoesOnAsTheSameSweepDoesWhereverThatStands) {
  for (const double period : {1., 2., 7.})
    for (const Slots slow_slots : {2, 5, 100}) {
      const IntervalPlan::Shape given = shape(60, period, 6, 4, slow_slots);
      IntervalPlan whole{given};
      const std::vector<Action> all = actions_of(whole);
      IntervalPlan::Shape later = given;
      for (std::size_t done = 0; std::get_if<Turn>(&all[done]) == nullptr; ++done) {
        if (const auto* takeshot = std::get_if<Takeshot>(&all[done])) {
          if (takeshot->level == ram) break;  // the tail
          later.kept.push_back({takeshot->step, disk});
          continue;
        }
        later.live = std::get<Advance>(all[done]).steps.last;
        IntervalPlan rest{later};
        ASSERT_EQ(actions_of(rest), std::vector<Action>(all.begin() + static_cast<std::ptrdiff_t>(done) + 1, all.end()))
            << "period " << period << ", x_" << later.live << " live";
      }
    }
}

TEST(IntervalPlan, GoesOnLegallyFromAnyStandingWhateverTheGaugeAnswers) {
  constexpr unsigned seed = 20260463;
  std::mt19937 random{seed};
  for (int i = 0; i < 3000; ++i) {
    OverlapShape machine = random_shape(random, 150, i % 2 == 0 ? 2 : 3);
    machine.steps += 1;
    machine.slots[1] += 1;
    Standing standing = DrawnStandings{machine, random}.in_first_sweep();
    std::ranges::sort(standing.stored, {}, &Problem::Stored::step);
    const Slots in_ram = std::ranges::count(standing.stored, ram, &Problem::Stored::level);
    const auto from_to = [&](Step least, Step most) { return std::uniform_int_distribution{least, most}(random); };
    IntervalPlan::Shape given{.steps = machine.steps,
                              .period = static_cast<double>(from_to(2, 40)) / 2,
                              .tail = from_to(1, 20),
                              .slots = from_to(1, machine.machine.buffers),
                              .tail_slots = from_to(1, machine.machine.buffers),
                              .slow_slots = machine.slots[1],
                              .live = *standing.live};
    for (const auto& one : standing.stored)
      (given.kept.empty() || given.kept.back().step != one.step ? given.kept : given.useless).push_back(one);
    if (i % 3 != 0) given.gauge = [&](Level) { return random() % 4; };
    machine.machine.buffers = std::max({given.slots, given.tail_slots, in_ram + 1});
    IntervalPlan plan{given};
    const PlanCounts counts = replay_from(standing, machine, plan);
    ASSERT_EQ(counts.turns, Count{machine.steps}) << text_of(standing) << ", seed " << seed << ", case " << i;
    for (std::size_t k = 1; k < counts.levels.size(); ++k) {
      const auto kept = std::ranges::count(given.kept, Level{static_cast<std::int32_t>(k)}, &Problem::Stored::level);
      ASSERT_EQ(counts.levels[k].restores, counts.levels[k].takeshots + Count{kept})
          << "level " << k << ": " << text_of(standing) << ", seed " << seed << ", case " << i;
    }
  }
}

TEST(IntervalPlan, RefusesShapesThatCannotBe) {
  EXPECT_THROW(IntervalPlan(shape(0, 1, 1, 1, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(limits::steps + 1, 1, 1, 1, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(1, .5, 1, 1, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(1, NAN, 1, 1, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(1, 1, 0, 1, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(1, 1, 1, 0, 1)), std::invalid_argument);
  EXPECT_THROW(IntervalPlan(shape(1, 1, 1, 1, -1)), std::invalid_argument);
  const std::vector<std::vector<Problem::Stored>> wrong{
      {}, {{2, disk}}, {{0, disk}, {6, disk}}, {{0, disk}, {4, disk}, {3, disk}}, {{0, disk}, {3, ram}, {3, disk}}};
  for (const auto& kept : wrong) EXPECT_THROW(IntervalPlan{under_way(kept)}, std::invalid_argument);
  for (const Step live : {-1, 0, 12}) {
    auto elsewhere = under_way({{0, disk}});
    elsewhere.live = live;
    EXPECT_THROW(IntervalPlan{elsewhere}, std::invalid_argument) << live;
  }
  auto without_tail_slots = shape(1, 1, 1, 1, 1);
  without_tail_slots.tail_slots = 0;
  EXPECT_THROW(IntervalPlan{without_tail_slots}, std::invalid_argument);
}

}  // namespace
}  // namespace cairn::test
