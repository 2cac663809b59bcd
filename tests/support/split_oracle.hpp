// SPDX-License-Identifier: BSD-3-Clause
/// The best plan of one level by trying every split. Slow, obvious, knows no formula.
#pragma once

#include <cairn/words.hpp>

#include <compare>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace cairn::test {

/// Least advances, and the least takeshots among the plans that have them.
class BestOfAllSplits {
 public:
  struct Best {
    Step advances = 0;
    Step takeshots = 0;
    auto operator<=>(const Best&) const = default;
    Best operator+(const Best& more) const { return {advances + more.advances, takeshots + more.takeshots}; }
  };

  /// Tabulates all numbers of steps and slots up to these.
  BestOfAllSplits(Step steps, Slots slots)
      : kept_(static_cast<std::size_t>(slots) + 1, std::vector<Best>(static_cast<std::size_t>(steps) + 1)) {
    for (Slots c = 1; c <= slots; ++c)
      for (Step l = 2; l <= steps; ++l) kept_[index(c)][index(l)] = best_split(l, c);
  }

  /// The first of `steps` steps is live, `slots` slots are free; nullopt: it cannot be done.
  std::optional<Best> from_live(Step steps, Slots slots) const {
    if (steps == 1) return Best{};
    if (slots == 0) return std::nullopt;
    return kept_[index(slots)][index(steps)] + Best{0, 1};
  }

 private:
  static std::size_t index(std::int64_t number) { return static_cast<std::size_t>(number); }

  Best best_split(Step steps, Slots slots) const {
    Best best{std::numeric_limits<Step>::max(), 0};
    for (Step j = 1; j < steps; ++j)
      if (const auto behind = from_live(steps - j, slots - 1))
        best = std::min(best, Best{j, 0} + *behind + kept_[index(slots)][index(j)]);
    return best;
  }

  std::vector<std::vector<Best>> kept_;  // by slots and steps, the first step kept in one of the slots
};

}  // namespace cairn::test
