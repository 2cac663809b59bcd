// SPDX-License-Identifier: BSD-3-Clause
/// What the program has allocated by operator new so far. Link support/allocations.cpp into the test program.
#pragma once

#include <cstddef>

namespace cairn::test {

struct Allocations {
  std::size_t times = 0;
  std::size_t bytes = 0;  ///< in all; what was freed again is not taken off
};
Allocations allocated();

}  // namespace cairn::test
