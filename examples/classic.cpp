// SPDX-License-Identifier: BSD-3-Clause
/// Only the schedule: cairn says what to do, the program moves its own data. No runtime, no files: link
/// cairn::schedulers. The derivative of x_n by x_0 for x ← x + Δt sin x, 100 steps, with 5 snapshots.
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cmath>
#include <cstdio>
#include <map>
#include <variant>

namespace {

constexpr cairn::Step steps = 100;
constexpr cairn::Slots slots = 5;
constexpr double time_step = 0.05;
constexpr double start = 0.1;

double next(double x) {
  return x + time_step * std::sin(x);
}
double derivative(double x) {
  return 1 + time_step * std::cos(x);
}

/// Carries out actions on one number; a map is the store.
struct Pendulum {
  double x = start;
  double adjoint = 1;  // of x_n
  std::map<cairn::Step, double> snapshots{};

  void operator()(const cairn::Advance& advance) {
    for ([[maybe_unused]] auto t : advance.steps) x = next(x);
  }
  void operator()(const cairn::Takeshot& takeshot) { snapshots[takeshot.step] = x; }
  void operator()(const cairn::Restore& restore) { x = snapshots.at(restore.step); }
  void operator()(const cairn::Move&) {}  // there is one level
  void operator()(const cairn::Discard& discard) { snapshots.erase(discard.step); }
  void operator()(const cairn::Turn&) { adjoint *= derivative(x); }
};

double direct_derivative() {
  double x = start;
  double product = 1;
  for (cairn::Step t = 0; t < steps; ++t, x = next(x)) product *= derivative(x);
  return product;
}

}  // namespace

int main() {
  const auto schedule =
      cairn::make_schedule(cairn::ScheduleKind::revolve, {.steps = steps, .levels = {{.slots = slots}}, .period = {}});
  cairn::Replay replay{steps, {slots}};  // counts, and would refuse an illegal action
  Pendulum pendulum;
  while (const auto action = schedule->next()) {
    replay.apply(*action);
    std::visit(pendulum, *action);
  }

  const auto& counts = replay.counts();
  const auto& level = counts.levels.front();
  std::printf("%lld steps, %lld slots: %llu advances, %llu turns, %llu takeshots, %llu restores\n",
              static_cast<long long>(steps), static_cast<long long>(slots),
              static_cast<unsigned long long>(counts.advances.value()),
              static_cast<unsigned long long>(counts.turns.value()),
              static_cast<unsigned long long>(level.takeshots.value()),
              static_cast<unsigned long long>(level.restores.value()));
  const double direct = direct_derivative();
  std::printf("dx_n/dx_0 = %.15f, directly %.15f\n", pendulum.adjoint, direct);
  return std::abs(pendulum.adjoint - direct) <= 1e-12 * std::abs(direct) ? 0 : 1;
}
