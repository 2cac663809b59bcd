// SPDX-License-Identifier: BSD-3-Clause
/// Binomial checkpointing over several levels.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Multistage: the plan of Revolve{n, s}, s = all slots of all levels, with the least advances and takeshots for so
/// many slots. Snapshots do not change level: each place in the stack has one (stack_uses.hpp), and the places with
/// most takeshots + restores lie on the fastest level, and so on down. Stumm and Walther, SIAM J. Sci. Comput. 31,
/// 2009.
///
/// Choose it where steps are dear and the slow levels cheap: it minimises advances first and looks at no price. Memory
/// O(s), whatever n is. An action costs 2 to 4 ns through next().
class Multistage final : public Schedule {
 public:
  struct Shape {
    Step steps;                ///< n ≥ 1, at most limits::steps
    std::vector<Slots> slots;  ///< of each level, fastest first, 0 or more, at least 1 together; x_0's is among them
  };
  explicit Multistage(const Shape& shape);           ///< Throws std::invalid_argument naming the member at fault.
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  BinomialWalk walk_;
};

}  // namespace cairn
