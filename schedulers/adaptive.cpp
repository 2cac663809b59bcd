// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/adaptive.hpp>
#include <cairn/schedulers/first_steps.hpp>
#include <cairn/schedulers/joined_plan.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

constexpr Step fewest_first_steps = 3;  // the first of a process is often a slow one
constexpr Step most_first_steps = 64;
constexpr double plenty = 5000;  // first steps: of so many simulated steps' time, one is enough to measure
constexpr Step steps_between_looks = 4;
constexpr double part_between_looks = .02;  // most
constexpr double most_looking = .001;       // of the time of a run, where they are more seldom
constexpr double drift = 1.25;
constexpr double least_cost = .05;  // forward steps; below, a drift does not count
constexpr double least_gain = .98;  // of the time that is left: costs are never known exactly
// About so many are simulated for what is left; those of a reverse sweep in a fifth of the time that the others take.
constexpr double plans_of_a_first_sweep = 25;
constexpr double plans_of_a_reverse_sweep = 5;
constexpr double ways_on = 3;  // from the first steps: from x_0 again, from where it stands, x_0 in RAM or not
constexpr double worth_of_watching = .01;  // for the same reason
constexpr double most_planning = .02;      // of the time of a run

bool differ(double one, double other) {
  const double least = std::max(std::min(one, other), least_cost);
  return std::abs(one - other) > (drift - 1) * least;
}

}  // namespace

Adaptive::Adaptive(Shape shape, Costs& costs, std::function<Observed()> observe, Gauge gauge)
    : shape_{std::move(shape)}, costs_{costs}, observe_{std::move(observe)}, gauge_{std::move(gauge)} {
  choice_.kind = shape_.kind;
  shape_.problem.gauge = gauge_;
}

std::unique_ptr<Schedule> Adaptive::first() {
  if (shape_.problem.steps == 0) return plan_loop();
  const bool too_short = shape_.problem.steps <= 2 * fewest_first_steps;
  if (costs_.complete() || too_short) return plan_start();
  first_steps_ = true;
  next_look_ = 1;
  return std::make_unique<FirstSteps>(shape_.problem.steps);
}

std::unique_ptr<Schedule> Adaptive::go_on(const Standing& standing) {
  if (shape_.problem.steps == 0) return plan_loop(standing);
  planned_for_ = priced();
  ++plans_;
  next_look_ = steps_between_looks;
  turned_ = !standing.live;
  Standing now = standing;
  if (now.live) now.to_turn = shape_.problem.steps;
  choice_ = {};
  choice_.kind = ScheduleKind::overlap;
  try {
    const RestPlan plan = plan_rest(overlap_shape(planned_for_), now);
    choice_.reason = chosen_for_ = "resumed: " + plan.text;
    return plan.make(gauge_);
  } catch (const std::invalid_argument&) {  // too few buffers for any of these
    choice_.kind = ScheduleKind::hrevolve;
    choice_.reason = chosen_for_ = "resumed: hrevolve from what is stored";
    Problem problem = fitted(planned_for_, choice_.kind);
    problem.steps = now.to_turn;
    problem.stored = now.stored;
    return make_schedule(choice_.kind, problem);
  }
}

std::unique_ptr<Schedule> Adaptive::plan_loop(const Standing& standing) {
  planned_for_ = priced();
  ++plans_;
  choice_ = {};
  choice_.kind = ScheduleKind::overlap;
  choice_.reason = chosen_for_ = "the number of steps is not known; snapshots as the devices allow";
  Problem problem = planned_for_;
  problem.stored = standing.stored;
  problem.live = standing.live.value_or(0);
  return make_schedule(ScheduleKind::overlap, problem);
}

void Adaptive::sweep_begins() {
  costs_.begin(observe_());
}

// The last of these steps is turned when the reverse sweep begins.
void Adaptive::loop_ended(Step steps) {
  shape_.problem.steps = planned_for_.steps = steps;
}

// x_0 live, nothing stored.
std::unique_ptr<Schedule> Adaptive::plan_start() {
  choose();
  return chosen();
}

void Adaptive::choose() {
  planned_for_ = priced();
  ++plans_;
  next_look_ = seen_ + steps_between_looks;
  choose_kind();
  chosen_for_ = choice_.reason;
  if (shape_.overlaps && choice_.plan)
    spend(static_cast<double>(overlap_plans(overlap_shape(planned_for_)).size()), shape_.problem.steps);
}

std::unique_ptr<Schedule> Adaptive::chosen() const {
  if (choice_.kind != ScheduleKind::overlap)
    return make_schedule(choice_.kind, shape_.overlaps ? fitted(planned_for_, choice_.kind) : planned_for_);
  return make_overlap(overlap_shape(planned_for_), *choice_.plan, gauge_);
}

void Adaptive::choose_kind() {
  if (shape_.kind == ScheduleKind::automatic) {
    choice_ = shape_.overlaps ? choose_by_makespan(planned_for_, effort()) : choose_schedule(planned_for_);
    return;
  }
  choice_ = {};
  choice_.kind = shape_.kind;
  if (shape_.kind != ScheduleKind::overlap) return;
  choice_.plan = plan_overlap(overlap_shape(planned_for_), effort());
  choice_.reason = choice_.plan->text();
}

