// SPDX-License-Identifier: BSD-3-Clause
/// Finds what an earlier process has left of this sweep.
#pragma once

#include <cairn/core/catalog.hpp>
#include <cairn/core/kept.hpp>
#include <cairn/core/tier_set.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Where a sweep goes on, and from which snapshots.
struct Resumption {
  Position position;
  bool kept = false;                        ///< what the user keeps is there for this position
  std::vector<Catalog::Entry> stored = {};  ///< of steps that are still of use
};

/// The tiers whose files an earlier process has left, and nobody has gone on from yet.
bool any_reopened(const TierSet& tiers);

/// The number of steps of the run that left them; −1 where it was not known yet.
Step steps_found(const TierSet& tiers);

/// Throws StorageError mismatch, naming the file and what differs, where one of these files is of another run than
/// `mine` (identity_of()). Nothing in it is changed. The identity to go on with: where they differ by the number of the
/// sweep alone, the process ended between the beginnings of a sweep in one file and in the next; the latest counts,
/// for who began it had given up the one before.
std::string identity_found(const TierSet& tiers, std::string_view mine);

/// Takes the files over: what is of use stays, the rest is released, all that is not of a sweep of that identity among
/// it. The position is that of the last commit of what was kept, whose state can be computed from earlier snapshots;
/// where `kept` is null, that of the latest snapshot up to x_n; step 0 of the forward sweep where there is none. Throws
/// std::logic_error where the reverse sweep had begun and nothing was kept; StorageError.
Resumption take_over(TierSet& tiers, Kept* kept, std::string_view identity, Step n);

/// What the files' report says while a sweep is under way; `sweep` is its number.
std::string report_of_phase(std::int64_t sweep, bool reverse);

}  // namespace cairn
