// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/disk_revolve.hpp>
#include <cairn/schedulers/from_stored.hpp>
#include <cairn/schedulers/hrevolve.hpp>
#include <cairn/schedulers/level_counts.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/online.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/overlap_online.hpp>
#include <cairn/schedulers/periodic.hpp>
#include <cairn/schedulers/revolve.hpp>
#include <cairn/schedulers/store_all.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

struct Named {
  ScheduleKind kind;
  std::string_view name;
};
constexpr std::array named_kinds{
    Named{ScheduleKind::automatic, "auto"},        Named{ScheduleKind::overlap, "overlap"},
    Named{ScheduleKind::hrevolve, "hrevolve"},     Named{ScheduleKind::disk_revolve, "disk_revolve"},
    Named{ScheduleKind::multistage, "multistage"}, Named{ScheduleKind::revolve, "revolve"},
    Named{ScheduleKind::periodic, "periodic"},     Named{ScheduleKind::store_all, "store_all"},
    Named{ScheduleKind::online, "online"}};
constexpr auto kinds = [] {
  std::array<ScheduleKind, named_kinds.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = named_kinds[i].kind;
  return all;
}();

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

void check_cost(const std::string& name, double cost) {
  if (!std::isfinite(cost) || cost < 0.0)
    refuse(name + " is " + std::to_string(cost) + "; give a finite number of forward steps, 0 or more");
  if (cost > Problem::most_cost) refuse(name + " is above 1e9 forward steps; give at most that");
}

void check_levels(const Problem& problem) {
  if (problem.levels.empty()) refuse("no level is given; a plan needs at least one");
  if (problem.levels.size() > static_cast<std::size_t>(limits::tiers))
    refuse(std::to_string(problem.levels.size()) + " levels are given; at most " + std::to_string(limits::tiers) +
           " are supported");
  for (std::size_t k = 0; k < problem.levels.size(); ++k) {
    const std::string level = "level " + std::to_string(k);
    const Slots slots = problem.levels[k].slots;
    if (slots < 0) refuse(level + " has " + std::to_string(slots) + " slots; there must be 0 or more");
    check_cost("the save cost of " + level, problem.levels[k].save_cost);
    check_cost("the load cost of " + level, problem.levels[k].load_cost);
  }
}

void check_stored(const Problem& problem) {
  if (problem.stored.empty()) return;
  std::vector<Slots> held(problem.levels.size(), 0);
  bool start = false;
  for (auto one = problem.stored.begin(); one != problem.stored.end(); ++one) {
    const std::string state = "the stored x_" + std::to_string(one->step);
    const std::string level = "level " + std::to_string(one->level.rank);
    if (one->step < 0) refuse(state + " is of no step; steps count from 0");
    if (one->level.rank < 0 || static_cast<std::size_t>(one->level.rank) >= held.size())
      refuse(state + " is at " + level + "; there are levels 0 to " + std::to_string(held.size() - 1));
    if (std::find(problem.stored.begin(), one, *one) != one) refuse(state + " is given twice at " + level);
    const auto k = static_cast<std::size_t>(one->level.rank);
    if (++held[k] > problem.levels[k].slots)
      refuse(state + " has no place: " + level + " has " + std::to_string(problem.levels[k].slots) + " slots");
    start = start || one->step == 0;
  }
  if (!start) refuse("x_0 is not among the stored snapshots; without it the first steps cannot be turned");
  if (problem.steps > 0) return;
  for (const auto& one : problem.stored)
    if (one.step > problem.live)
      refuse("the stored x_" + std::to_string(one.step) + " lies behind the live x_" + std::to_string(problem.live) +
             ", from which the loop goes on");
}

}  // namespace

void check(const Problem& problem) {
  if (problem.steps < 0) refuse("steps is " + std::to_string(problem.steps) + "; there must be at least 1");
  if (problem.steps > limits::steps)
    refuse("steps is " + std::to_string(problem.steps) + "; at most " + std::to_string(limits::steps) +
           " are supported");
  check_levels(problem);
  check_cost("the turn cost", problem.turn_cost);
  check_stored(problem);
}

std::vector<Slots> slots_of(const Problem& problem) {
  std::vector<Slots> slots;
  for (const auto& level : problem.levels) slots.push_back(level.slots);
  return slots;
}

