// SPDX-License-Identifier: BSD-3-Clause
/// t(l, c) of binomial.hpp for one c, fast where l changes little from call to call.
#pragma once

#include <cairn/words.hpp>

namespace cairn {

/// Remembers r(l, c) of the last l: as long as it holds, a call is a multiplication. Where l moves into the next r it
/// costs some ten nanoseconds, elsewhere up to a microsecond. Exact up to 2^53, to 16 digits beyond.
class BinomialCost {
 public:
  explicit BinomialCost(Slots slots) : slots_{slots} {}  ///< c ≥ 1.

  /// t(l, c), the least advances that reverse l = `steps` ≥ 1 steps from a snapshot at their start; it counts in c.
  double advances(Step steps) {
    if (steps <= low_ || steps > high_) seek(steps);
    return static_cast<double>(repetitions_) * static_cast<double>(steps) - less_;
  }

 private:
  void seek(Step steps);

  Slots slots_;
  Step repetitions_ = 0;  // r, for β(c, r−1) = low_ < l ≤ high_ = β(c, r)
  Step low_ = 0;
  Step high_ = 1;
  double less_ = 0;  // β(c + 1, r − 1)
};

}  // namespace cairn
