// SPDX-License-Identifier: BSD-3-Clause
/// Velocity models: read from a file, built in, smoothed, cut.
#pragma once

#include "wave.hpp"

#include <filesystem>
#include <vector>

namespace acoustic {

inline constexpr Index least_model_cells = 16;  ///< along each axis

/// P-wave velocities in km/s on square cells.
struct Model {
  Extent extent;
  double spacing = 0;           ///< metres
  std::vector<float> velocity;  ///< [x][z]
};

/// Reads raw little-endian float32 in km/s, x slow, z fast, no header. Throws std::invalid_argument where the shape is
/// too small, the spacing not positive, the file not there, not of nx·nz·4 bytes (both figures are named), or a
/// velocity not positive and finite (its cell is named).
Model read_model(const std::filesystem::path& path, Extent extent, double spacing);

/// Water over five dipping layers, 1.5 to 3.1 km/s, and a fast lens in the third. Throws as `read_model` for the shape.
Model built_in_model(Extent extent, double spacing);

/// A start for an inversion: the velocities below the water (the cells that are as fast as the topmost of their column)
/// averaged three times over 2·radius+1 cells each way.
Model smoothed(const Model& model, Index radius = 10);

/// The part in the middle of the surface, at most `cells` wide and deep.
Model cut(const Model& model, Index cells);

float least_velocity(const Model& model);     ///< km/s
float greatest_velocity(const Model& model);  ///< km/s

}  // namespace acoustic
