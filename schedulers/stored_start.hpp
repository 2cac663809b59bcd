// SPDX-License-Identifier: BSD-3-Clause
/// An interval whose first state is stored already, wherever that is.
#pragma once

#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_plan.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace cairn {

/// Decides what becomes of a snapshot from which up to l steps are to be turned: with Q(l) the least cost, x_first
/// live, r its price to restore, R the recurrence of level_plan.hpp over the free slots and R′ the same with the
/// snapshot's own slot beside them,
///   Q(l) = min( R′(l), min_{1≤j<l} [ j·uf + R(l−j) + r + Q(j) ] ).
/// A level 0 that is full while slow slots are free, a slow snapshot with RAM free: each is such a start. Exact by
/// tables, else by hulls as a LevelPlan.
class StoredStart {
 public:
  /// `instead` plans with the free slots, the snapshot's own at `level` among them. Throws std::invalid_argument where
  /// `level` is not among its levels.
  StoredStart(std::shared_ptr<const LevelPlan> instead, Level level);

  /// j to advance before the next snapshot; 0: the snapshot is of no more use.
  Step split(Step steps) const;
  /// Q(l), as exact as the plan; a lower bound of advances alone where that is a LevelSplits.
  Cost cost(Step steps) const;
  const std::shared_ptr<const LevelPlan>& beside() const { return beside_; }    ///< plans R
  const std::shared_ptr<const LevelPlan>& instead() const { return instead_; }  ///< plans R′

 private:
  void tabulate(Cost load);
  void merge(const LevelHulls& beside, const LevelHulls& instead, Cost load);

  std::shared_ptr<const LevelPlan> instead_;
  std::shared_ptr<const LevelPlan> beside_;
  std::vector<std::int32_t> splits_;  // by l; with tables
  std::vector<Cost> costs_;           // likewise: Q
  Merge kept_;                        // with hulls
  Hull dropped_;                      // likewise: R′
  Hull stored_;                       // likewise: Q
  Slots slots_ = 0;                   // all of them, its own among them
};

}  // namespace cairn
