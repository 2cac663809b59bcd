// SPDX-License-Identifier: BSD-3-Clause
/// A shot as cairn sees it: what x_t is made of, and the operators on it. This is all that the example needs of cairn.
#pragma once

#include "shot.hpp"
#include <cairn/cairn.hpp>

#include <array>
#include <cstdio>
#include <functional>
#include <vector>

#include <fmt/format.h>

namespace acoustic {

/// x_t = (u_t, u_{t−1}): two fields over three arrays that rotate. `shot` must outlive the state.
template <class T>
cairn::State state_of(Shot<T>& shot) {
  const Extent grid = shot.medium().extent();
  const double spacing = shot.survey().spacing;
  const double origin = -spacing * static_cast<double>(sponge_cells);
  const auto describe = [&](const char* name) {
    return cairn::Description{
        .axes = {"x", "z"}, .units = "1", .long_name = name, .spacing = {spacing, spacing}, .origin = {origin, origin}};
  };
  cairn::State state;
  state.add(
      "pressure", [&shot](Step t) { return shot.pressure(t); }, {grid.x, grid.z}, describe("pressure"));
  state.add(
      "previous", [&shot](Step t) { return shot.pressure(t + 2); }, {grid.x, grid.z},
      describe("pressure one step before"));
  return state;
}

/// Steps, turns and seed. The receivers listen as `how` says at the time, and only when a step runs first. Both
/// arguments must outlive the operators.
template <class T>
cairn::Operators operators_of(Shot<T>& shot, const Listen& how) {
  return {.advance =
              [&shot, &how](cairn::Steps steps) {
                for (const Step t : steps) {
                  shot.step(t);
                  if (!steps.again) shot.listen(t + 1, how);
                }
              },
          .reverse = [&shot](cairn::Steps step) { shot.step_back(step.first); },
          .seed = [&shot] { shot.seed(); }};
}

/// What belongs to the sweep and not to x_t, so that a later process can go on with it: the residuals heard so far, the
/// adjoint, and what the turns have added up. For runs with a tier in a file; `shot` must outlive the run.
template <class T>
void keep_in(cairn::Reversal& run, Shot<T>& shot) {
  const Extent grid = shot.medium().extent();
  const auto describe = [](const char* name) {
    return cairn::Description{.axes = {"x", "z"}, .units = "1", .long_name = name};
  };
  run.keep("adjoint", shot.adjoint(0), cairn::Extents{grid.x, grid.z}, describe("adjoint of the even steps"));
  run.keep("adjoint_odd", shot.adjoint(1), cairn::Extents{grid.x, grid.z}, describe("adjoint of the odd steps"));
  run.keep("gradient", shot.imaged(), cairn::Extents{grid.x, grid.z}, describe("gradient by the steps turned so far"));
  if (!shot.traces().empty()) run.keep("traces", shot.traces());
}

/// What else the gradient depends on: the data in the traces, the velocities, the source. A later process goes on only
/// where all that is bitwise the same. To be told again, before the sweep, when it has changed.
template <class T>
void depends_on(cairn::Reversal& run, Shot<T>& shot, std::vector<T>& velocity) {
  const Survey& survey = shot.survey();
  run.depends_on("velocity", velocity);
  run.depends_on("data", shot.traces());
  run.depends_on("survey", std::array{survey.spacing, survey.time_step, survey.frequency});
}

/// The operators, told on standard error as cairn asks for them: a line for each step, turn and the seed, once it is
/// done.
inline cairn::Operators told(cairn::Operators operators) {
  return {.advance =
              [advance = operators.advance](cairn::Steps steps) {
                for (const Step t : steps) {
                  advance({t, t + 1, steps.again});
                  fmt::print(stderr, "step {}{}\n", t, steps.again ? " again" : "");
                }
              },
          .reverse =
              [reverse = operators.reverse](cairn::Steps step) {
                reverse(step);
                fmt::print(stderr, "turn {}\n", step.first);
              },
          .seed =
              [seed = operators.seed] {
                seed();
                fmt::print(stderr, "seed\n");
              }};
}

/// Runs the shot from rest without cairn, nothing stored; ends at x_n, or where `is_to_stop` says so.
template <class T>
void run_forward(
    Shot<T>& shot, Listen how, const std::function<bool()>& is_to_stop = [] { return false; }) {
  shot.rest();
  for (Step t = 0; t < shot.steps() && !is_to_stop(); ++t) {
    shot.step(t);
    shot.listen(t + 1, how);
  }
}

}  // namespace acoustic
