// SPDX-License-Identifier: BSD-3-Clause
/// The six things that a plan can ask for. Each is complete in itself: steps, levels, nothing of slots or bytes.
#pragma once

#include <cairn/words.hpp>

#include <variant>

namespace cairn {

/// Run the forward operator over `steps`, without taping. Legal where x_first is live; x_last is live then.
struct Advance {
  Steps steps;
  bool operator==(const Advance&) const = default;
};
/// Keep the live state x_step in a free slot of `level`.
struct Takeshot {
  Step step;
  Level level;
  bool operator==(const Takeshot&) const = default;
};
/// The live state becomes x_step; the snapshot stays where it is.
struct Restore {
  Step step;
  Level level;
  bool operator==(const Restore&) const = default;
};
/// A stored snapshot changes its level, not through the live state.
struct Move {
  Step step;
  Level from;
  Level to;
  bool operator==(const Move&) const = default;
};
/// The slot of this snapshot is free.
struct Discard {
  Step step;
  Level level;
  bool operator==(const Discard&) const = default;
};
/// The live x_step is consumed by the taped run and reversal of step `step`; no state is live then.
struct Turn {
  Step step;
  bool operator==(const Turn&) const = default;
};

using Action = std::variant<Advance, Takeshot, Restore, Move, Discard, Turn>;

}  // namespace cairn
