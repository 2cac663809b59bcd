// SPDX-License-Identifier: BSD-3-Clause
/// What both executors share: actions become calls of the user's operators and transfers of snapshots.
#pragma once

#include <cairn/core/catalog.hpp>
#include <cairn/core/first_sums.hpp>
#include <cairn/core/kept.hpp>
#include <cairn/core/meter.hpp>
#include <cairn/core/progress.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/state.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/planner.hpp>
#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/storage/errors.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Carries a schedule out on the live state and the tiers, in the caller's thread. Snapshots in RAM are kept and
/// restored here; how they come to and from slower tiers is what an executor adds.
///
/// x_0 stays stored for the whole sweep: the discard of its last copy is withheld, and it is stored at level 0 where
/// the plan has no need to. None of that is in the counts.
///
/// Whatever the operators or the tiers throw passes unchanged; after that only settle(), restart() and begin() are
/// legal.
class Executor {
 public:
  /// All must outlive it.
  struct Parts {
    const State& state;
    const Layout& layout;
    const Operators& operators;
    TierSet& tiers;
  };
  /// Copies by as many threads as prove the quickest, at most `copy_threads`; where no number is given by those that
  /// the operators compute with, if they have a team; by one where a snapshot is small.
  explicit Executor(const Parts& parts, std::optional<int> copy_threads = 1);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// A new sweep over n `steps` by a schedule for n+1, or over as many as forward_while() will find, by an online one;
  /// what is live is x_0. Forgets all snapshots, touches memory: min(s, n+1) buffers, all s where n is not known. A
  /// `planner` is asked between two actions whether the rest is to be planned anew; advances of the first sweep are
  /// then counted piece by piece.
  void begin(std::optional<Step> steps, std::unique_ptr<Schedule> schedule, Planner* planner = nullptr);
  /// After begin(): the rest of a sweep of which an earlier process has done a part. These slots hold snapshots, and no
  /// others do; what is live is x_0, and is stored where none of them has it. Then bring() and go_on().
  void hold(const std::vector<Catalog::Entry>& stored);
  std::vector<Problem::Stored> stored() const;  ///< All that is.
  /// This schedule turns steps to_turn−1 … 0 from what is stored, `live` being live where the first sweep goes on. All
  /// n steps ran before where it does not.
  void go_on(Step to_turn, std::optional<Step> live, std::unique_ptr<Schedule> schedule, Planner* planner);
  /// The same for a loop of unknown length, x_live being live; then forward_while().
  void go_on_in_loop(Step live, std::unique_ptr<Schedule> schedule, Planner* planner);

  /// After an exception or a StopAsked, in place of restart(): what the tiers hold is what is stored, but for x_first
  /// and later states, which are released; failures are forgotten. Then bring() and go_on(). Throws StorageError where
  /// x_0 is lost.
  void take_up(Step first);
  std::optional<Step> latest_stored(Step most) const;   ///< Not beyond x_most.
  void keep_stored(Step step);                          ///< Where x_step, which is live, is not stored, and has room.
  Step high_water() const { return high_water_; }       ///< Steps below ran in this sweep.
  void ran_before(Step steps) { high_water_ = steps; }  ///< After go_on().
  bool reverses() const { return phase_ == Progress::Phase::reverse; }

  /// Plans what is left when a snapshot is lost; without it, that is an error.
  struct Rest {
    std::unique_ptr<Schedule> schedule;
    Planner* planner;
  };
  /// `retired`, by level: nothing may be saved there.
  using PlanRest = std::function<Rest(const Standing&, const std::vector<bool>& retired)>;
  /// `retires`: a tier that cannot save is left alone from then on, as long as another remains.
  void heal_by(PlanRest plan_rest, bool retires) { plan_rest_ = std::move(plan_rest), retires_ = retires; }
  /// A sweep has begun, and files of it threw these: retires their tiers and plans anew. False: that cannot be.
  bool goes_on_without(const std::vector<StorageError>& problems);
  const std::vector<bool>& retired() const { return retired_; }  ///< in this sweep, by level

  /// Asked between two operators; true ends the sweep there by a StopAsked, which is no std::exception.
  struct StopAsked {};
  void stop_when(std::function<bool()> asked) { stop_asked_ = std::move(asked); }
  /// After a StopAsked: stores what a later process goes on from, waits until it is stored, and says where that is.
  Position commit_position();
  Count healed() const { return healed_; }  ///< snapshots lost in this sweep, and computed again

  /// From the next begin() on a state that is computed again must have the checksum that it had at first. Throws
  /// NotDeterministic from forward(), reverse() and bring() where it has not, before it is stored or turned. Takes the
  /// sum of nearly every state (first_sums.hpp).
  void compare_replayed() { first_sums_.emplace(); }
  /// States of this sweep that were the same again; nothing where they are not compared.
  std::optional<Count> compared() const { return first_sums_ ? std::optional{first_sums_->compared()} : std::nullopt; }

