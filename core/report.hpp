// SPDX-License-Identifier: BSD-3-Clause
/// What a sweep did and what it cost.
#pragma once

#include <cairn/words.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Counts are those of the plan for n+1 steps; what the runtime does for itself (x_0 brought back at the end,
/// `state_at`) is not in them. Seconds are of the user's thread, except lane_seconds.
struct Report {
  /// How long the sweep took against what its plan should take and what any plan must take, in forward steps as long as
  /// the mean of those that were run. Storage, copies and turns cost what this sweep measured; the seed is left out.
  struct Makespan {
    double step_seconds = 0;
    double achieved = 0;
    double predicted = 0;  ///< by the simulation of simulation.hpp
    double least = 0;      ///< no plan in this memory is shorter (makespan_bound.hpp), copies left out
    double least_proved = 0;
    double least_with_copies = 0;
    std::string reason = {};  ///< what makes `least`: "buffers", "slots", "reads", "writes", "prices", "nothing"
  };
  struct PerLevel {
    std::string tier;  ///< "ram", "mmap", "hdf5"
    std::string file;  ///< its path; empty in memory
    Slots slots = 0;
    Slots peak = 0;  ///< the most snapshots held at a time
    Count takeshots, restores, moves, discards;
    Bytes saved, loaded;       ///< snapshot bytes through this tier
    double stall_seconds = 0;  ///< in which the operators waited for this tier
    double lane_seconds = 0;   ///< in which its lane worked (shared by tiers on one device); 0 where there is none
    /// What one snapshot took to save, in forward steps: the mean over all sweeps of this Reversal of the tier's own
    /// time, and the mean copy from or to the live state. What a configuration's save_cost wants; nothing where no
    /// snapshot was saved or no step was timed.
    std::optional<double> save_cost = {};
    std::optional<double> load_cost = {};  ///< the same of loads
  };
  std::string schedule;     ///< its kind; the one chosen where the configuration says `auto`
  std::string reason = {};  ///< of `auto` why it was chosen, of `overlap` which plan was; else empty
  std::string executor;
  Step steps = 0;  ///< n
  Count advances;  ///< forward steps run, n of them in the first sweep
  Count turns;     ///< reverse calls
  Bytes snapshot;  ///< the fields' own bytes
  Bytes buffer;    ///< what a slot costs
  Slots pool = 0;  ///< buffers
  double advance_seconds = 0, turn_seconds = 0, copy_seconds = 0, stall_seconds = 0;
  double other_seconds = 0;  ///< planning, bookkeeping, the user's seed and more()
  double total_seconds = 0;  ///< of forward() and reverse()
  double plan_cost = 0;      ///< forward steps: advances + storage at the configured costs; turns have no price here
  std::vector<PerLevel> levels;
  /// Of a whole sweep by the asynchronous executor, RAM and slower tiers, of half a second and a millisecond a step or
  /// more, and at most 10^5 steps; else nothing.
  std::optional<Makespan> makespan = {};

  std::string table() const;  ///< For people, several lines.
  std::string json() const;   ///< The same, one object; saturated counts are null.
};

}  // namespace cairn
