// SPDX-License-Identifier: BSD-3-Clause
/// The splits that keep the advances at their least, for l = 2, 3, … with a fixed number of slots.
#pragma once

#include <cairn/schedulers/binomial.hpp>
#include <cairn/words.hpp>

#include <algorithm>

namespace cairn {

/// The j of binomial.hpp: β(c, r−2) ≤ j ≤ β(c, r−1) and β(c−1, r−1) ≤ l − j ≤ β(c−1, r), with r = r(l, c).
struct LeastSplits {
  Step first;
  Step last;
};

/// Those of l = `steps` ≥ 2 with c = `slots` ≥ 1. About a microsecond; throws nothing.
inline LeastSplits least_splits(Step steps, Slots slots) {
  const Step r = repetitions(steps, slots);
  const auto capped = [steps](Count beta) {
    return static_cast<Step>(std::min<std::uint64_t>(beta.value(), static_cast<std::uint64_t>(steps)));
  };
  return {std::max({Step{1}, capped(beta(slots, r - 2)), steps - capped(beta(slots - 1, r))}),
          std::min({steps - 1, capped(beta(slots, r - 1)), steps - capped(beta(slots - 1, r - 1))})};
}

}  // namespace cairn
