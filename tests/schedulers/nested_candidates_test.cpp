// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_shapes.hpp"
#include <cairn/schedulers/nested_candidates.hpp>
#include <cairn/schedulers/replay.hpp>

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

TEST(NestedCandidates, AreFewAndLegalAndWithinTheSlots) {
  std::mt19937 random{7};
  int made = 0;
  for (int i = 0; i < 200; ++i) {
    const OverlapShape shape = random_shape(random, 120, 3);
    SCOPED_TRACE(text_of(shape));
    const auto candidates = nested_candidates(shape.steps, shape.machine, shape.slots);
    EXPECT_LE(candidates.size(), 10u);
    for (const NestedIntervals::Shape& candidate : candidates) {
      EXPECT_NE(candidate.fast.level, candidate.slow.level);
      EXPECT_LE(shape.machine.levels[static_cast<std::size_t>(candidate.fast.level.rank)].load,
                shape.machine.levels[static_cast<std::size_t>(candidate.slow.level.rank)].load)
          << "the quicker one is the fast one";
      NestedIntervals schedule{candidate};
      EXPECT_TRUE(replay(schedule, shape.steps, shape.slots).turns == Count{static_cast<std::uint64_t>(shape.steps)});
      ++made;
    }
  }
  EXPECT_GT(made, 200);
}

TEST(NestedCandidates, NeedTwoSlowLevelsWithSlots) {
  const OverlapShape two = two_levels(100, 5, 1, 1);
  EXPECT_TRUE(nested_candidates(two.steps, two.machine, two.slots).empty());
  OverlapShape three = two;
  three.machine.levels.push_back({.save = 9, .load = 9, .lane = 1});
  three.slots.push_back(0);
  EXPECT_TRUE(nested_candidates(three.steps, three.machine, three.slots).empty());
}

}  // namespace
}  // namespace cairn::test
