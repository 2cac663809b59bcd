// SPDX-License-Identifier: BSD-3-Clause
/// A small simulation with all that a gradient needs beside the state: parameters, seismograms, an adjoint.
#pragma once

#include <cairn/core/reversal.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace cairn::test {

/// Every result depends on every state, on its order, and on what was recorded in the first sweep.
class GradientToy {
 public:
  static constexpr std::size_t cells = 600;

  explicit GradientToy(Step n) : traces(static_cast<std::size_t>(n)) {
    for (std::size_t i = 0; i < cells; ++i) {
      wave[i] = std::sin(.1 * static_cast<double>(i));
      velocity[i] = 1 + .5 * std::cos(.03 * static_cast<double>(i));
    }
  }

  State state() {
    State state;
    state.add("wave", wave).add("energy", energy);
    return state;
  }
  void keep_in(Reversal& run) {
    run.keep("gradient", gradient);
    run.keep("adjoint", adjoint);
    run.keep("traces", traces);
  }
  /// `at_each` is called after each step and each turn, and before the seed.
  Operators operators(std::function<void()> at_each) {
    return {.advance =
                [this, at_each](Steps steps) {
                  for (Step t = steps.first; t < steps.last; ++t) {
                    advance(t, steps.again);
                    at_each();
                  }
                },
            .reverse =
                [this, at_each](Steps steps) {
                  turn(steps.first);
                  at_each();
                },
            .seed =
                [this, at_each] {
                  at_each();
                  for (std::size_t i = 0; i < cells; ++i) adjoint[i] = wave[i] + energy;
                }};
  }

  std::array<double, cells> wave{}, velocity{}, adjoint{}, gradient{};
  double energy = 0;
  std::vector<double> traces;
  Step steps_run = 0;

 private:
  void advance(Step t, bool again) {
    const double first = wave[0];
    for (std::size_t i = 0; i < cells; ++i) {
      const double next = i + 1 < cells ? wave[i + 1] : first;
      wave[i] += .01 * std::sin(velocity[i] * next + static_cast<double>(t));
    }
    energy = .9 * energy + wave[7];
    if (!again) traces[static_cast<std::size_t>(t)] += wave[3];
    ++steps_run;
  }
  void turn(Step t) {
    for (std::size_t i = 0; i < cells; ++i) {
      adjoint[i] += .01 * std::cos(wave[i]) * adjoint[cells - 1 - i] + traces[static_cast<std::size_t>(t)];
      gradient[i] += adjoint[i] * wave[i] * energy;
    }
  }
};

/// Which x_t a toy holds, for t ≤ n; its States differ from step to step.
class StepsOfToy {
 public:
  explicit StepsOfToy(Step n) {
    GradientToy toy{n};
    const Operators operators = toy.operators([] {});
    waves_.push_back(toy.wave);
    for (Step t = 0; t < n; ++t) {
      operators.advance({t, t + 1, false});
      waves_.push_back(toy.wave);
    }
  }
  /// −1: none of them.
  Step step_of(const GradientToy& toy) const {
    for (std::size_t t = 0; t < waves_.size(); ++t)
      if (waves_[t] == toy.wave) return static_cast<Step>(t);
    return -1;
  }

 private:
  std::vector<std::array<double, GradientToy::cells>> waves_;
};

}  // namespace cairn::test
