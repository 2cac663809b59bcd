// SPDX-License-Identifier: BSD-3-Clause
/// How far a run is: for a callback of the user's, or a bar on the terminal.
#pragma once

#include <cairn/words.hpp>

#include <functional>
#include <iosfwd>
#include <optional>

namespace cairn {

/// How far the phase is, and at what pace. While forward_while() runs, nobody knows what is left.
struct Progress {
  enum class Phase { forward, reverse };
  Phase phase = Phase::forward;
  Step done = 0;                            ///< steps run (forward) or turned (reverse)
  std::optional<Step> left = {};            ///< steps still to run or turn in this phase, where that is known
  double elapsed_seconds = 0;               ///< in this phase
  std::optional<double> left_seconds = {};  ///< estimated from the pace so far, once there is one
  double stall_share = 0;                   ///< of the elapsed time, spent waiting for storage
};
/// Called from the user's own thread between operators, at most every tenth of a second and at the end of a phase.
using ProgressCallback = std::function<void(const Progress&)>;

/// One line on `out`, rewritten in place: a bar, steps, time left, stall share; steps and pace instead of the bar where
/// what is left is not known. For terminals: run.on_progress(terminal_bar(std::cerr)). `out` must outlive the callback.
ProgressCallback terminal_bar(std::ostream& out);

}  // namespace cairn
