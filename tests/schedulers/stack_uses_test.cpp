// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/stack_uses.hpp>

#include <gtest/gtest.h>
#include <support/stack_oracle.hpp>

namespace cairn {
namespace {

TEST(StackUses, AreThoseOfThePlan) {
  for (Slots slots = 1; slots <= 25; ++slots)
    for (Step steps = 1; steps <= 500; ++steps)
      ASSERT_EQ(stack_uses(steps, slots), test::uses_seen(steps, slots)) << steps << ", " << slots;
}

TEST(StackUses, AreThoseOfAPlanOfManySteps) {
  for (const Slots slots : {1, 2, 3, 5, 12, 40, 300})
    for (const Step steps : {10'000, 99'999, 184'756, 300'001})
      ASSERT_EQ(stack_uses(steps, slots), test::uses_seen(steps, slots)) << steps << ", " << slots;
}

TEST(StackUses, OfTwoToTheFortyStepsAddUpToOneRestoreLessThanTurns) {
  for (const Slots slots : {Slots{1}, Slots{2}, Slots{3}, Slots{10}, Slots{1000}, limits::slots}) {
    StackUse all;
    for (const auto& use : stack_uses(limits::steps, slots)) {
      all.takeshots += use.takeshots;
      all.restores += use.restores;
    }
    EXPECT_EQ(all.restores, Count{limits::steps - 1}) << slots;
    EXPECT_LT(all.takeshots, all.restores) << slots;
  }
}

}  // namespace
}  // namespace cairn
