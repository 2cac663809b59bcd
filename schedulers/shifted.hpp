// SPDX-License-Identifier: BSD-3-Clause
/// A part of a plan that counts its steps from its own start.
#pragma once

#include <cairn/schedulers/action.hpp>

#include <type_traits>

namespace cairn {

/// The same action `by` steps later.
inline Action shifted(const Action& action, Step by) {
  return std::visit(
      [by](auto moved) -> Action {
        if constexpr (std::is_same_v<decltype(moved), Advance>) {
          moved.steps.first += by;
          moved.steps.last += by;
        } else {
          moved.step += by;
        }
        return moved;
      },
      action);
}

}  // namespace cairn
