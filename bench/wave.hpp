// SPDX-License-Identifier: BSD-3-Clause
/// A small wave on all cores: what operators look like to a lane that works beside them.
#pragma once

#include <cstddef>
#include <vector>

namespace cairn::bench {

/// The 2-D wave equation, second order in time, eighth in space, in float. The edge stays at zero.
class Wave {
 public:
  Wave(std::ptrdiff_t rows, std::ptrdiff_t columns);
  void step();  ///< by OpenMP on all cores, where it is on
  double cells() const { return static_cast<double>(rows_ * columns_); }
  float middle() const;  ///< a value of the wave, so that it has to be computed

 private:
  std::ptrdiff_t rows_;
  std::ptrdiff_t columns_;
  std::vector<float> now_;
  std::vector<float> before_;
};

}  // namespace cairn::bench
