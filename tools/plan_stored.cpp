// SPDX-License-Identifier: BSD-3-Clause
#include "plan_stored.hpp"

#include "numbers.hpp"
#include <cairn/schedulers/periodic.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

Step turned_of(const PlanQuestion& question, const std::string& text) {
  const Step turned = whole_number("--turned", text);
  if (turned < 1 || turned > question.steps)
    refuse(fmt::format("--turned: {} is not between 1 and {}; steps T to {} are turned already, T-1 to 0 remain",
                       turned, question.steps, question.steps - 1));
  return turned;
}

Problem::Stored snapshot_of(const PlanQuestion& question, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    refuse(fmt::format("--stored: \"{}\" is not STEP:LEVEL; write such as 0:0,500:1", text));
  const Step step = whole_number("--stored", text.substr(0, colon));
  const std::int64_t level = whole_number("--stored", text.substr(colon + 1));
  const auto levels = static_cast<std::int64_t>(question.problem.levels.size());
  if (step < 0 || step >= question.steps)
    refuse(fmt::format("--stored: {}: there is no x_{} in {} steps; give a step from 0 to {}", text, step,
                       question.steps, question.steps - 1));
  if (level < 0 || level >= levels)
    refuse(fmt::format("--stored: {}: there is no level {}; give a level from 0 to {}", text, level, levels - 1));
  return {.step = step, .level = Level{static_cast<std::int32_t>(level)}};
}

void check_all(const PlanQuestion& question) {
  const auto& stored = question.problem.stored;
  for (std::size_t i = 0; i < stored.size(); ++i)
    if (std::find(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(i), stored[i]) !=
        stored.begin() + static_cast<std::ptrdiff_t>(i))
      refuse(fmt::format("--stored: {}:{} is given twice; leave out one", stored[i].step, stored[i].level.rank));
  if (std::ranges::none_of(stored, [](const auto& snapshot) { return snapshot.step == 0; }))
    refuse("--stored: x_0 is missing, and without it step 0 cannot be turned; give its level too, such as 0:0");
  for (std::size_t k = 0; k < question.problem.levels.size(); ++k) {
    const Level level{static_cast<std::int32_t>(k)};
    const auto held = std::ranges::count(stored, level, &Problem::Stored::level);
    const Slots slots = question.problem.levels[k].slots;
    if (held > slots)
      refuse(fmt::format("--stored: {} snapshot{} at level {}, which has {} slot{}; give at most as many", held,
                         held == 1 ? "" : "s", k, slots, slots == 1 ? "" : "s"));
  }
}

}  // namespace

void ask_stored(PlanQuestion& question, const PlanOptions& options) {
  if (options.turned && !options.stored)
    refuse(
        fmt::format("--turned: {} goes with --stored, for no state is live then; give what is stored, x_0 at least, "
                    "such as --stored 0:0",
                    *options.turned));
  if (!options.stored) return;
  for (const std::string_view part : between_commas(*options.stored))
    question.problem.stored.push_back(snapshot_of(question, part));
  check_all(question);
  if (!options.turned) return;
  question.problem.steps = turned_of(question, *options.turned);
  const Slots last = question.problem.levels.back().slots;
  if (!question.problem.period && last > 0)
    question.problem.period = default_period(question.steps, last);  // of N, not of T
}

}  // namespace cairn::tool
