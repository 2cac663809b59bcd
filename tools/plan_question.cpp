// SPDX-License-Identifier: BSD-3-Clause
#include "plan_question.hpp"

#include "numbers.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

constexpr std::int64_t most_snapshot_bytes = std::int64_t{1} << 62;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

Step steps_of(const PlanOptions& options) {
  const Step steps = whole_number("--steps", options.steps);
  if (steps < 1) refuse(fmt::format("--steps: {} is too few; give 1 step or more", steps));
  if (steps > limits::steps) refuse(fmt::format("--steps: {} is too many; give at most {}", steps, limits::steps));
  return steps;
}

ScheduleKind kind_of(const std::string& name) {
  try {
    return schedule_named(name);
  } catch (const std::invalid_argument& unknown) {
    refuse(fmt::format("--schedule: {}", unknown.what()));
  }
}

Bytes buffer_bytes_of(const PlanOptions& options, const Config& config) {
  if (options.snapshot_bytes) {
    const std::int64_t bytes = whole_number("--snapshot-bytes", *options.snapshot_bytes);
    if (bytes < 1 || bytes > most_snapshot_bytes)
      refuse(
          fmt::format("--snapshot-bytes: {} is no size of a snapshot; give the bytes of all fields together", bytes));
    return Bytes{round_up(static_cast<std::uint64_t>(bytes), limits::block_bytes)};
  }
  const auto tier = std::find_if(config.tiers.begin(), config.tiers.end(),
                                 [](const TierConfig& t) { return !t.capacity.in_slots(); });
  if (tier != config.tiers.end())
    refuse(fmt::format("{}{} holds as many snapshots as their size allows; give it by --snapshot-bytes B",
                       config.place_of(fmt::format("tiers[{}].capacity", tier - config.tiers.begin())),
                       tier->capacity.text()));
  return Bytes{limits::block_bytes};
}

void ask_configuration(PlanQuestion& question, const PlanOptions& options) {
  if (options.slots) refuse("--slots: CONFIG gives the levels already; leave out one of the two");
  Config config = Config::from_file(*options.config);
  if (options.schedule) {
    config.schedule = kind_of(*options.schedule);
    if (config.schedule != ScheduleKind::periodic) config.period.reset();
  }
  question.kind = config.schedule;
  const Provision provision = provide(config, buffer_bytes_of(options, config));
  question.pool = provision.pool;
  question.problem = problem_of(config, provision, question.problem.steps);
  for (const TierConfig& tier : config.tiers) {
    question.names.emplace_back(name_of(tier.kind));
    if (!tier.save_cost && !options.save_cost) question.unset.push_back("save cost of " + question.names.back());
    if (!tier.load_cost && !options.load_cost) question.unset.push_back("load cost of " + question.names.back());
  }
}

void ask_options(PlanQuestion& question, const PlanOptions& options) {
  if (!options.slots) refuse("give CONFIG, a YAML file, or the slots of each level by --slots, such as --slots 10,200");
  if (options.snapshot_bytes)
    refuse("--snapshot-bytes: it goes with CONFIG, whose capacities are sizes; --slots gives slots");
  if (options.schedule) question.kind = kind_of(*options.schedule);
  for (const Slots slots : slot_numbers("--slots", *options.slots)) {
    question.names.push_back(fmt::format("level {}", question.names.size()));
    question.problem.levels.push_back({.slots = slots});
    if (!options.save_cost) question.unset.push_back("save cost of " + question.names.back());
    if (!options.load_cost) question.unset.push_back("load cost of " + question.names.back());
  }
  if (question.names.size() > static_cast<std::size_t>(limits::tiers))
    refuse(fmt::format("--slots: {} levels; there are at most {}", question.names.size(), limits::tiers));
}

}  // namespace

PlanQuestion question_of(const PlanOptions& options) {
  PlanQuestion question;
  question.problem.steps = steps_of(options);
  if (options.config) {
    ask_configuration(question, options);
  } else {
    ask_options(question, options);
  }
  auto& levels = question.problem.levels;
  if (options.save_cost) {
    const auto given = costs("--save-cost", *options.save_cost, levels.size());
    for (std::size_t k = 0; k < levels.size(); ++k) levels[k].save_cost = given[k];
  }
  if (options.load_cost) {
    const auto given = costs("--load-cost", *options.load_cost, levels.size());
    for (std::size_t k = 0; k < levels.size(); ++k) levels[k].load_cost = given[k];
  }
  question.problem.turn_cost = options.turn_cost ? cost("--turn-cost", *options.turn_cost) : 0;
  if (!options.turn_cost) question.unset.push_back("turn cost");
  if (options.period) {
    if (question.kind != ScheduleKind::periodic)
      refuse(
          fmt::format("--period: {} has no period; leave it out, or plan --schedule periodic", name_of(question.kind)));
    question.problem.period = whole_number("--period", *options.period);
  }
  return question;
}

}  // namespace cairn::tool
