// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots on two slow levels: the quick one is used over and over, for the part that is turned next.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Intervals of two lengths. The first sweep keeps x_p on the slow level at about every D_2-th step. In the last part,
/// which is as long as the slots of the fast level reach, it keeps x_p on the fast level at about every D_1-th step;
/// on the slow one, too, where the two are devices of their own and work side by side. The last steps are turned by
/// Revolve from RAM, then interval by interval, last first: restore its start, discard it, then
///  - Revolve, where RAM can hold the interval,
///  - else sweep it again as IntervalPlan does: x_p at about every D_1-th step on the fast level, whose slots are free
///    again by then, the last steps in RAM; turn it from these.
/// So with n steps of which the first n − l are turned this second way,
///   T ≈ n−1 + n·(ub + 1 − 1/D_1) + (n − l)·(1 − D_1/D_2).
///
/// With a gauge the positions are opportunistic in the first sweep, on each level by itself: x_p is kept once D_k steps
/// have passed since the last one there *and* at most one save to that level is under way. The reverse sweep takes the
/// positions that there are, so that it never asks; once it has begun, the schedule can be cloned.
///
/// x_0 is kept in any case. Where slots run out, no more snapshots are kept. Memory: 16 bytes a slow snapshot, and
/// O(s).
class NestedIntervals final : public Schedule {
 public:
  struct Tier {
    Level level;
    double period;  ///< D_k ≥ 1
    Slots slots;    ///< c_k ≥ 1
  };
  struct Shape {
    Step steps;             ///< n ≥ 1
    Tier fast;              ///< read and written again and again
    Tier slow;              ///< each snapshot is read once
    Step last_part;         ///< so many of the last steps, the tail included, have snapshots on the fast level; ≥ 0
    bool both = true;       ///< the slow level is used in the last part as well
    Step longest_from_ram;  ///< intervals of more steps are swept again with the fast level; ≥ 0
    Step tail;              ///< so many of the last steps of a sweep, at least, are turned from RAM alone; ≥ 1
    Slots slots;            ///< of level 0, for an interval, its start included; ≥ 1
    Slots tail_slots;       ///< of level 0, for a tail; ≥ 1
    Gauge gauge = {};       ///< empty: positions are ⌊i·D_k⌋
  };
  /// Throws std::invalid_argument naming the member at fault.
  explicit NestedIntervals(Shape shape);
  NestedIntervals(const NestedIntervals& other);
  /// O(slow snapshots). Throws std::logic_error where there is a gauge and the reverse sweep has not begun.
  std::unique_ptr<Schedule> clone() const override;

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  /// A slow level in the first sweep.
  struct Keeper {
    Tier tier;
    Step from;  // keeps states in [from, to)
    Step to;
    double due;  // where the next snapshot is to be kept
    Slots kept = 0;
  };
  struct Kept {
    Step step;
    bool fast;
  };

  Keeper* keeper();
  bool may_keep(const Keeper& keeper) const;
  Step next_stop() const;
  Action* sweep_forward(Action* out, const Action* end);
  Action* open_interval(Action* out);
  void sweep_again(Step steps);

  Shape shape_;
  Step tail_from_;  // where the first sweep's tail begins
  Keeper slow_{};
  Keeper fast_{};
  std::vector<Kept> kept_;  // ascending
  Step live_ = 0;           // in the first sweep
  bool forward_ = true;
  std::optional<BinomialWalk> walk_;  // of the tail, then of the intervals that are turned from RAM
  bool interval_walk_ = false;        // is it made for those?
  Step longest_ = 0;                  // that it is made for
  Step start_ = 0;                    // of the interval under way
  std::unique_ptr<Schedule> inner_;   // turns the interval under way, where it is swept again
};

}  // namespace cairn
