// SPDX-License-Identifier: BSD-3-Clause
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <paired.hpp>

namespace cairn::bench {
namespace {

TEST(SpreadOf, TakesTheMiddleOfAnOddNumberOfValues) {
  const Spread spread = spread_of({3, 1, 9});
  EXPECT_EQ(spread.median, 3);
  EXPECT_EQ(spread.least, 1);
  EXPECT_EQ(spread.most, 9);
}

TEST(SpreadOf, LiesBetweenTheMiddleTwoOfAnEvenNumberOfValues) {
  EXPECT_EQ(spread_of({8, 1, 4, 2}).median, 3);
}

TEST(SpreadOf, RefusesNoValues) {
  EXPECT_THROW(spread_of({}), std::logic_error);
}

TEST(SpeedRatio, IsTheMedianOfTheRoundsAndNotTheRatioOfTheMedians) {
  const Rounds ours{{1.0, 0}, {10.0, 0}, {100.0, 0}};
  const Rounds baseline{{3.0, 0}, {50.0, 0}, {10.0, 0}};
  const Spread ratio = speed_ratio(ours, baseline);
  EXPECT_DOUBLE_EQ(ratio.median, 3.0);  // of 3, 5 and .1; the medians' ratio is 1
  EXPECT_DOUBLE_EQ(ratio.least, 0.1);
  EXPECT_DOUBLE_EQ(ratio.most, 5.0);
}

TEST(SpeedRatio, RefusesRoundsThatDoNotBelongTogether) {
  EXPECT_THROW(speed_ratio({{1.0, 0}}, {{1.0, 0}, {1.0, 0}}), std::logic_error);
}

TEST(MeasureInTurns, WarmsUpOnceThenBeginsEachRoundWithAnotherWay) {
  std::string order;
  const auto way = [&](char name) { return Way{{name}, [&order, name] { order += name; }}; };
  const std::vector<Rounds> measured = measure_in_turns({way('a'), way('b'), way('c')}, 4);
  EXPECT_EQ(order,
            "abc"
            "abc"
            "bca"
            "cab"
            "abc");
  ASSERT_EQ(measured.size(), 3U);
  for (const Rounds& rounds : measured) EXPECT_EQ(rounds.size(), 4U);
}

TEST(MeasureInTurns, CallsBeforeAndAfterAroundEachRun) {
  std::string order;
  measure_in_turns({{"way", [&] { order += 'r'; }, [&] { order += '('; }, [&] { order += ')'; }}}, 2);
  EXPECT_EQ(order, "(r)(r)(r)");
}

TEST(MeasureInTurns, TimesTheRunAloneAndKnowsWaitingFromWorking) {
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds{20}); };
  const std::vector<Rounds> measured = measure_in_turns({{"sleeps", pause}, {"does nothing", [] {}, pause, pause}}, 1);
  EXPECT_GE(measured[0][0].seconds, 0.020);
  EXPECT_LT(measured[0][0].cpu_seconds, measured[0][0].seconds);
  EXPECT_LT(measured[1][0].seconds, measured[0][0].seconds);
}

}  // namespace
}  // namespace cairn::bench
