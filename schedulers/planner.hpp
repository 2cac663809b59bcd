// SPDX-License-Identifier: BSD-3-Clause
/// Planning while a run is under way.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace cairn {

/// What a run has taken so far: sums, of any unit of time (seconds; in a simulation forward steps).
struct Observed {
  struct Sum {
    double time = 0;
    double count = 0;
  };
  struct PerLevel {
    Sum saves;  ///< from a buffer to the device
    Sum loads;
    std::optional<double> save_under_way = {}, load_under_way = {};  ///< so long already; not in the sums
  };
  Sum advances;  ///< steps
  Sum turns;
  Sum copies;  ///< of whole states, in and out
  std::vector<PerLevel> levels;
  double time = 0;  ///< since the sweep began
};

/// Where a run stands, between two actions. m = `to_turn`: steps m−1 … 0 are not yet turned.
struct Standing {
  Step to_turn;
  std::optional<Step> live;  ///< in the first sweep: x_live is live for the first time; after a turn none is
  std::vector<Problem::Stored> stored = {};
};

/// Whoever plans anew while a run is under way: an executor, or a simulation, asks him between two actions.
class Planner {
 public:
  virtual ~Planner() = default;
  virtual void sweep_begins() {}  ///< Nothing is done yet.
  /// A loop of a number of steps that was not known has ended; so many are to be turned, the last one at once.
  virtual void loop_ended(Step) {}
  /// Cheap; asked after each part of an advance in the first sweep, and after each turn (`turned`). True: plan_anew()
  /// is wanted.
  virtual bool is_due(bool turned) = 0;
  /// The plan of all that is left, or nullptr: the present one (`rest`, a clone of which it may take in the reverse
  /// sweep) goes on.
  virtual std::unique_ptr<Schedule> plan_anew(const Standing& standing, const Schedule& rest) = 0;
};

/// Which snapshots a plan holds, for whoever has no catalog.
class Stock {
 public:
  void note(const Action& action);
  const std::vector<Problem::Stored>& stored() const { return stored_; }

 private:
  void remove(Step step, Level level);
  std::vector<Problem::Stored> stored_;  // in any order
};

}  // namespace cairn
