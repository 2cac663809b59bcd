// SPDX-License-Identifier: BSD-3-Clause
#include "plan_json.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace cairn::tool {
namespace {

using Json = nlohmann::ordered_json;

Json number(Count count) {
  return count.saturated() ? Json{} : Json(count.value());
}

Json counts_at(const PlanCounts::PerLevel& level) {
  return {{"takeshots", number(level.takeshots)},
          {"restores", number(level.restores)},
          {"moves", number(level.moves)},
          {"peak", level.peak}};
}

/// The rank that the plan gave level k; null where it has no slots.
Json rank_of(const std::vector<Level>& order, std::size_t k) {
  const auto at = std::ranges::find(order, Level{static_cast<std::int32_t>(k)});
  return at == order.end() ? Json{} : Json(at - order.begin());
}

Json levels_of(const PlanQuestion& question, const Answer& answer) {
  const Counted& counted = answer.counted;
  const Problem problem = problem_for(question, answer.kind);
  Json levels = Json::array();
  for (std::size_t k = 0; k < counted.counts.levels.size(); ++k) {
    const auto& shape = problem.levels[k];
    Json level{{"name", question.names[k]}, {"slots", shape.slots}};
    level.update(counts_at(counted.counts.levels[k]));
    level["save_cost"] = shape.save_cost;
    level["load_cost"] = shape.load_cost;
    if (!counted.order.empty()) level["order"] = rank_of(counted.order, k);
    levels.push_back(std::move(level));
  }
  return levels;
}

void add_start(Json& json, const PlanQuestion& question) {
  if (question.problem.stored.empty()) return;
  json["turned"] = question.problem.steps;
  for (const auto& [step, level] : question.problem.stored)
    json["stored"].push_back({{"step", step}, {"level", level.rank}});
}

void add_timing(Json& json, const TimedPlan& timed) {
  const bool known = timed.timing.has_value();
  if (timed.overlap) json["plan"] = timed.overlap->text();
  json["makespan"] = known ? Json(timed.timing->makespan) : Json{};
  json["stall"] = known ? Json(timed.timing->stall) : Json{};
  json["copy"] = known ? Json(timed.timing->copy) : Json{};
}

void add_bound(Json& json, const std::optional<MakespanBound>& bound) {
  json["lower_bound"] = bound ? Json(bound->with_copies) : Json{};
  json["lower_bound_proved"] = bound ? Json(bound->proved) : Json{};
  json["lower_bound_reason"] = bound ? Json(bound->reason) : Json{};
}

Json row_of(const Row& row, std::optional<double> least) {
  Json json{{"schedule", name_of(row.kind)}, {"possible", row.possible()}};
  if (!row.possible()) json["why_not"] = row.why_not;
  if (!row.counted) return json;
  const PlanCounts& counts = row.counted->counts;
  json["advances"] = number(counts.advances);
  json["cost"] = row.counted->cost;
  if (least && *least > 0) json["ratio"] = row.counted->cost / *least;
  json["gap_bound"] = row.counted->gap_bound;
  add_timing(json, row.timed);
  for (std::size_t k = 0; k < counts.levels.size(); ++k) {
    Json level = counts_at(counts.levels[k]);
    if (!row.counted->order.empty()) level["order"] = rank_of(row.counted->order, k);
    json["levels"].push_back(std::move(level));
  }
  json["actions"] = number(counts.actions);
  json["plan_seconds"] = row.seconds;
  return json;
}

}  // namespace

std::string json_of(const PlanQuestion& question, const Answer& answer) {
  const PlanCounts& counts = answer.counted.counts;
  Json json{{"schedule", name_of(answer.kind)}};
  if (!answer.reason.empty()) json["reason"] = answer.reason;
  json["steps"] = question.steps;
  add_start(json, question);
  json["turns"] = number(counts.turns);
  json["advances"] = number(counts.advances);
  json["cost"] = answer.counted.cost;  // infinite: null
  json["gap_bound"] = answer.counted.gap_bound;
  add_timing(json, answer.timed);
  add_bound(json, answer.bound);
  const std::optional<Count> advances = run_advances(question);
  json["run_advances"] = advances ? number(*advances) : Json{};
  json["turn_cost"] = question.problem.turn_cost;
  json["levels"] = levels_of(question, answer);
  json["actions"] = number(counts.actions);
  json["plan_seconds"] = answer.seconds;
  if (question.pool) json["pool"] = *question.pool;
  return json.dump(2) + '\n';
}

std::string json_of(const PlanQuestion& question, const Comparison& all) {
  Json json{{"steps", question.steps}};
  add_start(json, question);
  json["turn_cost"] = question.problem.turn_cost;
  for (std::size_t k = 0; k < question.names.size(); ++k) {
    const auto& shape = question.problem.levels[k];
    json["levels"].push_back({{"name", question.names[k]},
                              {"slots", shape.slots},
                              {"save_cost", shape.save_cost},
                              {"load_cost", shape.load_cost}});
  }
  json["unset"] = question.unset;
  add_bound(json, all.bound);
  for (const Row& row : all.rows) json["schedules"].push_back(row_of(row, least_cost(all.rows)));
  if (question.pool) json["pool"] = *question.pool;
  return json.dump(2) + '\n';
}

}  // namespace cairn::tool
