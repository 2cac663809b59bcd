// SPDX-License-Identifier: BSD-3-Clause
/// The stream of actions of a plan over levels, the core of hrevolve, disk_revolve and multistage.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/binomial_walk.hpp>
#include <cairn/schedulers/level_plan.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Turns intervals as a LevelPlan decides. The left recursion of P is a loop, so that a stack of one frame a stored
/// snapshot suffices; level 0, where its copies are free, is a BinomialWalk.
///
/// The intervals are independent: start() one, fill() until 0, start() the next. An action costs some nanoseconds at a
/// free level 0, else a decision of the plan. Memory: 32 bytes a stored snapshot; copies share the plan.
class LevelWalk {
 public:
  /// The fewest actions that fill() needs room for.
  static constexpr std::size_t least_room = 3;

  explicit LevelWalk(std::shared_ptr<const LevelPlan> plan);

  /// Begins the interval of `steps` steps, at most plan->steps(), from x_first, which is live; nothing of it is stored.
  /// Throws std::invalid_argument where there are no slots for it.
  void start(Step first, Step steps);
  /// The same where x_first is stored already at the slowest level of the plan, beside being live.
  void start_stored(Step first, Step steps);
  /// Writes the next actions while there is room for `least_room`, and returns how many; 0: the interval is turned.
  std::size_t fill(std::span<Action> next);

  const LevelPlan& plan() const { return *plan_; }

 private:
  /// `steps` steps from x_first, at level k with m free `slots` (of a stored snapshot: its own among them).
  struct Part {
    Step first;
    Step steps;
    std::size_t k;
    Slots slots;
  };
  Action* descend(Action* out);
  Action* go_on(Action* out);
  Action* back(Action* out);
  void go_down(const Part& part);
  Level level(std::size_t k) const { return plan_->costs().levels[k].level; }

  std::shared_ptr<const LevelPlan> plan_;
  std::optional<BinomialWalk> base_;
  bool in_base_ = false;
  std::optional<Part> live_;  // R: x_first is live and not stored
  std::vector<Part> stack_;   // P: stored, the top's x_first is live unless `live_` or the base are under way
};

}  // namespace cairn
