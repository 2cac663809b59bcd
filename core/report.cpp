// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/report.hpp>
#include <cairn/storage/errors.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(Count count) {
  return count.saturated() ? Json(nullptr) : Json(count.value());
}
std::string text_of(Count count) {
  return count.saturated() ? ">1.8e19" : fmt::format("{}", count.value());
}

std::string text_of(const std::optional<double>& cost) {
  return cost ? fmt::format("{:.3g}", *cost) : "-";
}
Json json_of(const std::optional<double>& cost) {
  return cost ? Json(*cost) : Json(nullptr);
}

// Each as what the makespan is a multiple of.
std::string lines_of(const Report::Makespan& makespan) {
  const std::string proved =
      makespan.least_is_proved()
          ? ", proved"
          : fmt::format("; {:.3f} times the {:.0f} proved", makespan.of_least_proved(), makespan.least_proved);
  return fmt::format(
      "makespan {:.0f} steps of {:.3g} s: {:.3f} times the {:.0f} predicted,\n"
      "         {:.3f} times the {:.0f} that any plan takes ({}{}), {:.3f} times the {:.0f} with copies\n",
      makespan.achieved, makespan.step_seconds, makespan.of_predicted(), makespan.predicted, makespan.of_least(),
      makespan.least, makespan.reason, proved, makespan.of_least_with_copies(), makespan.least_with_copies);
}

Json json_of(const Report::Makespan& makespan) {
  return {{"step_seconds", makespan.step_seconds},
          {"achieved", makespan.achieved},
          {"predicted", makespan.predicted},
          {"least", makespan.least},
          {"least_proved", makespan.least_proved},
          {"least_with_copies", makespan.least_with_copies},
          {"reason", makespan.reason},
          {"least_is_proved", makespan.least_is_proved()},
          {"of_predicted", makespan.of_predicted()},
          {"of_least", makespan.of_least()},
          {"of_least_proved", makespan.of_least_proved()},
          {"of_least_with_copies", makespan.of_least_with_copies()}};
}

std::string line_of_seconds(const Report& report) {
  const auto percent = [&](double seconds) { return 100 * report.share(seconds); };
  return fmt::format(
      "{:.3f} s: compute {:.3f} ({:.1f} %: forward {:.3f}, turns {:.3f}), copies {:.3f} ({:.1f} %), stalls {:.3f} "
      "({:.1f} %), other {:.3f} ({:.1f} %)\n",
      report.total_seconds, report.compute_seconds(), percent(report.compute_seconds()), report.advance_seconds,
      report.turn_seconds, report.copy_seconds, percent(report.copy_seconds), report.stall_seconds,
      percent(report.stall_seconds), report.other_seconds, percent(report.other_seconds));
}

std::string name_of(const Report::PerLevel& level) {
  return level.shared ? level.tier + " shared" : level.tier;
}

/// Of the column of names.
std::size_t width_of_names(const std::vector<Report::PerLevel>& levels) {
  std::size_t width = 6;
  for (const Report::PerLevel& level : levels) width = std::max(width, name_of(level).size());
  return width;
}

std::string table_of_counts(const std::vector<Report::PerLevel>& levels) {
  constexpr auto row = "{:<{}} {:>8} {:>8} {:>10} {:>10} {:>8} {:>11} {:>11}\n";
  const std::size_t width = width_of_names(levels);
  std::string text =
      fmt::format(row, "tier", width, "slots", "peak", "takeshots", "restores", "moves", "saved", "loaded");
  for (const Report::PerLevel& level : levels)
    text += fmt::format(row, name_of(level), width, level.slots, level.peak, text_of(level.takeshots),
                        text_of(level.restores), text_of(level.moves), readable(level.saved), readable(level.loaded));
  return text;
}

std::string table_of_times(const Report& report) {
  constexpr auto row = "{:<{}} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9}\n";
  const std::size_t width = width_of_names(report.levels);
  std::string text = fmt::format(row, "tier", width, "save GB/s", "load GB/s", "save cost", "load cost", "lane s",
                                 "busy %", "stall s");
  for (const Report::PerLevel& level : report.levels) {
    const bool worked = level.lane_seconds > 0;
    text += fmt::format(row, name_of(level), width, text_of(level.save_gb_per_second),
                        text_of(level.load_gb_per_second), text_of(level.save_cost), text_of(level.load_cost),
                        worked ? fmt::format("{:.3f}", level.lane_seconds) : "-",
                        worked ? fmt::format("{:.1f}", 100 * report.busy_share(level)) : "-",
                        fmt::format("{:.3f}", level.stall_seconds));
  }
  return text;
}

