// SPDX-License-Identifier: BSD-3-Clause
/// Executes schedules on integers: is every action legal, and what does the plan cost?
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn {

/// What a plan does, counted.
struct PlanCounts {
  struct PerLevel {
    Count takeshots;  ///< of the live state, moves excluded; x_0's is counted
    Count restores;
    Count moves;  ///< into this level
    Count discards;
    Slots peak = 0;  ///< the most snapshots held at a time
    bool operator==(const PerLevel&) const = default;
  };
  Count advances;  ///< untaped forward steps
  Count turns;
  Count actions;  ///< of all kinds; an Advance over many steps is one action
  std::vector<PerLevel> levels;
  bool operator==(const PlanCounts&) const = default;
};

/// An action that the rules forbid; the text says which action, its number in the plan, and why.
class IllegalAction : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// One line as `cairn plan --actions` prints it: "advance 0 17", "takeshot 17 0", "move 17 0 1", "turn 99".
std::string to_string(const Action& action);

/// A reversal on integers: x_0 is live, nothing is stored, steps n−1 … 0 are to be turned; or nothing is live, and some
/// snapshots are stored. The rules, with m the number of steps not yet turned (any number before finish()):
///   advance a b      x_a is live, a < b ≤ m − 1; x_b is live then
///   takeshot a k     x_a is live, not held at level k, and level k has a free slot; x_a stays live
///   restore a k      x_a is held at level k; it is live then, whatever was before, and stays held
///   move a j k       x_a is held at level j, not at level k ≠ j, and level k has a free slot
///   discard a k      x_a is held at level k; it is not then
///   turn a           x_a is live and a = m − 1; no state is live then
/// and a level is one of those that there are. Nothing need be discarded at the end.
///
/// Memory: 8 bytes a stored snapshot. Cost: a few nanoseconds an action where levels are used as stacks; else the log
/// of the number of snapshots held to find one, and a memmove of those behind it to insert or remove one.
class Replay {
 public:
  /// For n = `steps` and levels with these slots. Throws std::invalid_argument where steps is below 1 or a level has a
  /// negative number of slots.
  Replay(Step steps, std::vector<Slots> slots);
  /// The same with `stored` snapshots and no live state. They count as held from the start, not as takeshots. Throws
  /// std::invalid_argument also where one of them has no place.
  Replay(Step steps, std::vector<Slots> slots, const std::vector<Problem::Stored>& stored);
  /// The same in the first sweep, x_live live where it is given.
  Replay(Step steps, std::vector<Slots> slots, const std::vector<Problem::Stored>& stored, std::optional<Step> live);
  /// For a number of steps that is not known before finish(); no turn is legal until then.
  static Replay of_unknown_steps(std::vector<Slots> slots);
  /// The same, where the loop goes on at x_live.
  static Replay of_unknown_steps(std::vector<Slots> slots, const std::vector<Problem::Stored>& stored, Step live);
  /// The loop has ended at the live x_{n−1}, n = `steps`. Throws IllegalAction where another state is live, and
  /// std::logic_error where the number of steps is known.
  void finish(Step steps);

  /// Carries one action out. Throws IllegalAction where the rules above forbid it, and leaves everything as it was:
  /// "action 12 (restore 5 0): x_5 is not held at level 0". Actions are counted from 1.
  void apply(const Action& action);

  bool finished() const { return to_turn_ == 0; }  ///< All steps are turned.
  const PlanCounts& counts() const { return counts_; }
  bool holds(Step step, Level level) const;  ///< Is x_step stored there now? false where there is no such level.
  std::optional<Step> live() const { return live_; }

 private:
  // Each returns why the action is illegal; an empty text: it was carried out.
  std::string carry_out(const Advance& advance);
  std::string carry_out(const Takeshot& takeshot);
  std::string carry_out(const Restore& restore);
  std::string carry_out(const Move& move);
  std::string carry_out(const Discard& discard);
  std::string carry_out(const Turn& turn);

  std::string why_not_held(Step step, Level level) const;
  std::string why_no_room(Step step, Level level) const;
  void insert(Step step, Level level);
  void remove(Step step, Level level);
  std::vector<Step>& held(Level level) { return stored_[static_cast<std::size_t>(level.rank)]; }
  const std::vector<Step>& held(Level level) const { return stored_[static_cast<std::size_t>(level.rank)]; }
  PlanCounts::PerLevel& count(Level level) { return counts_.levels[static_cast<std::size_t>(level.rank)]; }
  bool has(Level level) const { return level.rank >= 0 && static_cast<std::size_t>(level.rank) < slots_.size(); }

  std::vector<Slots> slots_;
  std::vector<std::vector<Step>> stored_;  // per level, ascending
  std::optional<Step> live_ = 0;
  Step to_turn_;
  bool known_ = true;  // the number of steps
  PlanCounts counts_;
};

/// Runs `schedule` to its end through a Replay and returns the counts. Throws IllegalAction, also where the schedule
/// ends before every step is turned: "the plan ends after action 12 with 3 of 7 steps to turn".
PlanCounts replay(Schedule& schedule, Step steps, std::vector<Slots> slots);
/// The same for a plan that was made for `problem`, with what is stored there.
PlanCounts replay(Schedule& schedule, const Problem& problem);

/// The cost of a plan with these counts in forward steps: the formula at the head of schedule.hpp, with w_k and r_k in
/// `save_costs` and `load_costs`. A saturated count gives infinity. Throws std::invalid_argument where a vector has not
/// one cost for each level.
double cost_of(const PlanCounts& counts, const std::vector<double>& save_costs, const std::vector<double>& load_costs,
               double turn_cost);
/// The same at the prices of a problem.
double cost_of(const PlanCounts& counts, const Problem& problem);

}  // namespace cairn