  /// What the user keeps beside the snapshots is committed from now on, on the lane of that level.
  void keep_beside(Kept* kept, Level level) { kept_ = kept, kept_level_ = level; }
  /// Where there is something to keep. A tier that fails thereby is retired, as in any action.
  void keep_now(const Position& position);
  void write_kept_now(const Position& position);  ///< The same, but whatever fails is thrown.

  /// Before forward(): actions are written down from now on, at most so many; no memory is touched before.
  void record(std::size_t most_actions);
  /// Those of the sweep; nullptr where nothing was asked for, or there were more.
  std::shared_ptr<const std::vector<Action>> recorded() const;
  void forward();  ///< Up to the turn of step n: x_n is live.
  /// Steps on while more(), asked once at each x_t, says so; then the schedule learns n, and all is as after forward().
  /// It is not asked where the step ran before (ran_before()).
  /// Returns n. Throws std::length_error where more() is true at x_most. No allocation a step.
  Step forward_while(const std::function<bool()>& more, Step most = limits::steps - 1);
  void reverse();         ///< The rest of the schedule, then x_0 live. Between, `live` is the operators'.
  void bring(Step step);  ///< x_step becomes live, from what is live or stored.
  /// The x_0 of the last begin(), if there was one, becomes live; failures are forgotten. Throws StorageError where x_0
  /// is not stored, for its own save failed, or cannot be read.
  void restart();
  void forget_stored();                ///< Releases every snapshot, x_0's too; restart() changes nothing then.
  virtual void settle() noexcept = 0;  ///< Waits until no transfer is under way.

  /// A buffer of the pool; waiting for it is a stall.
  Pool::Buffer take_buffer();
  /// The same where no plan leaves room for it: a buffer beside the pool where snapshots hold all of that (as after a
  /// first sweep of `overlap`, or when they were found in shared memory). It stays, and there is one.
  Pool::Buffer spare_buffer();
  /// RAM snapshots may hold the whole pool; then the latest is given up for the transfers of those behind it.
  void leave_a_buffer();
  const PlanCounts& counts() const { return counts_; }
  const Copier& copier() const { return copier_; }
  Step turned() const { return turned_; }                      ///< steps of this sweep
  const std::optional<Step>& steps() const { return steps_; }  ///< n, once a loop has ended, too
  Count copies() const { return copies_; }  ///< of whole states between the live arrays and buffers, this sweep
  Observed observed() const;                ///< In seconds; transfers are those of all sweeps.
  Meter& meter() { return meter_; }
  const Meter& meter() const { return meter_; }
  const std::vector<double>& stall_seconds() const { return stall_seconds_; }  ///< by level
  virtual double lane_seconds(Level) const { return 0; }
  /// Saves to this tier that have not ended: what a schedule's gauge asks.
  virtual std::size_t saves_under_way(Level) const { return 0; }
  void forget_live() { live_.reset(); }
  void on_progress(ProgressCallback callback) { progress_ = std::move(callback); }

 protected:
  virtual void save_live(Level level, Slot slot, Step step) = 0;  ///< a takeshot on a tier that is not in memory
  virtual void load_live(Level level, Slot slot, Step step) = 0;  ///< a restore from one
  /// Between any two tiers; a slot in memory is free then, in a file it stays.
  virtual void transfer(const Move& move, Slot from, Slot to) = 0;
  virtual void release(Level level, Slot slot) = 0;
  /// After all that was saved to `level` before.
  virtual void write_kept(Level level, Level kept_level, Tier& tier, Kept::Commit commit) = 0;
  virtual void forget_failures() {}
  virtual void reverse_begins(const Schedule&) {}  ///< a clone may be taken from here on
  virtual void look_ahead(const Action&) {}        ///< after each action of the reverse sweep …
  virtual void plan_changed(const Schedule&) {}    ///< … or this, where another plan goes on
  virtual void reverse_ends() {}                   ///< every step is turned; transfers end here
  /// A buffer that still holds x_step, just loaded and live: it can be stored without a copy. Empty: there is none.
  virtual Pool::Buffer take_loaded(Step) { return {}; }
  virtual void drop_loaded() {}     ///< the live state changes
  virtual void throw_failures() {}  ///< of transfers that are over
  /// x_0, where its save was under way to a tier that failed; empty: it was not.
  virtual Pool::Buffer lost_start() { return {}; }

  virtual void end_transfers() noexcept {}  ///< Waits for those under way; what was read ahead stays.
  /// For a load: take_buffer(); for bring(), which no plan leaves room for, spare_buffer().
  Pool::Buffer buffer_for_load() { return off_plan_ ? spare_buffer() : take_buffer(); }
  bool borrows() const { return beside_ && beside_->available() == 0; }  ///< Is that buffer in use?

