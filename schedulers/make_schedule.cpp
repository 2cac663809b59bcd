// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/multistage.hpp>
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
constexpr std::array named_kinds{Named{ScheduleKind::revolve, "revolve"}, Named{ScheduleKind::multistage, "multistage"},
                                 Named{ScheduleKind::periodic, "periodic"},
                                 Named{ScheduleKind::store_all, "store_all"}};
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
}

void check(const Problem& problem) {
  if (problem.steps < 1) refuse("steps is " + std::to_string(problem.steps) + "; there must be at least 1");
  if (problem.steps > limits::steps)
    refuse("steps is " + std::to_string(problem.steps) + "; at most " + std::to_string(limits::steps) +
           " are supported");
  if (problem.levels.empty()) refuse("no level is given; a plan needs at least one");
  check_cost("the turn cost", problem.turn_cost);
  for (std::size_t k = 0; k < problem.levels.size(); ++k) {
    const std::string level = "level " + std::to_string(k);
    if (problem.levels[k].slots < 0)
      refuse(level + " has " + std::to_string(problem.levels[k].slots) + " slots; there must be 0 or more");
    check_cost("the save cost of " + level, problem.levels[k].save_cost);
    check_cost("the load cost of " + level, problem.levels[k].load_cost);
  }
}

void check_level_0(std::string_view kind, const Problem& problem) {
  if (problem.levels[0].slots == 0) refuse("level 0 has no slot; " + std::string{kind} + " needs at least 1 there");
}

std::vector<Slots> all_slots(const Problem& problem) {
  std::vector<Slots> slots;
  for (const auto& level : problem.levels) slots.push_back(level.slots);
  return slots;
}

Step rounded_up_quotient(Step steps, Slots slots) {
  return (steps - 1) / slots + 1;
}

Step period_of(const Problem& problem) {
  const std::string last = "level " + std::to_string(problem.levels.size() - 1);
  const Slots slots = problem.levels.back().slots;
  if (!problem.period) {
    if (slots == 0) refuse(last + " has no slot; periodic needs at least 1 there");
    return rounded_up_quotient(problem.steps, slots);
  }
  const Step period = *problem.period;
  if (period < 1) refuse("period is " + std::to_string(period) + "; it must be at least 1 step");
  const Step intervals = (problem.steps - 1) / period;
  if (intervals > slots)
    refuse("a period of " + std::to_string(period) + " over " + std::to_string(problem.steps) + " steps needs " +
           std::to_string(intervals) + " slots at " + last + ", which has " + std::to_string(slots) +
           "; give a period of at least " + std::to_string(rounded_up_quotient(problem.steps, slots + 1)));
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

std::unique_ptr<Schedule> make_multistage(const Problem& problem) {
  auto slots = all_slots(problem);
  if (std::all_of(slots.begin(), slots.end(), [](Slots level) { return level == 0; }))
    refuse("the levels have no slot together; multistage needs at least 1");
  return std::make_unique<Multistage>(Multistage::Shape{.steps = problem.steps, .slots = std::move(slots)});
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
  switch (kind) {
    case ScheduleKind::store_all:
      return std::make_unique<StoreAll>(StoreAll::Shape{.steps = problem.steps, .slots = all_slots(problem)});
    case ScheduleKind::periodic: return make_periodic(problem);
    case ScheduleKind::revolve:
      check_level_0("revolve", problem);
      return std::make_unique<Revolve>(Revolve::Shape{.steps = problem.steps, .slots = problem.levels[0].slots});
    case ScheduleKind::multistage: return make_multistage(problem);
  }
  throw std::invalid_argument{"make_schedule: there is no schedule kind " + std::to_string(static_cast<int>(kind))};
}

}  // namespace cairn
