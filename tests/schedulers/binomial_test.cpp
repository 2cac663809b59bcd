// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>

#include <limits>

#include <gtest/gtest.h>
#include <support/split_oracle.hpp>

namespace cairn {
namespace {

const Count saturated = std::numeric_limits<Count>::max();

TEST(Beta, IsPascalsTriangle) {
  for (Slots c = 1; c <= 30; ++c)
    for (Step r = 1; r <= 30; ++r) EXPECT_EQ(beta(c, r), beta(c - 1, r) + beta(c, r - 1)) << c << ", " << r;
  EXPECT_EQ(beta(0, 5), Count{1});
  EXPECT_EQ(beta(5, 0), Count{1});
  EXPECT_EQ(beta(5, -1), Count{0});
  EXPECT_EQ(beta(-1, 5), Count{0});
}

TEST(Beta, IsExactUpToTheLastNumberThatFits) {
  EXPECT_EQ(beta(33, 33), Count{7219428434016265740u});
  EXPECT_EQ(beta(34, 33), Count{14226520737620288370u});
  EXPECT_EQ(beta(34, 34), saturated);
  EXPECT_EQ(beta(1, limits::steps), Count{limits::steps + 1});
  EXPECT_EQ(beta(limits::slots, 3), Count{192154683614691329u});  // C(2^20 + 3, 3)
  EXPECT_EQ(beta(limits::slots, limits::steps), saturated);
}

TEST(Repetitions, AreTheLeastThatReachTheSteps) {
  for (Slots c = 1; c <= 40; ++c)
    for (Step l = 2; l <= 500; ++l) {
      const Step r = repetitions(l, c);
      EXPECT_GE(beta(c, r), Count{l}) << l << ", " << c;
      EXPECT_LT(beta(c, r - 1), Count{l}) << l << ", " << c;
    }
  EXPECT_EQ(repetitions(1, 1), 0);
  EXPECT_EQ(repetitions(1, 7), 0);
}

TEST(Repetitions, AreExactAtTheLimits) {
  EXPECT_EQ(repetitions(limits::steps, 1), limits::steps - 1);
  for (const Slots c : {Slots{2}, Slots{3}, Slots{4}, Slots{10}, Slots{100}, Slots{1000}, limits::slots}) {
    const Step r = repetitions(limits::steps, c);
    EXPECT_GE(beta(c, r), Count{limits::steps}) << c;
    EXPECT_LT(beta(c, r - 1), Count{limits::steps}) << c;
  }
  EXPECT_EQ(repetitions(limits::steps, limits::steps), 1);
}

struct Known {
  Step steps;
  Slots slots;
  std::uint64_t advances;
};

TEST(LeastAdvances, AreTheNumbersOfTheLiterature) {
  for (const auto& [steps, slots, advances] :
       {Known{2, 1, 1}, Known{10, 1, 45}, Known{10, 2, 20}, Known{10, 3, 15}, Known{20, 4, 39}, Known{50, 3, 180},
        Known{50, 7, 105}, Known{100, 5, 316}, Known{100, 10, 222}, Known{1000, 10, 3636}, Known{1000, 50, 1948},
        Known{10'000, 10, 57'624}, Known{1'000'000, 10, 11'647'922}, Known{1'000'000, 30, 5'623'008},
        Known{1'000'000, 50, 4'658'945}, Known{1'000'000, 100, 3'817'896}})
    EXPECT_EQ(least_advances(steps, slots), Count{advances}) << steps << ", " << slots;
}

TEST(LeastAdvances, AreThoseOfTheBestOfAllSplits) {
  const test::BestOfAllSplits oracle{200, 12};
  for (Slots c = 1; c <= 12; ++c)
    for (Step l = 1; l <= 200; ++l)
      ASSERT_EQ(least_advances(l, c), Count{oracle.from_live(l, c)->advances}) << l << ", " << c;
}

TEST(LeastAdvances, SaturateAndAreExactBelow) {
  EXPECT_EQ(least_advances(limits::steps, 1), saturated);
  const Step steps = Step{1} << 32;
  EXPECT_EQ(least_advances(steps, 1),
            Count{static_cast<std::uint64_t>(steps) * (static_cast<std::uint64_t>(steps - 1) / 2) +
                  static_cast<std::uint64_t>(steps) / 2});
  // By integers of any length.
  EXPECT_EQ(repetitions(limits::steps, 2), 1'482'909);
  EXPECT_EQ(least_advances(limits::steps, 2), Count{1086983719266232369u});
  EXPECT_EQ(least_advances(limits::steps, limits::slots), Count{2748776447997u});
  EXPECT_EQ(least_advances(limits::steps, limits::steps), Count{limits::steps - 1});
}

TEST(Split, GivesTheLeastAdvances) {
  for (Slots c = 1; c <= 40; ++c)
    for (Step l = 2; l <= 700; ++l) {
      const Step j = split(l, c);
      ASSERT_TRUE(1 <= j && j < l) << l << ", " << c;
      if (c == 1) {
        ASSERT_EQ(j, l - 1);
      } else {
        ASSERT_EQ(Count{j} + least_advances(l - j, c - 1) + least_advances(j, c), least_advances(l, c))
            << l << ", " << c;
      }
    }
}

TEST(Split, GivesTheLeastTakeshotsToo) {
  const test::BestOfAllSplits oracle{250, 10};
  for (Slots c = 1; c <= 10; ++c)
    for (Step l = 2; l <= 250; ++l) {
      const Step j = split(l, c);
      const auto parts = *oracle.from_live(l - j, c - 1) + *oracle.from_live(j, c);
      const Step kept_already =
          j > 1 ? 0 : 1;  // from_live counts the start's takeshot where there is more than one step
      ASSERT_EQ((parts + test::BestOfAllSplits::Best{j, kept_already}), *oracle.from_live(l, c)) << l << ", " << c;
    }
}

TEST(Split, IsExactAtTheLimits) {
  EXPECT_EQ(split(limits::steps, 1), limits::steps - 1);
  EXPECT_EQ(split(limits::steps, limits::steps), 1);
  for (const Slots c : {Slots{2}, Slots{3}, Slots{10}, Slots{1000}, limits::slots}) {
    const Step j = split(limits::steps, c);
    EXPECT_EQ(Count{j} + least_advances(limits::steps - j, c - 1) + least_advances(j, c),
              least_advances(limits::steps, c))
        << c;
  }
}

}  // namespace
}  // namespace cairn
