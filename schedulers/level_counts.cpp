// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_counts.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace cairn {
namespace {

/// R (live) or P (stored) of level_plan.hpp.
struct Part {
  bool stored;
  std::size_t k;
  Step steps;
  Slots slots;
  bool operator==(const Part&) const = default;
};
struct HashOfPart {
  std::size_t operator()(const Part& part) const {
    std::uint64_t hash = static_cast<std::uint64_t>(part.steps) * 0x9e3779b97f4a7c15U;
    hash ^= (static_cast<std::uint64_t>(part.slots) + (hash << 6)) * 0xc2b2ae3d27d4eb4fU;
    return hash ^ (hash >> 29) ^ (part.k * 2 + (part.stored ? 1 : 0));
  }
};

/// Counts by place in the plan's order of levels.
struct Sums {
  struct PerLevel {
    Count takeshots, restores, discards;
    Slots peak = 0;
  };
  Count advances, actions;
  std::array<PerLevel, static_cast<std::size_t>(limits::tiers)> levels;

  void add(const Sums& more) {
    advances += more.advances;
    actions += more.actions;
    for (std::size_t k = 0; k < levels.size(); ++k) {
      levels[k].takeshots += more.levels[k].takeshots;
      levels[k].restores += more.levels[k].restores;
      levels[k].discards += more.levels[k].discards;
      levels[k].peak = std::max(levels[k].peak, more.levels[k].peak);
    }
  }
};

class Counting {
 public:
  explicit Counting(const LevelPlan& plan) : plan_{plan} {}

  /// Parts are counted after those that they are made of; the stack of this is on the heap, for chains of unlimited
  /// slots are long.
  const Sums& of(const Part& whole) {
    std::vector<Part> open{whole};
    while (!open.empty()) {
      const Part part = open.back();
      if (known_.contains(part)) {
        open.pop_back();
      } else if (const std::optional<Part> missing = try_to_count(part)) {
        open.push_back(*missing);
      } else {
        open.pop_back();
      }
    }
    return known_.at(whole);
  }

 private:
  const LevelCosts::One& level(std::size_t k) const { return plan_.costs().levels[k]; }

  const Sums* find(const Part& part) const {
    const auto found = known_.find(part);
    return found == known_.end() ? nullptr : &found->second;
  }

  /// nullopt: it is counted; else what has to be counted first.
  std::optional<Part> try_to_count(const Part& part) { return part.stored ? stored(part) : live(part); }

  std::optional<Part> live(const Part& part) {
    Sums sums;
    if (part.steps == 1) {
      sums.actions = 1;
    } else if (part.k == 0 && plan_.costs().free_base()) {
      sums = base(part.steps);
    } else if (part.slots > 0 && plan_.keeps(part.k, part.steps, part.slots)) {
      const Part kept{true, part.k, part.steps, part.slots};
      const Sums* known = find(kept);
      if (!known) return kept;
      sums = *known;
      ++sums.actions;
      ++sums.levels[part.k].takeshots;
    } else {
      const Part faster{false, part.k - 1, part.steps, level(part.k - 1).slots};
      const Sums* known = find(faster);
      if (!known) return faster;
      sums = *known;
    }
    known_.emplace(part, sums);
    return std::nullopt;
  }

  std::optional<Part> stored(const Part& part) {
    const Step left = part.steps == 1 ? 0 : plan_.split(part.k, part.steps, part.slots);
    Sums sums;
    if (left == 0) {
      const Part rest{false, part.k == 0 ? 0 : part.k - 1, part.steps, part.k == 0 ? 0 : level(part.k - 1).slots};
      const Sums* known = find(rest);
      if (!known) return rest;
      sums = *known;
      ++sums.actions;
      ++sums.levels[part.k].discards;
      sums.levels[part.k].peak = std::max<Slots>(sums.levels[part.k].peak, 1);
    } else {
      const Part behind{false, part.k, part.steps - left, LevelCosts::less(part.slots)};
      const Part rest{true, part.k, left, part.slots};
      const Sums* known_behind = find(behind);
      if (!known_behind) return behind;
      const Sums* known_rest = find(rest);
      if (!known_rest) return rest;
      sums = *known_behind;
      ++sums.levels[part.k].peak;
      sums.add(*known_rest);
      sums.advances += Count{left};
      sums.actions += Count{2};
      ++sums.levels[part.k].restores;
    }
    known_.emplace(part, sums);
    return std::nullopt;
  }

  Sums base(Step steps) const {
    const PlanCounts counts = binomial_counts(steps, level(0).slots);
    Sums sums{.advances = counts.advances, .actions = counts.actions, .levels = {}};
    const auto& [takeshots, restores, moves, discards, peak] = counts.levels[0];
    sums.levels[0] = {.takeshots = takeshots, .restores = restores, .discards = discards, .peak = peak};
    return sums;
  }

  const LevelPlan& plan_;
  std::unordered_map<Part, Sums, HashOfPart> known_;
};

}  // namespace

PlanCounts binomial_counts(Step steps, Slots slots, std::size_t levels) {
  PlanCounts counts{.advances = least_advances(steps, slots), .turns = steps, .actions = 3 * steps - 2, .levels = {}};
  counts.levels.resize(levels);
  PlanCounts::PerLevel& at = counts.levels[0];
  for (const StackUse& use : stack_uses(steps, slots)) {
    at.takeshots += use.takeshots;
    at.restores += use.restores;
    at.discards += use.takeshots;
    at.peak += use.takeshots == Count{0} ? 0 : 1;
    counts.actions += use.takeshots + use.takeshots;
  }
  return counts;
}

PlanCounts level_counts(const LevelPlan& plan, Step steps, std::size_t levels) {
  const auto& taken = plan.costs().levels;
  PlanCounts counts{.advances = 0, .turns = steps, .actions = 1, .levels = {}};
  counts.levels.resize(levels);
  if (steps == 1) return counts;
  if (taken.empty()) throw std::invalid_argument{std::to_string(steps) + " steps cannot be turned without a slot"};
  const Sums sums = Counting{plan}.of({false, taken.size() - 1, steps, taken.back().slots});
  counts.advances = sums.advances;
  counts.actions = sums.actions;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    const auto& [takeshots, restores, discards, peak] = sums.levels[k];
    counts.levels[static_cast<std::size_t>(taken[k].level.rank)] = {
        .takeshots = takeshots, .restores = restores, .moves = 0, .discards = discards, .peak = peak};
  }
  return counts;
}

}  // namespace cairn
