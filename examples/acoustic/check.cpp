// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include "tangent.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include <fmt/format.h>

namespace acoustic {
namespace {

constexpr Index most_cells = 201;
constexpr Step double_steps = 1000;
constexpr cairn::Slots double_slots = 12;  // 3.7 advances a step, 15 MB
constexpr int halvings = 6;

template <class T>
double product(std::span<const T> a, std::span<const T> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

template <class T>
std::vector<T> random_values(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> between{-1, 1};
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(between(random));
  return values;
}

std::vector<double> smooth_values(Extent extent) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(extent.cells()));
  const auto wave = [](double halves, Index at, Index cells) {
    return std::sin(halves * std::numbers::pi * static_cast<double>(at) / static_cast<double>(cells));
  };
  for (Index x = 0; x < extent.x; ++x)
    for (Index z = 0; z < extent.z; ++z) values.push_back(wave(3, x, extent.x) * wave(2, z, extent.z));
  return values;
}

std::vector<double> in_double(const Model& model) {
  return {model.velocity.begin(), model.velocity.end()};
}

double relative(double a, double b) {
  return std::abs(a - b) / std::max({std::abs(a), std::abs(b), std::numeric_limits<double>::min()});
}

// The small problem in double: a start model, observed traces of the true one, and its own reversal in RAM.
class Laboratory {
 public:
  Laboratory(const Model& truth, const Survey& survey)
      : shot_{survey, double_steps},
        start_{in_double(smoothed(truth))},
        run_{in_ram(), state_of(shot_), operators_of(shot_, how_)} {
    shot_.set_velocity(in_double(truth));
    run_forward(shot_, Listen::observe);
    observed_.assign(shot_.traces().begin(), shot_.traces().end());
    shot_.set_velocity(start_);
  }

  Check dot_product(const char* what, std::span<const double> m, std::span<const double> d = {}) {
    const std::vector<double> image = change_of_traces(shot_, m);
    if (d.empty()) d = image;
    const double tangent = product<double>(image, d);
    const double adjoint = product<double>(m, sweep(d, Listen::off));
    return {fmt::format("dot product, double, {}", what), relative(tangent, adjoint), 0, 1e-11};
  }

  std::vector<Check> taylor(std::span<const double> direction) {
    const std::vector<double> gradient = sweep(observed_, Listen::compare);
    const double misfit = shot_.misfit();
    const double slope = product<double>(gradient, direction);
    std::vector<Check> checks;
    double before = 0;
    double length = 4e-3;  // km/s
    for (int halving = 0; halving <= halvings; ++halving, length /= 2) {
      const double remainder = std::abs(misfit_at(direction, length) - misfit - length * slope);
      if (halving > 0)
        checks.push_back(
            {fmt::format("Taylor order, double, step {:.1e} km/s", length), std::log2(before / remainder), 1.95, 2.05});
      before = remainder;
    }
    return checks;
  }

  std::size_t cells() const { return start_.size(); }
  std::size_t heard() const { return observed_.size(); }

 private:
  static cairn::Config in_ram() {
    cairn::Config config;
    config.schedule = cairn::ScheduleKind::revolve;
    config.tiers = {{.kind = cairn::TierKind::ram, .capacity = cairn::Capacity::of_slots(double_slots)}};
    return config;
  }

  std::vector<double> sweep(std::span<const double> traces, Listen how) {
    std::ranges::copy(traces, shot_.traces().begin());
    how_ = how;
    shot_.rest();
    run_.sweep(double_steps);
    return shot_.gradient();
  }

  double misfit_at(std::span<const double> direction, double length) {
    std::vector<double> velocity = start_;
    for (std::size_t i = 0; i < velocity.size(); ++i) velocity[i] += length * direction[i];
    std::ranges::copy(observed_, shot_.traces().begin());
    shot_.set_velocity(velocity);
    run_forward(shot_, Listen::compare);
    return shot_.misfit();
  }

  Shot<double> shot_;
  Listen how_ = Listen::off;
  std::vector<double> start_;
  std::vector<double> observed_;
  cairn::Reversal run_;
};

}  // namespace

std::string Check::line() const {
  const std::string bounds = least > 0 ? fmt::format("{} to {}", least, most) : fmt::format("at most {:.0e}", most);
  const std::string figure = least > 0 ? fmt::format("{:.4f}", value) : fmt::format("{:.2e}", value);
  return fmt::format("{:<6} {}: {}, {}", holds() ? "ok" : "FAILED", what, figure, bounds);
}

std::vector<Check> check_in_double(const Model& truth, const Survey& survey) {
  const Model part = cut(truth, most_cells);
  Laboratory laboratory{part, survey_of(part, survey)};
  std::vector<Check> checks;
  checks.push_back(laboratory.dot_product("random direction", random_values<double>(laboratory.cells(), 1),
                                          random_values<double>(laboratory.heard(), 2)));
  checks.push_back(laboratory.dot_product("smooth direction", smooth_values(part.extent)));
  for (Check& check : laboratory.taylor(smooth_values(part.extent))) checks.push_back(std::move(check));
  return checks;
}

Check check_at_run_size(Shot<float>& shot, Listen& how, cairn::Reversal& run) {
  const auto m = random_values<float>(static_cast<std::size_t>(shot.survey().model.cells()), 3);
  std::ranges::copy(change_of_traces<float>(shot, m), shot.traces().begin());
  how = Listen::off;
  shot.rest();
  run.depends_on("data", shot.traces());
  run.sweep(shot.steps());
  const double squared = product<float>(shot.traces(), shot.traces());  // ‖J m‖ ‖d‖ = ⟨J m, d⟩, as d = J m
  const double difference = std::abs(squared - product<float>(m, shot.gradient()));
  return {"dot product, float, run size", difference == 0 ? 0 : difference / squared, 0, 1e-5};
}

std::size_t check_bytes(const Shot<float>& shot) {
  const auto model = static_cast<std::size_t>(shot.survey().model.cells());
  const auto grid = static_cast<std::size_t>(shot.medium().extent().cells());
  const std::size_t heard = static_cast<std::size_t>(shot.steps()) * shot.survey().receivers.size();
  return (3 * grid + model + heard) * sizeof(float);  // the tangent, m, J m while it is made
}

}  // namespace acoustic
