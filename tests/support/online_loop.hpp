// SPDX-License-Identifier: BSD-3-Clause
/// Loops of unknown length: on integers, planned by `online`; or ended at the right moment for whoever cannot.
#pragma once

#include <cairn/schedulers/online.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::test {

/// A loop that may end at any step: the schedule, and what it has done so far on integers.
class Loop {
 public:
  explicit Loop(const std::vector<Problem::LevelShape>& levels)
      : schedule_{std::make_unique<Online>(Online::Shape{.levels = levels})},
        replay_{Replay::of_unknown_steps(slots_of(Problem{.levels = levels, .stored = {}}))} {}

  /// Up to x_live, each Advance one step.
  void run_to(Step live) {
    while (*replay_.live() < live) {
      const auto action = schedule_->next();
      if (!action) throw IllegalAction{"next() ends before finish()"};
      if (const auto* advance = std::get_if<Advance>(&*action); advance && advance->steps.size() != 1)
        throw IllegalAction{"an advance of more than a step before finish(): " + to_string(*action)};
      replay_.apply(*action);
    }
  }

  /// What the whole plan has counted, were the loop to end here; it goes on all the same.
  PlanCounts ended() const {
    Replay replay = replay_;
    const auto schedule = schedule_->clone();
    const Step steps = *replay.live() + 1;
    schedule->finish(steps);
    replay.finish(steps);
    while (const auto action = schedule->next()) replay.apply(*action);
    if (!replay.finished()) throw IllegalAction{"the plan ends before all steps are turned"};
    return replay.counts();
  }

  Schedule& schedule() { return *schedule_; }
  const Replay& replay() const { return replay_; }

 private:
  std::unique_ptr<Schedule> schedule_;
  Replay replay_;
};

/// Ends the loop of an online schedule when x_{n−1} is reached, so that a Simulation can play it.
class EndedLoop final : public Schedule {
 public:
  EndedLoop(std::unique_ptr<Schedule> online, Step steps) : online_{std::move(online)}, steps_{steps} { end_at(0); }
  std::unique_ptr<Schedule> clone() const override {
    return std::unique_ptr<Schedule>{new EndedLoop{*this, online_->clone()}};
  }

 protected:
  std::size_t fill(std::span<Action> next) override {
    const auto action = online_->next();
    if (!action) return 0;
    next[0] = *action;
    if (const auto* advance = std::get_if<Advance>(&*action)) end_at(advance->steps.last);
    return 1;
  }

 private:
  EndedLoop(const EndedLoop& other, std::unique_ptr<Schedule> online)
      : Schedule{other}, online_{std::move(online)}, steps_{other.steps_}, ended_{other.ended_} {}
  void end_at(Step live) {
    if (std::exchange(ended_, ended_ || live == steps_ - 1) || !ended_) return;
    online_->finish(steps_);
  }

  std::unique_ptr<Schedule> online_;
  Step steps_;
  bool ended_ = false;
};

}  // namespace cairn::test
