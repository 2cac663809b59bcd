// SPDX-License-Identifier: BSD-3-Clause
/// The plan of least makespan where storage works beside the operators.
#pragma once

#include <cairn/schedulers/interval_plan.hpp>
#include <cairn/schedulers/nested_intervals.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// One plan that may be the best, and how long it takes.
struct OverlapPlan {
  /// What the plan is made of.
  enum class Form {
    intervals,       ///< IntervalPlan: starts of intervals on a slow level, each read once
    starts_on_disk,  ///< the same positions, each interval turned by H-Revolve, its start and some more slots on disk
    levels,          ///< H-Revolve on all steps
    least_advances,  ///< Multistage
    nested           ///< NestedIntervals, of two slow levels
  };
  Form form = Form::levels;
  Level slow{1};                   ///< where starts of intervals lie
  double period = 1;               ///< D
  Step tail = 1;                   ///< steps turned from RAM alone
  bool watches = false;            ///< positions are opportunistic: IntervalPlan with a gauge
  Slots ram = 1;                   ///< of level 0, for an interval or for all
  Slots tail_ram = 1;              ///< of level 0, for the tail
  Slots spare = 0;                 ///< slow slots that an interval may use
  double save_price = 1;           ///< what H-Revolve is told a save costs, as a part of what it takes
  double load_price = 1;           ///< likewise of a load
  bool pays_copies = false;        ///< H-Revolve is told what copies cost, too
  std::optional<Level> only = {};  ///< of the slow levels, for H-Revolve and Multistage; empty: all
  std::optional<NestedIntervals::Shape> nested = {};  ///< for that form; without its gauge
  double makespan = 0;                                ///< by Simulation, forward steps
  std::string text() const;                           ///< "intervals of 5.0 steps on level 1"
};

/// What is to be planned for.
struct OverlapShape {
  Step steps;                ///< n ≥ 1
  Machine machine;           ///< level 0 is RAM
  std::vector<Slots> slots;  ///< c_k of each level; of level 0 none are read: the pool is machine.buffers
};

/// How hard to look for the best plan.
struct OverlapEffort {
  /// So many steps of plans may be simulated; then the likeliest come first, and where it is less than n the first of
  /// them is taken as it is, its makespan not known (0).
  double most_work = std::numeric_limits<double>::infinity();
  /// A plan that watches is preferred to others that are shorter by less than this part: it bears costs that are wrong.
  double for_watching = 0;
};

/// What a problem asks for, on machine_of() it (plan_timing.hpp).
OverlapShape overlap_shape(const Problem& problem);

/// The portfolio of plan_overlap(), not simulated.
std::vector<OverlapPlan> overlap_plans(const OverlapShape& shape);

/// Simulates a portfolio and returns the best. With W, R of a slow level, c its slots and ub a turn,
///   D* = max(1, W, (R+1)/(1+ub), n/c).
/// Where D* ≤ s−1, intervals of that length are hidden behind the steps and nothing is run more than twice: the
/// watching IntervalPlan. Where RAM cannot hold an interval, or slow slots are few: intervals about D*, H-Revolve
/// inside intervals, H-Revolve with storage cheaper than it is, and H-Revolve as it is, so that the result is never
/// worse than that. Throws what Simulation and make_schedule() throw.
///
OverlapPlan plan_overlap(const OverlapShape& shape, const OverlapEffort& effort = {});

/// Is D* ≤ s−1 on a slow level: can RAM hold an interval that storage keeps up with?
bool hides_storage(const OverlapShape& shape);

/// What the schedule of a plan in the form of intervals is made of; without a gauge. Throws std::invalid_argument where
/// the plan has another form.
IntervalPlan::Shape intervals_of(const OverlapShape& shape, const OverlapPlan& plan);

/// The schedule of a plan. `gauge` is asked by plans that watch, until their reverse sweep begins.
std::unique_ptr<Schedule> make_overlap(const OverlapShape& shape, const OverlapPlan& plan, Gauge gauge = {});

/// How long the plan takes on the machine that it was made for.
Timing simulate(const OverlapShape& shape, const OverlapPlan& plan);

}  // namespace cairn
