// SPDX-License-Identifier: BSD-3-Clause
/// Binomial checkpointing on one level.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>

namespace cairn {

/// Revolve: n steps reversed from s slots of level 0 with the least possible advances, t(n, s) of binomial.hpp, and the
/// least takeshots among all plans that have so few. Restores = n − 1; turns = n; x_0 is kept first where n > 1, and
/// each snapshot is discarded right after its last restore.
///
/// Choose it where RAM is the only tier, and n is known. Griewank and Walther, Algorithm 799, ACM TOMS 26, 2000. Slots
/// beyond n − 1 stay unused. Memory as BinomialWalk's: O(s), whatever n is. An action costs 2 to 4 ns through next().
class Revolve final : public Schedule {
 public:
  struct Shape {
    Step steps;   ///< n ≥ 1, at most limits::steps
    Slots slots;  ///< s ≥ 1, x_0's included
  };
  explicit Revolve(Shape shape);                     ///< Throws std::invalid_argument naming the member at fault.
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  BinomialWalk walk_;
};

}  // namespace cairn
