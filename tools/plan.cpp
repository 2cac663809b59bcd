// SPDX-License-Identifier: BSD-3-Clause
#include "plan.hpp"

#include "numbers.hpp"
#include "plan_counts.hpp"
#include "plan_question.hpp"
#include "text_table.hpp"

#include <chrono>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace cairn::tool {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct Answer {
  Counted counted;
  double cost = 0;
  double seconds = 0;  // of planning and counting
};

double cost_of_plan(const PlanCounts& counts, const Problem& problem) {
  std::vector<double> save_costs;
  std::vector<double> load_costs;
  for (const auto& level : problem.levels) {
    save_costs.push_back(level.save_cost);
    load_costs.push_back(level.load_cost);
  }
  return cost_of(counts, save_costs, load_costs, problem.turn_cost);
}

Answer answer_to(const PlanQuestion& question) {
  const auto start = Clock::now();
  Answer answer{.counted = count(question.kind, question.problem)};
  answer.cost = cost_of_plan(answer.counted.counts, question.problem);
  answer.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return answer;
}

Json json_of(Count count) {
  return count.saturated() ? Json{} : Json(count.value());
}

Json json_of(const PlanQuestion& question, const Answer& answer) {
  const PlanCounts& counts = answer.counted.counts;
  Json levels = Json::array();
  for (std::size_t k = 0; k < counts.levels.size(); ++k) {
    const auto& level = counts.levels[k];
    const auto& shape = question.problem.levels[k];
    levels.push_back({{"name", question.names[k]},
                      {"slots", shape.slots},
                      {"takeshots", json_of(level.takeshots)},
                      {"restores", json_of(level.restores)},
                      {"moves", json_of(level.moves)},
                      {"peak", level.peak},
                      {"save_cost", shape.save_cost},
                      {"load_cost", shape.load_cost}});
  }
  Json json{{"schedule", name_of(question.kind)},
            {"steps", question.problem.steps},
            {"turns", json_of(counts.turns)},
            {"advances", json_of(counts.advances)},
            {"cost", answer.cost},  // infinite: null
            {"turn_cost", question.problem.turn_cost},
            {"levels", std::move(levels)},
            {"actions", json_of(counts.actions)},
            {"plan_seconds", answer.seconds}};
  if (question.pool) json["pool"] = *question.pool;
  return json;
}

std::string table_of(const PlanQuestion& question, const PlanCounts& counts) {
  using enum TextTable::Align;
  TextTable table{
      {{"level", left}, {"slots"}, {"takeshots"}, {"restores"}, {"moves"}, {"peak"}, {"save cost"}, {"load cost"}}};
  for (std::size_t k = 0; k < counts.levels.size(); ++k) {
    const auto& level = counts.levels[k];
    const auto& shape = question.problem.levels[k];
    table.add({question.names[k], std::to_string(shape.slots), text_of(level.takeshots), text_of(level.restores),
               text_of(level.moves), std::to_string(level.peak), text_of_cost(shape.save_cost),
               text_of_cost(shape.load_cost)});
  }
  return table.text();
}

// One sentence: against storing everything, storage free, and against revolve in the slots of level 0 alone.
std::string comparison(const PlanQuestion& question, const Answer& answer) {
  const Problem& problem = question.problem;
  const auto steps = static_cast<double>(problem.steps);
  const double all_stored = steps - 1 + steps * problem.turn_cost;
  if (std::isinf(answer.cost))
    return fmt::format("The plan costs more than can be counted; storing everything would cost {}.\n",
                       text_of_cost(all_stored));
  const auto times = [&](double other) { return other > 0 ? fmt::format("{:.3g}", answer.cost / other) : "1"; };
  std::string text = fmt::format("The plan costs {} times what storing everything would ({})", times(all_stored),
                                 text_of_cost(all_stored));
  const bool is_alone = question.kind == ScheduleKind::revolve ||
                        (question.kind == ScheduleKind::multistage && problem.levels.size() == 1);
  if (is_alone) return text + fmt::format("; it uses {} alone.\n", question.names[0]);
  if (problem.levels[0].slots == 0) return text + fmt::format("; {} alone has no slot.\n", question.names[0]);
  Problem alone = problem;
  alone.levels.resize(1);
  alone.period.reset();
  const double one_level = cost_of_plan(counts_by_formula(ScheduleKind::revolve, alone), alone);
  return text + fmt::format(",\nand {} times what revolve with the {} slot{} of {} alone would ({}).\n",
                            times(one_level), problem.levels[0].slots, problem.levels[0].slots == 1 ? "" : "s",
                            question.names[0], text_of_cost(one_level));
}

std::string report_of(const PlanQuestion& question, const Answer& answer) {
  const PlanCounts& counts = answer.counted.counts;
  const Step steps = question.problem.steps;
  std::string text = fmt::format("{}: the plan for {} step{}", name_of(question.kind), steps, steps == 1 ? "" : "s");
  if (question.pool)
    text += fmt::format(", with a pool of {} buffer{}", *question.pool, *question.pool == 1 ? "" : "s");
  text += "\n\n" + table_of(question, counts) + '\n';
  text += fmt::format("advances  {}\n", text_of(counts.advances));
  text += fmt::format("turns     {}, each as dear as {} advance{}\n", text_of(counts.turns),
                      text_of_cost(question.problem.turn_cost), question.problem.turn_cost == 1 ? "" : "s");
  text +=
      fmt::format("actions   {}, {} in {:.3f} s\n", text_of(counts.actions),
                  answer.counted.replayed ? "each replayed and found legal" : "counted by formulas", answer.seconds);
  text += fmt::format(
      "cost      {} forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),\n"
      "          loads (restores)\n\n",
      text_of_cost(answer.cost));
  text += comparison(question, answer);
  if (question.unset.size() == 2 * question.names.size() + 1)
    text += "No save, load or turn cost is given; all are taken as 0.\n";
  else if (!question.unset.empty())
    text += fmt::format("Not given and taken as 0: {}.\n", fmt::join(question.unset, ", "));
  if (question.pool)
    text += fmt::format(
        "A run asks for one step more, the user's seed: forward({0}) runs the plan of {1},\n"
        "this one is of forward({2}).\n",
        steps, steps + 1, steps - 1);
  return text;
}

void stream_actions(const PlanQuestion& question) {
  constexpr std::size_t chunk_bytes = 64 * 1024;
  const auto schedule = make_schedule(question.kind, question.problem);
  std::string chunk;
  chunk.reserve(chunk_bytes + 128);
  while (const auto action = schedule->next()) {
    chunk += to_string(*action);
    chunk += '\n';
    if (chunk.size() < chunk_bytes) continue;
    put(chunk);
    chunk.clear();
  }
  put(chunk);
}

}  // namespace

void plan(const PlanOptions& options) {
  if (options.json && options.actions)
    throw std::invalid_argument{"--actions: it does not go with --json; leave out one of the two"};
  const PlanQuestion question = question_of(options);
  if (options.actions) return stream_actions(question);
  const Answer answer = answer_to(question);
  put(options.json ? json_of(question, answer).dump(2) + '\n' : report_of(question, answer));
}

}  // namespace cairn::tool
