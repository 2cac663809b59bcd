// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/least_splits.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/stored_start.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

LevelCosts::One& own(LevelCosts& costs, Level level) {
  for (LevelCosts::One& one : costs.levels)
    if (one.level == level) return one;
  throw std::invalid_argument{"a snapshot is stored at level " + std::to_string(level.rank) +
                              ", which is not among those of the plan"};
}

/// R(0 … steps) of a plan over all its levels.
std::vector<Cost> whole_costs(const LevelPlan& plan, Step steps) {
  std::vector<Cost> costs(static_cast<std::size_t>(steps) + 1, TableRow::never);
  for (Step l = 1; l <= steps; ++l) costs[static_cast<std::size_t>(l)] = std::min(TableRow::never, whole_cost(plan, l));
  return costs;
}

}  // namespace

StoredStart::StoredStart(std::shared_ptr<const LevelPlan> instead, Level level)
    : instead_{std::move(instead)}, slots_{instead_->costs().all_slots()} {
  LevelCosts fewer = instead_->costs();
  LevelCosts::One& mine = own(fewer, level);
  const Cost load = mine.load;
  mine.slots = LevelCosts::less(mine.slots);
  std::erase_if(fewer.levels, [](const LevelCosts::One& one) { return one.slots == 0; });
  if (instead_->exact()) {
    beside_ = std::make_shared<const LevelTable>(fewer, instead_->steps());
    tabulate(load);
    return;
  }
  const auto hulls = LevelHulls::make(fewer, instead_->steps());
  const auto* const own_hulls = dynamic_cast<const LevelHulls*>(instead_.get());
  beside_ = hulls;
  if (hulls && own_hulls) {
    merge(*hulls, *own_hulls, load);
    return;
  }
  beside_ = std::make_shared<const LevelSplits>(fewer, instead_->steps());
}

void StoredStart::tabulate(Cost load) {
  const Step steps = instead_->steps();
  const std::vector<Cost> dropped = whole_costs(*instead_, steps);
  const std::vector<Cost> behind = whole_costs(*beside_, steps);
  TableRow row{{.below = dropped,
                .behind = &behind,
                .step = instead_->costs().step,
                .save = 0,
                .load = load,
                .least_advances = instead_->costs().least_advances,
                .all = slots_,
                .faster = slots_,
                .keeps_on_ties = true}};
  splits_ = std::move(row.split);
  costs_ = std::move(row.stored);
}

void StoredStart::merge(const LevelHulls& beside, const LevelHulls& instead, Cost load) {
  const Hull::Cut cut{std::max(beside.cut().steps, instead.cut().steps),
                      std::max(beside.cut().slope, instead.cut().slope)};
  dropped_ = instead.whole();
  stored_ = dropped_;
  std::size_t work = 0;
  settle_stored(stored_, kept_, {.below = dropped_, .behind = beside.whole(), .step = instead.step(), .load = load},
                cut, work);
}

Step StoredStart::split(Step steps) const {
  if (steps == 1) return 0;
  if (!splits_.empty()) return splits_[static_cast<std::size_t>(steps)];
  const Cost kept = kept_.at(steps);
  const Cost dropped = dropped_.at(steps);
  if (kept == impossible && dropped == impossible) return cairn::split(steps, slots_);
  if (dropped < kept) return 0;
  const Step j = kept_.part(steps);
  if (!instead_->costs().least_advances) return j;
  const LeastSplits least = least_splits(steps, slots_);
  return std::clamp(j, least.first, least.last);
}

Cost StoredStart::cost(Step steps) const {
  if (steps == 1) return 0;
  if (!costs_.empty()) return costs_[static_cast<std::size_t>(steps)];
  if (!stored_.empty()) return stored_.at(steps);
  const auto& levels = instead_->costs().levels;
  return instead_->stored_cost(levels.size() - 1, steps, levels.back().slots);  // splits, or one slot in all
}

}  // namespace cairn
