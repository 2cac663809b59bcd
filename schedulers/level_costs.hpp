// SPDX-License-Identifier: BSD-3-Clause
/// Levels as the recurrences of H-Revolve see them: in order of cost, prices in whole numbers.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/words.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace cairn {

/// A cost in units that make all prices of a problem whole; sums of a plan stay below 2^62.
using Cost = std::int64_t;
/// No plan has this cost.
inline constexpr Cost impossible = std::numeric_limits<Cost>::max();

/// The levels that have slots, fastest first by rank k = 0 …, and the price of a step. Turns are left out: each plan
/// has as many.
struct LevelCosts {
  /// Slots without limit (the last level of disk_revolve).
  static constexpr Slots unlimited = limits::steps;

  struct One {
    Level level;  ///< whose actions are handed out
    Slots slots;  ///< c_k ≥ 1, or unlimited
    Cost save;    ///< w_k
    Cost load;    ///< r_k
    bool operator==(const One&) const = default;
  };
  Cost step = 1;                ///< uf
  std::vector<One> levels;      ///< may be empty: a single step can be turned without a slot
  double units = 1;             ///< of cost in one forward step: real costs are Cost / units
  bool least_advances = false;  ///< only plans of the least advances that all slots allow; costs decide among these

  /// The slots one level holds after a snapshot was put into one of `slots`.
  static constexpr Slots less(Slots slots) { return slots == unlimited ? unlimited : slots - 1; }
  /// Is level 0 in RAM and copies free, so that binomial checkpointing is the optimum there?
  bool free_base() const { return !levels.empty() && levels[0].save == 0 && levels[0].load == 0; }
  Slots all_slots() const;  ///< Σ c_k, at most `unlimited`.
};

/// The levels of `problem` in the order in which they are given, but for those without slots. Costs become exact where
/// they are decimal fractions of few digits; else they are rounded to some 2^-20 of a step.
LevelCosts priced(const Problem& problem);
/// The same for plans of least advances. Where no cost is given at all, level k costs k: slow levels are used least.
LevelCosts priced_for_least_advances(const Problem& problem);

/// All orders worth planning for: the one by cost, where saves and loads agree on it; all K! for up to four levels
/// where they do not, and by save, by load and by both for more. Equal costs keep the order given.
std::vector<LevelCosts> orders_of(const LevelCosts& costs);

}  // namespace cairn
