// SPDX-License-Identifier: BSD-3-Clause
#include "model.hpp"

#include <bit>
#include <cmath>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace acoustic {
namespace {

static_assert(std::endian::native == std::endian::little, "velocity files are little-endian");

std::size_t at(Extent extent, Index x, Index z) {
  return static_cast<std::size_t>(x * extent.z + z);
}

Model empty_model(Extent extent, double spacing) {
  if (extent.x < least_model_cells || extent.z < least_model_cells)
    throw std::invalid_argument{fmt::format("shape: {},{} cells; at least {} are needed along each axis", extent.x,
                                            extent.z, least_model_cells)};
  if (!(spacing > 0) || !std::isfinite(spacing))
    throw std::invalid_argument{fmt::format("spacing: {} m; a positive length is needed", spacing)};
  return {extent, spacing, std::vector<float>(static_cast<std::size_t>(extent.cells()))};
}

void expect_size(const std::filesystem::path& path, Extent extent) {
  std::error_code error;
  const auto found = std::filesystem::file_size(path, error);
  if (error) throw std::invalid_argument{fmt::format("velocity: {}: {}", path.string(), error.message())};
  const auto expected = static_cast<std::uintmax_t>(extent.cells()) * sizeof(float);
  if (found != expected)
    throw std::invalid_argument{fmt::format("velocity: {}: {} bytes; a shape of {},{} float32 values needs {} bytes",
                                            path.string(), found, extent.x, extent.z, expected)};
}

void expect_velocities(const std::filesystem::path& path, const Model& model) {
  for (Index x = 0; x < model.extent.x; ++x)
    for (Index z = 0; z < model.extent.z; ++z)
      if (const float v = model.velocity[at(model.extent, x, z)]; !(v > 0) || !std::isfinite(v))
        throw std::invalid_argument{fmt::format(
            "velocity: {}: {} km/s at x {}, z {}; velocities are positive and finite", path.string(), v, x, z)};
}

// One running mean along an axis; the values at the ends are continued.
void average(const float* in, float* out, Index cells, Index stride, Index radius) {
  const auto value = [=](Index i) { return static_cast<double>(in[std::clamp<Index>(i, 0, cells - 1) * stride]); };
  double sum = 0;
  for (Index i = -radius; i <= radius; ++i) sum += value(i);
  for (Index i = 0; i < cells; ++i) {
    out[i * stride] = static_cast<float>(sum / static_cast<double>(2 * radius + 1));
    sum += value(i + radius + 1) - value(i - radius);
  }
}

void average(Model& model, Index radius) {
  const Extent extent = model.extent;
  std::vector<float> along_x(model.velocity.size());
  for (Index z = 0; z < extent.z; ++z)
    average(&model.velocity[at(extent, 0, z)], &along_x[at(extent, 0, z)], extent.x, extent.z, radius);
  for (Index x = 0; x < extent.x; ++x)
    average(&along_x[at(extent, x, 0)], &model.velocity[at(extent, x, 0)], extent.z, 1, radius);
}

// Velocity at a place given as parts of the model's width and depth.
float layered_velocity(double x, double z) {
  constexpr std::array floors{0.08, 0.17, 0.28, 0.40, 0.60};
  constexpr std::array velocities{1.5F, 1.8F, 2.1F, 2.4F, 2.7F, 3.1F};
  const double dipping = z - 0.03 * std::sin(7 * x);
  const double across = (x - 0.5) / 0.06;
  const double down = (z - 0.225) / 0.04;
  if (across * across + down * down < 1) return 2.9F;
  std::size_t layer = 0;
  while (layer < floors.size() && dipping > floors[layer]) ++layer;
  return velocities[layer];
}

}  // namespace

Model read_model(const std::filesystem::path& path, Extent extent, double spacing) {
  Model model = empty_model(extent, spacing);
  expect_size(path, extent);
  std::ifstream file{path, std::ios::binary};
  const auto bytes = static_cast<std::streamsize>(model.velocity.size() * sizeof(float));
  if (!file.read(reinterpret_cast<char*>(model.velocity.data()), bytes))
    throw std::invalid_argument{fmt::format("velocity: {}: cannot be read", path.string())};
  expect_velocities(path, model);
  return model;
}

Model built_in_model(Extent extent, double spacing) {
  Model model = empty_model(extent, spacing);
  for (Index x = 0; x < extent.x; ++x)
    for (Index z = 0; z < extent.z; ++z)
      model.velocity[at(extent, x, z)] = layered_velocity(static_cast<double>(x) / static_cast<double>(extent.x - 1),
                                                          static_cast<double>(z) / static_cast<double>(extent.z - 1));
  return model;
}

Model smoothed(const Model& model, Index radius) {
  Model smooth = model;
  for (int pass = 0; pass < 3; ++pass) average(smooth, radius);
  for (Index x = 0; x < model.extent.x; ++x) {
    const float water = model.velocity[at(model.extent, x, 0)];
    for (Index z = 0; z < model.extent.z && model.velocity[at(model.extent, x, z)] == water; ++z)
      smooth.velocity[at(model.extent, x, z)] = water;
  }
  return smooth;
}

Model cut(const Model& model, Index cells) {
  const Extent extent{std::min(model.extent.x, cells), std::min(model.extent.z, cells)};
  Model part{extent, model.spacing, {}};
  part.velocity.reserve(static_cast<std::size_t>(extent.cells()));
  const Index first = (model.extent.x - extent.x) / 2;
  for (Index x = first; x < first + extent.x; ++x) {
    const auto column = model.velocity.begin() + x * model.extent.z;
    part.velocity.insert(part.velocity.end(), column, column + extent.z);
  }
  return part;
}

float least_velocity(const Model& model) {
  return *std::ranges::min_element(model.velocity);
}
float greatest_velocity(const Model& model) {
  return *std::ranges::max_element(model.velocity);
}

}  // namespace acoustic
