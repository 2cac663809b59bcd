// SPDX-License-Identifier: BSD-3-Clause
/// How short a run can be at best where storage works beside the operators.
#pragma once

#include <cairn/words.hpp>

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace cairn {

/// A run on slow devices, mostly one. Times in forward steps.
struct OverlapProblem {
  /// One more slow level.
  struct OtherLevel {
    double save;             ///< W_k
    double load;             ///< R_k
    Slots slots;             ///< c_k
    std::size_t device = 1;  ///< levels with one number share a device; 0: that of `save` and `load`
  };
  Step steps;                                       ///< n
  Slots buffers;                                    ///< s: RAM snapshots, staging and read-ahead together
  double save;                                      ///< W: to write one snapshot
  double load;                                      ///< R: to read one
  Slots slots = std::numeric_limits<Slots>::max();  ///< c, of the slow level
  double turn_cost = 1;                             ///< ub
  double copy_out = 0;                              ///< live state to a buffer
  double copy_in = 0;                               ///< a buffer to the live state
  std::vector<OtherLevel> others = {};              ///< slow levels beside that of `save`, `load` and `slots`
};

/// A makespan that no plan goes below, and what says so.
struct MakespanBound {
  double makespan;     ///< without copies
  double with_copies;  ///< with the copies that every plan needs
  double proved;       ///< the same as `makespan` by the proved arguments alone; at most `makespan`
  std::string_view
      reason;  ///< which argument gives `makespan`: "buffers", "slots", "reads", "writes", "prices", "nothing"
};

/// The least T = n−1 + T2 with T2 ≥ n·ub + rec(T2), rec the steps that must be run again, the greatest of
///   n−1−s − min(T2/R, (n−1)/W, c)     "buffers": a state that is neither in RAM at its turn, nor read back, nor live,
///                                     is made by a step of its own; proved
///   t(n, s+c) − (n−1)                 "slots": all slots together, were they free; proved
///   J(n−1, s, s + T2/R)               "reads", and
///   J(n−1, s+1, s + (n−1+T2)/W)       "writes": no case is known that goes below them. J(N, q, M) = M·t(N/M, q), t of
///                                     binomial.hpp interpolated: N steps from M snapshots that come and go, q at a
///                                     time
///   H(a·W, (a+b)·R) − (n−1) − a·(n−1+T2) − b·T2
///                                     "prices", the greatest over a, b ≥ 0. H(w, r) is the least cost of a synchronous
///                                     plan with s slots in RAM and c slow ones (level_plan.hpp). Any plan in the order
///                                     of its actions is such a plan, with saves and loads that the lane had time for.
///                                     As good as H-Revolve's optimality, which is verified. Left out beyond 20,000
///                                     steps (10^7 where c ≤ 100), for the time that it would take
/// with_copies: every turn but the first needs a restore. The F ≤ s + min(T2/R, T1/W, c) states that the first sweep
/// leaves behind were copied; of the others all but F + 1 are copied, or run a third time.
///
/// Several slow levels (slow_devices.hpp): a device does one job at a time, so that in a time T its levels together do
/// at most T / min W_k saves or T / min R_k loads; devices work side by side, so that these rates add up, to 1/W and
/// 1/R above. Slots add up to c. This gives the counts of "slots", "reads" and "writes" for any plan.
///  - "buffers": a state left behind by the first sweep was written to a device before its end and is read from there
///    after it (by a restore, or a move to another), so that on each device Σ W_k·F_k ≤ n−1, Σ R_k·F_k ≤ T2, F_k ≤ c_k;
///    the sum over the devices of the lesser of the two greatest Σ F_k takes the place of min(T2/R, (n−1)/W, c). A
///    first sweep that is δ longer gains no more than δ states where it gains any: the sum is concave in its length and
///    0 at 0, so that a slope of 1 or more at n−1 means n−1 states, and none run again.
///  - "prices": a plan over all levels is one over a single level of all their slots. In its saves S_d and loads L_d on
///    device d, w·S_d + r·L_d ≤ (w/W_d)·T1 + max(w/W_d, r/R_d)·T2, since loads are of use after the first sweep only;
///    w = a·W, r = (a+b)·R. For one device that is the term above.
///
/// Takes up to a fifth of a second. Throws std::invalid_argument where steps or buffers is below 1, or a time is no
/// number of steps.
MakespanBound makespan_bound(const OverlapProblem& problem);

}  // namespace cairn
