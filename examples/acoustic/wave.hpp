// SPDX-License-Identifier: BSD-3-Clause
/// The operators of the 2-D acoustic wave equation u_tt = v² ∇²u + f, constant density: one step, and one step back.
///
/// Second order in time, eighth in space, on a grid of `Extent` cells, z running fastest. With L the Laplacian in
/// cells, m = (v Δt/h)² and w the weight of the sponge (1 inside the model, below 1 towards the edges; Cerjan et al.,
/// Geophysics 50 (1985) 705-708), one step is
///     u_{t+1} = w (2 u_t − w u_{t−1} + m L u_t) + f_t.
/// The outermost `reach` cells stay zero, therefore L is symmetric there. The transpose for the adjoint λ,
///     λ_t = 2 w λ_{t+1} − w² λ_{t+2} + L(m w λ_{t+1}) + residual_t,
/// becomes, for μ = m w λ, the same recurrence as the step itself:
///     μ_t = w (2 μ_{t+1} − w μ_{t+2} + m L μ_{t+1}) + m w residual_t,
/// and the derivative of the misfit by m is Σ_t μ_{t+1} (L u_t) / m. w does not depend on v: the adjoint is exact.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace acoustic {

using Index = std::ptrdiff_t;

/// Cells along x (slow) and z (fast).
struct Extent {
  Index x = 0;
  Index z = 0;
  Index cells() const { return x * z; }
  bool operator==(const Extent&) const = default;
};

inline constexpr Index reach = 4;          ///< cells that the stencil needs on each side
inline constexpr Index sponge_cells = 40;  ///< width of the absorbing edge around the model, the zero cells included

/// Second derivative of order 8: weights of the cells at distance 0, 1 … 4.
inline constexpr std::array<double, 5> second_derivative{-205.0 / 72, 8.0 / 5, -1.0 / 5, 8.0 / 315, -1.0 / 560};

inline constexpr Index worthwhile_rows = 512;  ///< fewer are done before other threads are awake

/// Runs `row(x)` for each x of [first, last), on all cores where OpenMP is on. Rows must not depend on each other; then
/// the result does not depend on the number of threads.
template <class Row>
void for_rows(Index first, Index last, const Row& row) {
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (last - first >= worthwhile_rows)
#endif
  for (Index x = first; x < last; ++x) row(x);
}

/// L u at one cell, `stride` cells between neighbours in x.
template <class T>
inline T laplacian(const T* u, Index stride) {
  constexpr auto c = second_derivative;
  T sum = static_cast<T>(2 * c[0]) * u[0];
  sum += static_cast<T>(c[1]) * ((u[1] + u[-1]) + (u[stride] + u[-stride]));
  sum += static_cast<T>(c[2]) * ((u[2] + u[-2]) + (u[2 * stride] + u[-2 * stride]));
  sum += static_cast<T>(c[3]) * ((u[3] + u[-3]) + (u[3 * stride] + u[-3 * stride]));
  sum += static_cast<T>(c[4]) * ((u[4] + u[-4]) + (u[4 * stride] + u[-4 * stride]));
  return sum;
}

/// What the wave runs through: the model's velocities, continued into a sponge on all four sides.
template <class T>
class Medium {
 public:
  /// `model` cells of `spacing` (metres), stepped by `time_step` (seconds). The velocities follow by `set_velocity`.
  Medium(Extent model, double spacing, double time_step);

  /// `velocity` in km/s, one value per cell of the model. The stability of the time step is the caller's care.
  void set_velocity(std::span<const T> velocity);

  Extent extent() const { return extent_; }  ///< of the grid: the model and its sponge
  Extent model() const { return model_; }
  /// The grid's cell that is cell (x, z) of the model.
  Index cell(Index x, Index z) const { return (x + sponge_cells) * extent_.z + z + sponge_cells; }
  /// The model's cell from which this row x, column z of the grid has its velocity.
  Index origin(Index x, Index z) const;

  T courant(Index cell) const { return courant_[static_cast<std::size_t>(cell)]; }  ///< m
  T slope(Index cell) const;                                                        ///< dm/dv in s/km
  T weight(Index x, Index z) const { return across_[static_cast<std::size_t>(x)] * down_[static_cast<std::size_t>(z)]; }
  const T* courant() const { return courant_.data(); }
  const T* across() const { return across_.data(); }  ///< the sponge's weight by x; w = across · down
  const T* down() const { return down_.data(); }      ///< and by z
  std::size_t bytes() const { return (courant_.size() + across_.size() + down_.size()) * sizeof(T); }

