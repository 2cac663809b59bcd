// SPDX-License-Identifier: BSD-3-Clause
/// Binomial checkpointing over several levels.
#pragma once

#include <cairn/schedulers/level_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Multistage: the least advances that all slots of all levels together allow, t(n, Σc), and among the plans that have
/// them one of the least storage cost. Where no price is given, level k is taken to cost k, so that slow levels are
/// used least. The idea of slots on several levels is Stumm and Walther's, SIAM J. Sci. Comput. 31, 2009; which plan is
/// cheapest comes from the recurrences of level_plan.hpp over the splits of least advances.
///
/// The storage cost is the least while n²·Σc is at most 10^9, close to it beyond; the advances always are. Time and
/// memory as HRevolve's.
///
/// Choose it where steps are dear, or where prices are not known.
class Multistage final : public Schedule {
 public:
  struct Shape {
    Step steps;                               ///< n ≥ 1, at most limits::steps
    std::vector<Problem::LevelShape> levels;  ///< fastest first, c_k ≥ 0, at least one slot together
    Count table_work = most_table_work;       ///< additions that an exact table may take; 10^9 are half a second
  };
  explicit Multistage(const Shape& shape);           ///< Throws std::invalid_argument naming the member at fault.
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.
  const LevelPlan& plan() const { return walk_.plan(); }

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  LevelWalk walk_;
};

}  // namespace cairn
