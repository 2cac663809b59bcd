// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/words.hpp>

#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

TEST(Steps, IterateOverTheHalfOpenRange) {
  std::vector<Step> seen;
  for (const Step t : Steps{3, 7}) seen.push_back(t);
  EXPECT_EQ(seen, (std::vector<Step>{3, 4, 5, 6}));
  EXPECT_EQ((Steps{3, 7}).size(), 4);
}

TEST(Steps, OfAnEmptyRangeAreNone) {
  for (const Step t : Steps{5, 5}) FAIL() << t;
  EXPECT_EQ((Steps{5, 5}).size(), 0);
}

TEST(Steps, ServeStandardAlgorithms) {
  const Steps steps{1, 101};
  EXPECT_EQ(std::accumulate(steps.begin(), steps.end(), Step{0}), 5050);
}

TEST(Steps, KnowWhetherTheyRunAgain) {
  EXPECT_FALSE((Steps{0, 1}).again);
  EXPECT_NE((Steps{0, 1, true}), (Steps{0, 1}));
}

TEST(Count, AddsAndMultipliesLikeANumberBelowItsLimit) {
  EXPECT_EQ(Count{2} + Count{3}, Count{5});
  EXPECT_EQ(Count{1u << 31} * Count{1u << 31}, Count{std::uint64_t{1} << 62});
  Count count = 4;
  EXPECT_EQ((++count).value(), 5u);
  EXPECT_EQ((count += 7).value(), 12u);
  EXPECT_EQ(Count{most - 2} + Count{1}, Count{most - 1});
  EXPECT_FALSE((Count{most - 2} + Count{1}).saturated());
}

TEST(Count, SaturatesInsteadOfWrapping) {
  EXPECT_TRUE((Count{most - 2} + Count{2}).saturated());
  EXPECT_TRUE((Count{most - 2} + Count{3}).saturated());
  EXPECT_TRUE((Count{std::uint64_t{1} << 32} * Count{std::uint64_t{1} << 32}).saturated());
  EXPECT_EQ(Count{most} + Count{most}, std::numeric_limits<Count>::max());
  Count count = std::numeric_limits<Count>::max();
  EXPECT_TRUE((++count).saturated());
  EXPECT_EQ(Count{most} * Count{0}, Count{0});
}

TEST(Count, OfANegativeNumberIsZero) {
  EXPECT_EQ(Count{-3}, Count{0});
}

TEST(Count, IsOrdered) {
  EXPECT_LT(Count{3}, Count{4});
  EXPECT_LT(Count{4}, std::numeric_limits<Count>::max());
}

TEST(Bytes, AreCountedInPowersOfTwo) {
  EXPECT_EQ(KiB(3).count, 3072u);
  EXPECT_EQ(MiB(1) + KiB(1), Bytes{1049600});
  EXPECT_EQ(GiB(1) - MiB(1024), Bytes{0});
  EXPECT_EQ(GiB(1) / MiB(400), 2u) << "how many snapshots fit";
  EXPECT_EQ(KiB(4) * 3, KiB(12));
}

TEST(RoundUp, GoesToTheNextMultipleAndNoFurther) {
  EXPECT_EQ(round_up(0, 4096), 0u);
  EXPECT_EQ(round_up(1, 4096), 4096u);
  EXPECT_EQ(round_up(4096, 4096), 4096u);
  EXPECT_EQ(round_up(4097, 4096), 8192u);
}

TEST(LevelsAndSlots, AreOrderedByTheirNumber) {
  EXPECT_LT(Level{0}, Level{1});
  EXPECT_EQ(Slot{4}, Slot{4});
  EXPECT_GT(Slot{5}, Slot{4});
}

}  // namespace
}  // namespace cairn
