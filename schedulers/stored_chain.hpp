// SPDX-License-Identifier: BSD-3-Clause
/// What a loop of unknown length goes on with: snapshots that are there already, as its positions want them.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace cairn {

/// Where positions of a first sweep go on.
struct StoredChain {
  std::vector<Problem::Stored> chain = {};  ///< x_0 and others, oldest first, the older never on a faster level
  std::vector<Action> actions = {};         ///< discards, at most one move, that make all that is stored this chain
};

/// The longest such chain of these snapshots, x_0 among them; x_0 is moved where the others lie on slower levels, and
/// the newest of these makes room where they are full. `ranks` and `slots`, by level: the order of speed, fastest 0,
/// equal where it does not matter. O(snapshots · levels + sort). Nothing stored: nothing to do.
StoredChain stored_chain(std::vector<Problem::Stored> stored, const std::vector<std::size_t>& ranks,
                         const std::vector<Slots>& slots);

/// Takes actions from the end, as many as there is room for; how many.
std::size_t hand_out(std::vector<Action>& last_first, std::span<Action> room);

}  // namespace cairn
