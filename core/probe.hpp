// SPDX-License-Identifier: BSD-3-Clause
/// How fast the tiers of a run are, asked before its first step.
#pragma once

#include <cairn/core/tier_set.hpp>
#include <cairn/storage/tier.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Tier::probe of each level, at the size of the run's snapshots. Nothing for a tier in memory, where a transfer is a
/// copy; nothing where a tier has no slot without a snapshot, or the pool no buffer that is free now. One buffer of the
/// pool is touched and used; it is zero again when it goes back. What is written is noise: a file system or a device
/// that packs zeros would answer too soon. Costs the time of four transfers a tier, of two where they are slow.
/// To be called while no lane works. Throws StorageError where a tier cannot be written or read.
std::vector<std::optional<Tier::Probed>> probe_tiers(TierSet& tiers);

/// Fills memory with bytes that cannot be packed, several GB/s.
void fill_with_noise(std::span<std::byte> bytes);

}  // namespace cairn
