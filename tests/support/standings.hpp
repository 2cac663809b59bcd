// SPDX-License-Identifier: BSD-3-Clause
/// Runs that stand somewhere, drawn at random; and whether a plan may go on from there.
#pragma once

#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/planner.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cairn::test {

/// Draws standings of runs of one shape, of at least 2 steps. What is stored fits the slots; a state may lie on two
/// levels; in the reverse sweep some may be of steps that are turned.
class DrawnStandings {
 public:
  DrawnStandings(const OverlapShape& shape, std::mt19937& random) : shape_{shape}, random_{random} {}

  Standing in_first_sweep() {
    const Step live = from_to(1, shape_.steps - 1);
    return drawn({.to_turn = shape_.steps, .live = live}, live);
  }

  Standing in_reverse_sweep() {
    Standing standing = drawn({.to_turn = from_to(1, shape_.steps), .live = {}}, shape_.steps);
    if (from_to(0, 3) != 0)
      std::erase_if(standing.stored, [&](const auto& one) { return one.step >= standing.to_turn; });
    return standing;
  }

 private:
  Step from_to(Step least, Step most) { return std::uniform_int_distribution{least, most}(random_); }

  Standing drawn(Standing standing, Step below) {
    free_ = shape_.slots;
    free_[0] = shape_.machine.buffers;
    store(standing, 0, level_with_room());
    const Step most = std::min<Step>(below - 1, from_to(0, 2) == 0 ? 30 : 6);
    for (Step i = most > 0 ? from_to(0, most) : 0; i > 0; --i) {
      const Step step = from_to(1, below - 1);
      store(standing, step, level_with_room());
      if (from_to(0, 9) == 0) store(standing, step, level_with_room());
    }
    std::ranges::shuffle(standing.stored, random_);
    return standing;
  }

  std::optional<Level> level_with_room() {
    std::vector<Level> all;
    for (std::size_t k = 0; k < free_.size(); ++k)
      if (free_[k] > 0) all.push_back(Level{static_cast<std::int32_t>(k)});
    if (all.empty()) return std::nullopt;
    return all[static_cast<std::size_t>(from_to(0, static_cast<Step>(all.size()) - 1))];
  }

  void store(Standing& standing, Step step, std::optional<Level> level) {
    if (!level || std::ranges::find(standing.stored, Problem::Stored{step, *level}) != standing.stored.end()) return;
    --free_[static_cast<std::size_t>(level->rank)];
    standing.stored.push_back({step, *level});
  }

  const OverlapShape& shape_;
  std::mt19937& random_;
  std::vector<Slots> free_;
};

/// "40 to turn, x_7 live, x_0 at 1, x_5 at 0".
inline std::string text_of(const Standing& standing) {
  std::string text = std::to_string(standing.to_turn) + " to turn";
  if (standing.live) text += ", x_" + std::to_string(*standing.live) + " live";
  for (const auto& [step, level] : standing.stored)
    text += ", x_" + std::to_string(step) + " at " + std::to_string(level.rank);
  return text;
}

/// Runs the plan from there to its end through a Replay. Throws IllegalAction.
inline PlanCounts replay_from(const Standing& standing, const OverlapShape& shape, Schedule& plan) {
  std::vector<Slots> slots = shape.slots;
  slots[0] = shape.machine.buffers;
  Replay replay{standing.to_turn, std::move(slots), standing.stored, standing.live};
  while (const auto action = plan.next()) replay.apply(*action);
  if (!replay.finished()) throw IllegalAction{"the plan ends before every step is turned"};
  return replay.counts();
}

}  // namespace cairn::test
