// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn {
namespace {

std::string text(std::int64_t number) {
  return std::to_string(number);
}
std::string text(Level level) {
  return std::to_string(level.rank);
}
std::string state(Step step) {
  return "x_" + text(step);
}

std::string line(const Advance& a) {
  return "advance " + text(a.steps.first) + ' ' + text(a.steps.last);
}
std::string line(const Takeshot& a) {
  return "takeshot " + text(a.step) + ' ' + text(a.level);
}
std::string line(const Restore& a) {
  return "restore " + text(a.step) + ' ' + text(a.level);
}
std::string line(const Move& a) {
  return "move " + text(a.step) + ' ' + text(a.from) + ' ' + text(a.to);
}
std::string line(const Discard& a) {
  return "discard " + text(a.step) + ' ' + text(a.level);
}
std::string line(const Turn& a) {
  return "turn " + text(a.step);
}

std::string why_not_live(Step step, const std::optional<Step>& live) {
  return state(step) + " is not live, " + (live ? state(*live) + " is" : "no state is");
}

// Plans are stacks mostly: the snapshot asked for is the latest one.
template <typename Vector>
auto place(Vector& ascending, Step step) {
  if (ascending.empty() || ascending.back() < step) return ascending.end();
  if (ascending.back() == step) return ascending.end() - 1;
  return std::lower_bound(ascending.begin(), ascending.end(), step);
}

bool contains(const std::vector<Step>& ascending, Step step) {
  const auto found = place(ascending, step);
  return found != ascending.end() && *found == step;
}

double as_double(Count count) {
  return count.saturated() ? std::numeric_limits<double>::infinity() : static_cast<double>(count.value());
}

// 0 · infinity would be no number.
double product(double cost, Count count) {
  return cost == 0.0 ? 0.0 : cost * as_double(count);
}

}  // namespace

std::string to_string(const Action& action) {
  return std::visit([](const auto& a) { return line(a); }, action);
}

Replay::Replay(Step steps, std::vector<Slots> slots)
    : slots_{std::move(slots)}, stored_(slots_.size()), to_turn_{steps} {
  if (steps < 1) throw std::invalid_argument{"Replay: steps is " + text(steps) + "; there must be at least 1"};
  for (std::size_t rank = 0; rank < slots_.size(); ++rank)
    if (slots_[rank] < 0)
      throw std::invalid_argument{"Replay: level " + std::to_string(rank) + " has " + text(slots_[rank]) +
                                  " slots; there must be 0 or more"};
  counts_.levels.resize(slots_.size());
}

Replay::Replay(Step steps, std::vector<Slots> slots, const std::vector<Problem::Stored>& stored)
    : Replay{steps, std::move(slots)} {
  live_.reset();
  for (const auto& [step, level] : stored) {
    if (const std::string problem = why_no_room(step, level); !problem.empty())
      throw std::invalid_argument{"Replay: " + state(step) + " cannot be stored: " + problem};
    insert(step, level);
  }
}

Replay::Replay(Step steps, std::vector<Slots> slots, const std::vector<Problem::Stored>& stored,
               std::optional<Step> live)
    : Replay{steps, std::move(slots), stored} {
  live_ = live;
}

Replay Replay::of_unknown_steps(std::vector<Slots> slots) {
  Replay replay{limits::steps + 1, std::move(slots)};
  replay.known_ = false;
  return replay;
}

Replay Replay::of_unknown_steps(std::vector<Slots> slots, const std::vector<Problem::Stored>& stored, Step live) {
  Replay replay{limits::steps + 1, std::move(slots), stored, live};
  replay.known_ = false;
  return replay;
}

void Replay::finish(Step steps) {
  if (known_) throw std::logic_error{"Replay::finish: the number of steps is known"};
  if (live_ != steps - 1)
    throw IllegalAction{"the loop ends after " + text(steps) + " steps, and " + why_not_live(steps - 1, live_)};
  known_ = true;
  to_turn_ = steps;
}

void Replay::apply(const Action& action) {
  const std::string problem = std::visit([this](const auto& a) { return carry_out(a); }, action);
  if (!problem.empty())
    throw IllegalAction{"action " + std::to_string(counts_.actions.value() + 1) + " (" + to_string(action) +
                        "): " + problem};
  ++counts_.actions;
}

bool Replay::holds(Step step, Level level) const {
  return has(level) && contains(held(level), step);
}

std::string Replay::carry_out(const Advance& advance) {
  const auto [first, last, again] = advance.steps;
  if (live_ != first) return why_not_live(first, live_);
  if (last <= first) return "an advance goes over at least one step";
  if (last >= to_turn_) return "it runs past " + state(to_turn_ - 1) + ", the next to turn";
  live_ = last;
  counts_.advances += last - first;
  return {};
}