namespace {

void check_level_0(std::string_view kind, const Problem& problem) {
  if (problem.levels[0].slots == 0) refuse("level 0 has no slot; " + std::string{kind} + " needs at least 1 there");
}

Step period_of(const Problem& problem) {
  const std::string last = "level " + std::to_string(problem.levels.size() - 1);
  const Slots slots = problem.levels.back().slots;
  if (!problem.period) {
    if (slots == 0) refuse(last + " has no slot; periodic needs at least 1 there");
    return default_period(problem.steps, slots);
  }
  const Step period = *problem.period;
  if (period < 1) refuse("period is " + std::to_string(period) + "; it must be at least 1 step");
  const Step intervals = (problem.steps - 1) / period;
  if (intervals > slots)
    refuse("a period of " + std::to_string(period) + " over " + std::to_string(problem.steps) + " steps needs " +
           std::to_string(intervals) + " slots at " + last + ", which has " + std::to_string(slots) +
           "; give a period of at least " + std::to_string(least_period(problem.steps, slots)));
  return period;
}

std::unique_ptr<Schedule> make_periodic(const Problem& problem) {
  if (problem.levels.size() == 1)
    refuse(
        "periodic keeps the starts of its intervals on a second, slower level, and there is one level; "
        "revolve plans for one");
  check_level_0("periodic", problem);
  const Level last{static_cast<std::int32_t>(problem.levels.size() - 1)};
  return std::make_unique<Periodic>(Periodic::Shape{
      .steps = problem.steps, .period = period_of(problem), .slots = problem.levels[0].slots, .last = last});
}

std::unique_ptr<Schedule> make_disk_revolve(const Problem& problem) {
  auto schedule = std::make_unique<DiskRevolve>(DiskRevolve::Shape{.steps = problem.steps, .levels = problem.levels});
  const Slots needed = level_counts(schedule->plan(), problem.steps, problem.levels.size()).levels.back().peak;
  if (needed > problem.levels.back().slots)
    refuse("disk_revolve needs " + std::to_string(needed) + " slots at level " +
           std::to_string(problem.levels.size() - 1) + " for " + std::to_string(problem.steps) + " steps, which has " +
           std::to_string(problem.levels.back().slots) + "; give as many, or take hrevolve");
  return schedule;
}

std::unique_ptr<Schedule> make_overlap(const Problem& problem) {
  check_level_0("overlap", problem);
  const OverlapShape shape = overlap_shape(problem);
  if (problem.steps > 0) return make_overlap(shape, plan_overlap(shape), problem.gauge);
  if (std::any_of(shape.slots.begin() + 1, shape.slots.end(), [](Slots slots) { return slots > 0; }))
    return std::make_unique<OverlapOnline>(shape, problem.gauge, problem.stored, problem.live);
  return std::make_unique<Online>(  // nothing overlaps with RAM
      Online::Shape{.levels = problem.levels, .stored = problem.stored, .live = problem.live});
}

std::unique_ptr<Schedule> make_from_live(ScheduleKind kind, const Problem& problem) {
  switch (kind) {
    case ScheduleKind::automatic: return make_schedule(choose_schedule(problem).kind, problem);
    case ScheduleKind::overlap: return make_overlap(problem);
    case ScheduleKind::hrevolve:
      return std::make_unique<HRevolve>(HRevolve::Shape{.steps = problem.steps, .levels = problem.levels});
    case ScheduleKind::disk_revolve: return make_disk_revolve(problem);
    case ScheduleKind::multistage:
      return std::make_unique<Multistage>(Multistage::Shape{.steps = problem.steps, .levels = problem.levels});
    case ScheduleKind::revolve:
      check_level_0("revolve", problem);
      return std::make_unique<Revolve>(Revolve::Shape{.steps = problem.steps, .slots = problem.levels[0].slots});
    case ScheduleKind::periodic: return make_periodic(problem);
    case ScheduleKind::store_all:
      return std::make_unique<StoreAll>(StoreAll::Shape{.steps = problem.steps, .slots = slots_of(problem)});
    case ScheduleKind::online: {
      Online::Shape shape{.levels = problem.levels, .stored = problem.stored, .live = problem.live};
      if (problem.steps > 0) shape.steps = problem.steps;
      return std::make_unique<Online>(std::move(shape));
    }
  }
  refuse("make_schedule: there is no schedule kind " + std::to_string(static_cast<int>(kind)));
}

}  // namespace

std::span<const ScheduleKind> schedule_kinds() {
  return kinds;
}

std::string_view name_of(ScheduleKind kind) {
  for (const auto& named : named_kinds)
    if (named.kind == kind) return named.name;
  throw std::invalid_argument{"name_of: there is no schedule kind " + std::to_string(static_cast<int>(kind))};
}

std::optional<ScheduleKind> schedule_kind(std::string_view name) {
  for (const auto& named : named_kinds)
    if (named.name == name) return named.kind;
  return std::nullopt;
}

std::unique_ptr<Schedule> make_schedule(ScheduleKind kind, const Problem& problem) {
  check(problem);
  if (problem.steps == 0 && kind != ScheduleKind::online && kind != ScheduleKind::overlap &&
      kind != ScheduleKind::automatic)
    refuse("steps is 0; there must be at least 1 (only online and overlap plan for a number that is not known yet)");
  if (problem.stored.empty() || problem.steps == 0) return make_from_live(kind, problem);
  if (kind == ScheduleKind::automatic) return make_schedule(choose_schedule(problem).kind, problem);
  return std::make_unique<FromStored>(kind, problem);
}

}  // namespace cairn
