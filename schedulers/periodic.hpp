// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots at regular intervals on a slow level, binomial checkpointing in RAM between them.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>

namespace cairn {

/// ⌈n/(c + 1)⌉: the least period whose snapshots c slots can hold, n = `steps` ≥ 1, c = `slots` ≥ 0.
constexpr Step least_period(Step steps, Slots slots) {
  return (steps - 1) / (slots + 1) + 1;
}
/// ⌈n/c⌉: the period where none is asked for, c = `slots` ≥ 1.
constexpr Step default_period(Step steps, Slots slots) {
  return least_period(steps, slots - 1);
}

/// Periodic: x_0, x_d, x_2d … are kept at the last level; each interval of d steps is turned by Revolve at level 0.
/// With n = q·d + l, 1 ≤ l ≤ d, and t(·, s) of binomial.hpp:   advances = q·(d + t(d, s)) + t(l, s);
/// takeshots at the last level = restores from it = q, for the last interval starts in RAM. A snapshot there is
/// discarded right after its restore. Levels between the two are not used.
///
/// Choose it where slow slots are plenty and the plan should be explained in one line. The last level needs q slots:
/// with c of them the least period is ⌈n/(c + 1)⌉. Memory as BinomialWalk's for d steps.
class Periodic final : public Schedule {
 public:
  struct Shape {
    Step steps;     ///< n ≥ 1, at most limits::steps
    Step period;    ///< d ≥ 1, steps between two snapshots at the last level
    Slots slots;    ///< s ≥ 1, at level 0, the interval's start included
    Level last{1};  ///< the last level, slower than level 0
  };
  explicit Periodic(Shape shape);                    ///< Throws std::invalid_argument naming the member at fault.
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  Action* sweep_forward(Action* out, const Action* end);

  BinomialWalk walk_;
  Step period_;
  Step last_start_;  // q·d
  Step last_steps_;  // l
  Level last_;
  Step start_ = 0;       // of the interval that the sweep is in
  bool forward_ = true;  // in the first sweep
};

}  // namespace cairn
