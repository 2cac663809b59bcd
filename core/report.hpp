// SPDX-License-Identifier: BSD-3-Clause
/// What a sweep did and what it cost.
#pragma once

#include <cairn/words.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Counts are those of the plan for n+1 steps; what the runtime does for itself (x_0 brought back at the end,
/// `state_at`) is not in them. Seconds are of the user's thread, except lane_seconds, and of this sweep.
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

    double of_predicted() const { return achieved / predicted; }
    double of_least() const { return achieved / least; }
    double of_least_proved() const { return achieved / least_proved; }
    double of_least_with_copies() const { return achieved / least_with_copies; }
    /// Is `least` a theorem, or only such that no case below it is known? `least_proved` always is one.
    bool least_is_proved() const { return least_proved >= least; }
  };
  struct PerLevel {
    std::string tier;  ///< "ram", "mmap", "hdf5"
    std::string file;  ///< its path; empty in private memory
    Slots slots = 0;
    Slots peak = 0;  ///< the most snapshots held at a time
    Count takeshots, restores, moves, discards;
    Bytes saved, loaded;       ///< snapshot bytes through this tier
    bool shared = false;       ///< in shared memory, which outlives the process
    bool retired = false;      ///< it could not save any more, and the run went on without it
    double stall_seconds = 0;  ///< in which the operators waited for this tier
    double lane_seconds = 0;   ///< in which its lane worked (shared by tiers on one device); 0 where there is none
    /// What one snapshot took to save, in forward steps: the mean of the tier's own time in this sweep (in all sweeps
    /// of this Reversal where this one saved none), and the mean copy from or to the live state. What a configuration's
    /// save_cost wants; nothing where no snapshot was saved or no step was timed.
    std::optional<double> save_cost = {};
    std::optional<double> load_cost = {};  ///< the same of loads
    /// 10^9 bytes of snapshots a second of the tier's own time in this sweep; in memory, of the copies. Nothing where
    /// none was saved.
    std::optional<double> save_gb_per_second = {};
    std::optional<double> load_gb_per_second = {};  ///< the same of loads
  };
  std::string schedule;     ///< its kind; the one chosen where the configuration says `auto`
  std::string reason = {};  ///< of `auto` why it was chosen, of `overlap` which plan was; else empty
  std::string executor;
  Step steps = 0;        ///< n
  Count advances;        ///< forward steps run, n of them in the first sweep
  Count turns;           ///< reverse calls
  bool stopped = false;  ///< before its end, as asked (Reversal::request_stop(), Config::stop_after_seconds)
  Count healed;          ///< snapshots that were lost (a wrong checksum, a device's fault) and computed again
  /// Under verify: replay, states that were computed again and had the checksum that they had at first; else nothing.
  std::optional<Count> compared = {};
  Bytes snapshot;  ///< the fields' own bytes
  Bytes buffer;    ///< what a slot costs
  Slots pool = 0;  ///< buffers
  /// Where it stopped: x_stopped_at was live, or, in the reverse sweep, steps n−1 … stopped_at are turned.
  bool stopped_in_reverse = false;
  Step stopped_at = 0;
  double advance_seconds = 0, turn_seconds = 0, copy_seconds = 0, stall_seconds = 0;
  int copy_threads = 1;      ///< that copied the live state the quickest, the operators' own included
  double other_seconds = 0;  ///< planning, bookkeeping, the user's seed and more()
  double total_seconds = 0;  ///< of forward() and reverse()
  double plan_cost = 0;      ///< forward steps: advances + storage at the configured costs; turns have no price here
  std::vector<PerLevel> levels;
  /// Of a whole sweep by the asynchronous executor, RAM and slower tiers, of half a second and a millisecond a step or
  /// more, and at most 10^5 steps; else nothing.
  std::optional<Makespan> makespan = {};

  double compute_seconds() const { return advance_seconds + turn_seconds; }  ///< in the user's operators
  /// A part of total_seconds as a share of it, 0 to 1; 0 where nothing was timed.
  double share(double seconds) const { return total_seconds > 0 ? seconds / total_seconds : 0; }
  /// Share of the sweep in which the tier's lane worked. Above 1 where it went on between forward() and reverse().
  double busy_share(const PerLevel& level) const { return share(level.lane_seconds); }

  std::string table() const;  ///< For people, several lines.
  std::string json() const;   ///< The same, one object; saturated counts are null.
};

}  // namespace cairn
