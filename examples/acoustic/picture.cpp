// SPDX-License-Identifier: BSD-3-Clause
#include "picture.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <png.h>

namespace acoustic {
namespace {

constexpr Index least_width = 1200;  // pixels of a panel; small models are magnified
constexpr Index gap = 12;            // pixels
constexpr Index bar = 18;            // pixels

struct Colour {
  std::array<double, 3> rgb;  // 0 … 1
};
constexpr Colour white{{1, 1, 1}};
constexpr Colour black{{0, 0, 0}};

Colour mix(const Colour& a, const Colour& b, double part) {
  Colour mixed{};
  for (std::size_t i = 0; i < 3; ++i) mixed.rgb[i] = a.rgb[i] + part * (b.rgb[i] - a.rgb[i]);
  return mixed;
}

// `value` of [0, 1] on a scale of equally spaced colours.
template <std::size_t N>
Colour on_scale(const std::array<Colour, N>& scale, double value) {
  const double at = std::clamp(value, 0.0, 1.0) * (N - 1);
  const auto below = std::min(static_cast<std::size_t>(at), N - 2);
  return mix(scale[below], scale[below + 1], at - static_cast<double>(below));
}

constexpr std::array<Colour, 6> sequential{
    {{{.07, .10, .30}}, {{.13, .33, .55}}, {{.17, .56, .56}}, {{.37, .76, .43}}, {{.80, .88, .32}}, {{.99, .97, .75}}}};
constexpr std::array<Colour, 5> diverging{
    {{{.02, .19, .50}}, {{.35, .58, .83}}, white, {{.90, .47, .38}}, {{.50, .02, .10}}}};

class Canvas {
 public:
  Canvas(Index width, Index height)
      : width_{width}, height_{height}, bytes_(static_cast<std::size_t>(3 * width * height), 255) {}
  void paint(Index column, Index row, const Colour& colour) {
    if (column < 0 || row < 0 || column >= width_ || row >= height_) return;
    for (Index i = 0; i < 3; ++i)
      bytes_[static_cast<std::size_t>(3 * (row * width_ + column) + i)] =
          static_cast<std::uint8_t>(std::lround(255 * colour.rgb[static_cast<std::size_t>(i)]));
  }
  void disc(Index column, Index row, Index radius, const Colour& colour) {
    for (Index j = -radius; j <= radius; ++j)
      for (Index i = -radius; i <= radius; ++i)
        if (i * i + j * j <= radius * radius) paint(column + i, row + j, colour);
  }
  void write(const std::filesystem::path& path) const {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width_);
    image.height = static_cast<png_uint_32>(height_);
    image.format = PNG_FORMAT_RGB;
    if (!png_image_write_to_file(&image, path.c_str(), 0, bytes_.data(), 0, nullptr))
      throw std::runtime_error{fmt::format("{}: {}", path.string(), image.message)};
  }

 private:
  Index width_, height_;
  std::vector<std::uint8_t> bytes_;
};

struct Panel {
  Extent model;
  Index top;    // pixel row
  Index scale;  // pixels per cell
};

// `colour(value)` for the values of [0, 1], `value(cell)` for the cells of the model.
template <class Value, class Paint>
void draw(Canvas& canvas, const Panel& panel, const Value& value, const Paint& colour) {
  const Index width = panel.model.x * panel.scale;
  const Index height = panel.model.z * panel.scale;
  for (Index row = 0; row < height; ++row) {
    for (Index column = 0; column < width; ++column) {
      const Index cell = column / panel.scale * panel.model.z + row / panel.scale;
      canvas.paint(gap + column, panel.top + row, colour(value(static_cast<std::size_t>(cell))));
    }
    const Colour shade = colour(1 - static_cast<double>(row) / static_cast<double>(height - 1));
    for (Index i = 0; i < bar; ++i) canvas.paint(width + 2 * gap + i, panel.top + row, shade);
  }
}

void mark(Canvas& canvas, const Panel& panel, const Survey& survey) {
  for (const auto& place : survey.receivers)
    for (Index i = 0; i < gap / 2; ++i) canvas.paint(gap + place.x * panel.scale, panel.top - 2 - i, black);
  const Index column = gap + survey.source.x * panel.scale;
  const Index row = panel.top + survey.source.z * panel.scale;
  canvas.disc(column, row, 6, white);
  canvas.disc(column, row, 4, black);
}

// The magnitude that one cell in two hundred below the water exceeds: above, the direct wave outshines all else.
double full_colour(const Model& model, std::span<const float> gradient) {
  std::vector<float> sizes;
  for (std::size_t i = 0; i < gradient.size(); ++i)
    if (model.velocity[i] != model.velocity[0]) sizes.push_back(std::abs(gradient[i]));
  if (sizes.empty()) sizes.assign({0});
  const auto nth = sizes.begin() + static_cast<Index>(sizes.size() * 199 / 200);
  std::ranges::nth_element(sizes, nth);
  if (*nth > 0) return static_cast<double>(*nth);
  float most = 0;  // few cells have a gradient at all
  for (const float value : gradient) most = std::max(most, std::abs(value));
  return most > 0 ? static_cast<double>(most) : 1.0;
}

}  // namespace

void write_picture(const std::filesystem::path& path, const Model& model, const Survey& survey,
                   std::span<const float> gradient) {
  const Index scale = std::max<Index>(1, (least_width + model.extent.x - 1) / model.extent.x);
  const Index height = model.extent.z * scale;
  const Panel above{model.extent, gap, scale};
  const Panel below{model.extent, height + 3 * gap, scale};
  Canvas canvas{model.extent.x * scale + 3 * gap + bar, 2 * height + 4 * gap};
  const double slowest = static_cast<double>(least_velocity(model));
  const double range = std::max(static_cast<double>(greatest_velocity(model)) - slowest, 1e-6);
  const double full = full_colour(model, gradient);
  draw(
      canvas, above, [&](std::size_t i) { return (static_cast<double>(model.velocity[i]) - slowest) / range; },
      [](double value) { return on_scale(sequential, value); });
  draw(
      canvas, below, [&](std::size_t i) { return 0.5 + 0.5 * static_cast<double>(gradient[i]) / full; },
      [](double value) { return on_scale(diverging, value); });
  mark(canvas, above, survey);
  mark(canvas, below, survey);
  canvas.write(path);
}

}  // namespace acoustic
