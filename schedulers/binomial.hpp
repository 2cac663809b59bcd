// SPDX-License-Identifier: BSD-3-Clause
/// The arithmetic of binomial checkpointing (Griewank and Walther, Algorithm 799, ACM TOMS 26, 2000).
///
/// β(c, r) = C(c + r, c) is the most steps that c slots reverse when no step is run forward more than r times. All
/// functions here are exact, or saturate where a Count does, for steps up to limits::steps and any number of slots of a
/// plan. Each costs less than a microsecond; none loops over the steps.
#pragma once

#include <cairn/words.hpp>

namespace cairn {

/// β(slots, repetitions) = C(slots + repetitions, slots), saturating; 0 where `repetitions` or `slots` is negative.
Count beta(Slots slots, Step repetitions);

/// r(l, c) = min{r : β(c, r) ≥ l} for l = `steps` ≥ 1, c = `slots` ≥ 1: how often the most repeated step is run.
Step repetitions(Step steps, Slots slots);

/// t(l, c) = r·l − β(c + 1, r − 1), r = r(l, c): the least number of untaped forward steps that reverse l = `steps` ≥ 1
/// steps from c = `slots` ≥ 1 slots, that of the start included. t(1, c) = 0. Saturates: t(2^40, 1) is near 2^79.
Count least_advances(Step steps, Slots slots);

/// Where to put the next snapshot: with x_0 kept and l = `steps` ≥ 2 steps to reverse, advance j steps, keep x_j,
/// reverse the l − j steps behind it with c − 1 slots, then the first j with c = `slots` ≥ 1.
///
/// With r = r(l, c), j gives the least advances iff  β(c, r−2) ≤ j ≤ β(c, r−1)  and  β(c−1, r−1) ≤ l − j ≤ β(c−1, r).
/// The least takeshots among those plans grow with l, between β(c, r−1) and β(c, r), first not at all and then by one a
/// step; the bend is at M(c, r) = β(c, r−1) + β(c−1, r−1). A split is best where both parts lie on the same side of
/// their bends as the whole, and M(c, r) = M(c, r−1) + M(c−1, r). So this one is:
///   j = M(c, r−1), moved just far enough that β(c−1, r−1) ≤ l − j ≤ β(c−1, r), and at least 1.
/// One of the two parts is then always a β or an M, which is what makes stack_uses.hpp cheap.
/// Found by exhaustive search, and equal to it for all l ≤ 3000, c ≤ 40.
Step split(Step steps, Slots slots);

}  // namespace cairn
