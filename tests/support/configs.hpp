// SPDX-License-Identifier: BSD-3-Clause
/// Configurations for tests, made in code.
#pragma once

#include "support/temporary_folder.hpp"
#include <cairn/core/config.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::test {

/// A mix of tiers: "ram:4", "shared:4" (RAM in shared memory), "ram:3 mmap:4 hdf5:40" – kinds with slots, fastest
/// first; files go into the folder. Those of level k cost (k + 1)/2 steps a save and a little less a load.
inline std::vector<TierConfig> tiers(std::string_view mix, const TemporaryFolder& folder) {
  std::vector<TierConfig> tiers;
  for (std::size_t at = 0; at < mix.size();) {
    const std::size_t end = std::min(mix.find(' ', at), mix.size());
    const std::string_view word = mix.substr(at, end - at);
    const std::size_t colon = word.find(':');
    const std::string_view kind = word.substr(0, colon);
    TierConfig tier;
    const bool shared = kind == "shared";
    tier.kind = kind == "ram" || shared ? TierKind::ram : kind == "mmap" ? TierKind::mmap : TierKind::hdf5;
    tier.shared = shared;
    if (shared) tier.name = folder.memory_name();
    if (tier.kind != TierKind::ram)
      tier.path = folder / ("level" + std::to_string(tiers.size()) + (kind == "mmap" ? ".map" : ".h5"));
    if (tier.kind != TierKind::ram) {
      const double rank = static_cast<double>(tiers.size());
      tier.save_cost = 0.5 * (rank + 1);
      tier.load_cost = 0.4 * (rank + 1);
    }
    tier.capacity = Capacity::of_slots(std::stol(std::string{word.substr(colon + 1)}));
    tiers.push_back(tier);
    at = end + 1;
  }
  return tiers;
}

inline Config config(ScheduleKind schedule, std::string_view mix, const TemporaryFolder& folder,
                     ExecutorKind executor = ExecutorKind::asynchronous) {
  Config config;
  config.schedule = schedule;
  config.executor = executor;
  config.tiers = tiers(mix, folder);
  return config;
}

}  // namespace cairn::test
