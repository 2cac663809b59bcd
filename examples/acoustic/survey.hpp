// SPDX-License-Identifier: BSD-3-Clause
/// One experiment: a source, its wavelet, a line of receivers, and the time step that suits the model.
#pragma once

#include "model.hpp"
#include <cairn/words.hpp>

#include <optional>
#include <vector>

namespace acoustic {

/// Everything about a shot but the velocities. Cells are those of the model.
struct Survey {
  /// A cell of the model by its place.
  struct Place {
    Index x = 0;
    Index z = 0;
  };
  Extent model;
  double spacing = 0;    ///< metres
  double time_step = 0;  ///< seconds
  double frequency = 0;  ///< peak of the Ricker wavelet in hertz
  Place source;
  std::vector<Place> receivers;

  /// The source's value at step t: a Ricker wavelet of height 1 that starts from (almost) nothing at t = 0.
  double wavelet(cairn::Step t) const;
};

/// A shot at the middle of the surface, heard by at most 101 receivers along it.
///  - time step: 0.9 of the limit of stability at the model's greatest velocity, v Δt/h ≤ 2/√(2 Σ|c_k|) = .555;
///  - frequency: where not given, such that the shortest wave, of 2.5 times the peak frequency, at the least velocity,
///    spans 4 cells.
/// Throws std::invalid_argument where `frequency` is not positive and finite, or above that limit twice over.
Survey survey_of(const Model& model, std::optional<double> frequency = {});

/// The same for a smaller model: time step and frequency as in `whole`, source and receivers anew.
Survey survey_of(const Model& model, const Survey& whole);

}  // namespace acoustic
