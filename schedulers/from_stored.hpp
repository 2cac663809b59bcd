// SPDX-License-Identifier: BSD-3-Clause
/// Plans from snapshots that are there already: after a kill, a lost snapshot, or a loop of unknown length.
#pragma once

#include <cairn/schedulers/level_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/stored_start.hpp>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Turns steps n−1 … 0 from stored snapshots p_0 = 0 < p_1 < …, nothing live: the gap behind the last one first. Each
/// gap is planned when its turn comes, for the slots that are free then, by the recurrences of the kind asked for
/// (stored_start.hpp); a snapshot's slot is free once its gap is turned. Of two copies of a state the one that is
/// cheaper to load is used and the other discarded at the start, as are snapshots of x_n and later ones.
///
///   hrevolve, disk_revolve,
///   overlap                   the least cost, gap by gap, with the slots that there are; a snapshot is discarded at
///   the
///                             start where its gap and the one before it cost less as one: it is dear to load, or its
///                             slot is needed. Within 1 % of the optimum on average, for up to 9 steps over 3 levels
///   multistage, revolve       the least advances, then the least cost, gap by gap; revolve stores at level 0 only
///   periodic, store_all       a gap is planned as a run of its own, once its start has been restored and discarded
///
/// Tables for all gaps together take up to a second, and as long again where snapshots may be dropped; none is weighed
/// for that which lies far from the one before it. Memory: the plan of one gap, and O(slots).
class FromStored final : public Schedule {
 public:
  /// `problem.stored` is not empty; kinds but automatic and online. Throws what make_schedule() throws.
  FromStored(ScheduleKind kind, Problem problem);
  FromStored(const FromStored& other);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  /// How the gap that is being turned goes on.
  struct Gap {
    Problem::Stored start;
    Step steps;                                  // from it, still to be turned
    std::shared_ptr<const StoredStart> decides;  // nullptr: `walk` does all of it
    std::optional<LevelWalk> walk;               // of the part under way
    std::shared_ptr<Schedule> run;               // of a run of its own, whose steps are counted from `start`
  };

  void drop_useless();
  void drop_dear();
  bool last_is_dear(Step end, Count table_work) const;
  Slots free_slots(std::size_t gap) const;
  double gap_cost(std::size_t gap, Step end, Count table_work) const;
  void check_gaps() const;
  Problem gap_problem(std::size_t gap, Step end) const;
  Action* open_gap(Action* out);
  Action* go_on(Gap& gap, Action* out);

  ScheduleKind kind_;
  Problem problem_;                       // `stored` in ascending order, those still to be used
  std::vector<Problem::Stored> useless_;  // to be discarded first
  Step to_turn_;                          // where the next gap ends
  std::optional<Gap> gap_;
};

}  // namespace cairn
