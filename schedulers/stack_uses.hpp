// SPDX-License-Identifier: BSD-3-Clause
/// How often a binomial plan uses each place in its stack of snapshots, without running the plan.
#pragma once

#include <cairn/words.hpp>

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

}  // namespace cairn
