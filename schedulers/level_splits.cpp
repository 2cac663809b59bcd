// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_splits.hpp>

#include <algorithm>

namespace cairn {

Slots LevelSplits::with_faster(std::size_t k, Slots slots) const {
  Slots all = slots;
  for (std::size_t i = 0; i < k; ++i) all = std::min(LevelCosts::unlimited, all + costs().levels[i].slots);
  return all;
}

Step LevelSplits::split(std::size_t k, Step steps, Slots slots) const {
  const Slots faster = with_faster(k, 0);
  const Slots all = with_faster(k, slots);
  if (faster > 0 && least_advances(steps, faster) == least_advances(steps, all)) return 0;
  return cairn::split(steps, all);
}

bool LevelSplits::keeps(std::size_t k, Step steps, Slots slots) const {
  return split(k, steps, slots) != 0;
}

Cost LevelSplits::stored_cost(std::size_t k, Step steps, Slots slots) const {
  const Count advances = least_advances(steps, with_faster(k, slots)) * Count{costs().step};
  return static_cast<Cost>(std::min<std::uint64_t>(advances.value(), static_cast<std::uint64_t>(impossible) - 1));
}

Cost LevelSplits::live_cost(std::size_t k, Step steps, Slots slots) const {
  if (steps == 1) return 0;
  return with_faster(k, slots) == 0 ? impossible : stored_cost(k, steps, slots);
}

}  // namespace cairn
