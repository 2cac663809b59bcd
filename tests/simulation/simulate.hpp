// SPDX-License-Identifier: BSD-3-Clause
/// One seed: a run, its kills and faults, to the right gradient.
#pragma once

#include "scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::test {

/// What befell the runs of some seeds.
struct Tally {
  std::int64_t processes = 0, kills = 0, power_cuts = 0, stops = 0, failures = 0, refusals = 0, faults = 0;
};

/// Runs that seed. What was violated; nullopt: nothing. The same for the same seed, always.
std::optional<std::string> simulate(std::uint64_t seed, Breaking breaking, Tally& tally);

std::optional<Breaking> breaking_named(std::string_view name);
std::string_view name_of(Breaking breaking);

/// "cairn simulation: seed 7 violates …; again: <program> --seed 7".
std::string complaint(std::uint64_t seed, Breaking breaking, const std::string& violation, std::string_view program);

}  // namespace cairn::test
