// SPDX-License-Identifier: BSD-3-Clause
#include "plan_question.hpp"

#include "numbers.hpp"
#include "plan_devices.hpp"
#include "plan_stored.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

void note_unset(PlanQuestion& question, const std::string& cost, bool of_memory) {
  question.unset.push_back(cost + " of " + question.names.back());
  if (!of_memory) question.needed.push_back(question.unset.back());
}

void ask_configuration(PlanQuestion& question, const PlanOptions& options) {
  if (options.slots) refuse("--slots: CONFIG gives the levels already; leave out one of the two");
  const Config config = Config::from_file(*options.config);
  question.kind = config.schedule;
  question.kind_place = config.place_of("schedule");
  question.turn_cost = config.costs.turn;
  const Provision provision = provide(config, buffer_bytes_of(options, config));
  question.pool = provision.pool;
  question.problem = problem_of(config, provision, question.steps);
  ask_devices(question.problem, options, config);
  question.in_memory = config.tiers[0].kind == TierKind::ram;
  if (question.in_memory) question.problem.levels[0].slots = provision.pool - (config.tiers.size() > 1 ? 1 : 0);
  for (const TierConfig& tier : config.tiers) {
    question.names.emplace_back(name_of(tier.kind));
    if (!tier.save_cost && !options.save_cost) note_unset(question, "save cost", tier.kind == TierKind::ram);
    if (!tier.load_cost && !options.load_cost) note_unset(question, "load cost", tier.kind == TierKind::ram);
  }
}

void ask_options(PlanQuestion& question, const PlanOptions& options) {
  if (!options.slots) refuse("give CONFIG, a YAML file, or the slots of each level by --slots, such as --slots 10,200");
  if (options.snapshot_bytes)
    refuse("--snapshot-bytes: it goes with CONFIG, whose capacities are sizes; --slots gives slots");
  question.problem.steps = question.steps;
  for (const Slots slots : slot_numbers("--slots", *options.slots)) {
    const bool fastest = question.names.empty();
    question.names.push_back(fmt::format("level {}", question.names.size()));
    question.problem.levels.push_back({.slots = slots});
    if (!options.save_cost) note_unset(question, "save cost", fastest);
    if (!options.load_cost) note_unset(question, "load cost", fastest);
  }
  if (question.names.size() > static_cast<std::size_t>(limits::tiers))
    refuse(fmt::format("--slots: {} levels; there are at most {}", question.names.size(), limits::tiers));
  question.problem.buffers = question.problem.levels[0].slots + (question.names.size() > 1 ? 1 : 0);
  ask_devices(question.problem, options);
}

void ask_costs(PlanQuestion& question, const PlanOptions& options) {
  auto& levels = question.problem.levels;
  if (options.save_cost) {
    const auto given = costs("--save-cost", *options.save_cost, levels.size());
    for (std::size_t k = 0; k < levels.size(); ++k) levels[k].save_cost = given[k];
  }
  if (options.load_cost) {
    const auto given = costs("--load-cost", *options.load_cost, levels.size());
    for (std::size_t k = 0; k < levels.size(); ++k) levels[k].load_cost = given[k];
  }
  if (options.turn_cost) question.turn_cost = cost("--turn-cost", *options.turn_cost);
  question.problem.turn_cost = question.turn_cost.value_or(0);
  if (!question.turn_cost) question.unset.push_back("turn cost");
}

/// Plans are made with whole numbers below 2^62, and a step costs at least 1.
void check_dearest(const PlanQuestion& question) {
  double dearest = question.problem.turn_cost;
  for (const auto& level : question.problem.levels) dearest = std::max({dearest, level.save_cost, level.load_cost});
  const double most = (0x1p60 / static_cast<double>(question.steps) - 256) / 8;
  if (dearest > most)
    refuse(
        fmt::format("a cost of {:g} forward steps is too much for a plan of {} steps; give at most {:g}: seconds to "
                    "save or load one snapshot / seconds of one forward step",
                    dearest, question.steps, most));
}

void ask_schedule(PlanQuestion& question, const PlanOptions& options) {
  if (options.compare && options.schedule)
    refuse(fmt::format("--compare: it shows every schedule; leave out --schedule {}", *options.schedule));
  if (options.schedule) {
    question.kind = kind_of(*options.schedule);
    question.kind_place = "--schedule: ";
  }
  if (options.compare) question.kind = ScheduleKind::automatic;
  const bool has_period = question.kind == ScheduleKind::periodic || question.kind == ScheduleKind::automatic;
  if (!has_period) question.problem.period.reset();
  if (question.kind == ScheduleKind::overlap && !question.in_memory)
    refuse(
        "--schedule: overlap moves snapshots between RAM and slower tiers, and CONFIG has no ram tier; take hrevolve");
  if (options.period) {
    if (!has_period)
      refuse(
          fmt::format("--period: {} has no period; leave it out, or plan --schedule periodic", name_of(question.kind)));
    question.problem.period = whole_number("--period", *options.period);
  }
}

void check_costs(const PlanQuestion& question, const PlanOptions& options) {
  if (!needs_costs(question.kind) || question.needed.empty()) return;
  refuse(fmt::format(
      "{}{} weighs storage against steps, and needs the {}; give {}--save-cost W,... and --load-cost R,...: "
      "seconds to save (load) one snapshot / seconds of one forward step, as cairn measure {} --snapshot-bytes B has "
      "them, or the report of a run",
      question.kind_place, name_of(question.kind), fmt::join(question.needed, ", "),
      options.config ? "save_cost and load_cost of each tier in CONFIG, or " : "", options.config.value_or("CONFIG")));
}

}  // namespace

bool PlanQuestion::costs_are_unset() const {
  return unset.size() == 2 * names.size() + 1;
}

std::string PlanQuestion::sentence_on_unset() const {
  if (costs_are_unset()) return "No save, load or turn cost is given; all are taken as 0.\n";
  return unset.empty() ? "" : fmt::format("Not given and taken as 0: {}.\n", fmt::join(unset, ", "));
}

PlanQuestion question_of(const PlanOptions& options) {
  PlanQuestion question;
  question.steps = steps_of(options);
  if (options.config) {
    ask_configuration(question, options);
  } else {
    ask_options(question, options);
  }
  ask_schedule(question, options);
  ask_costs(question, options);
  check_dearest(question);
  check_costs(question, options);
  ask_stored(question, options);
  return question;
}

}  // namespace cairn::tool
