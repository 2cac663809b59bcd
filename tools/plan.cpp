// SPDX-License-Identifier: BSD-3-Clause
#include "plan.hpp"

#include "figure.hpp"
#include "numbers.hpp"
#include "plan_answer.hpp"
#include "plan_json.hpp"
#include "plan_question.hpp"
#include "plan_report.hpp"
#include "plan_timed.hpp"
#include <cairn/schedulers/replay.hpp>
#include <cairn/storage/errors.hpp>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

void check_output(const PlanOptions& options) {
  const auto refuse_pair = [](std::string_view one, std::string_view other) {
    throw std::invalid_argument{fmt::format("{}: it does not go with {}; leave out one of the two", one, other)};
  };
  if (options.actions && options.json) refuse_pair("--actions", "--json");
  if (options.actions && options.compare) refuse_pair("--actions", "--compare");
  if (options.actions && options.figure) refuse_pair("--actions", "--figure");
  if (options.compare && options.figure) refuse_pair("--compare", "--figure");
}

void stream_actions(const PlanQuestion& question) {
  constexpr std::size_t chunk_bytes = 64 * 1024;
  const TimedPlan timed = question.kind == ScheduleKind::overlap ? time_plan(question, question.kind) : TimedPlan{};
  const auto schedule = schedule_of(question, question.kind, timed);
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

void draw(const PlanQuestion& question, const Answer& answer, const std::string& path) {
  if (question.problem.steps > figure_steps)
    throw std::invalid_argument{fmt::format("--figure: {} steps are too many to see; give --steps of at most {}",
                                            question.problem.steps, figure_steps)};
  const auto schedule = schedule_of(question, answer.kind, answer.timed);
  const std::string title =
      fmt::format("{}, {} step{}", name_of(answer.kind), question.steps, question.steps == 1 ? "" : "s");
  const std::string figure = figure_of(*schedule, problem_for(question, answer.kind), question.names, title);
  errno = 0;
  std::ofstream file{path, std::ios::binary};
  file << figure;
  file.close();
  if (!file) throw std::runtime_error{fmt::format("--figure: {}: cannot be written: {}", path, words_for(errno))};
}

}  // namespace

void plan(const PlanOptions& options) {
  check_output(options);
  const PlanQuestion question = question_of(options);
  if (options.actions) return stream_actions(question);
  if (options.compare) {
    const Comparison all = every_schedule_for(question);
    return put(options.json ? json_of(question, all) : comparison_of(question, all));
  }
  const Answer answer = answer_to(question);
  if (options.figure) draw(question, answer, *options.figure);
  put(options.json ? json_of(question, answer) : report_of(question, answer));
}

}  // namespace cairn::tool
