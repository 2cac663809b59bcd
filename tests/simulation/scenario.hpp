// SPDX-License-Identifier: BSD-3-Clause
/// What a seed stands for: the run, its machine, and what befalls it.
#pragma once

#include "simulated_tier.hpp"
#include "toy.hpp"
#include <cairn/core/config.hpp>
#include <cairn/core/kept.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cairn::test {

/// Drawn before the first process starts, and the same for all.
struct Scenario {
  Step steps = 1;
  std::size_t words = 1;  ///< of the state
  int sweeps = 1;
  bool same_start = false;  ///< the sweeps differ by a law that cairn is not told of, so that identities do not show it
  ExecutorKind executor = ExecutorKind::asynchronous;
  Tier::Promise promise;
  bool ram = true;
  std::size_t files = 1;
  bool one_device = false;
  bool keeps = true;
  bool retires = true;
  bool replans = false;  ///< plans are made anew at moments that the seed chooses
  int kills = 0, faults = 0, exceptions = 0, stops = 0;
  Breaking breaking = Breaking::nothing;
};
Scenario scenario_of(Random& random, Breaking breaking);
std::string to_string(const Scenario& scenario);

/// What outlives processes: files, the user's plans, and the truth.
struct Universe {
  Universe(std::uint64_t seed, Breaking breaking);
  const Undisturbed& truth(int which) const { return *truths[static_cast<std::size_t>(which)]; }
  /// Of the rows with that hash of an identity; nullopt: nobody has written such.
  std::optional<int> sweep_of(std::uint64_t run) const;

  Scenario scenario;
  World world;
  std::vector<std::unique_ptr<SimulatedFile>> files;  ///< nullptr: not made yet
  std::unique_ptr<SimulatedFile> kept_file;
  std::vector<std::unique_ptr<Undisturbed>> truths;
  std::unordered_map<std::uint64_t, int> sweeps_by_run;
  int sweep = 0;                       ///< the user's: that many are done
  bool reverse_began = false;          ///< in this sweep
  bool power_was_cut = false;          ///< these files are not in the order of their writes
  std::optional<Position> stopped_at;  ///< and everything was stored

 private:
  explicit Universe(Random random, Breaking breaking);
};

}  // namespace cairn::test
