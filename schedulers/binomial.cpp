// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>

#include <algorithm>
#include <limits>

namespace cairn {
namespace {

__extension__ typedef unsigned __int128 Wide;

// t(l, c) ≤ l²/2 stays below 2^80, and a factor of the product below is at most 2^42: nothing wraps.
constexpr Wide most = Wide{1} << 84;
static_assert(limits::steps <= Step{1} << 40, "Wide arithmetic below is sized for 2^40 steps");

// C(c + r, c), at most `most`. Each round at least doubles the product, so that there are no more than 84 of them.
Wide wide_beta(Slots slots, Step repetitions) {
  if (slots < 0 || repetitions < 0) return 0;
  const auto fewer = static_cast<std::uint64_t>(std::min(slots, repetitions));
  const auto rest = static_cast<std::uint64_t>(std::max(slots, repetitions));
  Wide product = 1;  // C(rest + i, i)
  for (std::uint64_t i = 1; i <= fewer; ++i) {
    const Wide next = product * (rest + i);
    product = next >> 64 ? next / i : Wide{static_cast<std::uint64_t>(next) / i};
    if (product >= most) return most;
  }
  return product;
}

Step narrowed(Wide wide) {
  return static_cast<Step>(std::min<Wide>(wide, std::numeric_limits<Step>::max()));
}

Step narrow_beta(Slots slots, Step repetitions) {
  return narrowed(wide_beta(slots, repetitions));
}

Count counted(Wide wide) {
  constexpr std::uint64_t saturated = std::numeric_limits<std::uint64_t>::max();
  return wide > saturated ? Count{saturated} : Count{static_cast<std::uint64_t>(wide)};
}

}  // namespace

Count beta(Slots slots, Step repetitions) {
  return counted(wide_beta(slots, repetitions));
}

Step repetitions(Step steps, Slots slots) {
  if (slots == 1 || steps <= 1) return steps - 1;
  const auto enough = [&](Step r) { return wide_beta(slots, r) >= static_cast<Wide>(steps); };
  Step most_known = 1;
  while (!enough(most_known)) most_known *= 2;
  Step too_few = most_known / 2;  // 0 is too few for 2 steps
  while (most_known - too_few > 1) {
    const Step middle = too_few + (most_known - too_few) / 2;
    (enough(middle) ? most_known : too_few) = middle;
  }
  return most_known;
}

Count least_advances(Step steps, Slots slots) {
  const Step r = repetitions(steps, slots);
  return counted(static_cast<Wide>(r) * static_cast<Wide>(steps) - wide_beta(slots + 1, r - 1));
}

Step split(Step steps, Slots slots) {
  const Step r = repetitions(steps, slots);
  const Step bend = narrow_beta(slots, r - 2) + narrow_beta(slots - 1, r - 2);
  const Step least = steps - std::min(steps - 1, narrow_beta(slots - 1, r));
  const Step greatest = steps - narrow_beta(slots - 1, r - 1);
  return std::clamp(bend, least, greatest);
}

}  // namespace cairn