Json json_of(const Report& report, const Report::PerLevel& level) {
  return {{"tier", level.tier},
          {"file", level.file},
          {"shared", level.shared},
          {"slots", level.slots},
          {"retired", level.retired},
          {"peak", level.peak},
          {"takeshots", json_of(level.takeshots)},
          {"restores", json_of(level.restores)},
          {"moves", json_of(level.moves)},
          {"discards", json_of(level.discards)},
          {"saved_bytes", level.saved.count},
          {"loaded_bytes", level.loaded.count},
          {"save_gb_per_second", json_of(level.save_gb_per_second)},
          {"load_gb_per_second", json_of(level.load_gb_per_second)},
          {"stall_seconds", level.stall_seconds},
          {"lane_seconds", level.lane_seconds},
          {"busy_share", report.busy_share(level)},
          {"save_cost", json_of(level.save_cost)},
          {"load_cost", json_of(level.load_cost)}};
}

}  // namespace

std::string Report::table() const {
  std::string text =
      fmt::format("{} steps reversed by {}, {} executor: {} forward steps ({:.2f} a step), {} turns\n", steps, schedule,
                  executor, text_of(advances),
                  steps > 0 ? static_cast<double>(advances.value()) / static_cast<double>(steps) : 0.0, text_of(turns));
  if (!reason.empty()) text += fmt::format("{}: {}\n", schedule == "overlap" ? "plan" : "auto", reason);
  if (stopped)
    text += fmt::format("stopped as asked in the {} sweep at step {}; with resume: true the next start goes on\n",
                        stopped_in_reverse ? "reverse" : "forward", stopped_at);
  for (const PerLevel& level : levels)
    if (level.retired) text += fmt::format("the {} tier failed and was retired; the log has the error\n", level.tier);
  if (healed > Count{0})
    text += fmt::format("healed: {} snapshot{} lost and computed again; the log has the errors\n", text_of(healed),
                        healed == Count{1} ? " was" : "s were");
  if (compared)
    text += fmt::format("replayed: {} state{} computed again, each the same as at first\n", text_of(*compared),
                        *compared == Count{1} ? "" : "s");
  text += line_of_seconds(*this);
  if (makespan) text += lines_of(*makespan);
  return text + table_of_counts(levels) + table_of_times(*this);
}

std::string Report::json() const {
  Json tiers = Json::array();
  for (const PerLevel& level : levels) tiers.push_back(json_of(*this, level));
  Json json{{"schedule", schedule},
            {"reason", reason.empty() ? Json(nullptr) : Json(reason)},
            {"executor", executor},
            {"steps", steps},
            {"advances", json_of(advances)},
            {"turns", json_of(turns)},
            {"stopped", stopped},
            {"stopped_in_reverse", stopped ? Json(stopped_in_reverse) : Json(nullptr)},
            {"stopped_at", stopped ? Json(stopped_at) : Json(nullptr)},
            {"healed", json_of(healed)},
            {"compared", compared ? json_of(*compared) : Json(nullptr)},
            {"plan_cost", plan_cost},
            {"snapshot_bytes", snapshot.count},
            {"buffer_bytes", buffer.count},
            {"pool", pool},
            {"advance_seconds", advance_seconds},
            {"turn_seconds", turn_seconds},
            {"compute_seconds", compute_seconds()},
            {"copy_seconds", copy_seconds},
            {"copy_threads", copy_threads},
            {"stall_seconds", stall_seconds},
            {"other_seconds", other_seconds},
            {"total_seconds", total_seconds},
            {"compute_share", share(compute_seconds())},
            {"copy_share", share(copy_seconds)},
            {"stall_share", share(stall_seconds)},
            {"levels", tiers}};
  if (makespan) json["makespan"] = json_of(*makespan);
  return json.dump(2);
}

}  // namespace cairn
