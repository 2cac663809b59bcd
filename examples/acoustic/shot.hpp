// SPDX-License-Identifier: BSD-3-Clause
/// A shot: the wave of one source through a model, its traces, and the gradient of the misfit by the velocities.
#pragma once

#include "survey.hpp"
#include "wave.hpp"
#include <cairn/words.hpp>

#include <array>
#include <span>
#include <vector>

namespace acoustic {

using cairn::Step;

/// What the receivers do as the wave passes: nothing; write down what they hear; or take what they hear less what was
/// written down, the residual.
enum class Listen { off, observe, compare };

/// The arrays and operators of one shot, n steps. The live state x_t is (u_t, u_{t−1}), kept in arrays that rotate: u_t
/// is `pressure(t)`. All else (traces, adjoint, gradient) lies outside the state.
template <class T>
class Shot {
 public:
  Shot(Survey survey, Step steps);

  void set_velocity(std::span<const T> velocity);  ///< km/s, one value per cell of the model
  void rest();                                     ///< x_0 becomes live: all is quiet.

  std::span<T> pressure(Step t) {
    return wave_[static_cast<std::size_t>(t % 3)];
  }                                 ///< u_t, while x_t or x_{t+1} is live
  void step(Step t);                ///< x_t → x_{t+1}
  void listen(Step t, Listen how);  ///< to u_t, t ≥ 1

  void seed();                      ///< The adjoint starts from the residuals at x_n.
  void step_back(Step t);           ///< Turns step t: x_t is live.
  std::vector<T> gradient() const;  ///< of the misfit by the velocity of each cell, per km/s; after turn 0

  std::vector<T>& adjoint(Step t) { return mu_[static_cast<std::size_t>(t % 2)]; }  ///< of u_t, in arrays that rotate
  std::vector<T>& imaged() { return product_; }  ///< of which gradient() is made: the turns so far, cell by cell
  std::span<T> traces() { return traces_; }      ///< [t − 1][receiver]: heard, or residuals; may be set before seed()
  double misfit() const;                         ///< ½ Σ residual²

  const Survey& survey() const { return survey_; }
  const Medium<T>& medium() const { return medium_; }
  Step steps() const { return steps_; }
  std::size_t bytes() const;  ///< of all arrays

 private:
  std::span<T> traces_at(Step t) {
    return traces().subspan(static_cast<std::size_t>(t - 1) * ears_.size(), ears_.size());
  }
  void inject_residual(Step t);

  Survey survey_;
  Step steps_;
  Medium<T> medium_;
  Index source_;
  std::vector<Index> ears_;  // the receivers' cells in the grid
  std::array<std::vector<T>, 3> wave_;
  std::array<std::vector<T>, 2> mu_;  // the adjoint times m w
  std::vector<T> product_;            // Σ μ_{t+1} L u_t
  std::vector<T> traces_;
};

template <class T>
Shot<T>::Shot(Survey survey, Step steps)
    : survey_{std::move(survey)},
      steps_{steps},
      medium_{survey_.model, survey_.spacing, survey_.time_step},
      source_{medium_.cell(survey_.source.x, survey_.source.z)} {
  const auto cells = static_cast<std::size_t>(medium_.extent().cells());
  for (const auto& place : survey_.receivers) ears_.push_back(medium_.cell(place.x, place.z));
  for (auto& u : wave_) u.resize(cells);
  for (auto& mu : mu_) mu.resize(cells);
  product_.resize(cells);
  traces_.resize(static_cast<std::size_t>(steps) * ears_.size());
}

template <class T>
void Shot<T>::set_velocity(std::span<const T> velocity) {
  medium_.set_velocity(velocity);
}

template <class T>
void Shot<T>::rest() {
  for (auto& u : wave_) std::ranges::fill(u, T{});
}

template <class T>
void Shot<T>::step(Step t) {
  leap(medium_, pressure(t).data(), pressure(t + 2).data(), pressure(t + 1).data());
  pressure(t + 1)[static_cast<std::size_t>(source_)] += static_cast<T>(survey_.wavelet(t));
}

template <class T>
void Shot<T>::listen(Step t, Listen how) {
  if (how == Listen::off) return;
  const std::span<T> traces = traces_at(t);
  const std::span<const T> u = pressure(t);
  for (std::size_t r = 0; r < ears_.size(); ++r) {
    const T heard = u[static_cast<std::size_t>(ears_[r])];
    traces[r] = how == Listen::observe ? heard : heard - traces[r];
  }
}

template <class T>
void Shot<T>::inject_residual(Step t) {
  const std::span<const T> residual = traces_at(t);
  for (std::size_t r = 0; r < ears_.size(); ++r)  // inside the model, where the sponge's weight is 1
    adjoint(t)[static_cast<std::size_t>(ears_[r])] += medium_.courant(ears_[r]) * residual[r];
}

template <class T>
void Shot<T>::seed() {
  for (auto& mu : mu_) std::ranges::fill(mu, T{});
  std::ranges::fill(product_, T{});
  if (steps_ > 0) inject_residual(steps_);
}

template <class T>
void Shot<T>::step_back(Step t) {
  leap_back(medium_, pressure(t).data(), adjoint(t + 1).data(), adjoint(t).data(), product_.data());
  if (t > 0) inject_residual(t);
}

template <class T>
std::vector<T> Shot<T>::gradient() const {
  std::vector<T> gradient(static_cast<std::size_t>(survey_.model.cells()));
  const Extent grid = medium_.extent();
  for (Index x = 0; x < grid.x; ++x)
    for (Index z = 0; z < grid.z; ++z) {
      const Index cell = x * grid.z + z;
      gradient[static_cast<std::size_t>(medium_.origin(x, z))] +=
          product_[static_cast<std::size_t>(cell)] * medium_.slope(cell) / medium_.courant(cell);
    }
  return gradient;
}

template <class T>
double Shot<T>::misfit() const {
  double sum = 0;
  for (const T residual : traces_) sum += static_cast<double>(residual) * static_cast<double>(residual);
  return sum / 2;
}

template <class T>
std::size_t Shot<T>::bytes() const {
  return medium_.bytes() + (6 * product_.size() + traces_.size()) * sizeof(T) + ears_.size() * sizeof(Index);
}

}  // namespace acoustic
