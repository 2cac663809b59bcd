// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_report.hpp>

#include <algorithm>

namespace cairn {
namespace {

void add_measured_costs(Report& report, const TierSet& tiers, Count copies) {
  if (report.advance_seconds <= 0 || report.advances == Count{0} || copies == Count{0}) return;
  const double step_seconds = report.advance_seconds / static_cast<double>(report.advances.value());
  const double copy_seconds = report.copy_seconds / static_cast<double>(copies.value());
  const auto mean = [](double seconds, std::uint64_t calls) { return seconds / static_cast<double>(calls); };
  for (std::size_t i = 0; i < report.levels.size(); ++i) {
    const Level level{static_cast<std::int32_t>(i)};
    Report::PerLevel& of = report.levels[i];
    const Tier::Pace pace = tiers.at(level).pace();
    if (tiers.in_memory(level)) {  // copied, no more
      if (of.takeshots > Count{0}) of.save_cost = copy_seconds / step_seconds;
      if (of.restores > Count{0}) of.load_cost = copy_seconds / step_seconds;
      continue;
    }
    if (pace.saves > 0) of.save_cost = (copy_seconds + mean(pace.save_seconds, pace.saves)) / step_seconds;
    if (pace.loads > 0) of.load_cost = (copy_seconds + mean(pace.load_seconds, pace.loads)) / step_seconds;
  }
}

}  // namespace

Report report_of(const RunParts& run) {
  const PlanCounts& counts = run.executor.counts();
  const Meter& meter = run.executor.meter();
  Report report;
  report.schedule = name_of(run.choice.kind);
  report.reason = run.choice.reason;
  report.executor = name_of(run.config.executor);
  report.steps = run.steps;
  report.advances = counts.advances;
  report.turns =
      Count{counts.turns.value() - std::min<std::uint64_t>(counts.turns.value(), 1)};  // the seed's is the user's
  report.snapshot = run.layout.snapshot_bytes();
  report.buffer = run.layout.buffer_bytes();
  report.pool = run.provision.pool;
  report.advance_seconds = meter.seconds(Meter::Doing::advance);
  report.turn_seconds = meter.seconds(Meter::Doing::turn);
  report.copy_seconds = meter.seconds(Meter::Doing::copy);
  report.stall_seconds = meter.seconds(Meter::Doing::stall);
  report.other_seconds = meter.seconds(Meter::Doing::other);
  report.total_seconds = meter.total_seconds();
  std::vector<double> save_costs, load_costs;
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    const Level level{static_cast<std::int32_t>(i)};
    const PlanCounts::PerLevel& counted = counts.levels[i];
    const Tier& tier = run.tiers.at(level);
    save_costs.push_back(run.config.tiers[i].save_cost.value_or(0));
    load_costs.push_back(run.config.tiers[i].load_cost.value_or(0));
    report.levels.push_back({.tier = tier.kind(),
                             .file = tier.file(),
                             .slots = tier.slots(),
                             .peak = counted.peak,
                             .takeshots = counted.takeshots,
                             .restores = counted.restores,
                             .moves = counted.moves,
                             .discards = counted.discards,
                             .saved = run.layout.snapshot_bytes() * (counted.takeshots + counted.moves).value(),
                             .loaded = run.layout.snapshot_bytes() * counted.restores.value(),
                             .stall_seconds = run.executor.stall_seconds()[i],
                             .lane_seconds = run.executor.lane_seconds(level)});
  }
  report.plan_cost = cost_of(counts, save_costs, load_costs, /*turn_cost=*/0);
  add_measured_costs(report, run.tiers, run.executor.copies());
  return report;
}

}  // namespace cairn
