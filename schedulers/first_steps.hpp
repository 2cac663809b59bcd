// SPDX-License-Identifier: BSD-3-Clause
/// The first steps of a run whose costs are not known yet.
#pragma once

#include <cairn/schedulers/schedule.hpp>

namespace cairn {

/// Keeps x_0 at level 0 and advances step by step, up to x_{n−1}. It turns nothing: a planner (planner.hpp) must have
/// made the plan before.
class FirstSteps final : public Schedule {
 public:
  explicit FirstSteps(Step steps) : steps_{steps} {}
  std::unique_ptr<Schedule> clone() const override { return std::make_unique<FirstSteps>(*this); }

 protected:
  std::size_t fill(std::span<Action> next) override {
    if (live_ < 0) {
      live_ = 0;
      next.front() = Takeshot{0, Level{0}};
      return 1;
    }
    if (live_ + 1 >= steps_) return 0;
    next.front() = Advance{{live_, live_ + 1}};
    ++live_;
    return 1;
  }

 private:
  Step steps_;
  Step live_ = -1;  // nothing is handed out yet
};

}  // namespace cairn
