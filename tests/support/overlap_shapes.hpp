// SPDX-License-Identifier: BSD-3-Clause
/// Problems for plans that overlap with storage, drawn at random, in the forms that each part takes.
#pragma once

#include "support/overlap_oracle.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/simulation.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>

namespace cairn::test {

/// RAM and one slow level.
inline OverlapShape two_levels(Step steps, Slots buffers, double save, double load, double turn = 1,
                               Slots slow_slots = Slots{1} << 20) {
  return {.steps = steps,
          .machine = {.levels = {{}, {.save = save, .load = load}}, .buffers = buffers, .turn_cost = turn},
          .slots = {buffers, slow_slots}};
}

inline OverlapShape shape_of(const WholeOverlap& problem) {
  const auto in_steps = [&](int units) { return static_cast<double>(units) / problem.unit; };
  return two_levels(problem.steps, problem.buffers, in_steps(problem.save), in_steps(problem.load),
                    in_steps(problem.turn), problem.slots);
}

/// The same for makespan_bound(): level 1 alone.
inline OverlapProblem bounded(const OverlapShape& shape) {
  const auto& slow = shape.machine.levels[1];
  return {.steps = shape.steps,
          .buffers = shape.machine.buffers,
          .save = slow.save,
          .load = slow.load,
          .slots = shape.slots[1],
          .turn_cost = shape.machine.turn_cost,
          .copy_out = shape.machine.copy_out,
          .copy_in = shape.machine.copy_in};
}

/// For messages: "40 steps, 3 buffers, turn 1, 5 slots 2/3.5 lane 0" and so on for each slow level.
inline std::string text_of(const OverlapShape& shape) {
  std::ostringstream out;
  out << shape.steps << " steps, " << shape.machine.buffers << " buffers, turn " << shape.machine.turn_cost;
  for (std::size_t k = 1; k < shape.slots.size(); ++k)
    out << ", " << shape.slots[k] << " slots " << shape.machine.levels[k].save << '/' << shape.machine.levels[k].load
        << " lane " << shape.machine.levels[k].lane;
  return out.str();
}

/// What the synchronous schedules are told: a buffer is left for staging, costs are what they are.
inline Problem problem_of(const OverlapShape& shape) {
  Problem problem{.steps = shape.steps,
                  .levels = {{.slots = std::max<Slots>(1, shape.machine.buffers - 1)}},
                  .turn_cost = shape.machine.turn_cost};
  for (std::size_t k = 1; k < shape.slots.size(); ++k)
    problem.levels.push_back({.slots = shape.slots[k],
                              .save_cost = shape.machine.levels[k].save,
                              .load_cost = shape.machine.levels[k].load});
  return problem;
}

/// A schedule for `problem` on the machine of `shape`.
inline Timing played(const OverlapShape& shape, ScheduleKind kind, const Problem& problem) {
  Simulation simulation{shape.machine};
  return simulation.run(*make_schedule(kind, problem));
}

/// Infinite where the plan does not fit the buffers.
inline double makespan_of(const OverlapShape& shape, const OverlapPlan& plan) {
  try {
    return simulate(shape, plan).makespan;
  } catch (const std::logic_error&) {
    return std::numeric_limits<double>::infinity();
  }
}

/// What random_overlap() may draw: at most so many.
struct SmallOverlap {
  int steps = 7;
  int buffers = 4;
};

/// Times in halves of a step, up to 6 steps; slots without limit in a third of the cases.
inline WholeOverlap random_overlap(std::mt19937& random, const SmallOverlap& most) {
  const auto from_to = [&](int least, int greatest) {
    return std::uniform_int_distribution<int>{least, greatest}(random);
  };
  WholeOverlap problem{.unit = 2};
  problem.steps = from_to(2, most.steps);
  problem.buffers = from_to(2, most.buffers);
  problem.save = from_to(0, 12);
  problem.load = from_to(0, 12);
  if (from_to(0, 2) != 0) problem.slots = from_to(1, 4);
  problem.turn = from_to(1, 4);
  return problem;
}

/// One slow level, or with `levels` = 3 two of them, with a lane each or one for both.
inline OverlapShape random_shape(std::mt19937& random, int most_steps, int levels = 2) {
  const auto from_to = [&](int least, int greatest) {
    return std::uniform_int_distribution<int>{least, greatest}(random);
  };
  const auto time = [&] { return std::round(std::exp2(std::uniform_real_distribution{-3., 5.}(random)) * 10) / 10; };
  OverlapShape shape = two_levels(from_to(1, most_steps), from_to(2, 12), time(), time(), from_to(1, 6) / 2.);
  if (from_to(0, 1) != 0) shape.slots[1] = from_to(1, 40);
  if (levels > 2) {
    const bool shared = from_to(0, 1) != 0;
    auto slower = shape.machine.levels[1];
    slower.save += time();
    slower.load += time();
    slower.lane = shared ? 0 : 1;
    shape.machine.levels.push_back(slower);
    shape.slots.push_back(from_to(1, 60));
  }
  return shape;
}

}  // namespace cairn::test
