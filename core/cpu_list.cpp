// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/cpu_list.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<int> cpu_of(std::string_view text) {
  int cpu = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (error != std::errc{} || end != text.data() + text.size() || cpu < 0) return std::nullopt;
  return cpu;
}

[[noreturn]] void refuse(std::string_view text, std::string_view what) {
  throw std::invalid_argument{fmt::format("\"{}\" {}; write [2, 3, 5] or \"2-3,5\"", text, what)};
}

std::string problem_of_cpu(int cpu) {
  if (cpu >= 0 && cpu <= most_cpu) return {};
  return fmt::format("{} is no number of a processor; give 0 to {}", cpu, most_cpu);
}

}  // namespace

std::vector<int> cpus_of(std::string_view text) {
  std::vector<int> cpus;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view piece = text.substr(at, end - at);
    const std::size_t dash = std::min(piece.find('-'), piece.size());
    const std::optional<int> first = cpu_of(trimmed(piece.substr(0, dash)));
    const std::optional<int> last = dash < piece.size() ? cpu_of(trimmed(piece.substr(dash + 1))) : first;
    if (!first || !last) refuse(text, "is no list of processors");
    if (*last < *first) refuse(text, "has a range that ends before it begins");
    for (const int each : {*first, *last})  // before a range of billions is made
      if (const std::string problem = problem_of_cpu(each); !problem.empty()) throw std::invalid_argument{problem};
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    at = end + 1;
  }
  return cpus;
}

std::string problem_of_cpus(const std::vector<int>& cpus) {
  std::vector<int> sorted = cpus;
  std::sort(sorted.begin(), sorted.end());
  for (const int cpu : sorted)
    if (std::string problem = problem_of_cpu(cpu); !problem.empty()) return problem;
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  return twice == sorted.end() ? "" : fmt::format("processor {} is given twice; give each once", *twice);
}

}  // namespace cairn
