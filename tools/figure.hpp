// SPDX-License-Identifier: BSD-3-Clause
/// Plans as pictures: `cairn plan … --figure FILE.svg`.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/words.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::tool {

/// More steps than these would be a grey block, not a figure.
inline constexpr Step figure_steps = 300;

/// The plan that `schedule`, made for `problem`, hands out until every step is turned, as one SVG document.
///
/// To the right runs time in forward steps, by the sequential cost model at the head of schedule.hpp: an advance takes
/// 1 a step, a turn the problem's turn cost, takeshots (and moves, at their destination) and restores the costs of
/// their level. The right end is the cost of the plan. Upwards run the steps. The live state is a line that climbs with
/// each advance and waits where storage takes time; a turn falls from step t + 1 to t; a snapshot is a bar at its step,
/// from its takeshot to its discard, in the colour of its level. What `problem.stored` holds is there from the start.
///
/// The same plan gives the same bytes. The file needs nothing beside it: no font, no script; it has a background of its
/// own, light or dark as the reader prefers, and colours that the colour-blind can tell apart (Okabe and Ito's, for up
/// to five levels).
///
/// Throws std::invalid_argument where the problem has no known number of steps or more than figure_steps, or where
/// there is not one name for each level, and IllegalAction where the plan breaks the rules of replay.hpp.
std::string figure_of(Schedule& schedule, const Problem& problem, const std::vector<std::string>& level_names,
                      std::string_view title);

}  // namespace cairn::tool
