// SPDX-License-Identifier: BSD-3-Clause
#include "plan_answer.hpp"

#include <cairn/schedulers/choose.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cairn::tool {
namespace {

using Clock = std::chrono::steady_clock;

// Of plans that are counted by going through them, seconds in each case: one alone, or beside others.
constexpr Step most_steps_alone = Step{1} << 24;
constexpr Step most_steps_compared = Step{1} << 20;
// Simplest first, as choose_schedule() takes them.
constexpr std::array by_simplicity{ScheduleKind::revolve,  ScheduleKind::multistage, ScheduleKind::store_all,
                                   ScheduleKind::periodic, ScheduleKind::hrevolve,   ScheduleKind::disk_revolve,
                                   ScheduleKind::overlap,  ScheduleKind::online};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool plans_by_simulation(const PlanQuestion& question, ScheduleKind kind) {
  return kind == ScheduleKind::overlap && question.problem.stored.empty();
}

void check_length(const PlanQuestion& question, ScheduleKind kind, Step most) {
  if (plans_by_simulation(question, kind) && question.problem.steps > most_simulated_steps)
    throw std::invalid_argument{
        fmt::format("overlap: {} steps are too many, for it simulates its plans; at most {} here",
                    question.problem.steps, most_simulated_steps)};
  const bool no_formula =
      kind == ScheduleKind::online || kind == ScheduleKind::disk_revolve || !question.problem.stored.empty();
  if (no_formula && question.problem.steps > most)
    throw std::invalid_argument{
        fmt::format("{}: {} steps are too many, for this plan is counted by going through it; at most {} here",
                    name_of(kind), question.problem.steps, most)};
}

Row row_of(ScheduleKind kind, const PlanQuestion& question) {
  Row row{.kind = kind};
  if (lacks_costs(question, kind)) {
    row.why_not = fmt::format("it needs the {}", fmt::join(question.needed, ", "));
    return row;
  }
  if (kind == ScheduleKind::overlap && !question.in_memory) {
    row.why_not = "it needs a ram tier";
    return row;
  }
  const auto start = Clock::now();
  try {
    check_length(question, kind, most_steps_compared);
    if (plans_by_simulation(question, kind)) {
      row.timed = time_plan(question, kind);
      row.counted = count_overlap(question, row.timed);
    } else {
      row.counted = count_plan_by_formula(kind, question.problem);
    }
    row.why_not = too_many_slots(question, kind, row.counted->counts);
  } catch (const std::invalid_argument& why) {
    row.why_not = why.what();
  }
  row.seconds = seconds_since(start);
  if (row.counted && !plans_by_simulation(question, kind)) row.timed = time_plan(question, kind);
  return row;
}

// As a run of the asynchronous executor chooses, where makespans can be told.
Choice choice_for(const PlanQuestion& question) {
  if (!has_makespan(question) || question.problem.steps > most_simulated_steps)
    return choose_schedule(question.problem);
  return choose_by_makespan(problem_for(question, ScheduleKind::overlap));
}

// What a run with these costs would take.
std::optional<ScheduleKind> chosen_for(const PlanQuestion& question) {
  if (!question.needed.empty()) return std::nullopt;
  try {
    return choice_for(question).kind;
  } catch (const std::invalid_argument&) {  // nothing fits
    return std::nullopt;
  }
}

bool in_order(const std::vector<Problem::LevelShape>& levels) {
  return std::ranges::is_sorted(levels, {}, &Problem::LevelShape::save_cost) &&
         std::ranges::is_sorted(levels, {}, &Problem::LevelShape::load_cost);
}

}  // namespace

bool lacks_costs(const PlanQuestion& question, ScheduleKind kind) {
  return needs_costs(kind) && !question.needed.empty();
}

Answer answer_to(const PlanQuestion& question) {
  const auto start = Clock::now();
  Answer answer{.kind = question.kind};
  if (question.kind == ScheduleKind::automatic) {
    check_length(question, question.kind, most_steps_alone);
    Choice choice = choice_for(question);
    answer.kind = choice.kind;
    answer.reason = std::move(choice.reason);
  }
  check_length(question, answer.kind, most_steps_alone);
  if (plans_by_simulation(question, answer.kind)) {
    answer.timed = time_plan(question, answer.kind);
    answer.counted = count_overlap(question, answer.timed);
  } else {
    answer.counted = count_plan(answer.kind, question.problem);
  }
  answer.seconds = seconds_since(start);
  if (!plans_by_simulation(question, answer.kind)) answer.timed = time_plan(question, answer.kind);
  answer.bound = bound_of(question);
  return answer;
}

bool Comparison::timed() const {
  return std::ranges::any_of(rows, &Row::has_makespan);
}

Comparison every_schedule_for(const PlanQuestion& question) {
  Comparison all;
  for (const ScheduleKind kind : by_simplicity) all.rows.push_back(row_of(kind, question));
  constexpr double most = std::numeric_limits<double>::infinity();
  const auto key = [most](const Row& row) {
    return std::tuple{!row.counted, row.has_makespan() ? row.timed.timing->makespan : most,
                      row.counted ? row.counted->cost : most};
  };
  std::ranges::stable_sort(all.rows, {}, key);
  all.bound = bound_of(question);
  all.chosen = chosen_for(question);
  return all;
}

std::optional<double> least_cost(const std::vector<Row>& rows) {
  std::optional<double> least;
  for (const Row& row : rows)
    if (row.possible()) least = std::min(least.value_or(row.counted->cost), row.counted->cost);
  return least;
}

std::string too_many_slots(const PlanQuestion& question, ScheduleKind kind, const PlanCounts& counts) {
  const Problem problem = problem_for(question, kind);
  for (std::size_t k = 0; k < counts.levels.size(); ++k)
    if (const Slots slots = problem.levels[k].slots; counts.levels[k].peak > slots)
      return fmt::format("it needs {} slots of {}, which has {}", counts.levels[k].peak, question.names[k], slots);
  return {};
}

bool is_optimum(const PlanQuestion& question, ScheduleKind kind) {
  const auto& levels = question.problem.levels;
  const bool free_base = levels[0].slots > 0 && levels[0].save_cost == 0 && levels[0].load_cost == 0;
  const bool every_order_tried = levels.size() <= 4;
  return kind == ScheduleKind::hrevolve && question.problem.stored.empty() && free_base &&
         (in_order(levels) || every_order_tried);
}

}  // namespace cairn::tool
