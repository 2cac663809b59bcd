// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <utility>

#include <acoustic/output.hpp>
#include <acoustic_gradient.hpp>
#include <fmt/format.h>

namespace cairn::bench {

AcousticGradient::AcousticGradient(std::string name, const acoustic::Model& truth, Step steps)
    : name_{std::move(name)}, shot_{acoustic::survey_of(truth), steps} {
  shot_.set_velocity(truth.velocity);
  acoustic::run_forward(shot_, acoustic::Listen::observe);
  observed_.assign(shot_.traces().begin(), shot_.traces().end());
  shot_.set_velocity(acoustic::smoothed(truth).velocity);
}

void AcousticGradient::begin() {
  std::ranges::copy(observed_, shot_.traces().begin());
  shot_.rest();
}

State AcousticGradient::state() {
  return acoustic::state_of(shot_);
}

Operators AcousticGradient::operators() {
  return acoustic::operators_of(shot_, how_);
}

void AcousticGradient::keep_in(Reversal& run) {
  acoustic::keep_in(run, shot_);
}

std::uint64_t AcousticGradient::hash() const {
  return acoustic::hash_of(shot_.gradient());
}

std::string AcousticGradient::text() const {
  const acoustic::Extent extent = shot_.survey().model;
  return fmt::format("{} model, {} x {} cells, n = {}", name_, extent.x, extent.z, steps());
}

}  // namespace cairn::bench
