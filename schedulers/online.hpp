// SPDX-License-Identifier: BSD-3-Clause
/// Checkpointing for a loop whose end is not known.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/online_positions.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/stored_chain.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Online: a first sweep that keeps, at any time, snapshots from which the steps so far could be reversed cheaply (the
/// greedy eviction of online_positions.hpp), then the reverse sweep that is best from the snapshots that exist.
///
/// Until finish(), every Advance is one step, and what next() has handed out ends with it whenever x_t becomes live at
/// a new t: drops, moves and the takeshot of x_t come with the Advance that leaves it. next() never ends before
/// finish(). After the Advance that reached x_{N−1}, or before the first next() for N = 1, finish(N) may come; then
/// steps N−1 … 0 are turned.
///
/// Advances and turns together are a few percent above those of Revolve, which knows n. For all n up to 5000 on one
/// level of free copies, at worst and on average: 6.2 % and 1.2 % with 3 slots, 3.2 % and .5 % with 10, .6 % and .03 %
/// with 50; over levels some 2 % on average. Choose it where n is not known; else revolve and hrevolve are better.
///
/// A step of the first sweep costs .1 to 2 µs, mostly where snapshots change. Memory O(slots + log n).
class Online final : public Schedule {
 public:
  struct Shape {
    std::vector<Problem::LevelShape> levels;  ///< fastest first, at most limits::tiers
    std::optional<Step> steps = {};           ///< n where it is known after all: it ends there as if finish(n) had come
    /// A loop goes on: these are stored, x_0 among them, and x_live is live. Those that are no chain of its kind are
    /// discarded or moved first (stored_chain.hpp).
    std::vector<Problem::Stored> stored = {};
    Step live = 0;  ///< where anything is stored
  };
  /// Throws std::invalid_argument that names the number at fault: as make_schedule() does, and where no level has a
  /// slot.
  explicit Online(Shape shape);
  std::unique_ptr<Schedule> clone() const override;  ///< O(slots); the copy goes on from here, and is finished alone.

  /// The loop has ended at the live x_{N−1}, N = `steps`. Throws std::logic_error where another state is live, and
  /// where the number of steps is known: by the shape, or by finish().
  void finish(Step steps) override;

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  Online(const Online& other);
  Online(const Shape& shape, LevelCosts costs);
  Online(const Shape& shape, LevelCosts costs, StoredChain stored);
  std::size_t fill_reverse(std::span<Action> next);

  std::vector<Problem::LevelShape> levels_;
  std::optional<Step> steps_;  // once known
  OnlinePositions positions_;
  std::vector<Action> first_ = {};            // that make what was stored a chain, the last one first
  Step live_ = 0;                             // the state that the last Advance ends with
  bool turned_first_ = false;                 // step n−1, which needs no snapshot
  std::unique_ptr<Schedule> rest_ = nullptr;  // steps n−2 … 0, once the reverse sweep has begun
};

}  // namespace cairn
