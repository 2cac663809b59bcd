// SPDX-License-Identifier: BSD-3-Clause
/// `overlap` for a loop whose end is not known.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/spread_positions.hpp>
#include <cairn/schedulers/stored_chain.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace cairn {

/// A first sweep whose snapshots go to slow levels while the operators go on (spread_positions.hpp), then the reverse
/// sweep that takes the least time from the snapshots that exist (rest_plan.hpp).
///
/// Until finish(), every Advance is one step, and what next() has handed out ends with it, so that no answer of the
/// gauge is stale. next() never ends before finish(). After the Advance that reached x_{n−1}, or before the first
/// next() for n = 1, finish(n) may come; then steps n−1 … 0 are turned, the first of them at once. The gauge is not
/// asked any more then; a clone asked for before finish() is a std::logic_error.
///
/// The rest is planned when the first turn is asked for: a simulation of some twenty plans, about a microsecond a step
/// each and a millisecond or two a hundred snapshots; of three beyond 100,000 steps, and beyond 500 where RAM can hold
/// an interval that storage keeps up with (hides_storage()). Memory O(slots).
class OverlapOnline final : public Schedule {
 public:
  /// `shape.steps` is not read. Throws std::invalid_argument where level 0 is not RAM, has fewer than 2 buffers, or no
  /// slower level has a slot. `stored`, where not empty: a loop goes on with these, x_0 among them, x_live being live;
  /// those that are no chain of its kind are discarded or moved first (stored_chain.hpp).
  OverlapOnline(OverlapShape shape, Gauge gauge = {}, const std::vector<Problem::Stored>& stored = {}, Step live = 0);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots). Throws std::logic_error before finish().

  /// The loop has ended at the live x_{n−1}, n = `steps`. Throws std::logic_error where another state is live, and
  /// where it came before.
  void finish(Step steps) override;

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  OverlapOnline(const OverlapOnline& other);
  OverlapOnline(OverlapShape shape, Gauge gauge, StoredChain stored, Step live);
  std::size_t fill_reverse(std::span<Action> next);
  std::unique_ptr<Schedule> plan_the_rest();

  OverlapShape shape_;
  SpreadPositions positions_;
  std::vector<Action> first_ = {};            // that make what was stored a chain, the last one first
  Step live_ = 0;                             // the state that the last Advance ends with
  bool ended_ = false;                        // the loop
  bool turned_first_ = false;                 // step n−1, which needs no snapshot
  std::unique_ptr<Schedule> rest_ = nullptr;  // steps n−2 … 0, once the reverse sweep has begun
};

}  // namespace cairn
