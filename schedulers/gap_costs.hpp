// SPDX-License-Identifier: BSD-3-Clause
/// What the steps behind a stored snapshot cost to reverse.
#pragma once

#include <cairn/schedulers/binomial_cost.hpp>
#include <cairn/schedulers/level_costs.hpp>
#include <cairn/schedulers/level_plan.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <memory>

namespace cairn {

/// Where a snapshot lies, as far as the cost of its gap is concerned: on level k of a LevelCosts, with m of its slots,
/// its own included, free for the gap. Those below it hold older snapshots.
struct Place {
  std::size_t k = 0;
  Slots slots = 1;
  bool operator==(const Place&) const = default;
};

/// r_k + P_k(l, m) of level_plan.hpp, in the units of LevelCosts, as real numbers: whole and exact up to 2^53. Level 0
/// with free copies needs arithmetic only; the plan for other levels is made for the gaps that are asked for, twice as
/// long each time, and shared by copies.
class GapCosts {
 public:
  /// Costs in order, fastest first, at least one level.
  explicit GapCosts(LevelCosts costs);

  /// The cost of l = `steps` ≥ 0 steps; none for none. `cursor` was made for the place's slots. A gap that is longer
  /// than all before may renew the plan, and with it the costs of others: see plans().
  double reversed(Place place, Step steps, BinomialCost& cursor);

  int plans() const { return plans_; }  ///< How many plans were made; costs of before compare only while it stays.
  const LevelCosts& costs() const { return costs_; }

 private:
  void plan_for(Step steps);

  LevelCosts costs_;
  bool free_base_;
  std::shared_ptr<const LevelPlan> plan_ = {};
  Step planned_ = 0;  // steps of the plan
  int plans_ = 0;
};

}  // namespace cairn
