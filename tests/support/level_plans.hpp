// SPDX-License-Identifier: BSD-3-Clause
/// What tests of plans over levels need: random levels, a plain twin of the recurrences, what a plan really costs.
#pragma once

#include <cairn/schedulers/level_costs.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/level_walk.hpp>
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cairn::test {

/// "uf 10: 1:0/0 2:13/5": slots, save and load of each level.
inline std::string written(const LevelCosts& costs) {
  std::string text = "uf " + std::to_string(costs.step) + ':';
  for (const auto& level : costs.levels)
    text += ' ' + std::to_string(level.slots) + ':' + std::to_string(level.save) + '/' + std::to_string(level.load);
  return text;
}

/// Levels 0, 1, … with these slots, saves and loads.
inline LevelCosts levels_of(Cost step, const std::vector<std::array<Cost, 3>>& levels) {
  LevelCosts costs{.step = step, .levels = {}, .units = static_cast<double>(step)};
  for (const auto& [slots, save, load] : levels)
    costs.levels.push_back(
        {.level = Level{static_cast<std::int32_t>(costs.levels.size())}, .slots = slots, .save = save, .load = load});
  return costs;
}

/// One to three levels, mostly two, with prices in tenths of a step; each dearer than the one before.
inline LevelCosts random_levels(std::mt19937& random, Slots slots, Cost price, bool free_base) {
  const auto from_to = [&](Cost least, Cost most) { return std::uniform_int_distribution<Cost>{least, most}(random); };
  std::vector<std::array<Cost, 3>> levels;
  const std::array<int, 6> counts{1, 2, 2, 2, 3, 3};
  const int count = counts[static_cast<std::size_t>(from_to(0, 5))];
  for (int k = 0; k < count; ++k) {
    std::array<Cost, 3> level{from_to(1, slots), from_to(0, price), from_to(0, price)};
    if (k == 0 && free_base) level[1] = level[2] = 0;
    if (k > 0) level = {level[0], level[1] + levels.back()[1], level[2] + levels.back()[2]};
    levels.push_back(level);
  }
  return levels_of(10, levels);
}

/// P and R of level_plan.hpp as they are written there, for every k, m and l. Unlimited slots are as many as steps.
class PlainRecurrence {
 public:
  PlainRecurrence(const LevelCosts& costs, Step steps) : costs_{costs}, steps_{steps} {
    for (std::size_t k = 0; k < costs.levels.size(); ++k) {
      kept_.emplace_back();
      live_.emplace_back();
      for (Slots m = 0; m <= slots(k); ++m) tabulate(k, m);
    }
  }

  /// Both impossible where there is no plan.
  Cost stored_cost(std::size_t k, Step steps, Slots m) const { return known(kept_[k][index(m)][index(steps)]); }
  Cost live_cost(std::size_t k, Step steps, Slots m) const { return known(live_[k][index(m)][index(steps)]); }
  Cost whole_cost(Step steps) const {
    return live_cost(costs_.levels.size() - 1, steps, slots(costs_.levels.size() - 1));
  }
  Slots slots(std::size_t k) const { return std::min(costs_.levels[k].slots, steps_); }

 private:
  static constexpr Cost never = std::numeric_limits<Cost>::max() / 8;
  static std::size_t index(std::int64_t number) { return static_cast<std::size_t>(number); }
  static Cost known(Cost cost) { return cost < never ? cost : std::numeric_limits<Cost>::max(); }

  void tabulate(std::size_t k, Slots m) {
    auto& kept = kept_[k].emplace_back(index(steps_) + 1, never);
    auto& live = live_[k].emplace_back(index(steps_) + 1, never);
    kept[1] = m > 0 ? 0 : never;
    live[1] = 0;
    for (Step l = 2; l <= steps_; ++l) {
      const Cost below = k > 0 ? live_[k - 1].back()[index(l)] : never;
      live[index(l)] = below;
      if (m == 0) continue;
      kept[index(l)] = below;
      for (Step j = 1; j < l; ++j)
        kept[index(l)] = std::min(kept[index(l)], j * costs_.step + live_[k][index(m - 1)][index(l - j)] +
                                                      costs_.levels[k].load + kept[index(j)]);
      live[index(l)] = std::min(below, costs_.levels[k].save + kept[index(l)]);
    }
  }

  LevelCosts costs_;
  Step steps_;
  std::vector<std::vector<std::vector<Cost>>> kept_;  // P by k, m, l
  std::vector<std::vector<std::vector<Cost>>> live_;  // R by k, m, l
};

/// The counts of the plan of `steps` steps as a LevelWalk hands it out, with as many slots as `plan` has. Throws what
/// Replay throws.
inline PlanCounts walked(const std::shared_ptr<const LevelPlan>& plan, Step steps) {
  std::vector<Slots> slots;
  for (const auto& level : plan->costs().levels) {
    const auto rank = static_cast<std::size_t>(level.level.rank);
    slots.resize(std::max(slots.size(), rank + 1), 0);
    slots[rank] = level.slots;
  }
  Replay replay{steps, slots};
  LevelWalk walk{plan};
  walk.start(0, steps);
  std::array<Action, 32> actions{};
  while (const std::size_t written = walk.fill(actions))
    for (std::size_t i = 0; i < written; ++i) replay.apply(actions[i]);
  if (!replay.finished()) throw IllegalAction{"the walk ends before all steps are turned"};
  return replay.counts();
}

/// Advances, takeshots and restores at their prices, in whole units; turns apart.
inline Cost cost_in_units(const PlanCounts& counts, const LevelCosts& costs) {
  const auto whole = [](Count count) { return static_cast<Cost>(count.value()); };
  Cost cost = whole(counts.advances) * costs.step;
  for (const auto& level : costs.levels) {
    const PlanCounts::PerLevel& counted = counts.levels[static_cast<std::size_t>(level.level.rank)];
    cost += whole(counted.takeshots) * level.save + whole(counted.restores) * level.load;
  }
  return cost;
}

}  // namespace cairn::test