// After the first steps, x_0 at level 0. A plan that overlaps goes on from where it is, where that is better; any other
// starts again, for it is the plan that was asked for.
std::unique_ptr<Schedule> Adaptive::plan_after_first_steps(const Standing& standing) {
  first_steps_ = false;
  choose();
  if (choice_.kind == ScheduleKind::overlap) {
    Standing now = standing;
    now.to_turn = shape_.problem.steps;
    const OverlapShape shape = overlap_shape(planned_for_);
    const bool affordable = affordable_work() >= ways_on * static_cast<double>(now.to_turn);
    const RestPlan rest =
        affordable ? plan_rest(shape, now, choice_.plan) : rest_plans(shape, now, choice_.plan).front();
    return rest.make(gauge_);
  }
  std::vector<JoinedPlan::Part> parts;
  parts.push_back({chosen(), 0});
  const Level level = standing.stored.front().level;
  return std::make_unique<JoinedPlan>(std::vector<Action>{Restore{0, level}, Discard{0, level}}, std::move(parts));
}

bool Adaptive::is_due(bool turned) {
  const bool reverse_begins = turned && !std::exchange(turned_, turned);
  if (++seen_ == 1 && first_steps_) costs_.begin(observe_());  // the first step of all is often not typical
  if (seen_ < next_look_ && !reverse_begins) return false;
  if (first_steps_) {
    next_look_ = seen_ + 1;
    if (seen_ < fewest_first_steps || !knows_enough()) return false;
    costs_.see(observe_());
    return true;
  }
  if (!shape_.adapts) {
    next_look_ = limits::steps;
    return false;
  }
  next_look_ = seen_ + until_next_look();
  costs_.see(observe_());
  return reverse_begins || drifted();
}

// As often as is cheap: whoever looks late plans late.
Step Adaptive::until_next_look() const {
  const double step = costs_.step_time().value_or(0);
  const double turn = step * (1 + planned_for_.turn_cost);  // takes at least that
  const double cheap = shape_.step_of_plan / most_looking;  // a look takes a quarter of what such a step does
  const double most = part_between_looks * static_cast<double>(seen_);
  const double turns = cheap < most * turn ? cheap / turn : most;
  return std::max(steps_between_looks, static_cast<Step>(turns));
}

void Adaptive::sweep_ends() {
  costs_.see(observe_());
}

bool Adaptive::knows_enough() const {
  const Step most = std::min(most_first_steps, shape_.problem.steps / 4);
  return seen_ >= most || observe_().time >= plenty * shape_.step_of_plan;
}

bool Adaptive::drifted() const {
  const Problem now = priced();
  for (std::size_t k = 0; k < now.levels.size(); ++k)
    if (differ(now.levels[k].save_cost, planned_for_.levels[k].save_cost) ||
        differ(now.levels[k].load_cost, planned_for_.levels[k].load_cost))
      return true;
  return differ(now.turn_cost, planned_for_.turn_cost);
}

// Steps of plans that may still be simulated.
double Adaptive::affordable_work() const {
  if (shape_.step_of_plan <= 0) return std::numeric_limits<double>::infinity();
  const double step = costs_.step_time().value_or(0);
  const double whole = step * (2 + planned_for_.turn_cost) * static_cast<double>(shape_.problem.steps);
  return most_planning * whole / shape_.step_of_plan - spent_work_;
}

// `plans` of so many steps were simulated, or as many as could be afforded.
void Adaptive::spend(double plans, Step steps) {
  spent_work_ += std::min(plans * static_cast<double>(steps), std::max(0.0, affordable_work()));
}

OverlapEffort Adaptive::effort() const {
  return {.most_work = affordable_work(), .for_watching = shape_.adapts ? worth_of_watching : 0};
}

bool Adaptive::is_worth_planning(const Standing& standing) const {
  const double plans = standing.live ? plans_of_a_first_sweep : plans_of_a_reverse_sweep;
  const Step left = standing.live ? shape_.problem.steps - *standing.live : standing.to_turn;
  return plans * static_cast<double>(left) <= affordable_work();
}

std::unique_ptr<Schedule> Adaptive::plan_anew(const Standing& standing, const Schedule& rest) {
  if (first_steps_) return plan_after_first_steps(standing);
  if (!is_worth_planning(standing)) return nullptr;
  spend(standing.live ? plans_of_a_first_sweep : plans_of_a_reverse_sweep,
        standing.live ? shape_.problem.steps - *standing.live : standing.to_turn);
  return plan_rest_of(standing, rest);
}

std::unique_ptr<Schedule> Adaptive::plan_rest_of(const Standing& standing, const Schedule& rest) {
  planned_for_ = priced();
  const OverlapShape shape = overlap_shape(planned_for_);
  Standing now = standing;
  if (now.live) now.to_turn = shape_.problem.steps;
  RestPlan plan;
  try {
    plan = plan_rest(shape, now);
  } catch (const std::invalid_argument&) {  // no other fits what is stored
    return nullptr;
  }
  if (!now.live) {
    const double as_it_is = time_rest(shape, now, rest);
    if (plan.makespan > least_gain * as_it_is) return nullptr;
  }
  ++plans_;
  choice_.reason = chosen_for_ + "; planned anew: " + plan.text;
  return plan.make(gauge_);
}

}  // namespace cairn
