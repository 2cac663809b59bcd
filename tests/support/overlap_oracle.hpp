// SPDX-License-Identifier: BSD-3-Clause
/// The least makespan of any plan where storage works beside the operators, found by search: slow, obvious, knows no
/// formula and no schedule.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace cairn::test {

/// A problem in whole units of time: with `unit` = 2 all times are in halves of a forward step.
struct WholeOverlap {
  int steps = 1;    ///< n, at most 14
  int buffers = 1;  ///< s: RAM snapshots, staging and read-ahead together
  int save = 1;     ///< W, at most 63 units
  int load = 1;     ///< R, likewise
  int slots = 14;   ///< c, of the slow level; n and more: enough
  int turn = 1;     ///< ub, likewise
  int unit = 1;     ///< the time of one forward step
};

/// For messages: "7 steps, 2 buffers, save 3, load 3, 7 slots, turn 1, unit 1".
inline std::ostream& operator<<(std::ostream& out, const WholeOverlap& problem) {
  return out << problem.steps << " steps, " << problem.buffers << " buffers, save " << problem.save << ", load "
             << problem.load << ", " << problem.slots << " slots, turn " << problem.turn << ", unit " << problem.unit;
}

/// A* over what there is at a time: steps left to turn, the live state, what the operators still do, the states held by
/// buffers and by the device, what the lane still does. Copies are free. The rules are the simulator's, stripped of its
/// policies:
/// - one thread of operators: an advance, a turn, or waiting; x_i is live when step i is turned;
/// - a buffer holds a state: a snapshot in RAM, one on its way to the device (until its save has ended), one read from
///   it (from the beginning of the load) are all the same, a buffer of the s;
/// - one lane: a save from a buffer, or a load into a free one, at a time; a slot is taken when its save begins.
/// Decisions fall where something ends. What lies behind the steps left is of no use and is dropped.
class SearchOfAllOverlaps {
 public:
  explicit SearchOfAllOverlaps(const WholeOverlap& problem) : problem_{problem} {}

  /// Where a search starts: steps to turn, the live state if there is one, what buffers and the device hold, by bits.
  struct Start {
    int left;
    std::optional<int> live = {};
    unsigned held = 0;
    unsigned stored = 0;
  };

  /// In units.
  int least_makespan() { return least_makespan({.left = problem_.steps, .live = 0}); }
  int least_makespan(const Start& start) {
    reach({.left = start.left, .live = start.live.value_or(none), .held = start.held, .stored = start.stored}, 0);
    for (std::size_t nearest = 0; nearest < open_.size(); ++nearest)
      while (!open_[nearest].empty()) {
        const std::uint64_t key = open_[nearest].back();
        open_[nearest].pop_back();
        Known& known = known_[key];
        if (known.done) continue;
        known.done = true;
        const Place at = unpacked(key);
        if (at.left == 0) return known.time + at.op_rest;
        go_on(at, known.time);
      }
    throw std::logic_error{"no plan turns all steps"};
  }

 private:
  enum Job { idle, saving, loading };
  struct Place {
    int left = 0;         // steps to turn
    int live = 0;         // none: there is no live state
    int op_rest = 0;      // units until the operators are free; then x_live is there
    unsigned held = 0;    // by buffers
    unsigned stored = 0;  // by the device
    int job = idle;       // of the lane
    int job_state = 0;    // what it saves or loads
    int job_rest = 0;     // units
  };
  struct Known {
    int time;
    bool done;
  };
  static constexpr int most_steps = 14;
  static constexpr int none = 15;

  static unsigned bit(int state) { return 1U << state; }
  static std::uint64_t packed(const Place& at) {
    const auto part = [](auto value, int shift) { return static_cast<std::uint64_t>(value) << shift; };
    return part(at.left, 0) | part(at.live, 4) | part(at.op_rest, 8) | part(at.job_rest, 14) | part(at.job_state, 20) |
           part(at.job, 24) | part(at.held, 26) | part(at.stored, 26 + most_steps);
  }
  static Place unpacked(std::uint64_t key) {
    const auto part = [key](int shift, int bits) { return static_cast<int>((key >> shift) & ((1U << bits) - 1)); };
    return {.left = part(0, 4),
            .live = part(4, 4),
            .op_rest = part(8, 6),
            .held = static_cast<unsigned>(part(26, most_steps)),
            .stored = static_cast<unsigned>(part(26 + most_steps, most_steps)),
            .job = part(24, 2),
            .job_state = part(20, 4),
            .job_rest = part(14, 6)};
  }

