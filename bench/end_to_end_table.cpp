// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <optional>

#include <end_to_end_table.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <table.hpp>

namespace cairn::bench {
namespace {

double gigabytes(Bytes bytes) {
  return static_cast<double>(bytes.count) / 1e9;
}

std::string text_of(const Spread& spread) {
  return fmt::format("{:.3f} ({:.3f}…{:.3f})", spread.median, spread.least, spread.most);
}

std::string percent(double share) {
  return fmt::format("{:.2f}", 100 * share);
}

std::string heading_of(const CaseFigures& figures) {
  const Means& means = figures.means;
  return fmt::format("{}: RAM {} buffers of {:.2f} MB ({:.3f} GB), file {} slots, verify {}", figures.model,
                     means.buffers, 1e3 * gigabytes(figures.buffer),
                     gigabytes(figures.buffer * static_cast<std::uint64_t>(means.buffers)), means.slots,
                     name_of(means.verify));
}

std::string costs_of(const CaseFigures& figures) {
  return fmt::format(
      "hdf5 tier, planned with: {}; D* {:.2f}\n               measured: {}; by one thread: copy out {:.2f}, copy in "
      "{:.2f}\n"
      " H5Dwrite, planned with: {}\n               measured: {}\n",
      figures.planned.text(), figures.distance, figures.measured.text(), figures.measured_alone.copy_out,
      figures.measured_alone.copy_in, figures.plain_planned.text(), figures.plain_measured.text());
}

/// The columns after the name, the same for people and for pages.
constexpr std::array columns{"seconds",
                             "times as fast (least…most)",
                             "predicted",
                             "of it",
                             "step ms",
                             "rerun/step",
                             "stall %",
                             "copy %",
                             "other %",
                             "achieved/predicted (least…most)",
                             "/bound",
                             "/proved",
                             "/bound with copies"};
using Cells = std::array<std::string, columns.size()>;

Cells cells_of(const WayFigures& way) {
  const Spread ratio = way.ratio.value_or(Spread{});
  const auto fixed = [](double value) { return fmt::format("{:.3f}", value); };
  Cells cells{fixed(median_seconds(way.rounds)),
              text_of(ratio),
              way.predicted_ratio ? fixed(*way.predicted_ratio) : "-",
              way.predicted_ratio ? fixed(ratio.median / *way.predicted_ratio) : "-",
              fixed(1e3 * way.step_seconds),
              fixed(way.recomputed),
              percent(way.stall),
              percent(way.copy),
              percent(way.other),
              "-",
              "-",
              "-",
              "-"};
  if (way.against) {
    cells[9] = text_of(way.against->predicted);
    cells[10] = fixed(way.against->least);
    cells[11] = fixed(way.against->proved);
    cells[12] = fixed(way.against->with_copies);
  }
  return cells;
}

/// "overlap: intervals …" goes below the table, for it is long.
std::string plans_of(const CaseFigures& figures) {
  std::string text;
  for (const WayFigures& way : figures.ways)
    if (way.left_out.empty() && way.schedule.find_first_of(":,") != std::string::npos)
      text += fmt::format("{}: {}\n", way.name, way.schedule);
  return text;
}

std::string safety_of(const CaseFigures& figures) {
  if (!figures.safety) return "";
  return fmt::format("{}: {} times as long as {}\n", safe_way, text_of(*figures.safety), plain_way);
}

std::string verdict_of(const CaseFigures& figures) {
  if (figures.other_gradients.empty()) return fmt::format("All gradients are bitwise equal ({:016x}).\n", figures.hash);
  return fmt::format("NOT the baseline's gradient: {}\n", fmt::join(figures.other_gradients, ", "));
}

nlohmann::ordered_json json_of(const Spread& spread) {
  return {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}};
}

nlohmann::ordered_json json_of(const RunCosts& costs) {
  return {{"step_seconds", costs.step_seconds}, {"turn", costs.turn},     {"copy_out", costs.copy_out},
          {"copy_in", costs.copy_in},           {"write", costs.write()}, {"read", costs.read()}};
}

nlohmann::ordered_json json_of(const WayFigures& way) {
  nlohmann::ordered_json json{{"name", way.name}};
  if (!way.left_out.empty()) {
    json["left_out"] = way.left_out;
    return json;
  }
  json["schedule"] = way.schedule;
  json["asynchronous"] = way.asynchronous;
  json["seconds"] = median_seconds(way.rounds);
  json["cpu_seconds"] = median_cpu_seconds(way.rounds);
  for (const Timing& round : way.rounds) json["rounds"].push_back(round.seconds);
  json["ratio"] = json_of(way.ratio.value_or(Spread{}));
  json["predicted_ratio"] = way.predicted_ratio ? nlohmann::ordered_json(*way.predicted_ratio) : nullptr;
  json["step_seconds"] = way.step_seconds;
  json["recomputed"] = way.recomputed;
  json["stall"] = way.stall;
  json["copy"] = way.copy;
  json["other"] = way.other;
  json["against"] = nullptr;
  if (way.against)
    json["against"] = {{"predicted", json_of(way.against->predicted)},
                       {"lower_bound", way.against->least},
                       {"proved", way.against->proved},
                       {"lower_bound_with_copies", way.against->with_copies}};
  return json;
}

nlohmann::ordered_json json_of(const CaseFigures& figures) {
  nlohmann::ordered_json json{
      {"model", figures.name},
      {"text", figures.model},
      {"steps", figures.means.steps},
      {"buffers", figures.means.buffers},
      {"slots", figures.means.slots},
      {"verify", name_of(figures.means.verify)},
      {"buffer_bytes", figures.buffer.count},
      {"ram_bytes", figures.buffer.count * static_cast<std::uint64_t>(figures.means.buffers)},
      {"store_all_bytes", figures.buffer.count * static_cast<std::uint64_t>(figures.means.steps)},
      {"planned", json_of(figures.planned)},
      {"measured", json_of(figures.measured)},
      {"measured_alone", json_of(figures.measured_alone)},
      {"h5dwrite_planned", json_of(figures.plain_planned)},
      {"h5dwrite_measured", json_of(figures.plain_measured)},
      {"distance", figures.distance},
      {"gradient_hash", fmt::format("{:016x}", figures.hash)},
      {"gradients_equal", figures.other_gradients.empty()}};
  json["safety"] = figures.safety ? json_of(*figures.safety) : nlohmann::ordered_json(nullptr);
  json["ways"] = nlohmann::ordered_json::array();
  for (const WayFigures& way : figures.ways) json["ways"].push_back(json_of(way));
  return json;
}

}  // namespace

