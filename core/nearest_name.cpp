// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/nearest_name.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace cairn {
namespace {

// Levenshtein's distance: letters to insert, delete or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_to(std::string_view name, std::span<const std::string_view> names) {
  const auto nearer = [&](std::string_view a, std::string_view b) { return distance(name, a) < distance(name, b); };
  const std::string_view nearest = *std::min_element(names.begin(), names.end(), nearer);
  if (distance(name, nearest) > std::max<std::size_t>(2, name.size() / 3)) return {};
  return fmt::format("; the nearest is \"{}\"", nearest);
}

}  // namespace cairn
