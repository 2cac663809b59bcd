// SPDX-License-Identifier: BSD-3-Clause
/// The velocity model above, the gradient below, as a PNG image.
#pragma once

#include "survey.hpp"

#include <filesystem>
#include <span>

namespace acoustic {

/// Square cells, x to the right, depth downwards, a bar of its colours beside each panel, the source a dot, the
/// receivers a line of ticks. The gradient is blue where negative, white at 0, red where positive; its colours are full
/// at the magnitude that one cell in two hundred below the water exceeds. Throws std::runtime_error naming the file
/// where it cannot be written.
void write_picture(const std::filesystem::path& path, const Model& model, const Survey& survey,
                   std::span<const float> gradient);

}  // namespace acoustic
