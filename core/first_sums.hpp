// SPDX-License-Identifier: BSD-3-Clause
/// `verify: replay`: is a state that is computed again the one that it was?
#pragma once

#include <cairn/storage/checksum.hpp>
#include <cairn/words.hpp>

#include <stdexcept>
#include <vector>

namespace cairn {

/// An operator that ran again from the same state made another one. Gradients of such a run mean nothing.
class NotDeterministic : public std::runtime_error {
 public:
  NotDeterministic(Steps among, const Checksum& first, const Checksum& again);
  /// It is one of these: x_first was as it had been, x_last is the first state seen that was not.
  Steps steps() const noexcept { return steps_; }

 private:
  Steps steps_;
};

/// The checksums that the states of a sweep had when they were first computed. Every state that is snapshotted is
/// looked at, and beside these as many as memory allows: every state up to x_65536, then every second one, from
/// x_131072 on every fourth, and so on. So the step at fault is named, or one of a few; and it is found where a plan
/// never takes the same snapshot twice, too, as those of `revolve` never do.
///
/// 24 bytes for each state looked at until its step is turned, twice that where the list has just grown: 1.5 MiB for
/// 65536 steps, 5 MiB for 10^6. A look costs the sum of the live state (checksum.hpp).
class FirstSums {
 public:
  void begin();  ///< A new sweep; x_0 is live.
  /// Is x_step, just computed, to be looked at, though it becomes no snapshot?
  bool is_due(Step step) const { return step % spacing(step) == 0; }
  /// The first step behind x_step that is_due().
  Step next_due(Step step) const { return step / spacing(step + 1) * spacing(step + 1) + spacing(step + 1); }
  /// Is this the state that see() or restored() was told of last?
  bool has_seen(Step step) const { return seen_ == step; }
  /// The live x_step has this sum. Throws NotDeterministic where it had another one before.
  void see(Step step, const Checksum& sum);
  /// x_step, as it was, is live.
  void restored(Step step);
  /// x_step has that sum, by the ledger of an earlier process.
  void know(Step step, const Checksum& sum);
  void ran_before(Step step);                   ///< An earlier process has computed all states up to x_step.
  void turned(Step step);                       ///< Nobody computes x_step or later ones again: forgets them.
  Count compared() const { return compared_; }  ///< states of this sweep that were the same again

 private:
  struct First {
    Step step;
    Checksum sum;
  };
  static Step spacing(Step step);
  std::vector<First>::iterator place(Step step);

  std::vector<First> first_;  // ascending steps; new ones come last, or close to it
  Step seen_ = 0;
  Step agreed_ = 0;    // the last state, of those that the live one was computed from, that is known to be as it was
  Step farthest_ = 0;  // states up to here were computed before
  Count compared_;
};

}  // namespace cairn
