// SPDX-License-Identifier: BSD-3-Clause
/// Is the gradient right? Dot products against the tangent-linear run, and Taylor remainders.
#pragma once

#include "reversible.hpp"

#include <string>
#include <vector>

namespace acoustic {

/// A figure that must lie within bounds.
struct Check {
  std::string what;
  double value = 0;
  double least = 0;
  double most = 0;
  bool holds() const { return value >= least && value <= most; }  ///< false for NaN
  std::string line() const;  ///< "ok      dot product …: 3.1e-15, at most 1.0e-11"
};

/// In double precision, on the middle of the model, at most 201 cells each way, 1000 steps, through a Reversal in RAM:
///  - |⟨J m, d⟩ − ⟨m, Jᵀ d⟩| ≤ 10⁻¹¹ of the products, m and d random, then smooth m and d = J m;
///  - the misfit's Taylor remainders along a smooth direction are of order 2 ± .05 over six halvings.
/// `survey` gives the time step and the frequency. Costs 11 forward runs and 3 reversals of that size; 8 MB of arrays.
std::vector<Check> check_in_double(const Model& truth, const Survey& survey);

/// At run size and precision, m random and d = J m: |⟨J m, d⟩ − ⟨m, Jᵀ d⟩| ≤ 10⁻⁵ ‖J m‖ ‖d‖, sums in double. Jᵀ d is
/// one more sweep of `run`, the Reversal of `shot` and `how`, in `ready`. Leaves the shot's traces and gradient those
/// of d.
Check check_at_run_size(Shot<float>& shot, Listen& how, cairn::Reversal& run);

/// What check_at_run_size keeps in arrays for itself.
std::size_t check_bytes(const Shot<float>& shot);

}  // namespace acoustic
