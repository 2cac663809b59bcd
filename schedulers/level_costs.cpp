// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/level_costs.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t most_permuted = 4;  // levels: 24 orders

using Shape = Problem::LevelShape;

// Plans stay below 2^62: their slopes are below some hundreds of steps a step, and a few times the dearest access.
constexpr double most_of_a_plan = 0x1p60, most_slope = 256, dearest_weighs = 8;

double steps_of(const Problem& problem) {
  return static_cast<double>(problem.steps > 0 ? problem.steps : limits::steps);
}

/// A longer plan knows no dearer access: 131,040 steps for 2^40, above Problem::most_cost up to 1.4e8.
Problem within_numbers(Problem problem) {
  const double most = (most_of_a_plan / steps_of(problem) - most_slope) / dearest_weighs;
  for (Shape& shape : problem.levels) {
    shape.save_cost = std::min(shape.save_cost, most);
    shape.load_cost = std::min(shape.load_cost, most);
  }
  return problem;
}

double most_units(const Problem& problem) {
  double dearest = 0;
  for (const Shape& shape : problem.levels) dearest = std::max({dearest, shape.save_cost, shape.load_cost});
  return std::max(1.0, most_of_a_plan / steps_of(problem) / (most_slope + dearest_weighs * dearest));
}

bool is_whole(double cost) {
  return std::abs(cost - std::round(cost)) <= 1e-9 * std::max(1.0, cost);
}

double units_of(const Problem& problem) {
  const double most = most_units(problem);
  const auto all_whole = [&](double units) {
    return std::all_of(problem.levels.begin(), problem.levels.end(), [units](const Shape& shape) {
      return is_whole(shape.save_cost * units) && is_whole(shape.load_cost * units);
    });
  };
  for (double units = 1; units <= std::min(most, 1e6); units *= 10)
    if (all_whole(units)) return units;
  return std::min(0x1p20, std::exp2(std::floor(std::log2(most))));
}

LevelCosts priced_in(const Problem& problem, double units) {
  LevelCosts costs{.step = static_cast<Cost>(units), .levels = {}, .units = units};
  for (std::size_t k = 0; k < problem.levels.size(); ++k) {
    const Shape& shape = problem.levels[k];
    if (shape.slots > 0)
      costs.levels.push_back({.level = Level{static_cast<std::int32_t>(k)},
                              .slots = shape.slots,
                              .save = std::llround(shape.save_cost * units),
                              .load = std::llround(shape.load_cost * units)});
  }
  return costs;
}

bool cheaper_or_equal(const LevelCosts::One& a, const LevelCosts::One& b) {
  return a.save <= b.save && a.load <= b.load;
}

template <typename Key>
LevelCosts sorted(LevelCosts costs, Key key) {
  std::stable_sort(costs.levels.begin(), costs.levels.end(),
                   [&](const LevelCosts::One& a, const LevelCosts::One& b) { return key(a) < key(b); });
  return costs;
}

std::vector<LevelCosts> permutations(const LevelCosts& costs) {
  std::vector<std::size_t> at(costs.levels.size());
  std::iota(at.begin(), at.end(), std::size_t{0});
  std::vector<LevelCosts> all;
  do {
    LevelCosts& permuted = all.emplace_back(costs);
    for (std::size_t k = 0; k < at.size(); ++k) permuted.levels[k] = costs.levels[at[k]];
  } while (std::next_permutation(at.begin(), at.end()));
  return all;
}

}  // namespace

Slots LevelCosts::all_slots() const {
  Slots sum = 0;
  for (const One& level : levels) sum = std::min(unlimited, sum + level.slots);
  return sum;
}

LevelCosts priced(const Problem& problem) {
  const Problem within = within_numbers(problem);
  return priced_in(within, units_of(within));
}

LevelCosts priced_for_least_advances(const Problem& problem) {
  Problem ranked = problem;
  const bool free = std::all_of(ranked.levels.begin(), ranked.levels.end(),
                                [](const Shape& shape) { return shape.save_cost == 0 && shape.load_cost == 0; });
  if (free)
    for (std::size_t k = 0; k < ranked.levels.size(); ++k)
      ranked.levels[k].save_cost = ranked.levels[k].load_cost = static_cast<double>(k);
  LevelCosts costs = priced(ranked);
  costs.least_advances = true;
  return costs;
}

std::vector<LevelCosts> orders_of(const LevelCosts& costs) {
  LevelCosts by_both = sorted(costs, [](const LevelCosts::One& level) { return std::pair{level.save, level.load}; });
  if (std::is_sorted(by_both.levels.begin(), by_both.levels.end(),
                     [](const auto& a, const auto& b) { return !cheaper_or_equal(b, a); }))
    return {std::move(by_both)};
  if (costs.levels.size() <= most_permuted) return permutations(by_both);
  return {std::move(by_both), sorted(costs, [](const LevelCosts::One& level) { return level.load; }),
          sorted(costs, [](const LevelCosts::One& level) { return level.save + level.load; })};
}

}  // namespace cairn
