// SPDX-License-Identifier: BSD-3-Clause
/// One process of the simulation: what Reversal does, on simulated tiers, with a user who checks every state.
#pragma once

#include "scenario.hpp"
#include <cairn/core/executor.hpp>
#include <cairn/core/kept.hpp>
#include <cairn/core/resume.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/planner.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::test {

/// Plans anew when the seed says so, by any plan that fits.
class RandomPlanner final : public Planner {
 public:
  RandomPlanner(World& world, std::function<Problem()> problem) : world_{&world}, problem_{std::move(problem)} {}
  bool is_due(bool) override { return world_->random.one_in(6); }
  std::unique_ptr<Schedule> plan_anew(const Standing& standing, const Schedule& rest) override;

 private:
  World* world_;
  std::function<Problem()> problem_;
};

/// The live state and the sums, with a user who knows what they must be.
class CheckedToy {
 public:
  /// An operator's own exception.
  struct Died {};

  explicit CheckedToy(Universe& universe);
  State state();
  State kept();
  Operators operators();
  void seed();
  void start_sweep();  ///< x_0 is live, the sums are zero
  void goes_on_from(const Position& position);
  void expect_live(Step step) const;
  void expect_sums(bool reverse, Step step) const;
  Step turned_down_to() const { return next_turn_ + 1; }
  Step reached() const { return reached_; }

 private:
  void advance(Steps steps);
  void turn(Step step);
  void moment();
  const Undisturbed& truth() const { return universe_->truth(universe_->sweep); }
  Universe* universe_;
  ToyState x_;
  ToySums sums_;
  Step reached_ = 0;
  Step next_turn_ = 0;
};

/// From opening to the end, whichever it is.
class Process {
 public:
  enum class End {
    done,  ///< every sweep has come to its end
    killed,
    stopped,  ///< as asked
    failed,   ///< the user lets a StorageError or his own exception end it
    refused   ///< the files cannot be gone on from: nothing was kept
  };
  explicit Process(Universe& universe);
  ~Process();
  End run();
  const Layout& layout() const { return layout_; }
  static Layout kept_layout();

 private:
  void open();
  std::unique_ptr<Tier> tier_in(std::unique_ptr<SimulatedFile>& file, Slots slots, std::size_t level);
  Config config_for();
  ScheduleKind any_kind();
  void sweeps();
  bool sweep();
  bool forward();
  bool resume();
  void open_kept(bool resume);
  void go_on(const std::string& identity, const Resumption& from);
  void begin_sweep();
  void look_around();
  bool reverse();
  void finish();
  void start_again();
  bool or_stop(const std::function<void()>& work);
  void has_stopped();
  void expect_progress(const Resumption& from);
  void expect_all_buffers_back();
  std::string identity();
  void write_phase(bool reverse);
  Problem problem() const;
  std::unique_ptr<Schedule> plan();
  std::unique_ptr<Schedule> plan_rest(const Standing& standing, const std::vector<bool>& retired);
  Step steps() const { return universe_.scenario.steps; }

  Universe& universe_;
  World& world_;
  CheckedToy toy_;
  State state_;
  State to_keep_;
  Operators operators_;
  Layout layout_;
  Config config_;
  Provision provision_;
  std::optional<RandomPlanner> planner_;
  std::unique_ptr<TierSet> tiers_;
  std::unique_ptr<Kept> kept_;
  std::unique_ptr<Executor> executor_;
  bool behind_the_seed_ = false;
  bool stop_asked_ = false;
  std::int64_t attempts_ = 0;  // the number of the sweep that is under way
};

}  // namespace cairn::test
