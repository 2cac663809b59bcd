// SPDX-License-Identifier: BSD-3-Clause
#include "support/plans.hpp"
#include <cairn/schedulers/recorded_plan.hpp>
#include <cairn/schedulers/revolve.hpp>

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

TEST(RecordedPlan, PlaysWhatWasCarriedOut) {
  for (const Step steps : {1, 5, 9, 100}) {  // fewer actions than a batch, a batch, more
    Revolve revolve{{.steps = steps, .slots = 3}};
    const auto actions = std::make_shared<const std::vector<Action>>(actions_of(revolve));
    RecordedPlan first{actions}, second{actions};
    EXPECT_EQ(actions_of(first), *actions);
    EXPECT_FALSE(first.next());
    EXPECT_EQ(actions_of(second), *actions) << "a list is played as often as it is asked for";
  }
}

TEST(RecordedPlan, OfNothingIsEmpty) {
  EXPECT_FALSE(RecordedPlan{std::make_shared<const std::vector<Action>>()}.next());
}

TEST(RecordedPlan, GoesOnInACloneAtEveryActionAndSharesTheList) {
  Revolve revolve{{.steps = 40, .slots = 3}};
  const auto actions = std::make_shared<const std::vector<Action>>(actions_of(revolve));
  RecordedPlan plan{actions};
  for (std::size_t done = 0; done < actions->size(); ++done) {
    const std::unique_ptr<Schedule> copy = plan.clone();
    EXPECT_EQ(actions.use_count(), 3);
    const std::vector<Action> rest(actions->begin() + static_cast<std::ptrdiff_t>(done), actions->end());
    ASSERT_EQ(actions_of(*copy), rest);
    plan.next();
  }
}

}  // namespace
}  // namespace cairn::test
