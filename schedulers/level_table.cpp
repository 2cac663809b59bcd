// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/least_splits.hpp>
#include <cairn/schedulers/level_table.hpp>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

constexpr Cost never = TableRow::never;
constexpr std::size_t block = 64;  // splits looked at before the best is updated

std::size_t index(std::int64_t number) {
  return static_cast<std::size_t>(number);
}

Cost added(Cost a, Cost b) {
  return std::min(never, a + b);
}

struct Best {
  Cost cost = never;
  std::size_t split = 0;
};

/// The least ahead[i] + behind[i], i < count. The loop without branches is what makes a table fast.
Best least_sum(const Cost* ahead, const Cost* behind, std::size_t count) {
  Best best;
  for (std::size_t start = 0; start < count; start += block) {
    const std::size_t end = std::min(count, start + block);
    Cost least = never;
    for (std::size_t i = start; i < end; ++i) least = std::min(least, ahead[i] + behind[i]);
    if (least >= best.cost) continue;
    best.cost = least;
    std::size_t i = start;
    while (ahead[i] + behind[i] != least) ++i;
    best.split = i;
  }
  return best;
}

Step checked(Step steps) {
  if (steps < 1 || steps > LevelTable::most_steps)
    throw std::invalid_argument{"a table for " + std::to_string(steps) + " steps; from 1 to " +
                                std::to_string(LevelTable::most_steps) + " are possible"};
  return steps;
}

}  // namespace

Count LevelTable::work(const LevelCosts& costs, Step steps) {
  Count rows = 0;
  for (std::size_t k = costs.free_base() ? 1 : 0; k < costs.levels.size(); ++k) {
    const Slots slots = costs.levels[k].slots;
    rows += slots == LevelCosts::unlimited ? Count{1} : Count{std::min(slots, steps)};
  }
  return rows * Count{steps} * Count{steps};
}

TableRow::TableRow(const Given& given) : stored{given.below}, live{given.below}, split(given.below.size(), 0) {
  const std::size_t n = given.below.size() - 1;
  const Cost step = given.least_advances ? 0 : given.step;
  std::vector<Cost> ahead(n + 1, never);   // j·uf + P(j)
  std::vector<Cost> behind(n + 1, never);  // R(x) at n − x
  const std::vector<Cost>& right = given.behind ? *given.behind : live;
  for (std::size_t x = 1; x <= n; ++x) behind[n - x] = right[x];
  ahead[1] = step;
  for (std::size_t l = 2; l <= n; ++l) {
    const auto steps = static_cast<Step>(l);
    LeastSplits splits{1, steps - 1};
    bool may_drop = true;
    if (given.least_advances) {
      splits = least_splits(steps, given.all);
      may_drop = given.faster > 0 && least_advances(steps, given.faster) == least_advances(steps, given.all);
    }
    const std::size_t first = index(splits.first);
    const Best best = least_sum(&ahead[first], &behind[n - l + first], index(splits.last - splits.first + 1));
    const Cost kept = added(best.cost, given.load);
    if (!may_drop || kept < given.below[l] || (given.keeps_on_ties && kept == given.below[l] && kept < never)) {
      stored[l] = kept;
      split[l] = static_cast<std::int32_t>(best.split + first);
    }
    live[l] = added(given.save, stored[l]);
    if (may_drop) live[l] = std::min(live[l], given.below[l]);
    ahead[l] = added(stored[l], step * steps);
    if (!given.behind) behind[n - l] = live[l];
  }
}

LevelTable::LevelTable(LevelCosts costs, Step steps) : LevelPlan{std::move(costs), checked(steps)} {
  const auto& levels = this->costs().levels;
  levels_.resize(levels.size());
  Slots faster = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    if (!formula(k)) fill(k, faster);
    faster = std::min(LevelCosts::unlimited, faster + levels[k].slots);
  }
}

void LevelTable::fill(std::size_t k, Slots faster) {
  const auto& [level, slots, save, load] = costs().levels[k];
  Rows& rows = levels_[k];
  rows.below = k == 0 || formula(k - 1) ? base() : levels_[k - 1].of.back().live;
  const bool unlimited = slots == LevelCosts::unlimited;
  const Slots most = unlimited ? 1 : std::min(slots, steps());
  rows.of.reserve(index(most));
  for (Slots m = 1; m <= most; ++m) {
    const std::vector<Cost>* behind = unlimited ? nullptr : m == 1 ? &rows.below : &rows.of.back().live;
    rows.of.emplace_back(TableRow::Given{.below = rows.below,
                                         .behind = behind,
                                         .step = costs().step,
                                         .save = save,
                                         .load = load,
                                         .least_advances = costs().least_advances,
                                         .all = unlimited ? slots : std::min(LevelCosts::unlimited, faster + m),
                                         .faster = faster});
    const bool same = m > 1 && rows.of.back().stored == rows.of.end()[-2].stored;
    if (same && !costs().least_advances) break;
  }
}

// A of the slowest level that is a formula, or of a single step.
std::vector<Cost> LevelTable::base() const {
  std::vector<Cost> costs_of(index(steps()) + 1, never);
  costs_of[1] = 0;
  if (!costs().free_base()) return costs_of;
  for (Step l = 2; l <= steps(); ++l) costs_of[index(l)] = stored_cost(0, l, costs().levels[0].slots);
  return costs_of;
}

const TableRow& LevelTable::at(std::size_t k, Slots slots) const {
  const auto& rows = levels_[k].of;
  return rows[std::min(rows.size(), index(slots)) - 1];
}

Step LevelTable::split(std::size_t k, Step steps, Slots slots) const {
  if (formula(k)) return cairn::split(steps, slots);
  return at(k, slots).split[index(steps)];
}

bool LevelTable::keeps(std::size_t k, Step steps, Slots slots) const {
  if (formula(k)) return true;
  const TableRow& row = at(k, slots);
  if (row.split[index(steps)] == 0) return false;
  return row.live[index(steps)] < levels_[k].below[index(steps)] ||
         (costs().least_advances && row.stored[index(steps)] + costs().levels[k].save == row.live[index(steps)]);
}

Cost LevelTable::stored_cost(std::size_t k, Step steps, Slots slots) const {
  if (formula(k))
    return costs().least_advances ? 0 : costs().step * static_cast<Cost>(least_advances(steps, slots).value());
  const Cost cost = at(k, slots).stored[index(steps)];
  return cost < never ? cost : impossible;
}

Cost LevelTable::live_cost(std::size_t k, Step steps, Slots slots) const {
  if (steps == 1) return 0;
  if (slots == 0 && k == 0) return impossible;
  if (slots == 0) return live_cost(k - 1, steps, costs().levels[k - 1].slots);
  if (formula(k)) return stored_cost(k, steps, slots);
  const Cost cost = at(k, slots).live[index(steps)];
  return cost < never ? cost : impossible;
}

}  // namespace cairn
