// SPDX-License-Identifier: BSD-3-Clause
/// A shot as cairn sees it: what x_t is made of, and the operators on it. This is all that the example needs of cairn.
#pragma once

#include "shot.hpp"
#include <cairn/cairn.hpp>

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

/// Runs the shot from rest without cairn, nothing stored; ends at x_n.
template <class T>
void run_forward(Shot<T>& shot, Listen how) {
  shot.rest();
  for (Step t = 0; t < shot.steps(); ++t) {
    shot.step(t);
    shot.listen(t + 1, how);
  }
}

}  // namespace acoustic
