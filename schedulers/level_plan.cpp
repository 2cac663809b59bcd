// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <stdexcept>
#include <string>

namespace cairn {
namespace {

Step checked(Step steps) {
  if (steps < 1 || steps > limits::steps)
    throw std::invalid_argument{"a plan for " + std::to_string(steps) + " steps; from 1 to " +
                                std::to_string(limits::steps) + " are possible"};
  return steps;
}

bool weighs_storage(const LevelPlan& plan) {
  return dynamic_cast<const LevelSplits*>(&plan) == nullptr;
}

}  // namespace

std::shared_ptr<const LevelPlan> make_level_plan(const LevelCosts& costs, Step steps, Count table_work) {
  if (LevelTable::work(costs, checked(steps)) <= table_work && steps <= LevelTable::most_steps)
    return std::make_shared<const LevelTable>(costs, steps);
  if (auto hulls = LevelHulls::make(costs, steps)) return hulls;
  return std::make_shared<const LevelSplits>(costs, steps);
}

std::shared_ptr<const LevelPlan> best_level_plan(const LevelCosts& costs, Step steps, Count table_work) {
  std::shared_ptr<const LevelPlan> best;
  Cost least = impossible;
  for (const LevelCosts& order : orders_of(costs)) {
    auto plan = make_level_plan(order, steps, table_work);
    const Cost cost = whole_cost(*plan, steps);
    const bool same_kind = best && weighs_storage(*plan) == weighs_storage(*best);
    if (best && (same_kind ? cost >= least : !weighs_storage(*plan))) continue;
    best = std::move(plan);
    least = cost;
  }
  return best;
}

Cost whole_cost(const LevelPlan& plan, Step steps) {
  if (steps == 1) return 0;
  const auto& levels = plan.costs().levels;
  return levels.empty() ? impossible : plan.live_cost(levels.size() - 1, steps, levels.back().slots);
}

}  // namespace cairn
