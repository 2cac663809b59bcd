// SPDX-License-Identifier: BSD-3-Clause
/// The figures: on the terminal, as JSON, and as the table of docs/performance.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <machine.hpp>
#include <nlohmann/json_fwd.hpp>
#include <paired.hpp>

namespace cairn::bench {

/// A figure beside its baseline.
struct Figure {
  std::string name;                             ///< "memcpy", or what was measured
  double value = 0;                             ///< median over the rounds
  std::optional<double> cpu_seconds_a_gb = {};  ///< of the whole process, per 10^9 bytes
};

struct Line {
  std::string group;  ///< what --filter chooses by: "ram tier, 5 MB"
  Figure ours;
  Figure baseline;
  std::string unit;  ///< "GB/s" (10^9 bytes), "ns/action", "Mcell/s"
  Spread ratio;      ///< speed of ours over speed of the baseline: above 1 is faster
  std::string note = {};
};

/// A line about `bytes` transferred a round, in GB/s.
Line speed_line(std::string group, std::string what, const Rounds& ours, std::string baseline_name,
                const Rounds& baseline, std::uint64_t bytes, bool with_cpu);

/// All lines, in order.
class Table {
 public:
  void add(Line line) { lines_.push_back(std::move(line)); }
  const std::vector<Line>& lines() const { return lines_; }

  /// The lines from number `first` on, under a heading for each group.
  std::string text(std::size_t first = 0) const;
  std::string markdown(const Machine& machine) const;
  std::string json(const Machine& machine, int rounds, bool quick) const;

 private:
  std::vector<Line> lines_;
};

/// "AMD EPYC, 2 cores, 23.4 GiB" and so on, a line each.
std::string text_of(const Machine& machine);

/// The members `machine`, `date` and `command` of a file of figures.
nlohmann::ordered_json json_of_machine(const Machine& machine);

/// Puts `table` between the lines `<!-- figures -->` and `<!-- end of figures -->` of a page, or what `mark` is instead
/// of "figures". Where there are none, the page gets them at its end.
std::string with_figures(const std::string& page, const std::string& table, std::string_view mark = "figures");

/// Puts the table into the file as with_figures() says. Throws std::runtime_error where it cannot be written.
void write_figures(const std::filesystem::path& file, const std::string& table, std::string_view mark = "figures");
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace cairn::bench
