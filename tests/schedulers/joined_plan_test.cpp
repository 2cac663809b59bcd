// SPDX-License-Identifier: BSD-3-Clause
#include "support/listed_schedule.hpp"
#include "support/plans.hpp"
#include <cairn/schedulers/interval_plan.hpp>
#include <cairn/schedulers/joined_plan.hpp>
#include <cairn/schedulers/revolve.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level ram{0}, disk{1};

/// x_0 is kept on disk and x_10 live; steps 39 … 10 by Revolve, then those before.
JoinedPlan two_parts() {
  std::vector<JoinedPlan::Part> parts;
  parts.push_back({std::make_unique<Revolve>(Revolve::Shape{.steps = 30, .slots = 3}), 10});
  parts.push_back(
      {std::make_unique<StoredIntervals>(StoredIntervals::Shape{.steps = 10, .stored = {{0, disk}}, .slots = 2}), 0});
  return JoinedPlan{{Move{0, ram, disk}}, std::move(parts)};
}

TEST(JoinedPlan, HandsOutActionsThenPartsEachFromItsOwnStart) {
  std::vector<JoinedPlan::Part> parts;
  parts.push_back(
      {std::make_unique<ListedSchedule>(std::vector<Action>{Takeshot{0, disk}, Advance{{0, 2}}, Turn{2},
                                                            Restore{0, disk}, Move{0, disk, ram}, Discard{0, ram}}),
       5});
  parts.push_back({std::make_unique<ListedSchedule>(std::vector<Action>{}), 3});
  parts.push_back({std::make_unique<ListedSchedule>(std::vector<Action>{Restore{0, ram}, Turn{0}}), 0});
  JoinedPlan plan{{Discard{9, disk}, Restore{5, ram}}, std::move(parts)};
  EXPECT_EQ(written(actions_of(plan)),
            "discard 9 1, restore 5 0, takeshot 5 1, advance 5 7, turn 7, restore 5 1, move 5 1 0, discard 5 0, "
            "restore 0 0, turn 0");
}

TEST(JoinedPlan, IsLegalWhereItsPartsAre) {
  JoinedPlan plan = two_parts();
  Replay on_integers{40, {4, 1}, {{0, ram}}, 10};
  while (const auto action = plan.next()) on_integers.apply(*action);
  EXPECT_TRUE(on_integers.finished());
}

TEST(JoinedPlan, OfNothingIsEmpty) {
  EXPECT_FALSE(JoinedPlan({}, {}).next());
}

TEST(JoinedPlan, GoesOnInACloneAtEveryAction) {
  JoinedPlan plan = two_parts();
  const std::vector<Action> all = actions_of(*plan.clone());
  ASSERT_GT(all.size(), 64U);
  for (std::size_t done = 0; done < all.size(); ++done) {
    const std::vector<Action> rest(all.begin() + static_cast<std::ptrdiff_t>(done), all.end());
    const std::unique_ptr<Schedule> copy = plan.clone();
    ASSERT_EQ(actions_of(*copy), rest) << "after action " << done;
    ASSERT_EQ(*plan.next(), all[done]);
  }
  EXPECT_FALSE(plan.next());
}

TEST(JoinedPlan, AsksThePartThatWatchesWhenItsActionIsWanted) {
  std::size_t under_way = 2;
  std::vector<JoinedPlan::Part> parts;
  parts.push_back({std::make_unique<IntervalPlan>(IntervalPlan::Shape{.steps = 20,
                                                                      .period = 1,
                                                                      .tail = 2,
                                                                      .slots = 2,
                                                                      .tail_slots = 2,
                                                                      .slow_slots = 20,
                                                                      .gauge = [&](Level) { return under_way; }}),
                   100});
  JoinedPlan plan{{}, std::move(parts)};
  EXPECT_THROW(static_cast<void>(plan.clone()), std::logic_error) << "what its part throws";
  std::vector<Step> kept;
  while (const auto action = plan.next()) {
    if (const auto* takeshot = std::get_if<Takeshot>(&*action); takeshot && takeshot->level == disk)
      kept.push_back(takeshot->step);
    if (const auto* advance = std::get_if<Advance>(&*action)) under_way = advance->steps.last % 5 == 0 ? 1 : 2;
    if (std::holds_alternative<Turn>(*action)) break;
  }
  EXPECT_EQ(kept, (std::vector<Step>{100, 105, 110, 115}));
  const std::vector<Action> rest = actions_of(*plan.clone());  // in the reverse sweep it can be cloned
  EXPECT_GT(rest.size(), 20U);
  EXPECT_EQ(rest, actions_of(plan));
}

}  // namespace
}  // namespace cairn::test
