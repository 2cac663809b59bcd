// SPDX-License-Identifier: BSD-3-Clause
#include "survey.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/format.h>

namespace acoustic {
namespace {

constexpr Index most_receivers = 101;
constexpr Index source_depth = 2;    // cells
constexpr Index receiver_depth = 4;  // cells
constexpr double wavelength_cells = 4;
constexpr double highest_over_peak = 2.5;  // of a Ricker wavelet's spectrum
constexpr double safety = 0.9;

double stable_time_step(const Model& model) {
  double sum = std::abs(second_derivative[0]);
  for (std::size_t k = 1; k < second_derivative.size(); ++k) sum += 2 * std::abs(second_derivative[k]);
  return safety * 2 / std::sqrt(2 * sum) * model.spacing / (1000 * static_cast<double>(greatest_velocity(model)));
}

double resolved_frequency(const Model& model) {
  return 1000 * static_cast<double>(least_velocity(model)) / (highest_over_peak * wavelength_cells * model.spacing);
}

void place(Survey& survey) {
  const Extent model = survey.model;
  survey.source = {model.x / 2, source_depth};
  const Index apart = (model.x + most_receivers - 1) / most_receivers;
  for (Index x = apart / 2; x < model.x; x += apart) survey.receivers.push_back({x, receiver_depth});
}

}  // namespace

double Survey::wavelet(cairn::Step t) const {
  const double phase = std::numbers::pi * (frequency * static_cast<double>(t) * time_step - 1.2);
  return (1 - 2 * phase * phase) * std::exp(-phase * phase);
}

Survey survey_of(const Model& model, std::optional<double> frequency) {
  const double resolved = resolved_frequency(model);
  const double chosen = frequency.value_or(resolved);
  if (!(chosen > 0) || chosen > 2 * resolved)
    throw std::invalid_argument{
        fmt::format("frequency: {} Hz; with cells of {} m and a least velocity of {:.3f} km/s it is to be above 0 and "
                    "at most {:.1f} Hz"
                    " (a good one is {:.1f} Hz)",
                    chosen, model.spacing, least_velocity(model), 2 * resolved, resolved)};
  Survey survey{.model = model.extent,
                .spacing = model.spacing,
                .time_step = stable_time_step(model),
                .frequency = chosen,
                .source = {},
                .receivers = {}};
  place(survey);
  return survey;
}

Survey survey_of(const Model& model, const Survey& whole) {
  Survey survey{.model = model.extent,
                .spacing = whole.spacing,
                .time_step = whole.time_step,
                .frequency = whole.frequency,
                .source = {},
                .receivers = {}};
  place(survey);
  return survey;
}

}  // namespace acoustic
