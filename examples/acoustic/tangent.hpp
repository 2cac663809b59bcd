// SPDX-License-Identifier: BSD-3-Clause
/// The derivative of the step, run forward: how the traces change with the velocities. Written from the equations for
/// the checks, apart from `leap` and `leap_back`, with which it shares no arithmetic.
#pragma once

#include "shot.hpp"

#include <span>
#include <vector>

namespace acoustic {

/// A perturbation of a medium and of the wave through it.
template <class T>
class Tangent {
 public:
  /// `direction`: the change of the velocity of each cell of the model, km/s.
  Tangent(const Medium<T>& medium, std::span<const T> direction);

  /// δu_{t+1} = w (2 δu_t − w δu_{t−1} + m L δu_t + δm L u_t).
  void step(Step t, std::span<const T> wave);
  std::span<const T> pressure(Step t) const { return change_[static_cast<std::size_t>(t % 2)]; }  ///< δu_t
  std::size_t bytes() const { return 3 * courant_change_.size() * sizeof(T); }

 private:
  T curvature(const T* u) const;
  const Medium<T>& medium_;
  std::vector<T> courant_change_;  // δm
  std::array<std::vector<T>, 2> change_;
};

template <class T>
Tangent<T>::Tangent(const Medium<T>& medium, std::span<const T> direction)
    : medium_{medium}, courant_change_(static_cast<std::size_t>(medium.extent().cells())) {
  const Extent grid = medium.extent();
  for (Index x = 0; x < grid.x; ++x)
    for (Index z = 0; z < grid.z; ++z)
      courant_change_[static_cast<std::size_t>(x * grid.z + z)] =
          medium.slope(x * grid.z + z) * direction[static_cast<std::size_t>(medium.origin(x, z))];
  for (auto& change : change_) change.resize(courant_change_.size());
}

template <class T>
T Tangent<T>::curvature(const T* u) const {
  const Index stride = medium_.extent().z;
  T sum = 0;
  for (Index k = 1; k <= reach; ++k) {
    const T along_x = u[k * stride] - 2 * u[0] + u[-k * stride];
    const T along_z = u[k] - 2 * u[0] + u[-k];
    sum += static_cast<T>(second_derivative[static_cast<std::size_t>(k)]) * (along_x + along_z);
  }
  return sum;
}

template <class T>
void Tangent<T>::step(Step t, std::span<const T> wave) {
  const T* const now = change_[static_cast<std::size_t>(t % 2)].data();
  T* const next = change_[static_cast<std::size_t>((t + 1) % 2)].data();  // holds δu_{t−1} still
  const Extent grid = medium_.extent();
  for_rows(reach, grid.x - reach, [&, now, next](Index x) {
#pragma GCC ivdep
    for (Index z = reach; z < grid.z - reach; ++z) {
      const Index i = x * grid.z + z;
      const T weight = medium_.weight(x, z);
      const T force = medium_.courant(i) * curvature(now + i) +
                      courant_change_[static_cast<std::size_t>(i)] * curvature(wave.data() + i);
      next[i] = 2 * weight * now[i] - weight * weight * next[i] + weight * force;
    }
  });
}

/// J·direction at the shot's velocities: the change of each trace, [t − 1][receiver]. Runs the shot from rest and
/// leaves it at x_n; its traces are not touched.
template <class T>
std::vector<T> change_of_traces(Shot<T>& shot, std::span<const T> direction) {
  const Medium<T>& medium = shot.medium();
  Tangent<T> tangent{medium, direction};
  std::vector<T> traces;
  traces.reserve(shot.traces().size());
  shot.rest();
  for (Step t = 0; t < shot.steps(); ++t) {
    tangent.step(t, shot.pressure(t));
    shot.step(t);
    for (const auto& place : shot.survey().receivers)
      traces.push_back(tangent.pressure(t + 1)[static_cast<std::size_t>(medium.cell(place.x, place.z))]);
  }
  return traces;
}

}  // namespace acoustic
