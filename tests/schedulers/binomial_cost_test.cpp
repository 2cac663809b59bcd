// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/binomial_cost.hpp>

#include <random>

#include <gtest/gtest.h>

namespace cairn {
namespace {

double exact(Step steps, Slots slots) {
  return static_cast<double>(least_advances(steps, slots).value());
}

TEST(BinomialCost, IsTheFormulaUpAndDown) {
  for (Slots slots = 1; slots <= 40; ++slots) {
    BinomialCost cost{slots};
    for (Step steps = 1; steps <= 3000; ++steps) ASSERT_EQ(cost.advances(steps), exact(steps, slots)) << slots;
    for (Step steps = 3000; steps >= 1; steps -= 7) ASSERT_EQ(cost.advances(steps), exact(steps, slots)) << slots;
  }
}

TEST(BinomialCost, IsTheFormulaWhereverItGoesNext) {
  std::mt19937_64 random{11};
  for (const Slots slots : {1, 2, 3, 10, 1000}) {
    BinomialCost cost{slots};
    for (int i = 0; i < 2000; ++i) {
      const Step steps = std::uniform_int_distribution<Step>{1, Step{1} << (i % 26)}(random);
      ASSERT_EQ(cost.advances(steps), exact(steps, slots)) << steps << ", " << slots << ", seed 11";
    }
  }
}

TEST(BinomialCost, OfTheMostStepsIsGoodToFifteenDigits) {
  for (const Slots slots : {2, 10, 1'000'000})
    for (const Step steps : {limits::steps - 1, limits::steps}) {
      const double expected = exact(steps, slots);
      EXPECT_NEAR(BinomialCost{slots}.advances(steps) / expected, 1.0, 1e-15) << steps << ", " << slots;
    }
  const auto most = static_cast<double>(limits::steps);  // t(l, 1) = l·(l − 1)/2 is beyond a Count
  EXPECT_GT(BinomialCost{1}.advances(limits::steps), 0.49 * most * most);
}

}  // namespace
}  // namespace cairn
