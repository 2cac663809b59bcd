// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <utility>

#include <wave.hpp>

namespace cairn::bench {
namespace {

constexpr std::ptrdiff_t reach = 4;
constexpr std::array<float, 5> second_derivative{-205.0F / 72, 8.0F / 5, -1.0F / 5, 8.0F / 315, -1.0F / 560};
constexpr float courant = 0.1F;  // (v Δt/h)², well below the limit of stability

}  // namespace

Wave::Wave(std::ptrdiff_t rows, std::ptrdiff_t columns)
    : rows_{rows},
      columns_{columns},
      now_(static_cast<std::size_t>(rows * columns)),
      before_(static_cast<std::size_t>(rows * columns)) {
  now_[static_cast<std::size_t>(rows / 2 * columns + columns / 2)] = 1.0F;
}

float Wave::middle() const {
  return now_[static_cast<std::size_t>(rows_ / 2 * columns_ + columns_ / 2)];
}

void Wave::step() {
  const std::ptrdiff_t rows = rows_;
  const std::ptrdiff_t columns = columns_;
  const float* const now = now_.data();
  float* const next = before_.data();  // u_{t−1} on entry, u_{t+1} on exit
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
  for (std::ptrdiff_t row = reach; row < rows - reach; ++row) {
#pragma GCC ivdep
    for (std::ptrdiff_t i = row * columns + reach; i < (row + 1) * columns - reach; ++i) {
      float sum = 2 * second_derivative[0] * now[i];
      for (std::ptrdiff_t k = 1; k <= reach; ++k)
        sum += second_derivative[static_cast<std::size_t>(k)] *
               ((now[i + k] + now[i - k]) + (now[i + k * columns] + now[i - k * columns]));
      next[i] = 2 * now[i] - next[i] + courant * sum;
    }
  }
  std::swap(now_, before_);
}

}  // namespace cairn::bench
