// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/binomial_cost.hpp>

#include <algorithm>
#include <limits>

namespace cairn {
namespace {

// β(c, r), at most what a Step holds: l is below it then.
Step reach(Slots slots, Step repetitions) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Step>::max());
  return static_cast<Step>(std::min(beta(slots, repetitions).value(), most));
}

}  // namespace

void BinomialCost::seek(Step steps) {
  const Step before = repetitions_;
  const bool next = steps > high_ && steps <= reach(slots_, before + 1);
  repetitions_ = next ? before + 1 : repetitions(steps, slots_);
  low_ = next ? high_ : reach(slots_, repetitions_ - 1);
  high_ = reach(slots_, repetitions_);
  less_ = static_cast<double>(beta(slots_ + 1, repetitions_ - 1).value());
}

}  // namespace cairn
