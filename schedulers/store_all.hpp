// SPDX-License-Identifier: BSD-3-Clause
/// Every state is kept, none is computed twice.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Store all: x_0 … x_{n−2} are kept in the slots of all levels, the latest on the fastest; x_{n−1} is turned as it is.
/// Advances = takeshots = restores = n − 1. Choose it where everything fits. Memory O(levels).
class StoreAll final : public Schedule {
 public:
  struct Shape {
    Step steps;                ///< n ≥ 1, at most limits::steps
    std::vector<Slots> slots;  ///< of each level, fastest first, 0 or more, at least n − 1 together
  };
  /// Throws std::invalid_argument naming the member at fault, and both numbers where the slots do not suffice.
  explicit StoreAll(const Shape& shape);
  std::unique_ptr<Schedule> clone() const override;  ///< O(levels); the copy goes on from here.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  Level level_of(Step step);
  Action* keep(Action* out);
  Action* turn(Action* out);

  Step steps_;
  std::vector<Step> first_kept_;  // by level: the earliest step that is kept there or on a faster one
  std::size_t level_ = 0;         // of the last step asked for
  Step live_ = 0;                 // in the first sweep
  Step to_turn_;                  // steps left to turn
};

}  // namespace cairn
