// SPDX-License-Identifier: BSD-3-Clause
/// The gradient of a time loop in a few lines: the 1-D heat equation, 500 steps, 4 snapshots. How does the sum of the
/// final temperatures change with each initial one? (The equation of the first example of Checkpointing.jl.)
#include <cairn/cairn.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace {

constexpr std::size_t cells = 100;
constexpr cairn::Step steps = 500;
constexpr double diffusion = 0.25;  // κ Δt / Δx²

using Rod = std::vector<double>;

// Both ends are held at their temperature.
void step(Rod& rod) {
  double left = rod[0];
  for (std::size_t i = 1; i + 1 < cells; ++i) {
    const double here = rod[i];
    rod[i] += diffusion * (left - 2 * here + rod[i + 1]);
    left = here;
  }
}

// The transpose of the step.
void step_back(Rod& adjoint) {
  const Rod later = adjoint;
  for (std::size_t i = 1; i + 1 < cells; ++i) {
    adjoint[i - 1] += diffusion * later[i];
    adjoint[i] -= 2 * diffusion * later[i];
    adjoint[i + 1] += diffusion * later[i];
  }
}

double final_sum(Rod rod) {
  for (cairn::Step t = 0; t < steps; ++t) step(rod);
  double sum = 0;
  for (const double temperature : rod) sum += temperature;
  return sum;
}

// The greatest difference to what changing each initial temperature by 1 does: exact, as the equation is linear.
double worst_error(const Rod& initial, const Rod& gradient) {
  double worst = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    Rod warmer = initial;
    warmer[i] += 1;
    worst = std::max(worst, std::abs(final_sum(warmer) - final_sum(initial) - gradient[i]));
  }
  return worst;
}

}  // namespace

int main() {
  Rod rod(cells, 0.0);
  rod.front() = 20;
  rod.back() = 10;
  const Rod initial = rod;
  Rod adjoint(cells);

  cairn::Config config;
  config.schedule = cairn::ScheduleKind::revolve;
  config.tiers = {{.kind = cairn::TierKind::ram, .capacity = cairn::Capacity::of_slots(4)}};

  cairn::State state;
  state.add("temperature", rod);

  cairn::Reversal run{config,
                      state,
                      {.advance =
                           [&](cairn::Steps s) {
                             for ([[maybe_unused]] auto t : s) step(rod);
                           },
                       .reverse = [&](cairn::Steps) { step_back(adjoint); },
                       .seed = [&] { adjoint.assign(cells, 1.0); }}};
  const cairn::Report report = run.sweep(steps);

  const double error = worst_error(initial, adjoint);
  std::printf("%s", report.table().c_str());
  std::printf("gradient at the ends %.6f, beside them %.6f, in the middle %.6f; worst error %.1e\n", adjoint.front(),
              adjoint[1], adjoint[cells / 2], error);
  return error < 1e-9 ? 0 : 1;
}
