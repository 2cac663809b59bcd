// SPDX-License-Identifier: BSD-3-Clause
/// The stream of actions of binomial checkpointing, the core of revolve, multistage and periodic.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/split_table.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Reverses intervals of at most `steps` steps from `slots` slots with the least advances and, among such plans, the
/// least takeshots: the splits of binomial.hpp, on an explicit stack. A snapshot's place in the stack decides its
/// level.
///
/// The intervals are independent: start() one, fill() until 0, start() the next. An action costs 2 to 4 ns. Memory, for
/// s = min(slots, steps − 1): 28 bytes a slot, and a SplitTable; copies share the table.
class BinomialWalk {
 public:
  /// The fewest actions that fill() needs room for.
  static constexpr std::size_t least_room = 3;

  /// `levels[d]` is the level of the snapshot that lies on d others; past its end, and where it is empty, level 0.
  /// Throws std::invalid_argument where SplitTable does.
  BinomialWalk(Step steps, Slots slots, const std::vector<Level>& levels = {});

  /// Begins the interval of `steps` steps from x_first, which is live; nothing of it is stored.
  void start(Step first, Step steps);
  /// The same where x_first is stored already, in the first place of the stack, beside being live.
  void start_stored(Step first, Step steps);

  /// Writes the next actions while there is room for `least_room`, and returns how many; 0: the interval is turned.
  std::size_t fill(std::span<Action> next);

 private:
  /// A snapshot in the stack: x_first, the `steps` steps still to be reversed from it, none to run more than
  /// `repetitions` times.
  struct Frame {
    Step first;
    Step steps;
    Step repetitions;
  };
  struct Plan {
    SplitTable splits;
    std::vector<Level> levels;  // by depth
  };

  Level level(std::size_t depth) const { return plan_->levels[depth]; }
  Action* turn_kept(Action* out);
  Action* descend(Action* out);

  std::shared_ptr<const Plan> plan_;
  std::vector<Frame> stack_;  // preallocated; the first `depth_` are in use
  std::size_t depth_ = 0;
  Frame unkept_{};  // the interval that start() was given, until its first action; else of 0 steps
};

}  // namespace cairn
