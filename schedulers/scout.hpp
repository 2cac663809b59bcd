// SPDX-License-Identifier: BSD-3-Clause
/// Looks ahead in the plan for the next snapshot to read from a slow tier.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace cairn {

/// A clone of the schedule that runs ahead of the executor, in the reverse sweep. It answers one question: which
/// restore from a slow tier comes next, and may it be read now without ever leaving the operators short of a buffer?
///
/// The rule (one pool, no deadlock): a snapshot read ahead holds a buffer until its restore. It may be read iff
///   most RAM snapshots live between now and that restore + read ahead already + 1 + (1 if a slow takeshot comes before
///   it) ≤ s.
/// Buffers of writes under way are not counted: they come back by themselves.
///
/// Integers only; a few actions of look-ahead an action; memory O(s).
class Scout {
 public:
  /// `buffers` = s; `in_memory`: level 0 is RAM, and `live` snapshots are in it now (`start`: x_0 among them).
  struct Begin {
    Slots buffers;
    bool in_memory;
    Slots live;
    bool start;
  };
  Scout(std::unique_ptr<Schedule> ahead, const Begin& begin);

  /// The executor has carried out its next action.
  void follow();
  /// The next slow restore that was not taken yet, where the rule allows it to be read now beside `read_ahead` others.
  std::optional<Restore> wanted(Slots read_ahead);
  /// What wanted() returned is being read; look for the one after it.
  void taken() { candidate_.reset(); }

 private:
  void look_at_next();
  void note(const Action& action);
  void live_changed(Slots by);
  bool slow(Level level) const { return !in_memory_ || level.rank > 0; }
  Slots peak() const { return peaks_.empty() ? live_ : peaks_.front().live; }

  struct Peak {
    std::uint64_t at;  // number of the action after which …
    Slots live;        // … so many snapshots are in RAM
  };
  std::unique_ptr<Schedule> ahead_;
  Slots buffers_;
  bool in_memory_;
  Slots live_;                   // RAM snapshots after the last action seen
  bool start_in_memory_;         // x_0 is never given up: its last discard is withheld
  std::uint64_t now_ = 0;        // actions carried out
  std::uint64_t seen_ = 0;       // actions looked at
  std::uint64_t slow_save_ = 0;  // number of the last action seen that stages a buffer; 0: none
  std::deque<Peak> peaks_;       // live counts from now on that no later one reaches: strictly falling
  std::optional<Restore> candidate_;
  std::uint64_t candidate_at_ = 0;
  bool ended_ = false;
};

}  // namespace cairn
