// SPDX-License-Identifier: BSD-3-Clause
/// The reverse sweep from snapshots that are there, each loaded once.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Turns steps n−1 … 0, nothing live, gap by gap, last first. A gap whose first state lies on a slow level: restore it,
/// discard it, Revolve in RAM; each of these restores is known long before it comes, so that it can be read while the
/// gap behind it is turned. A gap whose first state lies in RAM is turned from there. Nothing is written.
///
/// Memory: 16 bytes a stored snapshot, and O(s).
class StoredIntervals final : public Schedule {
 public:
  struct Shape {
    Step steps;                                 ///< n ≥ 1, to be turned
    std::vector<Problem::Stored> stored;        ///< below n, ascending, one of each state, x_0 the first
    std::vector<Problem::Stored> useless = {};  ///< discarded at the start
    Slots slots;  ///< of level 0, for a gap and for the snapshots of earlier gaps in RAM; ≥ 1
    /// c_0, where it is more: RAM may hold more snapshots now than a gap is to have slots; one a gap it has always.
    Slots ram_slots = 0;
    /// Empty: as above. Else a slow start stays as long as it is of use, and H-Revolve turns its gap with the slots of
    /// these levels, the start's own among them; of level 0 with those that snapshots of earlier gaps leave.
    std::shared_ptr<const Problem> inside = {};
  };
  /// Throws std::invalid_argument where a number is out of range, or a gap finds no slot in RAM.
  explicit StoredIntervals(Shape shape);
  StoredIntervals(const StoredIntervals& other);
  std::unique_ptr<Schedule> clone() const override;
  std::size_t fill(std::span<Action> next) override;  ///< Needs room for BinomialWalk::least_room.

 private:
  Action* open_gap(Action* out);
  Slots free_slots() const;
  void walk_over(Step steps, Slots slots);

  Shape shape_;
  Slots in_ram_ = 0;                  // of shape_.stored
  Step end_;                          // steps from here on are turned
  std::optional<BinomialWalk> walk_;  // of the gap under way
  Step longest_ = 0;                  // that the walk is made for
  Slots walk_slots_ = 0;
  Step start_ = 0;                    // of the gap under way
  std::unique_ptr<Schedule> inside_;  // turns the gap under way, where H-Revolve does
};

}  // namespace cairn
