// SPDX-License-Identifier: BSD-3-Clause
/// The few shapes of NestedIntervals that are worth simulating.
#pragma once

#include <cairn/schedulers/nested_intervals.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <vector>

namespace cairn {

/// For each pair of slow levels, the quicker one as the fast level. With W, R and c of each, s buffers, ub a turn:
///   D_1 = max(1, W_1, (R_1+1)/(1+ub)),   D_2 = max(1, W_2, (R_2+1)/(1+ub), n_2/c_2),
/// n_2 the steps before the last part, which is as long as c_1 snapshots D_1 apart reach, and the tail of s−1.
///  - Where D_2 ≤ s−1, RAM holds an interval, and nothing is swept again.
///  - Else D_2 times 1, 1.25 and 1.5, and such that the next slow snapshot can be read while an interval is turned from
///    the fast level: D_2 = s−1 + R_2/(ub + 1 − 1/D_1). On one device, where its read holds up the others, 2·D_2 as
///    well, and intervals of up to 3s steps turned from RAM.
///  - Where the levels are devices of their own: both in the last part, or the fast one alone; and both over all steps,
///    D_1 as large as c_1 asks.
/// They are to be given a gauge: each watches its devices. At most ten a pair. On 29 problems with devices apart (2,000
/// steps, 5 to 25 buffers, W = R) the best of them was within .1 % of the best of 64 shapes about these.
std::vector<NestedIntervals::Shape> nested_candidates(Step steps, const Machine& machine,
                                                      const std::vector<Slots>& slots);

}  // namespace cairn
