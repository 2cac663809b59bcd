// SPDX-License-Identifier: BSD-3-Clause
/// The best plan for what is left of a run where storage works beside the operators.
#pragma once

#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/planner.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// One plan that may be the best for the rest of a run.
struct RestPlan {
  std::string text;
  /// Makes the schedule; the gauge is asked by plans that watch.
  std::function<std::unique_ptr<Schedule>(Gauge)> make;
  double makespan = 0;  ///< from here to the end, forward steps; by Simulation
};

/// Plans for a run of shape.steps steps that stands there, not simulated. In the reverse sweep: the snapshots that are
/// there, each loaded once, all of them or so many that their loads keep up with the turns, and H-Revolve and
/// Multistage from there (from_stored.hpp), which may store anew. In the first sweep: `overlap`'s plan for the steps to
/// come, then the intervals before; what lies in RAM stays there or goes to a slow level; the steps to come from RAM
/// alone; or, where x_0 alone is stored, all over again from there.
/// `known`: the plan for all n steps, where it is known; then the steps to come get it, too.
std::vector<RestPlan> rest_plans(const OverlapShape& shape, const Standing& standing,
                                 const std::optional<OverlapPlan>& known = {});

/// Simulates them and returns the best. Throws std::invalid_argument where none fits.
RestPlan plan_rest(const OverlapShape& shape, const Standing& standing, const std::optional<OverlapPlan>& known = {});

/// How long that plan takes from there. Throws what Simulation throws.
double time_rest(const OverlapShape& shape, const Standing& standing, const RestPlan& plan);

/// How long the present plan of a reverse sweep takes to its end.
double time_rest(const OverlapShape& shape, const Standing& standing, const Schedule& rest);

}  // namespace cairn
