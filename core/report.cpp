// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/report.hpp>
#include <cairn/storage/errors.hpp>

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

double share(double part, double whole) {
  return whole > 0 ? 100 * part / whole : 0;
}

std::string line_of(const Report::Makespan& makespan) {
  return fmt::format(
      "makespan {:.0f} steps of {:.3g} s: {:.3f} of the {:.0f} predicted; at least {:.0f} by any plan ({}), {:.0f} "
      "with "
      "copies\n",
      makespan.achieved, makespan.step_seconds, makespan.achieved / makespan.predicted, makespan.predicted,
      makespan.least, makespan.reason, makespan.least_with_copies);
}

Json json_of(const Report::Makespan& makespan) {
  return {{"step_seconds", makespan.step_seconds},
          {"achieved", makespan.achieved},
          {"predicted", makespan.predicted},
          {"least", makespan.least},
          {"least_proved", makespan.least_proved},
          {"least_with_copies", makespan.least_with_copies},
          {"reason", makespan.reason}};
}

}  // namespace

std::string Report::table() const {
  std::string text =
      fmt::format("{} steps reversed by {}, {} executor: {} forward steps ({:.2f} a step), {} turns\n", steps, schedule,
                  executor, text_of(advances),
                  steps > 0 ? static_cast<double>(advances.value()) / static_cast<double>(steps) : 0.0, text_of(turns));
  if (!reason.empty()) text += fmt::format("{}: {}\n", schedule == "overlap" ? "plan" : "auto", reason);
  text += fmt::format(
      "{:.3f} s: forward {:.3f}, turns {:.3f}, copies {:.3f} ({:.1f} %), stalls {:.3f} ({:.1f} %), other {:.3f}\n",
      total_seconds, advance_seconds, turn_seconds, copy_seconds, share(copy_seconds, total_seconds), stall_seconds,
      share(stall_seconds, total_seconds), other_seconds);
  if (makespan) text += line_of(*makespan);
  text += fmt::format("{:<6} {:>8} {:>8} {:>10} {:>10} {:>8} {:>11} {:>11} {:>9} {:>9} {:>9} {:>9}\n", "tier", "slots",
                      "peak", "takeshots", "restores", "moves", "saved", "loaded", "stall s", "lane s", "save cost",
                      "load cost");
  for (const PerLevel& level : levels)
    text += fmt::format("{:<6} {:>8} {:>8} {:>10} {:>10} {:>8} {:>11} {:>11} {:>9.3f} {:>9.3f} {:>9} {:>9}\n",
                        level.tier, level.slots, level.peak, text_of(level.takeshots), text_of(level.restores),
                        text_of(level.moves), readable(level.saved), readable(level.loaded), level.stall_seconds,
                        level.lane_seconds, text_of(level.save_cost), text_of(level.load_cost));
  return text;
}

std::string Report::json() const {
  Json tiers = Json::array();
  for (const PerLevel& level : levels)
    tiers.push_back({{"tier", level.tier},
                     {"file", level.file},
                     {"slots", level.slots},
                     {"peak", level.peak},
                     {"takeshots", json_of(level.takeshots)},
                     {"restores", json_of(level.restores)},
                     {"moves", json_of(level.moves)},
                     {"discards", json_of(level.discards)},
                     {"saved_bytes", level.saved.count},
                     {"loaded_bytes", level.loaded.count},
                     {"stall_seconds", level.stall_seconds},
                     {"lane_seconds", level.lane_seconds},
                     {"save_cost", json_of(level.save_cost)},
                     {"load_cost", json_of(level.load_cost)}});
  Json json{{"schedule", schedule},
            {"reason", reason.empty() ? Json(nullptr) : Json(reason)},
            {"executor", executor},
            {"steps", steps},
            {"advances", json_of(advances)},
            {"turns", json_of(turns)},
            {"plan_cost", plan_cost},
            {"snapshot_bytes", snapshot.count},
            {"buffer_bytes", buffer.count},
            {"pool", pool},
            {"advance_seconds", advance_seconds},
            {"turn_seconds", turn_seconds},
            {"copy_seconds", copy_seconds},
            {"stall_seconds", stall_seconds},
            {"other_seconds", other_seconds},
            {"total_seconds", total_seconds},
            {"levels", tiers}};
  if (makespan) json["makespan"] = json_of(*makespan);
  return json.dump(2);
}

}  // namespace cairn
