// SPDX-License-Identifier: BSD-3-Clause
/// The user of the simulation: a few words of state, and what a gradient needs beside them.
#pragma once

#include <cairn/core/reversal.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cairn::test {

/// x_t = (words, clock). Every word depends on all that was before, every result on every state and its order.
struct ToyState {
  std::vector<std::uint64_t> words;
  std::uint64_t clock = 0;
  bool operator==(const ToyState&) const = default;
};

/// What belongs to a sweep and not to x_t.
struct ToySums {
  std::uint64_t trace = 0;  ///< of the first sweep
  std::uint64_t adjoint = 0;
  std::uint64_t gradient = 0;
  bool operator==(const ToySums&) const = default;
};

inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t product = (a ^ std::rotl(b, 23)) * 0x9e3779b97f4a7c15;
  return product ^ (product >> 29);
}

inline ToyState toy_start(std::size_t words, std::uint64_t parameter) {
  ToyState state{.words = std::vector<std::uint64_t>(words), .clock = parameter};
  for (std::size_t i = 0; i < words; ++i) state.words[i] = mixed(parameter, i + 1);
  return state;
}
inline void toy_step(ToyState& state, Step step, std::uint64_t law) {
  std::uint64_t carry = state.words.back() + static_cast<std::uint64_t>(step) + 1000 * law;
  for (std::uint64_t& word : state.words) carry = word = mixed(word, carry);
  state.clock = mixed(state.clock, carry);
}
inline void toy_record(ToySums& sums, const ToyState& state) {
  sums.trace = mixed(sums.trace, state.clock);
}
inline void toy_seed(ToySums& sums, const ToyState& state) {
  sums.adjoint = mixed(state.clock, sums.trace);
}
inline void toy_turn(ToySums& sums, const ToyState& state, Step step) {
  sums.adjoint = mixed(sums.adjoint + sums.trace, state.clock + static_cast<std::uint64_t>(step));
  sums.gradient = mixed(sums.gradient, sums.adjoint ^ state.words.front());
}

/// One sweep without cairn: every state, and the sums in every position. The oracle.
class Undisturbed {
 public:
  Undisturbed(Step steps, std::size_t words, std::uint64_t parameter, std::uint64_t law) : law_{law} {
    ToyState state = toy_start(words, parameter);
    ToySums sums;
    for (Step step = 0;; ++step) {
      states_.push_back(state);
      forward_.push_back(sums);
      if (step == steps) break;
      toy_step(state, step, law);
      toy_record(sums, state);
    }
    toy_seed(sums, state);
    reverse_.resize(states_.size());
    reverse_.back() = sums;
    for (Step step = steps - 1; step >= 0; --step) {
      toy_turn(sums, at(step), step);
      reverse_[static_cast<std::size_t>(step)] = sums;
    }
  }
  std::uint64_t law() const { return law_; }
  Step steps() const { return static_cast<Step>(states_.size()) - 1; }
  const ToyState& at(Step step) const { return states_.at(static_cast<std::size_t>(step)); }
  /// With x_step live for the first time; or, in the reverse sweep, with steps n−1 … step turned.
  const ToySums& sums(bool reverse, Step step) const {
    return (reverse ? reverse_ : forward_).at(static_cast<std::size_t>(step));
  }

 private:
  std::uint64_t law_;
  std::vector<ToyState> states_;
  std::vector<ToySums> forward_, reverse_;
};

}  // namespace cairn::test
