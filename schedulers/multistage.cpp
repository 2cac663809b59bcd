// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

Slots all_slots(const Multistage::Shape& shape) {
  Slots sum = 0;
  for (std::size_t level = 0; level < shape.slots.size(); ++level) {
    const Slots slots = shape.slots[level];
    if (slots < 0)
      throw std::invalid_argument{"level " + std::to_string(level) + " has " + std::to_string(slots) +
                                  " slots; there must be 0 or more"};
    sum += std::min(slots, limits::steps);
  }
  return sum;
}

/// The level of each place in the stack.
std::vector<Level> assigned(const std::vector<StackUse>& uses, const std::vector<Slots>& slots) {
  std::vector<std::size_t> by_use(uses.size());
  std::iota(by_use.begin(), by_use.end(), std::size_t{0});
  std::stable_sort(by_use.begin(), by_use.end(),
                   [&](std::size_t a, std::size_t b) { return uses[a].accesses() > uses[b].accesses(); });
  std::vector<Level> levels(uses.size());
  std::size_t level = 0;
  Slots left = slots[0];
  for (const std::size_t depth : by_use) {
    while (left == 0) left = slots[++level];
    levels[depth] = Level{static_cast<std::int32_t>(level)};
    --left;
  }
  return levels;
}

BinomialWalk walk_over(const Multistage::Shape& shape) {
  const Slots slots = all_slots(shape);
  const auto uses = stack_uses(shape.steps, slots);
  return BinomialWalk{shape.steps, slots, assigned(uses, shape.slots)};
}

}  // namespace

Multistage::Multistage(const Shape& shape) : walk_{walk_over(shape)} {
  walk_.start(0, shape.steps);
}

std::unique_ptr<Schedule> Multistage::clone() const {
  return std::make_unique<Multistage>(*this);
}

std::size_t Multistage::fill(std::span<Action> next) {
  return walk_.fill(next);
}

}  // namespace cairn