std::string Replay::carry_out(const Takeshot& takeshot) {
  if (live_ != takeshot.step) return why_not_live(takeshot.step, live_);
  if (auto problem = why_no_room(takeshot.step, takeshot.level); !problem.empty()) return problem;
  insert(takeshot.step, takeshot.level);
  ++count(takeshot.level).takeshots;
  return {};
}

std::string Replay::carry_out(const Restore& restore) {
  if (auto problem = why_not_held(restore.step, restore.level); !problem.empty()) return problem;
  live_ = restore.step;
  ++count(restore.level).restores;
  return {};
}

std::string Replay::carry_out(const Move& move) {
  if (auto problem = why_not_held(move.step, move.from); !problem.empty()) return problem;
  if (auto problem = why_no_room(move.step, move.to); !problem.empty()) return problem;
  remove(move.step, move.from);
  insert(move.step, move.to);
  ++count(move.to).moves;
  return {};
}

std::string Replay::carry_out(const Discard& discard) {
  if (auto problem = why_not_held(discard.step, discard.level); !problem.empty()) return problem;
  remove(discard.step, discard.level);
  ++count(discard.level).discards;
  return {};
}

std::string Replay::carry_out(const Turn& turn) {
  if (!known_) return "the loop has not ended";
  if (turn.step != to_turn_ - 1) {
    const std::string next =
        finished() ? "all steps are turned" : "step " + text(to_turn_ - 1) + " is the next to turn";
    return "it is out of order, " + next;
  }
  if (live_ != turn.step) return why_not_live(turn.step, live_);
  live_.reset();
  --to_turn_;
  ++counts_.turns;
  return {};
}

std::string Replay::why_not_held(Step step, Level level) const {
  if (!has(level)) return "there is no level " + text(level);
  if (!contains(held(level), step)) return state(step) + " is not held at level " + text(level);
  return {};
}

std::string Replay::why_no_room(Step step, Level level) const {
  if (!has(level)) return "there is no level " + text(level);
  if (contains(held(level), step)) return state(step) + " is held at level " + text(level) + " already";
  const Slots slots = slots_[static_cast<std::size_t>(level.rank)];
  if (static_cast<Slots>(held(level).size()) >= slots)
    return "the " + text(slots) + " slots of level " + text(level) + " are full";
  return {};
}

void Replay::insert(Step step, Level level) {
  auto& ascending = held(level);
  ascending.insert(place(ascending, step), step);
  count(level).peak = std::max(count(level).peak, static_cast<Slots>(ascending.size()));
}

void Replay::remove(Step step, Level level) {
  auto& ascending = held(level);
  ascending.erase(place(ascending, step));
}

namespace {

PlanCounts run_to_end(Schedule& schedule, Replay on_integers, Step steps) {
  while (const auto action = schedule.next()) on_integers.apply(*action);
  const PlanCounts& counts = on_integers.counts();
  if (!on_integers.finished())
    throw IllegalAction{"the plan ends after action " + std::to_string(counts.actions.value()) + " with " +
                        std::to_string(static_cast<std::uint64_t>(steps) - counts.turns.value()) + " of " +
                        text(steps) + " steps to turn"};
  return counts;
}

}  // namespace

PlanCounts replay(Schedule& schedule, Step steps, std::vector<Slots> slots) {
  return run_to_end(schedule, Replay{steps, std::move(slots)}, steps);
}

PlanCounts replay(Schedule& schedule, const Problem& problem) {
  std::vector<Slots> slots = slots_of(problem);
  if (problem.stored.empty()) return replay(schedule, problem.steps, std::move(slots));
  return run_to_end(schedule, Replay{problem.steps, std::move(slots), problem.stored}, problem.steps);
}

double cost_of(const PlanCounts& counts, const std::vector<double>& save_costs, const std::vector<double>& load_costs,
               double turn_cost) {
  const std::size_t levels = counts.levels.size();
  if (save_costs.size() != levels || load_costs.size() != levels)
    throw std::invalid_argument{"cost_of: " + std::to_string(levels) + " levels need as many costs; there are " +
                                std::to_string(save_costs.size()) + " save and " + std::to_string(load_costs.size()) +
                                " load costs"};
  double cost = as_double(counts.advances) + product(turn_cost, counts.turns);
  for (std::size_t k = 0; k < levels; ++k) {
    const auto& level = counts.levels[k];
    cost += product(save_costs[k], level.takeshots + level.moves) + product(load_costs[k], level.restores);
  }
  return cost;
}

double cost_of(const PlanCounts& counts, const Problem& problem) {
  std::vector<double> save_costs;
  std::vector<double> load_costs;
  for (const auto& level : problem.levels) {
    save_costs.push_back(level.save_cost);
    load_costs.push_back(level.load_cost);
  }
  return cost_of(counts, save_costs, load_costs, problem.turn_cost);
}

}  // namespace cairn
