// SPDX-License-Identifier: BSD-3-Clause
#include "support/online_loop.hpp"
#include "support/plans.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/stored_chain.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

using Stored = Problem::Stored;

/// Snapshots of steps up to x_live, at random, as many as there are slots or fewer, x_0 among them.
std::vector<Stored> random_stored(std::mt19937& random, const std::vector<Slots>& slots, Step live) {
  std::vector<Stored> stored;
  for (std::size_t k = 0; k < slots.size(); ++k) {
    std::set<Step> steps;
    for (Slots i = 0; i < slots[k]; ++i)
      if (random() % 3 > 0) steps.insert(static_cast<Step>(random()) % (live + 1));
    for (const Step step : steps) stored.push_back({step, Level{static_cast<std::int32_t>(k)}});
  }
  std::vector<Level> levels;
  for (std::size_t k = 0; k < slots.size(); ++k)
    if (slots[k] > 0) levels.push_back(Level{static_cast<std::int32_t>(k)});
  const Level level = levels[random() % levels.size()];
  if (std::ranges::find(stored, Stored{0, level}) == stored.end()) {
    if (std::ranges::count(stored, level, &Stored::level) == slots[static_cast<std::size_t>(level.rank)])
      stored.erase(std::ranges::find(stored, level, &Stored::level));
    stored.push_back({0, level});
  }
  std::ranges::shuffle(stored, random);
  return stored;
}

std::size_t rank_of(const Stored& one, const std::vector<std::size_t>& ranks) {
  return ranks[static_cast<std::size_t>(one.level.rank)];
}

bool is_chain(const std::vector<Stored>& chain, const std::vector<std::size_t>& ranks) {
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (chain[i].step <= chain[i - 1].step || rank_of(chain[i], ranks) > rank_of(chain[i - 1], ranks)) return false;
  return true;
}

/// By trying all subsets of what is stored beside x_0.
std::size_t longest(std::vector<Stored> stored, const std::vector<std::size_t>& ranks) {
  std::erase_if(stored, [](const Stored& one) { return one.step == 0; });
  std::ranges::sort(stored, {}, &Stored::step);
  std::size_t most = 0;
  for (unsigned subset = 0; subset < 1U << stored.size(); ++subset) {
    std::vector<Stored> chain;
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (subset >> i & 1U) chain.push_back(stored[i]);
    if (is_chain(chain, ranks)) most = std::max(most, chain.size());
  }
  return most;
}

TEST(StoredChain, IsTheLongestThatThereIs) {
  constexpr unsigned seed = 20261121;
  std::mt19937 random{seed};
  const std::vector<Slots> slots{3, 2, 4};
  for (int i = 0; i < 400 && !HasFailure(); ++i)
    for (const std::vector<std::size_t>& ranks : {std::vector<std::size_t>{0, 1, 2}, {1, 0, 2}, {0, 1, 1}}) {
      const std::vector<Stored> stored = random_stored(random, slots, 12);
      const StoredChain made = stored_chain(stored, ranks, slots);
      ASSERT_FALSE(made.chain.empty());
      EXPECT_EQ(made.chain.front().step, 0);
      EXPECT_TRUE(is_chain(made.chain, ranks)) << written(made.actions) << ", seed " << seed;
      const bool moved = !made.actions.empty() && std::holds_alternative<Move>(made.actions.back());
      EXPECT_GE(made.chain.size() + (moved ? 1 : 0), 1 + longest(stored, ranks)) << "one makes room at most";
      Replay replay = Replay::of_unknown_steps(slots, stored, 12);
      for (const Action& action : made.actions) ASSERT_NO_THROW(replay.apply(action));
      Slots held = 0;
      for (Step step = 0; step <= 12; ++step)
        for (const Level level : {Level{0}, Level{1}, Level{2}}) held += replay.holds(step, level);
      EXPECT_EQ(held, static_cast<Slots>(made.chain.size()));
      for (const Stored& one : made.chain) EXPECT_TRUE(replay.holds(one.step, one.level));
    }
}

TEST(StoredChain, OfAChainIsThatChain) {
  const std::vector<Stored> stored{{0, Level{2}}, {4, Level{2}}, {7, Level{1}}, {9, Level{0}}, {10, Level{0}}};
  const StoredChain made = stored_chain(stored, {0, 1, 2}, {3, 3, 3});
  EXPECT_EQ(made.chain, stored);
  EXPECT_TRUE(made.actions.empty());
}

