// SPDX-License-Identifier: BSD-3-Clause
/// What makes a sweep this sweep: snapshots of another one are not ours.
#pragma once

#include <cairn/storage/checksum.hpp>
#include <cairn/storage/layout.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// What the user has given that a sweep's result depends on.
struct Identity {
  std::optional<Step> steps;  ///< n; nothing where the sweep begins without knowing it
  std::int64_t sweep = 1;     ///< its number; a process that resumes a run goes on counting
  Checksum start{};           ///< of x_0
  std::string run_id = {};
  std::map<std::string, Checksum> depends_on = {};  ///< by name
};

/// The `/run/identity` of FORMAT, at most identity_bytes − 1: JSON with the layout and what else makes a sweep (long
/// lists as their number and hash). Not with costs, capacities or schedule, which may change.
std::string identity_of(const Layout& layout, const Identity& identity);

/// The number of that sweep; 0 where the text is damaged.
std::int64_t sweep_of(std::string_view identity);

/// Why a sweep of identity `mine` may not go on from what one of identity `found` has stored: "velocity is another one
/// (checksum … there, … now)". Empty where it may; the number of the sweep does not count. `found` may be damaged.
std::string difference(std::string_view found, std::string_view mine);

}  // namespace cairn
