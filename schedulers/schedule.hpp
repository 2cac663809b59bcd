// SPDX-License-Identifier: BSD-3-Clause
/// A schedule: the plan of one reversal as a lazy stream of actions.
#pragma once

#include <cairn/schedulers/action.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace cairn {

/// The number of saves to a level that were asked for and have not ended: what schedules that watch storage ask.
/// Answered by the executor's lanes, the clock of a simulation, or a recording; the same answers give the same actions.
using Gauge = std::function<std::size_t(Level)>;

/// The plan of the reversal of n steps, x_0 live at its start, handed out action by action. It never materialises: the
/// memory is O(slots + log n). The virtual call is amortised over a batch, so that an action costs a few nanoseconds.
///
/// A schedule knows integers only. It is used by one thread at a time; clones are independent of each other.
///
/// Cost of a plan, in units of one forward step (uf = 1):
///   advances + ub·turns + Σ_k w_k·takeshots_k + Σ_k r_k·restores_k,
/// where a move counts as a takeshot at its destination, and takeshots include x_0's.
class Schedule {
 public:
  virtual ~Schedule() = default;

  /// The next action; nullopt when every step is turned (and, of an online schedule, never before `finish`).
  std::optional<Action> next() {
    if (at_ == ready_ && !refill()) return std::nullopt;
    return batch_[at_++];
  }

  /// A second cursor, which goes on from here. O(slots).
  virtual std::unique_ptr<Schedule> clone() const = 0;

  /// Tells an online schedule that the loop has ended and `steps` are to be turned. All others know it from the start:
  /// throws std::logic_error for them.
  virtual void finish(Step steps);

 protected:
  Schedule() = default;
  Schedule(const Schedule&) = default;
  Schedule& operator=(const Schedule&) = default;

  /// The room that fill() is given.
  static constexpr std::size_t batch_actions = 32;

  /// Writes the next actions, 1 to batch_actions of them, and returns how many; 0: all steps are turned.
  virtual std::size_t fill(std::span<Action> next) = 0;

 private:
  bool refill() {
    at_ = 0;
    ready_ = fill(batch_);
    return ready_ != 0;
  }
  std::array<Action, batch_actions> batch_{};
  std::size_t at_ = 0;
  std::size_t ready_ = 0;
};

}  // namespace cairn
