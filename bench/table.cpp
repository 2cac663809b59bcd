// SPDX-License-Identifier: BSD-3-Clause
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <table.hpp>

namespace cairn::bench {
namespace {

constexpr double bytes_a_gb = 1e9;

/// Three digits that count: "12.3", "0.00512".
std::string number(double value) {
  if (value >= 100) return fmt::format("{:.0f}", value);
  return fmt::format("{:#.3g}", value);
}

std::string cpu(const Figure& figure) {
  return figure.cpu_seconds_a_gb ? fmt::format("{:.3f}", *figure.cpu_seconds_a_gb) : std::string{};
}

std::string ratio(const Spread& spread) {
  return fmt::format("{:.3f} ({:.3f}…{:.3f})", spread.median, spread.least, spread.most);
}

nlohmann::ordered_json json_of(const Figure& figure) {
  nlohmann::ordered_json json{{"name", figure.name}, {"value", figure.value}};
  if (figure.cpu_seconds_a_gb) json["cpu_seconds_a_gb"] = *figure.cpu_seconds_a_gb;
  return json;
}

nlohmann::ordered_json json_of(const Line& line) {
  nlohmann::ordered_json json{{"group", line.group}, {"unit", line.unit}};
  json["ours"] = json_of(line.ours);
  json["baseline"] = json_of(line.baseline);
  json["ratio"] = {{"median", line.ratio.median}, {"least", line.ratio.least}, {"most", line.ratio.most}};
  if (!line.note.empty()) json["note"] = line.note;
  return json;
}

}  // namespace

Line speed_line(std::string group, std::string what, const Rounds& ours, std::string baseline_name,
                const Rounds& baseline, std::uint64_t bytes, bool with_cpu) {
  const double gigabytes = static_cast<double>(bytes) / bytes_a_gb;
  const auto figure = [&](std::string name, const Rounds& rounds) {
    Figure made{.name = std::move(name), .value = gigabytes / median_seconds(rounds)};
    if (with_cpu) made.cpu_seconds_a_gb = median_cpu_seconds(rounds) / gigabytes;
    return made;
  };
  return {.group = std::move(group),
          .ours = figure(std::move(what), ours),
          .baseline = figure(std::move(baseline_name), baseline),
          .unit = "GB/s",
          .ratio = speed_ratio(ours, baseline)};
}

std::string Table::text(std::size_t first) const {
  std::string text;
  std::string group;
  for (std::size_t i = first; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    if (line.group != group) {
      group = line.group;
      text += fmt::format("\n{:<47} {:>8} {:>6}  {:<32} {:>8} {:>6}  {}\n", group, line.unit, "CPU", "baseline",
                          line.unit, "CPU", "ratio (least…most)");
    }
    text += fmt::format("  {:<45} {:>8} {:>6}  {:<32} {:>8} {:>6}  {}{}{}\n", line.ours.name, number(line.ours.value),
                        cpu(line.ours), line.baseline.name, number(line.baseline.value), cpu(line.baseline),
                        ratio(line.ratio), line.note.empty() ? "" : "  ", line.note);
  }
  return text;
}

std::string text_of(const Machine& machine) {
  return fmt::format(
      "{}, {} cores, {:.1f} GiB of memory, {}, {}\n{}, {}\n{}\n{}\n", machine.cpu, machine.cores,
      static_cast<double>(machine.memory.count) / static_cast<double>(GiB(1).count), machine.kernel, machine.compiler,
      machine.file_system,
      machine.direct ? "takes O_DIRECT requests" : "refuses O_DIRECT: requests are buffered on both sides",
      machine.date, machine.command);
}

std::string Table::markdown(const Machine& machine) const {
  std::string page = "```\n" + text_of(machine) + "```\n";
  std::string group;
  for (const Line& line : lines_) {
    if (line.group != group) {
      group = line.group;
      page += fmt::format("\n| {} | {} | CPU s/GB | baseline | {} | CPU s/GB | ratio (least…most) | |\n", group,
                          line.unit, line.unit);
      page += "|---|---:|---:|---|---:|---:|---|---|\n";
    }
    page += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", line.ours.name, number(line.ours.value),
                        cpu(line.ours), line.baseline.name, number(line.baseline.value), cpu(line.baseline),
                        ratio(line.ratio), line.note);
  }
  return page;
}

nlohmann::ordered_json json_of_machine(const Machine& machine) {
  nlohmann::ordered_json json;
  json["machine"] = {{"cpu", machine.cpu},       {"cores", machine.cores},       {"memory_bytes", machine.memory.count},
                     {"kernel", machine.kernel}, {"compiler", machine.compiler}, {"file_system", machine.file_system},
                     {"direct", machine.direct}};
  json["date"] = machine.date;
  json["command"] = machine.command;
  return json;
}

std::string Table::json(const Machine& machine, int rounds, bool quick) const {
  nlohmann::ordered_json json = json_of_machine(machine);
  json["rounds"] = rounds;
  json["quick"] = quick;
  json["lines"] = nlohmann::ordered_json::array();
  for (const Line& line : lines_) json["lines"].push_back(json_of(line));
  return json.dump(2) + "\n";
}

std::string with_figures(const std::string& page, const std::string& table, std::string_view mark) {
  const std::string first = fmt::format("<!-- {} -->", mark);
  const std::string last = fmt::format("<!-- end of {} -->", mark);
  const std::size_t begin = page.find(first);
  const std::size_t end = page.find(last);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return fmt::format("{}{}\n{}{}\n", page, first, table, last);
  return page.substr(0, begin + first.size()) + "\n" + table + page.substr(end);
}

void write_figures(const std::filesystem::path& file, const std::string& table, std::string_view mark) {
  std::ostringstream page;
  if (std::ifstream there{file}) page << there.rdbuf();
  write_text(file, with_figures(page.str(), table, mark));
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  if (!out.flush()) throw std::runtime_error{fmt::format("{}: cannot be written", file.string())};
}

}  // namespace cairn::bench
