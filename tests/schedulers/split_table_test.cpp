// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/split_table.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

TEST(SplitTable, SplitsLikeTheFormula) {
  for (const Slots slots : {1, 2, 3, 4, 17}) {
    const SplitTable table{600, slots};
    for (Slots c = 1; c <= slots; ++c)
      for (Step l = 2; l <= 600; ++l) {
        if (repetitions(l, c) > repetitions(600, slots)) break;  // no interval of the plan
        ASSERT_EQ(table.split(l, c, repetitions(l, c)), split(l, c)) << l << ", " << c << " of " << slots;
      }
  }
}

TEST(SplitTable, SplitsABetaTheSameByOneRepetitionMore) {
  const SplitTable table{100'000, 8};
  for (Slots c = 2; c <= 8; ++c)
    for (Step r = 1; r < repetitions(100'000, 8); ++r) {
      const auto steps = static_cast<Step>(beta(c, r).value());
      EXPECT_EQ(table.split(steps, c, r + 1), table.split(steps, c, r)) << c << ", " << r;
    }
}

TEST(SplitTable, HasBetasCappedWhereTheyPassTheSteps) {
  const SplitTable table{1000, 5};
  for (Slots c = 0; c <= 5; ++c)
    for (Step r = -2; r <= repetitions(1000, 5); ++r) {
      EXPECT_EQ(Count{table.beta(c, r)}, std::min(beta(c, r), Count{1001})) << c << ", " << r;
      if (c >= 1 && r >= 0) {
        EXPECT_EQ(table.bend(c, r), table.beta(c, r - 1) + table.beta(c - 1, r - 1));
      }
    }
}

TEST(SplitTable, UsesNoMoreSlotsThanTheStepsNeed) {
  EXPECT_EQ((SplitTable{10, 3}).slots(), 3);
  EXPECT_EQ((SplitTable{10, 9}).slots(), 9);
  EXPECT_EQ((SplitTable{10, limits::steps}).slots(), 9);
  EXPECT_EQ((SplitTable{1, 4}).slots(), 1);
}

TEST(SplitTable, SaysWhichNumberIsWrong) {
  const auto text = [](Step steps, Slots slots) {
    return test::message_of<std::invalid_argument>([&] { SplitTable(steps, slots); });
  };
  EXPECT_EQ(text(0, 1), "steps is 0; there must be at least 1");
  EXPECT_EQ(text(limits::steps + 1, 1), "steps is 1099511627777; at most 1099511627776 are supported");
  EXPECT_EQ(text(5, 0), "slots is 0; there must be at least 1");
  EXPECT_EQ(text(5, -2), "slots is -2; there must be at least 1");
  EXPECT_EQ(text(limits::steps, 8'388'609), "slots is 8388609; at most 8388608 are supported");
}

}  // namespace
}  // namespace cairn
