// SPDX-License-Identifier: BSD-3-Clause
/// Looks ahead in the plan for the next snapshot to read from a slow tier.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {

/// A clone of the schedule that runs ahead of the executor, in the reverse sweep. It answers one question: which
/// restore from a slow tier comes next, and may it be read now without ever leaving the operators short of a buffer?
///
/// Each lane reads its own next restores, most_ahead of them at most, so that a slow device reads what is needed late
/// while a quick one is asked again and again. The rule (one pool, no deadlock): a snapshot read ahead holds a buffer
/// until its restore. It may be read iff
///   most RAM snapshots live between now and that restore + read ahead already + 1 + (1 if a slow takeshot comes before
///   it) + (1 if a restore comes before it that is not read ahead: on another lane) ≤ s.
/// Buffers of writes under way are not counted: they come back by themselves.
///
/// Integers only; a few actions of look-ahead an action, as far as each lane has a restore to read, or 64 restores;
/// memory O(s).
class Scout {
 public:
  static constexpr std::size_t most_ahead = 2;  ///< restores of one lane that are read ahead

  /// `buffers` = s; `in_memory`: level 0 is RAM, and `live` snapshots are in it now (`start`: x_0 among them).
  struct Begin {
    Slots buffers;
    bool in_memory;
    Slots live;
    bool start;
    std::vector<std::size_t> lanes = {};  ///< of each level, below limits::tiers; empty: one for all
  };
  Scout(std::unique_ptr<Schedule> ahead, const Begin& begin);

  /// The executor has carried out its next action.
  void follow();
  /// The earliest slow restore that was not taken yet, is the next one on its lane, and may be read now by the rule,
  /// beside `read_ahead` others.
  std::optional<Restore> wanted(Slots read_ahead);
  /// What wanted() returned is being read; look for the one after it.
  void taken();

 private:
  /// So many RAM snapshots are live after the action of that number.
  struct Peak {
    std::uint64_t until;  // number of the action that ends it
    Slots live;
  };
  /// The actions from one slow restore to the next, and that one.
  struct Stretch {
    std::uint64_t first_peak;  // number of the first of its peaks, counted from the first there ever was
    Restore until;
    std::uint64_t at;         // the number of that action
    std::uint64_t slow_save;  // of the last action before it that stages a buffer; 0: none
    bool taken;
  };

  void look_further();
  void look_at_next();
  void note(const Action& action);
  void note_restore(const Restore& restore);
  void live_changed(Slots by);
  bool slow(Level level) const { return !in_memory_ || level.rank > 0; }
  std::size_t lane_of(Level level) const { return lanes_.empty() ? 0 : lanes_[static_cast<std::size_t>(level.rank)]; }
  Slots peak_from(std::uint64_t number) const {
    return peaks_[static_cast<std::size_t>(std::max(number, peaks_gone_) - peaks_gone_)].live;
  }
  void forget_first_peak();

  std::unique_ptr<Schedule> ahead_;
  Slots buffers_;
  bool in_memory_;
  Slots live_;            // RAM snapshots after the last action seen
  bool start_in_memory_;  // x_0 is never given up: its last discard is withheld
  std::vector<std::size_t> lanes_;
  std::size_t lanes_known_ = 0;    // of slow levels
  std::size_t lanes_without_ = 0;  // that have no restore to be taken among those seen
  std::array<std::size_t, static_cast<std::size_t>(limits::tiers)> waiting_{};  // by lane: restores seen, not taken
  std::uint64_t now_ = 0;                                                       // actions carried out
  std::uint64_t seen_ = 0;                                                      // actions looked at
  std::uint64_t slow_save_ = 0;    // number of the last action seen that stages a buffer; 0: none
  std::deque<Stretch> stretches_;  // up to restores that are still to come
  std::uint64_t open_peak_ = 0;    // the first peak behind the last of these
  std::deque<Peak> peaks_;         // in each stretch the live counts that no later one of it reaches: strictly falling
  std::uint64_t peaks_gone_ = 0;
  std::size_t offered_ = 0;  // of stretches_
  int credit_ = 1024;        // actions that may be looked at now: one that takes over sees what the last one saw
  bool ended_ = false;
};

}  // namespace cairn
