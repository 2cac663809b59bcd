// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/layout.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include <end_to_end_case.hpp>
#include <fmt/format.h>
#include <machine.hpp>

namespace cairn::bench {
namespace {

constexpr int calibrating_sweeps = 3;   // by overlap, after one by multistage
constexpr Bytes spare_memory = GiB(1);  // that store_all leaves to everybody else

/// The costs over RAM and the file. The first sweep, by a schedule that needs no costs, gives some; overlap at these
/// uses the device as the ways in question do, and gives those that count.
RunCosts calibrate(AcousticGradient& gradient, const Means& means, bool plain_hdf5) {
  const auto sweep = [&](GradientRun& run) {
    gradient.begin();
    const Report report = run.sweep();
    run.rest();
    return report;
  };
  GradientWay way = calibrating_way(means, plain_hdf5);
  const RunCosts first = costs_of(sweep(*way.run(gradient)));
  way.config = with_costs(way.config, first);
  way.config.schedule = ScheduleKind::overlap;
  const std::unique_ptr<GradientRun> run = way.run(gradient);
  std::vector<RunCosts> measured;
  for (int i = 0; i < calibrating_sweeps; ++i) measured.push_back(costs_of(sweep(*run), first));
  return median_of(measured);
}

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/// A sweep: what the clock on the wall said, and the report.
using Figure = std::function<double(double seconds, const Report& report)>;

double median_over(const Rounds& rounds, const std::vector<Report>& reports, const Figure& figure) {
  std::vector<double> values;
  for (std::size_t i = 0; i < rounds.size(); ++i) values.push_back(figure(rounds[i].seconds, reports.at(i)));
  return spread_of(std::move(values)).median;
}

double accounted_for(const Report& report) {
  return report.advance_seconds + report.turn_seconds + report.copy_seconds + report.stall_seconds;
}

std::optional<WayFigures::Against> against(std::vector<Report> reports) {
  std::erase_if(reports, [](const Report& report) { return !report.makespan; });
  if (reports.empty()) return std::nullopt;
  const auto ratios = [&](double Report::Makespan::*to) {
    std::vector<double> values;
    for (const Report& report : reports) values.push_back(share(report.makespan->achieved, (*report.makespan).*to));
    return spread_of(std::move(values));
  };
  return WayFigures::Against{.predicted = ratios(&Report::Makespan::predicted),
                             .least = ratios(&Report::Makespan::least).median,
                             .proved = ratios(&Report::Makespan::least_proved).median,
                             .with_copies = ratios(&Report::Makespan::least_with_copies).median};
}

/// A way that takes part: its tiers, and what it told, round by round.
struct Participant {
  GradientWay way;
  std::unique_ptr<GradientRun> run = {};
  std::vector<Report> reports = {};  // the first is of the warm-up
  bool other_gradient = false;
};

WayFigures figures_of(const Participant& participant, const Rounds& rounds, const Rounds& baseline) {
  const std::vector<Report> reports{participant.reports.begin() + 1, participant.reports.end()};
  const Report& last = reports.back();
  WayFigures figures{.name = participant.way.name,
                     .schedule = last.reason.empty() ? last.schedule : last.schedule + ": " + last.reason,
                     .asynchronous = participant.way.config.executor == ExecutorKind::asynchronous,
                     .rounds = rounds,
                     .ratio = speed_ratio(rounds, baseline)};
  if (const std::optional<Step> period = participant.way.config.period)
    figures.schedule += fmt::format(", period {}", *period);
  const auto median = [&](const Figure& figure) { return median_over(rounds, reports, figure); };
  figures.recomputed = median([](double, const Report& report) {
    return static_cast<double>(report.advances.value()) / static_cast<double>(report.steps) - 1;
  });
  figures.step_seconds = median([](double, const Report& report) {
    return share(report.advance_seconds, static_cast<double>(report.advances.value()));
  });
  figures.stall = median([](double all, const Report& report) { return share(report.stall_seconds, all); });
  figures.copy = median([](double all, const Report& report) { return share(report.copy_seconds, all); });
  figures.other = median([](double all, const Report& report) { return share(all - accounted_for(report), all); });
  figures.against = against(reports);
  return figures;
}

bool is_sequential(const Participant& one) {
  return one.way.config.executor == ExecutorKind::sequential;
}

/// Medians over the sweeps of the asynchronous ways that have a file, written by the HDF5 library or not; `otherwise`
/// where there is none.
RunCosts measured_costs(const std::vector<Participant>& participants, bool plain_hdf5, const RunCosts& otherwise) {
  std::vector<RunCosts> costs;
  for (const Participant& one : participants)
    if (!is_sequential(one) && one.way.config.tiers.size() > 1 && one.way.plain_hdf5 == plain_hdf5)
      for (std::size_t i = 1; i < one.reports.size(); ++i) costs.push_back(costs_of(one.reports[i], otherwise));
  return costs.empty() ? otherwise : median_of(costs);
}

/// The same with copies as the sequential ways made them, in steps of the same length.
RunCosts with_copies_of_one_thread(const RunCosts& costs, const std::vector<Participant>& participants) {
  std::vector<double> out, in;
  for (const Participant& one : participants)
    for (std::size_t i = 1; is_sequential(one) && i < one.reports.size(); ++i) {
      const Report& report = one.reports[i];
      const double step = share(report.advance_seconds, static_cast<double>(report.advances.value()));
      const Report::PerLevel& ram = report.levels[0];
      if (ram.save_cost) out.push_back(*ram.save_cost * step / costs.step_seconds);
      if (ram.load_cost) in.push_back(*ram.load_cost * step / costs.step_seconds);
    }
  return costs.with_copies(out.empty() ? costs.copy_out : spread_of(out).median,
                           in.empty() ? costs.copy_in : spread_of(in).median);
}

/// In forward steps; nothing where the schedule that was taken is none that can be asked for by name.
std::optional<double> predicted(const Participant& participant, const CaseFigures& of) {
  const std::optional<ScheduleKind> kind = schedule_kind(participant.reports.back().schedule);
  if (!kind || *kind == ScheduleKind::automatic) return std::nullopt;
  const RunCosts& costs = participant.way.plain_hdf5   ? of.plain_measured
                          : is_sequential(participant) ? of.measured_alone
                                                       : of.measured;
  return predicted_steps(*kind, participant.way.config, costs, of.means.steps, of.buffer);
}

/// Why the way does not fit; empty where it does.
std::string too_large(const GradientWay& way, const Means& means, Bytes buffer) {
  if (way.config.schedule != ScheduleKind::store_all) return {};
  const Bytes needed = buffer * static_cast<std::uint64_t>(means.steps);
  const Bytes there = available_memory();
  if (needed + spare_memory <= there) return {};
  const auto gigabytes = [](Bytes bytes) { return static_cast<double>(bytes.count) / 1e9; };
  return fmt::format("needs {:.1f} GB of RAM; {:.1f} GB are available, and 1 GB of them stays free", gigabytes(needed),
                     gigabytes(there));
}

std::vector<Way> ways_to_time(AcousticGradient& gradient, std::vector<Participant>& participants, std::uint64_t& hash) {
  std::vector<Way> ways;
  for (Participant& one : participants)
    ways.push_back({.name = one.way.name,
                    .run = [&one] { one.reports.push_back(one.run->sweep()); },
                    .before = [&gradient] { gradient.begin(); },
                    .after =
                        [&one, &gradient, &hash] {
                          one.run->rest();
                          if (hash == 0) hash = gradient.hash();
                          one.other_gradient = one.other_gradient || gradient.hash() != hash;
                        }});
  return ways;
}

/// What it takes to lose nothing; where both ways took part.
std::optional<Spread> safety_of(const std::vector<WayFigures>& ways) {
  const auto plain = std::ranges::find(ways, plain_way, &WayFigures::name);
  const auto safe = std::ranges::find(ways, safe_way, &WayFigures::name);
  if (plain == ways.end() || safe == ways.end()) return std::nullopt;
  return speed_ratio(plain->rounds, safe->rounds);
}

/// Those that take part, with their tiers; of the others a line each.
std::vector<Participant> choose(AcousticGradient& gradient, CaseFigures& figures, const std::string& filter) {
  std::vector<Participant> chosen;
  chosen.push_back({.way = baseline_way(figures.means)});
  for (GradientWay& way : other_ways(figures.means, figures.planned, figures.plain_planned)) {
    if (way.name.find(filter) == std::string::npos) continue;
    const std::string problem = too_large(way, figures.means, figures.buffer);
    if (problem.empty())
      chosen.push_back({.way = std::move(way)});
    else
      figures.ways.push_back({.name = way.name, .left_out = problem});
  }
  for (Participant& one : chosen) one.run = one.way.run(gradient);
  return chosen;
}

}  // namespace

CaseFigures measure_case(AcousticGradient& gradient, const Means& means, int rounds, const std::string& filter) {
  CaseFigures figures{.model = gradient.text(),
                      .name = gradient.name(),
                      .means = means,
                      .buffer = Layout{gradient.state().fields()}.buffer_bytes(),
                      .planned = calibrate(gradient, means, false),
                      .plain_planned = calibrate(gradient, means, true)};
  figures.distance = least_distance(figures.planned, means.steps + 1, means.slots);
  std::vector<Participant> participants = choose(gradient, figures, filter);
  const std::vector<Rounds> measured = measure_in_turns(ways_to_time(gradient, participants, figures.hash), rounds);
  figures.measured = measured_costs(participants, false, figures.planned);
  figures.plain_measured = measured_costs(participants, true, figures.plain_planned);
  figures.measured_alone = with_copies_of_one_thread(figures.measured, participants);
  const std::optional<double> baseline = predicted(participants[0], figures);
  std::vector<WayFigures> run;
  for (std::size_t i = 0; i < participants.size(); ++i) {
    run.push_back(figures_of(participants[i], measured[i], measured[0]));
    const std::optional<double> ours = predicted(participants[i], figures);
    if (baseline && ours && *ours > 0) run.back().predicted_ratio = *baseline / *ours;
    if (participants[i].other_gradient) figures.other_gradients.push_back(participants[i].way.name);
  }
  figures.safety = safety_of(run);
  figures.ways.insert(figures.ways.begin(), run.begin(), run.end());
  return figures;
}

}  // namespace cairn::bench
