// SPDX-License-Identifier: BSD-3-Clause
#include "plan_answer.hpp"

#include <cairn/schedulers/choose.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <stdexcept>

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
                                   ScheduleKind::online};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check_length(const PlanQuestion& question, ScheduleKind kind, Step most) {
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
  const auto start = Clock::now();
  try {
    check_length(question, kind, most_steps_compared);
    row.counted = count_plan_by_formula(kind, question.problem);
    row.why_not = too_many_slots(question, row.counted->counts);
  } catch (const std::invalid_argument& why) {
    row.why_not = why.what();
  }
  row.seconds = seconds_since(start);
  return row;
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
    Choice choice = choose_schedule(question.problem);
    answer.kind = choice.kind;
    answer.reason = std::move(choice.reason);
  }
  check_length(question, answer.kind, most_steps_alone);
  answer.counted = count_plan(answer.kind, question.problem);
  answer.seconds = seconds_since(start);
  return answer;
}

std::vector<Row> every_schedule_for(const PlanQuestion& question) {
  std::vector<Row> rows;
  for (const ScheduleKind kind : by_simplicity) rows.push_back(row_of(kind, question));
  const auto cost = [](const Row& row) {
    return row.counted ? row.counted->cost : std::numeric_limits<double>::infinity();
  };
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    return a.counted.has_value() != b.counted.has_value() ? a.counted.has_value() : cost(a) < cost(b);
  });
  return rows;
}

std::optional<double> least_cost(const std::vector<Row>& rows) {
  const auto best = std::ranges::find_if(rows, &Row::possible);
  return best == rows.end() ? std::nullopt : std::optional{best->counted->cost};
}

const Row* chosen_of(const std::vector<Row>& rows) {
  const auto best =
      std::ranges::find_if(rows, [](const Row& row) { return row.possible() && row.kind != ScheduleKind::online; });
  return best == rows.end() ? nullptr : &*best;
}

std::string too_many_slots(const PlanQuestion& question, const PlanCounts& counts) {
  for (std::size_t k = 0; k < counts.levels.size(); ++k)
    if (const Slots slots = question.problem.levels[k].slots; counts.levels[k].peak > slots)
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
