// SPDX-License-Identifier: BSD-3-Clause
/// The decisions of a plan over levels: the recurrences of H-Revolve (Herrmann and Pallez, ACM TOMS 46, 2020).
#pragma once

#include <cairn/schedulers/level_costs.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <memory>

namespace cairn {

/// R_k(l, m): x_first is live, l steps are to be turned, m slots of level k and all slots of faster levels are free.
/// P_k(l, m): the same, with x_first stored at level k, where m counts its slot; the restore that made it live is paid.
///   P_k(1, m) = R_k(1, m) = 0          A_k(l) = R_{k−1}(l, c_{k−1}), A_0(l > 1) infinite          R_k(l, 0) = A_k(l)
///   P_k(l, m) = min( A_k(l), min_{1≤j<l} [ j·uf + R_k(l−j, m−1) + r_k + P_k(j, m) ] )
///   R_k(l, m) = min( A_k(l), w_k + P_k(l, m) )
/// Level 0, where its copies are free: R_0(l, c) = P_0(l, c) = uf·t(l, c) of binomial.hpp.
/// A level of unlimited slots has one m, LevelCosts::unlimited, which stays.
///
/// Immutable; shared by schedules and their clones, in any thread.
class LevelPlan {
 public:
  virtual ~LevelPlan() = default;

  /// P_k: the j to advance before the next snapshot; 0: the snapshot is of no more use, go on as A_k. l ≥ 2, m ≥ 1.
  virtual Step split(std::size_t k, Step steps, Slots slots) const = 0;
  /// R_k: is the live x_first to be kept at level k? l ≥ 2, m ≥ 1.
  virtual bool keeps(std::size_t k, Step steps, Slots slots) const = 0;
  /// P_k(l, m) ≥ 0, l ≥ 1, m ≥ 1: exact, or a lower bound that is close to it. `impossible` where there is no plan.
  virtual Cost stored_cost(std::size_t k, Step steps, Slots slots) const = 0;
  /// R_k(l, m), m ≥ 0, likewise.
  virtual Cost live_cost(std::size_t k, Step steps, Slots slots) const = 0;
  /// Are costs and plan the optimum of the recurrences?
  virtual bool exact() const = 0;

  const LevelCosts& costs() const { return costs_; }
  Step steps() const { return steps_; }  ///< The most steps that it plans for.

 protected:
  LevelPlan(LevelCosts costs, Step steps) : costs_{std::move(costs)}, steps_{steps} {}

 private:
  LevelCosts costs_;
  Step steps_;
};

/// The additions that a table may take: half a second.
inline constexpr std::uint64_t most_table_work = 1'000'000'000;

/// A plan for up to `steps` steps: by the exact table (level_table.hpp) while steps²·Σc is at most `table_work`, by
/// hulls (level_hulls.hpp) beyond, and without storage costs (level_splits.hpp) where even these are too large. Throws
/// std::invalid_argument where steps is below 1 or above limits::steps.
std::shared_ptr<const LevelPlan> make_level_plan(const LevelCosts& costs, Step steps,
                                                 Count table_work = most_table_work);

/// The plan of least cost among the orders of these levels (orders_of). One without storage costs is taken only where
/// no order has another: its cost, of advances alone, does not compare with theirs.
std::shared_ptr<const LevelPlan> best_level_plan(const LevelCosts& costs, Step steps,
                                                 Count table_work = most_table_work);

/// R(steps) over all levels: what the whole costs, turns apart. Impossible without a slot.
Cost whole_cost(const LevelPlan& plan, Step steps);

}  // namespace cairn
