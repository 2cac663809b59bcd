// SPDX-License-Identifier: BSD-3-Clause
/// Plans over levels by binomial.hpp alone, for any number of steps in no time.
#pragma once

#include <cairn/schedulers/level_plan.hpp>

namespace cairn {

/// The least advances that all slots together allow, the slots of slow levels under those of fast ones. What storage
/// costs is not looked at: the plan for few slots and very many steps, where the hulls of level_hulls.hpp have too many
/// vertices. Costs are those of the advances, a lower bound.
class LevelSplits final : public LevelPlan {
 public:
  LevelSplits(LevelCosts costs, Step steps) : LevelPlan{std::move(costs), steps} {}
  Step split(std::size_t k, Step steps, Slots slots) const override;
  bool keeps(std::size_t k, Step steps, Slots slots) const override;
  Cost stored_cost(std::size_t k, Step steps, Slots slots) const override;
  Cost live_cost(std::size_t k, Step steps, Slots slots) const override;
  bool exact() const override { return false; }

 private:
  Slots with_faster(std::size_t k, Slots slots) const;
};

}  // namespace cairn
