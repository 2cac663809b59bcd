// SPDX-License-Identifier: BSD-3-Clause
/// Plans by costs that are measured while the run is under way.
#pragma once

#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/costs.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/planner.hpp>
#include <cairn/schedulers/rest_plan.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// The plan of one sweep, made when its costs are known, and made anew from the snapshots that exist when they turn out
/// to be others.
///
/// Where costs are missing the first steps (first_steps.hpp) are run before anything is planned: three of them, more
/// where they are short, and at most a quarter of the run. Then the schedule of the kind asked for goes on from there.
///
/// A loop whose length is not known (overlap_online.hpp) needs no costs before its reverse sweep; that is planned by
/// those that were measured in the first one.
///
/// Where it may adapt, it goes on looking: every fourth turn or part of an advance; where that would take more than a
/// thousandth of the run, more seldom, but after a fiftieth of the turns and parts that were. When a cost that counts
/// has drifted by more than 25 %, and when the reverse sweep begins, the plans of rest_plan.hpp are simulated beside
/// the present one, and the best goes on. Planning takes at most about a fiftieth of the run.
class Adaptive final : public Planner {
 public:
  struct Shape {
    Problem problem;          ///< n steps, slots, devices, buffers; its costs are not read
    ScheduleKind kind;        ///< `automatic` chooses among all
    bool overlaps;            ///< an asynchronous executor will carry it out, level 0 is RAM, and others are there
    bool adapts;              ///< needs `overlaps`
    double step_of_plan = 0;  ///< the time to simulate one step of a plan, in the unit of Observed
  };
  /// `costs` are those known before, and learn; `observe` tells what the run has taken. All must outlive it, and the
  /// schedules that it makes.
  Adaptive(Shape shape, Costs& costs, std::function<Observed()> observe, Gauge gauge);

  /// What the sweep begins with: the whole plan, or the first steps. Throws what make_schedule() throws.
  std::unique_ptr<Schedule> first();

  /// What a sweep goes on with of which a part was done before; its costs are those that are known. A loop whose length
  /// is not known, where the problem has no steps: x_live is live.
  std::unique_ptr<Schedule> go_on(const Standing& standing);

  void sweep_begins() override;
  void loop_ended(Step steps) override;
  bool is_due(bool turned) override;
  std::unique_ptr<Schedule> plan_anew(const Standing& standing, const Schedule& rest) override;

  /// Learns from the rest of the sweep.
  void sweep_ends();

  /// What was chosen, why, and what the last plan made anew does; before the first plan is made of the kind asked for
  /// alone.
  const Choice& choice() const { return choice_; }
  int plans() const { return plans_; }  ///< made so far
  /// The problem at the costs that are known now.
  Problem priced() const { return costs_.priced(shape_.problem); }

 private:
  std::unique_ptr<Schedule> plan_loop(const Standing& standing = {.to_turn = 0, .live = {}, .stored = {}});
  std::unique_ptr<Schedule> plan_start();
  std::unique_ptr<Schedule> chosen() const;
  std::unique_ptr<Schedule> plan_after_first_steps(const Standing& standing);
  std::unique_ptr<Schedule> plan_rest_of(const Standing& standing, const Schedule& rest);
  void choose();
  void choose_kind();
  bool knows_enough() const;
  bool drifted() const;
  Step until_next_look() const;
  bool is_worth_planning(const Standing& standing) const;
  double affordable_work() const;
  void spend(double plans, Step steps);
  OverlapEffort effort() const;

  Shape shape_;
  Costs& costs_;
  std::function<Observed()> observe_;
  Gauge gauge_;
  Choice choice_;
  std::string chosen_for_;  // the reason, before plans were made anew
  Problem planned_for_;     // the costs of the present plan
  bool first_steps_ = false;
  bool turned_ = false;  // the reverse sweep has begun
  Step seen_ = 0;        // turns and parts of advances
  Step next_look_ = 0;   // at so many of them
  int plans_ = 0;
  double spent_work_ = 0;  // steps of plans that were simulated
};

}  // namespace cairn
