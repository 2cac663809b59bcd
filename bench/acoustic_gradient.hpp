// SPDX-License-Identifier: BSD-3-Clause
/// What is computed end to end: the gradient of the acoustic example, again and again.
#pragma once

#include <cairn/core/reversal.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <acoustic/reversible.hpp>

namespace cairn::bench {

/// One shot through a model: data from the true model, their gradient at a smooth one. The arrays are shared by all
/// runs on it, which therefore take turns.
class AcousticGradient {
 public:
  /// `name` is for people: "built-in". Observes the data, which takes the time of `steps` steps.
  AcousticGradient(std::string name, const acoustic::Model& truth, Step steps);
  AcousticGradient(const AcousticGradient&) = delete;
  AcousticGradient& operator=(const AcousticGradient&) = delete;

  void begin();                 ///< x_0 is live, nothing was compared: what a sweep starts from
  State state();                ///< of the shot; it must not outlive this
  Operators operators();        ///< as the example's, with seed
  void keep_in(Reversal& run);  ///< what the example keeps for a later process
  std::uint64_t hash() const;   ///< of the gradient, after a sweep: equal bytes, equal hashes
  Step steps() const { return shot_.steps(); }
  std::string text() const;  ///< "built-in model, 801 x 401 cells, n = 1000"
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  acoustic::Shot<float> shot_;
  acoustic::Listen how_ = acoustic::Listen::compare;
  std::vector<float> observed_;
};

}  // namespace cairn::bench
