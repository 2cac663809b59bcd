// SPDX-License-Identifier: BSD-3-Clause
/// A loop of unknown length on integers, planned by `online`.
#pragma once

#include <cairn/schedulers/online.hpp>
#include <cairn/schedulers/replay.hpp>

#include <memory>
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

}  // namespace cairn::test
