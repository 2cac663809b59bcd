// SPDX-License-Identifier: BSD-3-Clause
/// A simulation that can be run backwards.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/progress.hpp>
#include <cairn/core/report.hpp>
#include <cairn/core/state.hpp>
#include <cairn/words.hpp>

#include <functional>
#include <memory>

namespace cairn {

/// The user's operators on the live state.
struct Operators {
  /// Takes x_first to x_last. On entry every field of the State holds x_first bitwise; what lies outside the State is
  /// as the last operator left it. `steps.again`: these steps ran before; do not log, do not sum.
  std::function<void(Steps steps)> advance;
  /// Turns step t of {t, t+1}: x_t is live. It may overwrite the State, nothing reads it afterwards. If it needs
  /// x_{t+1}, it computes it.
  std::function<void(Steps step)> reverse;
  /// Optional: the first thing in reverse(), once a sweep, with x_n live; it may overwrite the State.
  std::function<void()> seed = {};
};

/// Runs a simulation forward and backward within the memory that its configuration allows.
///
///   ready ──forward, forward_while──▶ forwarded ──reverse──▶ ready
///   any ──an operator or a tier throws──▶ failed
///   any ──a stop that was asked for──▶ stopped
///   failed, stopped ──resume──▶ forwarded
///   any ──restart──▶ ready
///
/// state_at keeps forwarded; after a sweep it leads from ready to away, where only state_at and restart are legal.
/// Calls out of order throw std::logic_error saying what was expected. An operator's exception passes unchanged, after
/// the lanes have drained; storage that fails throws StorageError, an operator that goes astray under Verify::replay
/// NotDeterministic (first_sums.hpp). In `failed` the live state is undefined; resume() and restart() are legal. One
/// thread at a time. Reversals nest: the inner one is built once, with a Config of its own. After fork() the child may
/// not use it.
class Reversal {
 public:
  enum class CallState { ready, forwarded, away, failed, stopped };
  /// Where forward() has come to.
  enum class Arrived {
    at_the_end,  ///< x_n is live: seed the adjoint, then reverse()
    in_reverse,  ///< resumed behind the seed: what was kept is back, no state is live; do not seed, but reverse()
    stopped      ///< a stop was asked for: all that a later process needs to go on is stored; end the program
  };

  /// Makes the tiers' files (no memory is touched before the first forward). The state is copied; its arrays are the
  /// user's. Throws std::invalid_argument (configuration, state; file, line, key named) or StorageError (files).
  Reversal(Config config, State state, Operators operators);
  Reversal(Reversal&&) noexcept;
  Reversal& operator=(Reversal&&) noexcept;
  ~Reversal();  ///< Lets the lanes finish.

  /// Adds an array or scalar to what is kept: what belongs to the sweep and not to x_t, such as the gradient, the
  /// adjoint, a seismogram. No restore touches it. With Config::resume it comes back as it was where the sweep goes on.
  /// It is stored, with its position, in a file of its own beside that of the slowest tier (beside shared memory where
  /// no tier has a file), at most every Config::keep_every_seconds. Same arrays as State::add() takes, of which it must
  /// not be one. Legal before the first forward(); std::invalid_argument where no snapshot outlives the process.
  template <class... Arguments>
  void keep(std::string name, Arguments&&... arguments) {
    to_keep().add(std::move(name), std::forward<Arguments>(arguments)...);
  }
  /// The result depends on this array: a later process may go on from the snapshots only where it is bitwise the same.
  /// Its sum is taken here and now; call it again, before forward(), when it has changed.
  template <std::ranges::contiguous_range A>
  requires std::is_arithmetic_v<std::ranges::range_value_t<A>>
  void depends_on(const std::string& name, const A& array) {
    depends_on_bytes(name, std::as_bytes(std::span{std::ranges::data(array), std::ranges::size(array)}));
  }

