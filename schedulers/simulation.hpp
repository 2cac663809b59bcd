// SPDX-License-Identifier: BSD-3-Clause
/// How long a plan takes where storage works beside the operators.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/planner.hpp>
#include <cairn/schedulers/schedule.hpp>
#include <cairn/schedulers/scout.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {

/// What a simulation runs on. Times in forward steps.
struct Machine {
  struct LevelSpeed {
    double save = 0;       ///< W: one snapshot from a buffer to the device
    double load = 0;       ///< R
    std::size_t lane = 0;  ///< levels on one device share a lane; of level 0 in RAM it means nothing
  };
  std::vector<LevelSpeed> levels;
  bool ram = true;       ///< level 0 lies in the pool
  Slots buffers = 2;     ///< s: the pool
  double copy_out = 0;   ///< live state to a buffer
  double copy_in = 0;    ///< a buffer to the live state
  double turn_cost = 1;  ///< ub
};

/// What a simulation saw. Times in forward steps.
struct Timing {
  struct PerLevel {
    double busy = 0;   ///< its lane worked for it
    double stall = 0;  ///< the operators waited for it
    Count saves;
    Count loads;
    Count read_ahead;  ///< loads that were asked for before their restore
  };
  double makespan = 0;
  double compute = 0;  ///< advances and turns
  double copy = 0;
  double stall = 0;
  Count copies;
  Slots peak = 0;  ///< buffers in use at a time
  Count plans;     ///< that a planner made on the way
  std::vector<PerLevel> levels;
};

/// From some time on the machine is another: a device that turns slow.
struct MachineChange {
  double time;
  Machine machine;  ///< as many levels and buffers as before
};

/// Plays a schedule on a clock by the rule that the asynchronous executor follows: one thread of operators, a lane a
/// device, one pool of s buffers for RAM snapshots, staging (held until its save has ended) and snapshots read ahead
/// (held until their restore). A lane does one job at a time: a load that the operators wait for first, else saves in
/// order, else read-ahead. What is read ahead, and when, the Scout says.
///
/// A RAM snapshot that moves to a slower level is saved from where it lies, and a snapshot that was loaded becomes a
/// RAM snapshot in place: neither is a copy. Some 50 ns an action. A plan is not checked here: Replay does that.
class Simulation {
 public:
  /// Throws std::invalid_argument where there is no level or no buffer, or a time is negative.
  explicit Simulation(Machine machine);

  /// Plays the whole schedule. Throws std::logic_error where it waits for ever (a deadlock; none is known).
  Timing run(Schedule& schedule);
  /// The same with a planner, who is asked after each advance of the first sweep, cut into single steps, and after each
  /// turn. What he plans takes no time here.
  Timing run(std::unique_ptr<Schedule> schedule, Planner& planner);

  /// Before run(): these snapshots are there, and no state is live, but for x_`live` in the first sweep.
  void begin_with(const std::vector<Problem::Stored>& stored, std::optional<Step> live = {});
  /// Before run(), in the order of their times: transfers, copies and turns that begin later take what it says.
  void change_later(MachineChange change);

  /// What a planner knows of costs: sums since the start, one unit of time being a forward step.
  Observed observed();

  /// Answers for the time at which the schedule asks. Stays valid as long as the simulation stays where it is.
  Gauge gauge();

 private:
  struct Save {
    Step step;
    Level level;
    double ready;
  };
  struct Load {
    Step step;
    Level level;
    double ready;
  };
  /// A buffer on its way to a device; or of a read that is not wanted any more, without a time.
  struct Saving {
    double ends;
    Level level;
    std::optional<double> time;
  };
  /// What a lane has begun last.
  struct Transfer {
    Level level;
    bool saves;
    double time;
  };
  /// The queue and the clock of one device.
  struct Lane {
    double free_at = 0;
    std::optional<Transfer> latest;
    std::deque<Save> saves;  // not begun
    std::deque<Load> loads;  // read-ahead, not begun
  };
  struct Ahead {
    Step step;
    Level level;
    std::optional<double> done;  // once begun
  };

  void carry_out(const Action& action);
  Timing ended();
  std::vector<Observed::PerLevel> observed_transfers();
  void reverse_goes_on(const Schedule& schedule);
  bool plan_anew(std::unique_ptr<Schedule>& schedule, Planner& planner, Standing standing);
  void advance_watched(std::unique_ptr<Schedule>& schedule, Planner& planner, Steps steps);
  void on(const Advance& advance);
  void on(const Takeshot& takeshot);
  void on(const Restore& restore);
  void on(const Move& move);
  void on(const Discard& discard);
  void on(const Turn& turn);
  void reverse_begins(const Schedule& schedule);
  Scout::Begin scouted() const;
  void look_ahead();

  bool slow(Level level) const { return !machine_.ram || level.rank > 0; }
  const Machine::LevelSpeed& speed(Level level) const { return machine_.levels[static_cast<std::size_t>(level.rank)]; }
  const Machine& at(double time) const;
  double end_of_save(const Lane& of) const;
  static std::size_t index(Level level) { return static_cast<std::size_t>(level.rank); }
  Lane& lane(Level level) { return lanes_[speed(level).lane]; }
  Timing::PerLevel& figures(Level level) { return timing_.levels[static_cast<std::size_t>(level.rank)]; }
  void run_lanes();
  void run_lane(Lane& of, double until);
  void begin_save(Lane& of);
  void begin_load(Lane& of);
  void begin_on(Lane& of, double time, Transfer transfer);
  void count_load(Lane& of);
  void take_buffer();
  void give_back() { --in_use_; }
  void wait_until(double time, Level level);
  void copy(double cost);
  void queue_save(Step step, Level level);
  void fetch(Step step, Level level);
  void load_now(Step step, Level level);
  void wait_for_save(Step step, Level level);
  bool is_saved(Step step, Level level);
  void drop_loaded();

  Machine machine_;
  std::deque<MachineChange> changes_;  // to come
  std::vector<Lane> lanes_;
  double now_ = 0;
  Slots in_use_ = 0;                                         // buffers
  std::vector<Saving> saving_;                               // begun
  std::map<std::pair<std::int32_t, Step>, double> written_;  // saves that have begun: when they end
  std::deque<Ahead> ahead_;
  std::optional<Step> loaded_;  // its buffer is kept for a takeshot in RAM
  Slots live_ = 0;              // RAM snapshots
  bool start_in_ram_ = false;
  std::optional<Scout> scout_;
  bool reversed_from_start_ = false;  // no first sweep
  std::optional<Stock> stock_;        // where a planner asks
  double turns_ = 0, turn_time_ = 0;
  std::vector<Observed::PerLevel> transfers_;
  Timing timing_;
};

}  // namespace cairn
