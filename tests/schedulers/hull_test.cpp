// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hull.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Vertex = Hull::Vertex;

constexpr Hull::Cut wide{.steps = Step{1} << 40, .slope = Cost{1} << 40};

std::vector<Vertex> random_points(std::mt19937& random, std::size_t count) {
  std::vector<Vertex> points;
  Step x = 1 + static_cast<Step>(random() % 3);
  for (std::size_t i = 0; i < count; ++i, x += static_cast<Step>(random() % 4))
    points.push_back({x, static_cast<Cost>(random() % 100)});
  return points;
}

// The least height at x of all segments between two points.
long double lowest(const std::vector<Vertex>& points, Step x) {
  long double least = std::numeric_limits<long double>::infinity();
  for (const Vertex& a : points)
    for (const Vertex& b : points) {
      if (a.x == x) least = std::min(least, static_cast<long double>(a.y));
      if (a.x >= x || b.x <= x) continue;
      const auto part = static_cast<long double>(x - a.x) / static_cast<long double>(b.x - a.x);
      least = std::min(least, static_cast<long double>(a.y) + part * static_cast<long double>(b.y - a.y));
    }
  return least;
}

Cost rounded_down(long double value) {
  return static_cast<Cost>(std::floor(value + 1e-9L));
}

TEST(Hull, IsTheLowestOfAllSegmentsBetweenPoints) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    const auto points = random_points(random, 1 + seed % 12);
    const Hull hull{points, wide};
    for (Step x = points.front().x; x <= points.back().x; ++x)
      ASSERT_EQ(hull.at(x), rounded_down(lowest(points, x))) << "seed " << seed << ", x " << x;
    EXPECT_EQ(hull.at(points.front().x - 1), impossible);
    EXPECT_EQ(hull.at(points.back().x + 1), impossible);
  }
}

TEST(Hull, KeepsNoVertexOnALine) {
  const Hull hull{{{1, 0}, {2, 3}, {3, 6}, {5, 12}, {6, 20}}, wide};
  EXPECT_EQ(hull.vertices(), (std::vector<Vertex>{{1, 0}, {5, 12}, {6, 20}}));
  EXPECT_EQ(hull.last(), 6);
  EXPECT_EQ(hull.last_slope(), 8);
}

TEST(Hull, EndsAtTheFirstVertexThatReachesTheStepsOrBeforeASteepSlope) {
  const std::vector<Vertex> points{{1, 0}, {3, 2}, {7, 12}, {9, 32}};
  EXPECT_EQ(Hull(points, {.steps = 4, .slope = 100}).last(), 7);
  EXPECT_EQ(Hull(points, {.steps = 3, .slope = 100}).last(), 3);
  EXPECT_EQ(Hull(points, {.steps = 100, .slope = 9}).last(), 7);
  EXPECT_EQ(Hull(points, {.steps = 100, .slope = 10}).last(), 9);
}

TEST(Hull, OfNoPointIsImpossibleEverywhere) {
  const Hull none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.last(), 0);
  EXPECT_EQ(none.last_slope(), 0);
  EXPECT_EQ(none.at(1), impossible);
}

TEST(Hull, LowerIsTheHullOfBoth) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    auto points = random_points(random, 1 + seed % 7);
    const auto more = random_points(random, 1 + seed % 5);
    const Hull both = lower(Hull{points, wide}, Hull{more, wide}, wide);
    points.insert(points.end(), more.begin(), more.end());
    std::stable_sort(points.begin(), points.end(), [](const Vertex& a, const Vertex& b) { return a.x < b.x; });
    ASSERT_EQ(both, Hull(points, wide)) << "seed " << seed;
  }
}

TEST(Hull, HoldsTheCostsOfVeryLongPlans) {
  const Step far = Step{1} << 40;
  const Hull hull{{{1, 0}, {far, Cost{1} << 61}}, {.steps = far, .slope = Cost{1} << 61}};
  EXPECT_EQ(hull.at(far), Cost{1} << 61);
  EXPECT_NEAR(static_cast<double>(hull.at(far / 2)), 0x1p60, 0x1p22);
}

TEST(Merge, IsTheLeastOfAllSumsAndKnowsItsParts) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    const auto points = random_points(random, 1 + seed % 9);
    const auto others = random_points(random, 1 + seed % 6);
    const Cost tilt = static_cast<Cost>(random() % 20);
    const Cost raise = static_cast<Cost>(random() % 30);
    const Merge merge{Hull{points, wide}, tilt, Hull{others, wide}, raise, wide};
    const auto sum = [&](Step i, Step x) {
      return static_cast<long double>(i * tilt + raise) + lowest(points, i) + lowest(others, x - i);
    };
    for (Step x = points.front().x + others.front().x; x <= points.back().x + others.back().x; ++x) {
      long double least = std::numeric_limits<long double>::infinity();
      for (Step i = 1; i < x; ++i) least = std::min(least, sum(i, x));
      ASSERT_EQ(merge.at(x), rounded_down(least)) << "seed " << seed << ", x " << x;
      ASSERT_NEAR(static_cast<double>(sum(merge.part(x), x)), static_cast<double>(least), 1e-9)
          << "seed " << seed << ", x " << x << ", part " << merge.part(x);
    }
    EXPECT_EQ(merge.at(points.back().x + others.back().x + 1), impossible);
  }
}

}  // namespace
}  // namespace cairn
