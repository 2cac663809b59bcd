// SPDX-License-Identifier: BSD-3-Clause
#include "support/gate_tier.hpp"
#include "support/listed_schedule.hpp"
#include "support/toy.hpp"
#include <cairn/core/sequential_executor.hpp>

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

TEST(SequentialExecutor, EveryTransferIsOverWhenItsActionIsOver) {
  Toy toy;
  const State state = toy.state();
  const Layout layout{state.fields()};
  auto pool = std::make_unique<Pool>(2, layout.buffer_bytes());
  auto gate = std::make_unique<GateTier>(layout, 2);
  GateTier& disk = *gate;
  std::vector<std::unique_ptr<Tier>> made;
  made.push_back(std::make_unique<RamTier>(layout, 1, *pool));
  made.push_back(std::move(gate));
  TierSet tiers{std::move(pool), std::move(made)};
  Done expected;
  const Operators operators{.advance =
                                [&](Steps steps) {
                                  expected.push_back("save " + std::to_string(steps.first));
                                  EXPECT_EQ(disk.done(), expected) << "before step " << steps.first;
                                  toy.advance(steps);
                                },
                            .reverse =
                                [&](Steps step) {
                                  expected.push_back("load " + std::to_string(step.first));
                                  expected.push_back("release " + std::to_string(step.first));
                                  EXPECT_EQ(disk.done(), expected) << "in the turn of step " << step.first;
                                }};
  SequentialExecutor executor{{.state = state, .layout = layout, .operators = operators, .tiers = tiers}};
  executor.begin(2, std::make_unique<ListedSchedule>(std::vector<Action>{
                        Takeshot{0, Level{1}}, Advance{{0, 1}}, Takeshot{1, Level{1}}, Advance{{1, 2}}, Turn{2},
                        Restore{1, Level{1}}, Discard{1, Level{1}}, Turn{1}, Restore{0, Level{1}},
                        Takeshot{0, Level{0}}, Discard{0, Level{1}}, Turn{0}}));
  executor.forward();
  executor.reverse();
  EXPECT_EQ(executor.counts().turns, Count{3});
}

}  // namespace
}  // namespace cairn::test
