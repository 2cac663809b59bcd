// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots on a slow level about every D steps, binomial checkpointing in RAM between them.
#pragma once

#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Intervals: the first sweep keeps x_p on a slow level at about every D-th step, D a real number; the last steps are
/// turned by Revolve from RAM, then interval by interval, last first: restore its start, discard it, Revolve. A restore
/// is known long before it comes, so that it can be read while the interval behind it is turned.
///
/// With a gauge the positions are opportunistic: x_p is kept once D steps have passed since the last one *and* at most
/// one save (`most_under_way`) to that level is under way. So a device that is slower than D supposes sets the
/// distances itself, and none of them makes the operators wait. The reverse sweep takes the positions that there are.
/// Once it has begun, the gauge is not asked any more; a clone asked for earlier is a std::logic_error.
///
/// x_0 is kept in any case. Where slots run out, no more snapshots are kept until the tail; without slow slots all
/// steps are turned from RAM. Memory: 16 bytes a slow snapshot, and O(s).
class IntervalPlan final : public Schedule {
 public:
  struct Shape {
    Step steps;                      ///< n ≥ 1
    double period;                   ///< D ≥ 1
    Step tail;                       ///< so many of the last steps, at least, are turned from RAM alone; ≥ 1
    Slots slots;                     ///< of level 0, for an interval, its start included; ≥ 1
    Slots tail_slots;                ///< of level 0, for the tail; ≥ 1
    Slots slow_slots;                ///< of the slow level; ≥ 0
    Level slow{1};                   ///< where the starts of intervals are kept
    Gauge gauge = {};                ///< empty: positions are ⌊i·D⌋
    std::size_t most_under_way = 1;  ///< saves to the slow level when one more is asked for; read with a gauge
    /// Empty: an interval is turned by Revolve once its start is restored and discarded. Else its start stays as long
    /// as it is of use, and H-Revolve turns the interval with the slots of these levels, the start's own among them.
    std::shared_ptr<const Problem> inside = {};
    /// A first sweep that is under way goes on: x_live is live, these are kept, ascending, one of each state, below it,
    /// x_0 the first. Those at level 0 take slots of it until they are turned. `slow_slots` counts those on `slow`.
    std::vector<Problem::Stored> kept = {};
    Step live = 0;
    std::vector<Problem::Stored> useless = {};  ///< discarded when the tail is turned; take their slots until then
  };
  /// Throws std::invalid_argument naming the member at fault.
  explicit IntervalPlan(Shape shape);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slow snapshots). Throws std::logic_error as said above.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  Action* sweep_forward(Action* out, const Action* end);
  bool may_keep() const;

  Shape shape_;
  std::vector<Problem::Stored> kept_;  // ascending
  Slots slow_kept_ = 0;                // on the slow level, with those of no use
  Slots ram_kept_ = 0;                 // at level 0, without them
  Step live_ = 0;                      // in the first sweep
  double due_ = 0;                     // where the next snapshot is to be kept
  bool forward_ = true;
  std::optional<BinomialWalk> tail_;          // until it is turned
  std::optional<StoredIntervals> intervals_;  // then
};

}  // namespace cairn