 private:
  Extent model_;
  Extent extent_;
  double cells_per_km_s_;  // Δt/h in s/km
  std::vector<T> courant_;
  std::vector<T> across_, down_;
};

/// The sponge's weights along one axis.
template <class T>
std::vector<T> sponge(Index model_cells) {
  constexpr double strength = 0.1;  // of the outermost cell, as an exponent; .04 and .2 let more energy come back
  std::vector<T> weights(static_cast<std::size_t>(model_cells + 2 * sponge_cells), T{1});
  for (Index i = 0; i < sponge_cells; ++i) {
    const double depth = static_cast<double>(sponge_cells - i) / static_cast<double>(sponge_cells);
    const T weight = static_cast<T>(std::exp(-strength * depth * depth));
    weights[static_cast<std::size_t>(i)] = weight;
    weights[weights.size() - 1 - static_cast<std::size_t>(i)] = weight;
  }
  return weights;
}

template <class T>
Medium<T>::Medium(Extent model, double spacing, double time_step)
    : model_{model},
      extent_{model.x + 2 * sponge_cells, model.z + 2 * sponge_cells},
      cells_per_km_s_{time_step / (spacing / 1000)},
      courant_(static_cast<std::size_t>(extent_.cells())),
      across_{sponge<T>(model.x)},
      down_{sponge<T>(model.z)} {}

template <class T>
Index Medium<T>::origin(Index x, Index z) const {
  return std::clamp<Index>(x - sponge_cells, 0, model_.x - 1) * model_.z +
         std::clamp<Index>(z - sponge_cells, 0, model_.z - 1);
}

template <class T>
void Medium<T>::set_velocity(std::span<const T> velocity) {
  for (Index x = 0; x < extent_.x; ++x)
    for (Index z = 0; z < extent_.z; ++z) {
      const T cells = velocity[static_cast<std::size_t>(origin(x, z))] * static_cast<T>(cells_per_km_s_);
      courant_[static_cast<std::size_t>(x * extent_.z + z)] = cells * cells;
    }
}

template <class T>
T Medium<T>::slope(Index cell) const {
  return 2 * std::sqrt(courant(cell)) * static_cast<T>(cells_per_km_s_);
}

/// One step without its source: `next` = u_{t+1} from `now` = u_t and `before` = u_{t−1}. All of `next` is written.
template <class T>
void leap(const Medium<T>& medium, const T* now, const T* before, T* next) {
  const Extent grid = medium.extent();
  const Index stride = grid.z;
  const T* const down = medium.down();
  for_rows(0, grid.x, [=, &medium](Index x) {
    T* const row = next + x * stride;
    if (x < reach || x >= grid.x - reach) return static_cast<void>(std::fill_n(row, stride, T{}));
    const T across = medium.across()[x];
    const T* const courant = medium.courant();
#pragma GCC ivdep
    for (Index z = reach; z < stride - reach; ++z) {
      const Index i = x * stride + z;
      const T weight = across * down[z];
      next[i] = weight * (2 * now[i] - weight * before[i] + courant[i] * laplacian(now + i, stride));
    }
    std::fill_n(row, reach, T{});
    std::fill_n(row + stride - reach, reach, T{});
  });
}

/// One step back without its residual: `mu` comes as μ_{t+2} and leaves as μ_t, `later` is μ_{t+1}, `wave` is u_t, and
/// `product` += μ_{t+1} L u_t.
template <class T>
void leap_back(const Medium<T>& medium, const T* wave, const T* later, T* mu, T* product) {
  const Index stride = medium.extent().z;
  const T* const down = medium.down();
  for_rows(reach, medium.extent().x - reach, [=, &medium](Index x) {
    const T across = medium.across()[x];
    const T* const courant = medium.courant();
#pragma GCC ivdep
    for (Index z = reach; z < stride - reach; ++z) {
      const Index i = x * stride + z;
      const T weight = across * down[z];
      product[i] += later[i] * laplacian(wave + i, stride);
      mu[i] = weight * (2 * later[i] - weight * mu[i] + courant[i] * laplacian(later + i, stride));
    }
  });
}

}  // namespace acoustic
