// SPDX-License-Identifier: BSD-3-Clause
/// The uses of each place in Revolve's stack, by running its plan.
#pragma once

#include <cairn/schedulers/revolve.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <cstddef>
#include <variant>
#include <vector>

namespace cairn::test {

/// Looks at the height of the stack at each takeshot and restore.
inline std::vector<StackUse> uses_seen(Step steps, Slots slots) {
  Revolve revolve{{.steps = steps, .slots = slots}};
  std::vector<StackUse> uses(static_cast<std::size_t>(std::min(slots, std::max<Slots>(1, steps - 1))));
  std::size_t held = 0;
  while (const auto action = revolve.next()) {
    if (std::holds_alternative<Takeshot>(*action)) ++uses[held++].takeshots;
    if (std::holds_alternative<Restore>(*action)) ++uses[held - 1].restores;
    if (std::holds_alternative<Discard>(*action)) --held;
  }
  return uses;
}

}  // namespace cairn::test
