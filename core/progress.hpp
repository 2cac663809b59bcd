// SPDX-License-Identifier: BSD-3-Clause
/// How far a run is: for a callback of the user's, or a bar on the terminal.
#pragma once

#include <cairn/words.hpp>

#include <functional>
#include <iosfwd>

namespace cairn {

/// How far the phase is, and at what pace.
struct Progress {
  enum class Phase { forward, reverse };
  Phase phase = Phase::forward;
  Step done = 0;               ///< steps run (forward) or turned (reverse)
  Step left = 0;               ///< steps still to run or turn in this phase
  double elapsed_seconds = 0;  ///< in this phase
  double left_seconds = 0;     ///< estimated from the pace so far
  double stall_share = 0;      ///< of the elapsed time, spent waiting for storage
};
/// Called from the user's own thread between operators, at most every tenth of a second and at the end of a phase.
using ProgressCallback = std::function<void(const Progress&)>;

/// One line on `out`, rewritten in place: a bar, steps, time left, stall share. For terminals:
/// run.on_progress(terminal_bar(std::cerr)). `out` must outlive the callback.
ProgressCallback terminal_bar(std::ostream& out);

}  // namespace cairn
