// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_report.hpp>

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

Tier::Pace since(const Tier::Pace& before, const Tier::Pace& now) {
  return {.saves = now.saves - before.saves,
          .loads = now.loads - before.loads,
          .save_seconds = now.save_seconds - before.save_seconds,
          .load_seconds = now.load_seconds - before.load_seconds};
}

Tier::Pace pace_before(const SweepStart& start, std::size_t level) {
  return level < start.paces.size() ? start.paces[level] : Tier::Pace{};
}

double lane_seconds_before(const SweepStart& start, std::size_t level) {
  return level < start.lane_seconds.size() ? start.lane_seconds[level] : 0;
}

/// Seconds of one transfer; nothing where there was none.
std::optional<double> mean(double seconds, std::uint64_t transfers) {
  if (transfers == 0) return std::nullopt;
  return seconds / static_cast<double>(transfers);
}

/// What one snapshot takes by itself, the copy from or to the live state left out.
struct Seconds {
  std::optional<double> save, load;
};

Seconds seconds_of(const Tier::Pace& pace) {
  return {.save = mean(pace.save_seconds, pace.saves), .load = mean(pace.load_seconds, pace.loads)};
}

std::optional<double> gb_per_second(Bytes snapshot, std::optional<double> seconds) {
  if (!seconds || *seconds <= 0) return std::nullopt;
  return static_cast<double>(snapshot.count) / *seconds / 1e9;
}

void add_speeds(Report::PerLevel& level, Bytes snapshot, const Seconds& seconds) {
  level.save_gb_per_second = gb_per_second(snapshot, seconds.save);
  level.load_gb_per_second = gb_per_second(snapshot, seconds.load);
}

void add_costs(Report::PerLevel& level, const Seconds& seconds, double copy_seconds, double step_seconds) {
  if (seconds.save) level.save_cost = (copy_seconds + *seconds.save) / step_seconds;
  if (seconds.load) level.load_cost = (copy_seconds + *seconds.load) / step_seconds;
}

void add_measured(Report& report, const RunParts& run) {
  const std::optional<double> step = mean(report.advance_seconds, report.advances.value());
  const std::optional<double> copy = mean(report.copy_seconds, run.executor.copies().value());
  const bool timed = copy && step && *step > 0;
  for (std::size_t i = 0; i < report.levels.size(); ++i) {
    const Level rank{static_cast<std::int32_t>(i)};
    Report::PerLevel& level = report.levels[i];
    if (run.tiers.in_memory(rank)) {  // copied, no more
      const Seconds copies{.save = level.takeshots > Count{0} ? copy : std::nullopt,
                           .load = level.restores > Count{0} ? copy : std::nullopt};
      add_speeds(level, report.snapshot, copies);
      if (timed) add_costs(level, copies, 0, *step);
      continue;
    }
    const Tier::Pace all = run.tiers.at(rank).pace();
    const Seconds ever = seconds_of(all);
    const Seconds now = seconds_of(since(pace_before(run.start, i), all));
    add_speeds(level, report.snapshot, now);
    if (timed)
      add_costs(level, {.save = now.save ? now.save : ever.save, .load = now.load ? now.load : ever.load}, *copy,
                *step);
  }
}

}  // namespace

SweepStart start_of_sweep(const TierSet& tiers, const Executor& executor) {
  SweepStart start;
  for (std::int32_t rank = 0; rank < tiers.levels(); ++rank) {
    start.paces.push_back(tiers.at(Level{rank}).pace());
    start.lane_seconds.push_back(executor.lane_seconds(Level{rank}));
  }
  return start;
}

Report report_of(const RunParts& run) {
  const PlanCounts& counts = run.executor.counts();
  const Meter& meter = run.executor.meter();
  Report report;
  report.schedule = name_of(run.choice.kind);
  report.reason = run.choice.reason;
  report.healed = run.executor.healed();
  report.compared = run.executor.compared();
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
  const Copier& copier = run.executor.copier();
  report.copy_threads = std::max(copier.threads(Copier::Way::out), copier.threads(Copier::Way::in));
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
                             .shared = run.tiers.in_memory(level) && run.tiers.shared(),
                             .retired = !run.executor.retired().empty() && run.executor.retired()[i],
                             .stall_seconds = run.executor.stall_seconds()[i],
                             .lane_seconds = run.executor.lane_seconds(level) - lane_seconds_before(run.start, i)});
  }
  report.plan_cost = cost_of(counts, save_costs, load_costs, /*turn_cost=*/0);
  add_measured(report, run);
  return report;
}

}  // namespace cairn
