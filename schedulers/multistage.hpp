// SPDX-License-Identifier: BSD-3-Clause
/// Binomial checkpointing over several levels.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// How often the snapshots that lie on a given number of others are stored and read back in a plan of Revolve.
struct StackUse {
  Count takeshots;
  Count restores;
  Count accesses() const { return takeshots + restores; }
  bool operator==(const StackUse&) const = default;
};

/// The uses of each place in Revolve's stack for n = `steps` and s = `slots`, the place of x_0 first; exact. As many
/// places as slots that can be used: min(s, max(1, n − 1)). Takes SplitTable's time and memory and s·r(n, s) additions,
/// not the plan: of each split one part at least is a β or an M of binomial.hpp, whose uses obey Pascal's rule.
/// Throws std::invalid_argument where SplitTable does.
std::vector<StackUse> stack_uses(Step steps, Slots slots);

/// Multistage: the plan of Revolve{n, s}, s = all slots of all levels, with the least advances and takeshots for so many
/// slots. Snapshots do not change level: each place in the stack has one, and the places with most takeshots + restores
/// lie on the fastest level, and so on down. Stumm and Walther, SIAM J. Sci. Comput. 31, 2009.
///
/// Choose it where steps are dear and the slow levels cheap: it minimises advances first and looks at no price. Memory
/// O(s), whatever n is. An action costs 3 to 5 ns through next().
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
