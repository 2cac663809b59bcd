// SPDX-License-Identifier: BSD-3-Clause
/// A shot on a few cells, and the plainest way to reverse it: every state is kept.
#pragma once

#include "acoustic/reversible.hpp"
#include "acoustic/tangent.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace acoustic {

inline Model small_model() {
  return built_in_model({48, 40}, 10);
}

template <class T>
std::vector<T> velocities(const Model& model) {
  return {model.velocity.begin(), model.velocity.end()};
}

template <class T>
std::vector<T> random_values(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> between{-1, 1};
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(between(random));
  return values;
}

template <class A, class B>
double product(const A& a, const B& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// Runs from rest with all states kept, then turns them one by one.
template <class T>
std::vector<T> gradient_by_store_all(Shot<T>& shot, Listen how) {
  std::vector<std::vector<T>> states;
  shot.rest();
  for (Step t = 0; t < shot.steps(); ++t) {
    states.emplace_back(shot.pressure(t).begin(), shot.pressure(t).end());
    shot.step(t);
    shot.listen(t + 1, how);
  }
  shot.seed();
  for (Step t = shot.steps() - 1; t >= 0; --t) {
    std::ranges::copy(states[static_cast<std::size_t>(t)], shot.pressure(t).begin());
    shot.step_back(t);
  }
  return shot.gradient();
}

}  // namespace acoustic
