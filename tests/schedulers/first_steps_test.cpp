// SPDX-License-Identifier: BSD-3-Clause
#include "support/plans.hpp"
#include <cairn/schedulers/first_steps.hpp>

#include <memory>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

TEST(FirstSteps, KeepTheFirstStateAndAdvanceStepByStep) {
  FirstSteps steps{4};
  EXPECT_EQ(written(actions_of(steps)), "takeshot 0 0, advance 0 1, advance 1 2, advance 2 3");
  EXPECT_FALSE(steps.next()) << "it turns nothing";
}

TEST(FirstSteps, OfOneStepAreNone) {
  FirstSteps steps{1};
  EXPECT_EQ(written(actions_of(steps)), "takeshot 0 0");
}

TEST(FirstSteps, GoOnInAClone) {
  FirstSteps steps{100};
  for (int done = 0; done < 40; ++done) steps.next();
  const std::unique_ptr<Schedule> copy = steps.clone();
  EXPECT_EQ(copy->next(), Action(Advance{{39, 40}}));
  EXPECT_EQ(steps.next(), Action(Advance{{39, 40}}));
}

}  // namespace
}  // namespace cairn::test