std::string text_of(const CaseFigures& figures) {
  std::string text = fmt::format("\n{}\n{}{:<29}", heading_of(figures), costs_of(figures), "");
  constexpr std::array<int, columns.size()> widths{9, 28, 10, 7, 8, 11, 8, 7, 8, 32, 8, 8, 19};
  for (std::size_t i = 0; i < columns.size(); ++i) text += fmt::format("{:>{}}", columns[i], widths[i]);
  text += '\n';
  for (const WayFigures& way : figures.ways) {
    text += fmt::format("{:<29}", way.name);
    if (way.left_out.empty()) {
      const Cells cells = cells_of(way);
      for (std::size_t i = 0; i < cells.size(); ++i) text += fmt::format("{:>{}}", cells[i], widths[i]);
    } else {
      text += fmt::format("  not run: {}", way.left_out);
    }
    text += '\n';
  }
  return text + plans_of(figures) + safety_of(figures) + verdict_of(figures);
}

std::string markdown_of(const Machine& machine, const std::vector<CaseFigures>& cases) {
  std::string page = "```\n" + text_of(machine) + "```\n";
  for (const CaseFigures& figures : cases) {
    page += fmt::format("\n**{}**\n```\n{}{}{}{}```\n\n| way | {} |\n|---|", heading_of(figures), costs_of(figures),
                        plans_of(figures), safety_of(figures), verdict_of(figures), fmt::join(columns, " | "));
    for (std::size_t i = 0; i < columns.size(); ++i) page += "---:|";
    page += '\n';
    for (const WayFigures& way : figures.ways)
      page += way.left_out.empty() ? fmt::format("| {} | {} |\n", way.name, fmt::join(cells_of(way), " | "))
                                   : fmt::format("| {} | not run: {} |\n", way.name, way.left_out);
  }
  return page;
}

std::string json_of(const Machine& machine, const std::vector<CaseFigures>& cases, int rounds, bool quick) {
  nlohmann::ordered_json json = json_of_machine(machine);
  json["rounds"] = rounds;
  json["quick"] = quick;
  json["cases"] = nlohmann::ordered_json::array();
  for (const CaseFigures& figures : cases) json["cases"].push_back(json_of(figures));
  return json.dump(2) + "\n";
}

}  // namespace cairn::bench