TEST(StoredChain, TheStartGoesBehindTheOthers) {
  const StoredChain made =
      stored_chain({{0, Level{0}}, {4, Level{1}}, {9, Level{1}}}, {0, 1}, {3, 2});  // as after a kill
  EXPECT_EQ(written(made.actions), "discard 9 1, move 0 0 1");
  EXPECT_EQ(made.chain, (std::vector<Stored>{{0, Level{1}}, {4, Level{1}}}));
}

TEST(StoredChain, OfNothingIsNothing) {
  EXPECT_TRUE(stored_chain({}, {0}, {3}).chain.empty());
}

// Whatever is stored, and wherever the loop ends: every action is legal, every step is turned.
TEST(StoredChain, LoopsGoOnFromWhatIsStored) {
  constexpr unsigned seed = 20261122;
  const std::array<std::vector<Slots>, 4> slots_of_levels{{{6}, {4, 5}, {3, 0, 9}, {5, 3, 40}}};
  std::mt19937 random{seed};
  for (int i = 0; i < 120 && !HasFailure(); ++i)
    for (const ScheduleKind kind : {ScheduleKind::online, ScheduleKind::overlap, ScheduleKind::automatic}) {
      Problem problem{.steps = 0, .levels = {}, .stored = {}};
      for (const Slots slots : slots_of_levels[random() % slots_of_levels.size()])
        problem.levels.push_back({.slots = slots,
                                  .save_cost = problem.levels.empty() ? 0. : static_cast<double>(random() % 4),
                                  .load_cost = problem.levels.empty() ? 0. : static_cast<double>(random() % 4)});
      problem.live = static_cast<Step>(random() % 50);
      problem.stored = random_stored(random, slots_of(problem), problem.live);
      if (random() % 2 == 0) problem.gauge = [&](Level) { return random() % 3; };
      const Step steps = problem.live + 1 + static_cast<Step>(random() % 40);
      SCOPED_TRACE(std::string{name_of(kind)} + ", live " + std::to_string(problem.live) + " of " +
                   std::to_string(steps) + ", " + std::to_string(problem.stored.size()) + " stored, seed " +
                   std::to_string(seed));
      const auto schedule = make_schedule(kind, problem);
      Replay replay = Replay::of_unknown_steps(slots_of(problem), problem.stored, problem.live);
      while (*replay.live() < steps - 1) ASSERT_NO_THROW(replay.apply(schedule->next().value()));
      schedule->finish(steps);
      replay.finish(steps);
      while (const auto action = schedule->next()) ASSERT_NO_THROW(replay.apply(*action));
      EXPECT_TRUE(replay.finished());
      EXPECT_LT(replay.counts().advances, Count{static_cast<std::uint64_t>(steps) * 40});
    }
}

TEST(StoredChain, ALoopThatGoesOnFromItsOwnSnapshotsCostsNoMore) {
  const std::vector<Problem::LevelShape> levels{{.slots = 3}, {.slots = 5, .save_cost = 2, .load_cost = 1}};
  for (Step live = 0; live < 60; ++live) {
    Loop loop{levels};
    loop.run_to(live);
    Problem problem{.steps = 0, .levels = levels, .stored = {}, .live = live};
    for (Step step = 0; step <= live; ++step)
      for (const Level level : {Level{0}, Level{1}})
        if (loop.replay().holds(step, level)) problem.stored.push_back({step, level});
    if (problem.stored.empty()) continue;  // x_0 is live and not stored yet
    const auto schedule = make_schedule(ScheduleKind::online, problem);
    loop.run_to(live + 30);
    Replay replay = Replay::of_unknown_steps(slots_of(problem), problem.stored, live);
    while (*replay.live() < live + 30) replay.apply(schedule->next().value());
    schedule->finish(live + 31);
    replay.finish(live + 31);
    while (const auto action = schedule->next()) replay.apply(*action);
    EXPECT_EQ(replay.counts().advances + Count{static_cast<std::uint64_t>(live)}, loop.ended().advances) << live;
  }
}

TEST(StoredChain, ASnapshotBehindTheLiveStateIsRefused) {
  Problem problem{.steps = 0, .levels = {{.slots = 3}}, .stored = {{0, Level{0}}, {7, Level{0}}}, .live = 6};
  try {
    make_schedule(ScheduleKind::online, problem);
    FAIL() << "it would lie in the future";
  } catch (const std::invalid_argument& refusal) {
    EXPECT_STREQ(refusal.what(), "the stored x_7 lies behind the live x_6, from which the loop goes on");
  }
  problem.live = 7;
  EXPECT_NO_THROW(make_schedule(ScheduleKind::online, problem));
  EXPECT_THROW(make_schedule(ScheduleKind::hrevolve, problem), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::test
