// SPDX-License-Identifier: BSD-3-Clause
/// The splits of binomial.hpp at a few nanoseconds each.
#pragma once

#include <cairn/words.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cairn {

/// β(c, r) for all c ≤ `slots` and r ≤ r(steps, slots), and the splits that follow from them. No interval within a plan
/// needs more repetitions than the whole, so that the table has 8·(slots + 1)·(r + 3) bytes, 600,192 at most for 2^40
/// steps and fewer than 9,000 slots. For one or two slots, where r is large, formulas take its place.
class SplitTable {
 public:
  /// Throws std::invalid_argument where steps or slots is below 1, steps above limits::steps, or slots above
  /// limits::slots for each of limits::tiers levels. Slots beyond steps − 1 have no use and take no memory.
  SplitTable(Step steps, Slots slots);

  Slots slots() const { return slots_; }  ///< Those that can be used: min(slots, max(1, steps − 1)).

  /// β(c, r), or more than the table's steps where it is that large. 0 ≤ c ≤ slots(), −2 ≤ r ≤ r(steps, slots).
  Step beta(Slots c, Step r) const {
    if (r < 0) return 0;
    if (c <= 2) return c == 0 ? 1 : c == 1 ? r + 1 : (r + 1) * (r + 2) / 2;
    return row(c)[r];
  }
  /// M(c, r) of binomial.hpp, 1 ≤ c.
  Step bend(Slots c, Step r) const { return beta(c, r - 1) + beta(c - 1, r - 1); }

  /// split(l, c) of binomial.hpp for l = `steps` ≥ 2, c = `slots` ≥ 1. `r` is r(l, c), or one more where l is a β(c,
  /// r): the split is the same by either. So the part before the split goes on with r − 1, the part behind it with r.
  Step split(Step steps, Slots slots, Step r) const {
    if (slots == 1) return steps - 1;
    if (betas_.empty()) return moved((r - 1) * (r + 2) / 2, steps - (r + 1), steps - r);
    const Step* fewer = row(slots - 1);
    return moved(row(slots)[r - 2] + fewer[r - 2], steps - fewer[r], steps - fewer[r - 1]);
  }

 private:
  static constexpr Step negative = 2;  // columns for r = −2 and −1
  static Step moved(Step wanted, Step least, Step most) {
    return std::max<Step>(1, std::min(std::max(wanted, least), most));
  }
  const Step* row(Slots c) const { return betas_.data() + c * pitch_ + negative; }

  Slots slots_;
  Step pitch_ = 0;
  std::vector<Step> betas_;  // row c from c·pitch, r = −2 first
};

}  // namespace cairn