  /// Runs steps 0 … n−1 from what is live, taken as x_0; ends with x_n live. 0 ≤ n < 2^40. Snapshots may still be on
  /// their way to disk when it returns; the file's `step` tells which are there. Throws std::invalid_argument where the
  /// schedule cannot be made for n.
  ///
  /// With Config::resume the first call goes on with a run that has not ended, where the tiers' files hold one: from
  /// its latest position, after which everything is bitwise as in an undisturbed run. Throws StorageError mismatch
  /// where that was another run (state, n, x_0, run_id, depends_on), and changes nothing then; std::logic_error where
  /// its reverse sweep had begun and nothing was kept.
  Arrived forward(Step n);
  /// Runs steps from what is live, taken as x_0, for as long as `more` says: it is asked once for each t, before step
  /// t, with x_t live, and never in recomputation. False at t: n = t (0 is legal), and x_n is live. It may read the
  /// State, not change it. All of the pool is touched, as nobody knows how much of it will be used. Throws
  /// std::logic_error where the schedule is none of `online`, `overlap`, `automatic`, for the others must know n;
  /// std::length_error where `more` is true at x_{2^40−1}, and what `more` throws: the call state is `failed` then.
  ///
  /// With Config::resume a run whose loop had ended goes on as by forward(); one whose loop had not goes on at its
  /// latest position x_t: `more` is asked from there on.
  Arrived forward_while(const std::function<bool()>& more);
  /// After an exception, its cause mended, or after a stop: the sweep goes on from what is stored, and ends as
  /// forward() does. Where something is kept, it goes on at its last commit, and what is kept comes back as it was
  /// there; that may be before the seed, which then runs again. Where nothing is, it goes on after the last call of
  /// `advance` that returned: `steps.again` is true where x_t is computed once more, and what the operators have
  /// written outside the State must be right for the call that threw to be made again. A request to stop is forgotten,
  /// and stop_after counts anew where that has stopped it. Throws std::logic_error after an exception in the reverse
  /// sweep where nothing is kept, and where no sweep was under way; StorageError where x_0 is lost. The call state is
  /// `failed` then.
  Arrived resume();
  /// The same after forward_while(), whose loop may not have ended: `more` is asked from that position on, so that it
  /// is asked twice at some. resume() is a std::logic_error then.
  Arrived resume(const std::function<bool()>& more);
  /// Turns steps n−1 … 0; ends with x_0 live. Returns what forward and reverse did; Report::stopped where a stop was
  /// asked for meanwhile.
  Report reverse();
  /// forward and reverse. Needs Operators::seed where the adjoint is to be seeded.
  Report sweep(Step n);
  /// x_t becomes live, 0 ≤ t ≤ n; what is stored stays. From one state_at to the next (or to reverse) the State is
  /// yours to read, not to change: later states may be computed from it.
  void state_at(Step t);
  /// The x_0 of the last forward becomes live, the call state `ready`; legal always. Throws StorageError where x_0 is
  /// lost (its own save had failed, or it cannot be read); the call state is `ready` then too: make x_0 live yourself
  /// and go on.
  void restart();
  /// Runs k steps from what is live, restores, calls `spoil` (which may ruin everything outside the State), runs them
  /// again, and compares: throws std::runtime_error naming the first field that differs, for then the State is
  /// incomplete or an operator is not deterministic. Ends with x_0 live. Legal in `ready`.
  void rehearse(Step k, const std::function<void()>& spoil = {});

  /// Asks the sweep to stop between the next two operators, at most some second of steps later: the position, what is
  /// kept and, in the first sweep, the live state are stored (in the place of another snapshot of the slowest tier
  /// where all its slots are taken), and forward(), forward_while(), resume() or reverse() returns. May be called from
  /// a signal handler and from any thread.
  void request_stop() noexcept;

  /// Calls `callback` between operators from now on; an empty one ends it.
  void on_progress(ProgressCallback callback);

  CallState call_state() const;
  Report report() const;               ///< Of the sweep so far.
  Bytes snapshot_bytes() const;        ///< What a slot costs: the state rounded up to 4096.
  const Provision& provision() const;  ///< Buffers and slots that the configuration gives for this state.

 private:
  class Run;
  State& to_keep();
  void depends_on_bytes(const std::string& name, std::span<const std::byte> bytes);
  std::unique_ptr<Run> run_;
};

}  // namespace cairn