  TierSet& tiers() { return parts_.tiers; }
  const TierSet& tiers() const { return parts_.tiers; }
  const Catalog& catalog() const { return catalog_; }
  /// What the operators wait for from now on; call work_goes_on() after.
  void waiting_for(Level level);
  void work_goes_on(Meter::Doing doing = Meter::Doing::other);
  /// Copies the live x_step to a buffer that is to be stored there; the meter goes on as `copy`. Where that tier keeps
  /// checksums it is summed in the same pass, which costs less than a pass in the lane's thread; zero elsewhere.
  Checksum copy_out(Level to, Step step, std::span<std::byte> buffer);
  /// A snapshot that was loaded unchecked.
  struct Loaded {
    Level level;
    Slot slot;
    Step step;
    std::span<const std::byte> bytes;
    Checksum sum;  // what it should be; zero: not known
  };
  /// Copies it to the live state; the meter goes on as `copy`. Throws StorageError: corrupt where its sum is wrong.
  void copy_in(const Loaded& loaded);
  void check(const Loaded& loaded);  ///< Throws likewise; copies nothing.

 private:
  /// Runs steps from the live x_first, in pieces of at most a second; `again` as the high-water mark says.
  void run_steps(Steps steps, bool may_stop = false);
  void forward_begins();
  void advance_watched(Steps steps);
  bool plan_anew(std::optional<Step> turned);
  void step_on(Step step);  // what an online schedule does at x_step, up to x_{step+1}
  void up_to_the_seed();
  void carry_out(const Action& action);
  void on(const Advance& advance);
  void on(const Takeshot& takeshot);
  void on(const Restore& restore);
  void on(const Move& move);
  void on(const Discard& discard);
  void on(const Turn& turn);
  void keep(Level level, Step step);
  void keep_beside_snapshot(Level level, Step step);
  void restore_now(Level level, Step step);
  bool heals(const StorageError& problem, Level level, Step step);
  bool heals_off_plan(const StorageError& problem, const Catalog::Entry& entry);
  bool start_is_stored();
  void prove_start();
  bool a_lane_failed();
  void lose(Level level, Step step);
  void plan_from_what_is_stored();
  void or_without_a_tier(const Action& action);
  std::optional<Level> level_that_failed(const StorageError& problem) const;
  bool retires(const StorageError& problem);
  bool does_without(const StorageError& problem);
  void forget_what_was_lost();
  void end_of_a_sweep();
  void stop_where_asked() const;
  Level slowest() const { return Level{tiers().levels() - 1}; }
  Level slowest_in_use() const;
  void keep_start();
  void make_room(Level level);
  bool stands(const Catalog::Entry& entry);  // does the tier hold what the catalog says?
  void release_below(bool every_slot);  // what the tiers hold: wherever it lies, or where the catalog ever gave a slot
  Slot claim(Level level, Step step);
  void note_peak(Level level);
  void drop(Level level, Step step);
  void measure_pace(Step steps, double seconds);
  void compare_live(Step step);
  void tell_progress(bool last);
  void find_team();

  Kept* kept_ = nullptr;
  Level kept_level_;
  Parts parts_;
  Copier copier_;
  bool looks_for_team_;
  std::unique_ptr<Pool> beside_;
  bool off_plan_ = false;   // bring() restores
  bool stale_ = false;      // the plan counts on a snapshot that is lost
  bool replanned_ = false;  // by plan_from_what_is_stored()
  Catalog catalog_;
  std::unique_ptr<Schedule> schedule_;
  Planner* planner_ = nullptr;
  PlanRest plan_rest_;
  bool retires_ = false;
  std::vector<bool> retired_;
  std::function<bool()> stop_asked_;
  std::shared_ptr<std::vector<Action>> record_;
  std::optional<Step> steps_;  // n, once it is known
  std::optional<Step> live_;   // what the arrays hold, as far as is known
  Step high_water_ = 0;        // steps below ran before
  std::optional<FirstSums> first_sums_;
  std::optional<Level> withheld_;  // where the plan believes that x_0 is discarded
  PlanCounts counts_;
  Count copies_;
  Count healed_;
  Count steps_run_;  // advances of any kind, those of state_at as well
  Meter meter_;
  std::vector<double> stall_seconds_;  // by level
  Level waiting_for_;
  Step piece_ = 1;  // steps handed out at a time
  ProgressCallback progress_;
  Progress::Phase phase_ = Progress::Phase::forward;
  double phase_began_ = 0;  // seconds on the meter
  double stalled_before_ = 0;
  double told_ = 0;
  Step turned_ = 0;
#ifndef NDEBUG
  std::optional<Replay> replay_;  // the plan on integers beside the run
#endif
};

}  // namespace cairn
