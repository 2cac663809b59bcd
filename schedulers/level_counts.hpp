// SPDX-License-Identifier: BSD-3-Clause
/// The counts of plans without running them.
#pragma once

#include <cairn/schedulers/level_plan.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cstddef>

namespace cairn {

/// What a BinomialWalk of one interval does at level 0 of `levels`: t(l, c) advances; takeshots and restores as
/// stack_uses.hpp has them; a discard for each takeshot; 2·takeshots + 3·l − 2 actions, for it has l turns, l − 1
/// restores and l − 1 Advance actions.
PlanCounts binomial_counts(Step steps, Slots slots, std::size_t levels = 1);

/// What a LevelWalk of one interval does, as Replay would count it, over `levels` levels: each different part of the
/// plan is counted once. Milliseconds for plans by hulls; memory some 300 bytes a different part.
PlanCounts level_counts(const LevelPlan& plan, Step steps, std::size_t levels);

}  // namespace cairn
