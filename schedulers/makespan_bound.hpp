// SPDX-License-Identifier: BSD-3-Clause
/// How short a run can be at best where storage works beside the operators.
#pragma once

#include <cairn/words.hpp>

#include <limits>
#include <string_view>

namespace cairn {

/// A run on one slow device. Times in forward steps.
struct OverlapProblem {
  Step steps;                                       ///< n
  Slots buffers;                                    ///< s: RAM snapshots, staging and read-ahead together
  double save;                                      ///< W: to write one snapshot
  double load;                                      ///< R: to read one
  Slots slots = std::numeric_limits<Slots>::max();  ///< c, of the slow level
  double turn_cost = 1;                             ///< ub
  double copy_out = 0;                              ///< live state to a buffer
  double copy_in = 0;                               ///< a buffer to the live state
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
/// leaves behind were copied; of the others all but F + 1 are copied, or run a third time. Takes up to a fifth of a
/// second. Throws std::invalid_argument where steps or buffers is below 1, or a time is no number of steps.
MakespanBound makespan_bound(const OverlapProblem& problem);

}  // namespace cairn
