// SPDX-License-Identifier: BSD-3-Clause
/// The gradient as an HDF5 file that h5py and xarray open.
#pragma once

#include "survey.hpp"

#include <cstdint>
#include <filesystem>
#include <span>

namespace acoustic {

/// What is written: arrays over the model's cells, and how they came about.
struct Output {
  const Survey& survey;
  cairn::Step steps = 0;
  double misfit = 0;
  std::span<const float> velocity;  ///< the true model, km/s
  std::span<const float> start;     ///< where the gradient is taken, km/s
  std::span<const float> gradient;  ///< of the misfit, per km/s
};

/// Writes the three arrays with dimension scales x and z in metres, units and names; misfit, steps, time step and
/// frequency are attributes of the root. An existing file is replaced. Throws std::runtime_error naming the file.
void write_hdf5(const std::filesystem::path& path, const Output& output);

/// FNV-1a, 64 bits, over the bytes of the gradient: equal gradients, equal hashes, for comparing runs.
std::uint64_t hash_of(std::span<const float> gradient);

}  // namespace acoustic
