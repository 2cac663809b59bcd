// SPDX-License-Identifier: BSD-3-Clause
/// How long snapshots of a size take to the tiers of a configuration and back.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/words.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cairn::tool {

/// Medians, in seconds for one snapshot.
struct Measured {
  struct PerTier {
    double save_seconds = 0;  ///< the tier's own time; in memory, of the copy, and nothing else
    double load_seconds = 0;
  };
  double copy_out_seconds = 0;  ///< live state to a buffer
  double copy_in_seconds = 0;   ///< a buffer to the live state
  std::vector<PerTier> tiers;   ///< in the order of the configuration
};

/// Saves and loads `rounds` ≥ 1 snapshots of one array of so many bytes, one tier after the other, by the code that
/// runs use; one more round warms up. The files of the configuration are not touched: each tier gets a file of a few
/// slots beside its own, which has no name any more once it is made, so that nothing is left over, even after a kill.
/// Takes twice the snapshot in memory. Throws StorageError; std::invalid_argument where a tier cannot hold a snapshot.
Measured measure_tiers(const Config& config, Bytes snapshot, int rounds);

/// What save_cost and load_cost of a tier mean: the tier's own time and the copy out of or into the live state, in
/// forward steps of so many seconds; four digits.
struct TierCosts {
  double save = 0, load = 0;
};
TierCosts costs_of(const Config& config, const Measured& measured, std::size_t tier, double step_seconds);

/// "scratch/run.h5.measure-4711": a path in the folder of that file (of the one that a link leads to) at which there is
/// nothing.
std::string path_beside(const std::string& path);

}  // namespace cairn::tool
