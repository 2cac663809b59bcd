// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/plan_counts.hpp>
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <paired.hpp>
#include <run_costs.hpp>

namespace cairn::bench {

std::string RunCosts::text() const {
  return fmt::format(
      "step {:.3f} ms; in steps: turn (ub) {:.2f}, copy out {:.2f}, copy in {:.2f}, write (W) {:.2f}, read (R) {:.2f}",
      1000 * step_seconds, turn, copy_out, copy_in, write(), read());
}

RunCosts RunCosts::with_copies(double out, double in) const {
  RunCosts other = *this;
  other.copy_out = out;
  other.copy_in = in;
  other.save += out - copy_out;
  other.load += in - copy_in;
  return other;
}

RunCosts costs_of(const Report& report, const RunCosts& otherwise) {
  RunCosts costs = otherwise;
  if (report.advances > Count{0} && report.advance_seconds > 0)
    costs.step_seconds = report.advance_seconds / static_cast<double>(report.advances.value());
  if (report.turns > Count{0} && costs.step_seconds > 0)
    costs.turn = report.turn_seconds / static_cast<double>(report.turns.value()) / costs.step_seconds;
  const Report::PerLevel& ram = report.levels.at(0);
  const Report::PerLevel& slow = report.levels.at(1);
  costs.copy_out = ram.save_cost.value_or(costs.copy_out);
  costs.copy_in = ram.load_cost.value_or(costs.copy_in);
  costs.save = slow.save_cost.value_or(costs.save);
  costs.load = slow.load_cost.value_or(costs.load);
  return costs;
}

RunCosts median_of(const std::vector<RunCosts>& costs) {
  const auto median = [&](double RunCosts::*member) {
    std::vector<double> values;
    for (const RunCosts& one : costs) values.push_back(one.*member);
    return spread_of(std::move(values)).median;
  };
  return {.step_seconds = median(&RunCosts::step_seconds),
          .turn = median(&RunCosts::turn),
          .copy_out = median(&RunCosts::copy_out),
          .copy_in = median(&RunCosts::copy_in),
          .save = median(&RunCosts::save),
          .load = median(&RunCosts::load)};
}

double least_distance(const RunCosts& costs, Step steps, Slots slots) {
  return std::max({1.0, costs.write(), (costs.read() + 1) / (1 + costs.turn),
                   static_cast<double>(steps) / static_cast<double>(slots)});
}

Config with_costs(Config config, const RunCosts& costs) {
  config.costs = {.advance_seconds = costs.step_seconds, .turn = costs.turn};
  for (TierConfig& tier : config.tiers) {
    const bool ram = tier.kind == TierKind::ram;
    tier.save_cost = ram ? costs.copy_out : costs.save;
    tier.load_cost = ram ? costs.copy_in : costs.load;
  }
  return config;
}

double predicted_steps(ScheduleKind kind, const Config& config, const RunCosts& costs, Step steps, Bytes buffer_bytes) {
  Config of_kind = with_costs(config, costs);
  of_kind.schedule = kind;  // overlap shares the pool by a rule of its own
  Problem problem = problem_of(of_kind, provide(of_kind, buffer_bytes), steps + 1);
  problem.turn_cost = costs.turn;
  const bool beside = config.executor == ExecutorKind::asynchronous && config.tiers.size() > 1;
  const double all = beside ? time_plan(kind, problem).timing.makespan : count_plan(kind, problem).cost;
  return all - costs.turn;  // the seed's turn is the user's
}

}  // namespace cairn::bench
