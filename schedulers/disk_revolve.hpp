// SPDX-License-Identifier: BSD-3-Clause
/// The cheapest plan where the last level has room for every snapshot.
#pragma once

#include <cairn/schedulers/level_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Disk-Revolve: HRevolve with as many slots on the last level as the plan wants; a snapshot there may be read any
/// number of times. Aupy, Herrmann, Hovland and Robert, SIAM J. Sci. Comput. 38, 2016. What it takes is the `peak` of
/// plan_counts.hpp. Time and memory as HRevolve's, with one row in place of the last level's slots.
///
/// Choose it to learn what more disk would bring, or where there is plenty.
class DiskRevolve final : public Schedule {
 public:
  struct Shape {
    Step steps;  ///< n ≥ 1, at most limits::steps
    /// At least two; the slots of the last are not looked at. Prices in forward steps.
    std::vector<Problem::LevelShape> levels;
  };
  /// Throws std::invalid_argument naming what is at fault.
  explicit DiskRevolve(const Shape& shape);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots in use); the copy goes on from here.
  const LevelPlan& plan() const { return walk_.plan(); }

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  LevelWalk walk_;
};

}  // namespace cairn
