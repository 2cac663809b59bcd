// SPDX-License-Identifier: BSD-3-Clause
/// The cheapest plan over levels with prices.
#pragma once

#include <cairn/schedulers/level_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// H-Revolve: the plan of least cost (schedule.hpp) over levels that each have slots of their own and prices for saving
/// and loading, of all plans in which the part behind a snapshot uses its level and faster ones only. That is the
/// optimum where level 0 is free and saves and loads rise together from level to level; where they do not, all orders
/// of the levels are tried (level_costs.hpp). Herrmann and Pallez, ACM TOMS 46, 2020.
///
/// Exact by a table while n²·Σc is at most 10^9; beyond, by hulls within a bound that `cairn plan` prints
/// (level_plan.hpp). Planning takes up to half a second, some milliseconds by hulls; an action some nanoseconds at a
/// free level 0, up to a microsecond elsewhere. Memory: the plan, and O(slots).
///
/// Choose it where the costs of storage are known: it is the best of all synchronous schedules.
class HRevolve final : public Schedule {
 public:
  struct Shape {
    Step steps;                               ///< n ≥ 1, at most limits::steps
    std::vector<Problem::LevelShape> levels;  ///< c_k ≥ 0, w_k, r_k in forward steps; at least one slot if n > 1
    Count table_work = most_table_work;       ///< additions that an exact table may take; 10^9 are half a second
  };
  /// Throws std::invalid_argument naming what is at fault.
  explicit HRevolve(const Shape& shape);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.
  const LevelPlan& plan() const { return walk_.plan(); }

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  LevelWalk walk_;
};

}  // namespace cairn
