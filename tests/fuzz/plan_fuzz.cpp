// SPDX-License-Identifier: BSD-3-Clause
// The arguments of `cairn plan`, one a line; after an empty line the CONFIG, whatever its path was. Each question is
// answered, or refused by std::invalid_argument. Plans that would take more than milliseconds are only asked for.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <support/temporary_folder.hpp>

#define main cairn_main  // the program's own parser of arguments, CLI11's
#include "../../tools/cairn.cpp"
#undef main

#include "input.hpp"
#include "plan_answer.hpp"
#include "plan_question.hpp"

namespace {

using cairn::tool::PlanOptions;
using cairn::tool::PlanQuestion;

constexpr cairn::Step most_steps = 150;    // of plans that are answered
constexpr cairn::Slots most_slots = 1000;  // of all levels together

/// The lines up to an empty one; what follows it is the configuration.
std::vector<std::string> arguments_of(std::string_view& text) {
  std::vector<std::string> arguments;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) break;
    arguments.emplace_back(line);
  }
  return arguments;
}

/// nullopt: CLI11 refused them, or they ask for help.
std::optional<PlanOptions> parsed(std::vector<std::string> arguments) {
  CLI::App app;
  PlanOptions options;
  declare(app, options);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::Error&) {
    return std::nullopt;
  }
  options.figure.reset();  // it writes a file wherever the input says
  return options;
}

bool is_short(const PlanQuestion& question) {
  const auto& levels = question.problem.levels;
  const double slots = std::accumulate(levels.begin(), levels.end(), 0.0,
                                       [](double sum, const auto& l) { return sum + static_cast<double>(l.slots); });
  return question.steps <= most_steps && slots <= static_cast<double>(most_slots);
}

void ask(const PlanOptions& options) {
  try {
    if (is_short(question_of(options))) plan(options);
  } catch (const std::invalid_argument& refusal) {
    if (std::string_view{refusal.what()}.empty()) throw std::logic_error{"a refusal without words"};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cairn::test::TemporaryFolder folder;
  static const std::string config = folder / "config.yaml";
  static const bool silent = std::freopen("/dev/null", "w", stdout) != nullptr;
  if (!silent) return 0;
  std::string_view text = cairn::test::Input{data, size}.text();
  auto options = parsed(arguments_of(text));
  if (!options) return 0;
  if (options->config) {
    options->config = config;
    std::ofstream{config, std::ios::binary} << text;
  }
  ask(*options);
  return 0;
}