  int buffers(const Place& at) const {
    const bool with_lane = at.job == loading || (at.job == saving && (at.held & bit(at.job_state)) == 0);
    return std::popcount(at.held) + (with_lane ? 1 : 0);
  }
  int slots(const Place& at) const { return std::popcount(at.stored) + (at.job == saving ? 1 : 0); }

  // A state that nothing holds has still to be made by a step of its own.
  int at_least(const Place& at) const {
    unsigned there = at.held | at.stored;
    if (at.live != none) there |= bit(at.live);
    if (at.job != idle) there |= bit(at.job_state);
    const int missing = at.left - std::popcount(there & (bit(at.left) - 1));
    return at.op_rest + at.left * problem_.turn + missing * problem_.unit;
  }

  void reach(Place at, int time) {
    const unsigned useful = bit(at.left) - 1;
    at.held &= useful;
    at.stored &= useful;
    const std::uint64_t key = packed(at);
    const auto [found, fresh] = known_.try_emplace(key, Known{time, false});
    if (!fresh && found->second.time <= time) return;
    found->second = {time, false};
    const auto rank = static_cast<std::size_t>(time + at_least(at));
    if (open_.size() <= rank) open_.resize(rank + 1);
    open_[rank].push_back(key);
  }

  void go_on(const Place& at, int time) {
    if (at.op_rest == 0) operators(at, time);
    if (at.job == idle) lane(at, time);
    let_time_pass(at, time);
  }

  void operators(const Place& at, int time) {
    for (int state = 0; state < at.left; ++state)
      if ((at.held & bit(state)) != 0 && state != at.live) {
        Place next = at;
        next.live = state;
        reach(next, time);
      }
    if (at.live == none) return;
    if ((at.held & bit(at.live)) == 0)
      with_a_buffer(at, [&](Place next) {
        next.held |= bit(at.live);
        reach(next, time);
      });
    Place next = at;
    if (at.live == at.left - 1) {
      --next.left;
      next.live = none;
      next.op_rest = problem_.turn;
    } else {
      ++next.live;
      next.op_rest = problem_.unit;
    }
    reach(next, time);
  }

  void lane(const Place& at, int time) {
    for (int state = 0; state < at.left; ++state) {
      const bool held = (at.held & bit(state)) != 0, stored = (at.stored & bit(state)) != 0;
      if (held && !stored) with_a_slot(at, [&](Place next) { begin(next, saving, state, problem_.save, time); });
      if (stored && !held) with_a_buffer(at, [&](Place next) { begin(next, loading, state, problem_.load, time); });
    }
  }

  void begin(Place next, Job job, int state, int units, int time) {
    next.job = job;
    next.job_state = state;
    next.job_rest = units;
    reach(next, time);
  }

  // Calls `go` with a place that has a free buffer: as it is, or after giving one up.
  template <typename Go>
  void with_a_buffer(const Place& at, Go go) {
    if (buffers(at) < problem_.buffers) return go(at);
    for (int state = 0; state < at.left; ++state) {
      if ((at.held & bit(state)) == 0 || (at.job == saving && at.job_state == state)) continue;
      Place next = at;
      next.held &= ~bit(state);
      go(next);
    }
  }
  template <typename Go>
  void with_a_slot(const Place& at, Go go) {
    if (slots(at) < problem_.slots) return go(at);
    for (int state = 0; state < at.left; ++state) {
      if ((at.stored & bit(state)) == 0) continue;
      Place next = at;
      next.stored &= ~bit(state);
      go(next);
    }
  }

  // To the next end of something.
  void let_time_pass(const Place& at, int time) {
    if (at.op_rest == 0 && at.job == idle) return;
    int units = at.op_rest;
    if (at.job != idle && (units == 0 || at.job_rest < units)) units = at.job_rest;
    Place next = at;
    if (next.op_rest > 0) next.op_rest -= units;
    if (next.job != idle && (next.job_rest -= units) == 0) {
      (next.job == saving ? next.stored : next.held) |= bit(next.job_state);
      next.job = idle;
      next.job_state = 0;
    }
    reach(next, time + units);
  }

  WholeOverlap problem_;
  std::unordered_map<std::uint64_t, Known> known_;
  std::vector<std::vector<std::uint64_t>> open_;  // by the least makespan that is still possible
};

/// In forward steps.
inline double least_makespan(const WholeOverlap& problem) {
  return static_cast<double>(SearchOfAllOverlaps{problem}.least_makespan()) / problem.unit;
}

/// The same from there.
inline double least_makespan(const WholeOverlap& problem, const SearchOfAllOverlaps::Start& start) {
  return static_cast<double>(SearchOfAllOverlaps{problem}.least_makespan(start)) / problem.unit;
}

}  // namespace cairn::test
