// SPDX-License-Identifier: BSD-3-Clause
/// GradientToy with a field that is large enough for direct requests.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <support/gradient_toy.hpp>

namespace cairn::test {

/// Small fields are those of GradientToy; the large one depends on them, and the gradient on it.
class WideToy {
 public:
  static constexpr std::size_t trail_cells = 3001;  // 24 KB, and a gap behind them
  using Gradient = std::array<double, GradientToy::cells>;

  explicit WideToy(Step n) : toy{n}, trail(trail_cells), turned{n} {}

  State state() {
    State state = toy.state();
    state.add("trail", trail);
    return state;
  }
  void keep_in(Reversal& run) { toy.keep_in(run); }
  /// `at_each` is called after each step and each turn, and before the seed.
  Operators operators(std::function<void()> at_each) {
    const Operators inner = toy.operators([] {});
    return {.advance =
                [this, inner, at_each](Steps steps) {
                  for (Step t = steps.first; t < steps.last; ++t) {
                    inner.advance({t, t + 1, steps.again});
                    for (std::size_t i = 0; i < trail_cells; ++i)
                      trail[i] = .5 * trail[i] + toy.wave[i % GradientToy::cells] * static_cast<double>(t % 7);
                    at_each();
                  }
                },
            .reverse =
                [this, inner, at_each](Steps steps) {
                  for (std::size_t i = 0; i < trail_cells; ++i) toy.adjoint[i % GradientToy::cells] += .001 * trail[i];
                  inner.reverse(steps);
                  turned = steps.first;
                  at_each();
                },
            .seed =
                [inner, at_each] {
                  at_each();
                  inner.seed();
                }};
  }
  const Gradient& gradient() const { return toy.gradient; }

  GradientToy toy;
  std::vector<double> trail;
  Step turned;  ///< steps from here on are turned
};

}  // namespace cairn::test
