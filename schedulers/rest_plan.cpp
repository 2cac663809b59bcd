// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/from_stored.hpp>
#include <cairn/schedulers/joined_plan.hpp>
#include <cairn/schedulers/rest_plan.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

using Stored = Problem::Stored;

constexpr Level ram{0};
constexpr Step most_repetitions_in_ram = 20;      // of a step; beyond, it is no plan, and takes long to simulate
constexpr Step most_steps_of_all_plans = 20'000;  // from_stored takes some microseconds a gap

std::size_t index(Level level) {
  return static_cast<std::size_t>(level.rank);
}

std::string percent(double share) {
  return std::to_string(static_cast<int>(share * 100 + .5)) + " %";
}

/// Plans of a reverse sweep.
class ReversePlans {
 public:
  ReversePlans(const OverlapShape& shape, Step to_turn, std::vector<Stored> stored)
      : shape_{shape}, to_turn_{to_turn}, s_{shape.machine.buffers} {
    std::ranges::sort(stored, [&](const Stored& a, const Stored& b) {
      if (a.step != b.step) return a.step < b.step;
      const double load_a = load_of(a.level), load_b = load_of(b.level);
      return load_a != load_b ? load_a < load_b : a.level < b.level;
    });
    for (const Stored& one : stored)
      (one.step >= to_turn || (!used_.empty() && used_.back().step == one.step) ? useless_ : used_).push_back(one);
  }

  std::vector<RestPlan> plans() {
    for (const Slots slots : {s_ - 1, s_ - 2, s_}) add_intervals(used_, slots, "the snapshots that are there");
    add_thinned();
    if (to_turn_ > most_steps_of_all_plans) return std::move(plans_);
    for (const double price : {1., .5, .3, .1, .03}) add_levels(ScheduleKind::hrevolve, price);
    add_levels(ScheduleKind::multistage, 1);
    return std::move(plans_);
  }

 private:
  double load_of(Level level) const { return level == ram ? 0 : shape_.machine.levels[index(level)].load; }

  void add_intervals(const std::vector<Stored>& stored, Slots slots, const std::string& text) {
    if (slots < 1) return;
    StoredIntervals::Shape intervals{
        .steps = to_turn_, .stored = stored, .useless = useless_, .slots = slots, .ram_slots = s_, .inside = {}};
    for (const Stored& one : used_)
      if (!std::ranges::binary_search(stored, one.step, {}, &Stored::step)) intervals.useless.push_back(one);
    plans_.push_back({text, [intervals](const Gauge&) { return std::make_unique<StoredIntervals>(intervals); }});
  }

  // Loads of one snapshot while the steps up to the next are turned, and not more.
  void add_thinned() {
    for (const double factor : {.7, 1., 1.4, 2., 4., 8.}) {
      std::vector<Stored> kept;
      Step end = to_turn_;
      for (auto one = used_.rbegin(); one != used_.rend(); ++one) {
        const double room = factor * (load_of(one->level) + 1) / (1 + shape_.machine.turn_cost);
        const bool is_last = one->step == 0;
        if (one->level != ram && !is_last && static_cast<double>(end - one->step) < room) continue;
        kept.push_back(*one);
        end = one->step;
      }
      std::ranges::reverse(kept);
      if (kept.size() == used_.size()) continue;
      for (const Slots slots : {s_ - 1, s_ - 2})
        add_intervals(
            kept, slots,
            std::to_string(kept.size()) + " of " + std::to_string(used_.size()) + " snapshots that are there");
    }
  }

  void add_levels(ScheduleKind kind, double price) {
    Problem problem{.steps = to_turn_, .levels = {}, .turn_cost = shape_.machine.turn_cost, .stored = used_};
    for (std::size_t k = 0; k < shape_.slots.size(); ++k) {
      const auto& speed = shape_.machine.levels[k];
      const auto held = std::ranges::count(used_, ram, &Stored::level);
      problem.levels.push_back({.slots = k == 0 ? std::max<Slots>(held, s_ - 1) : shape_.slots[k],
                                .save_cost = k == 0 ? 0 : price * speed.save,
                                .load_cost = k == 0 ? 0 : price * speed.load});
    }
    std::vector<Action> before;
    for (const Stored& one : useless_) before.push_back(Discard{one.step, one.level});
    plans_.push_back({std::string{name_of(kind)} + " from what is there, storage at " + percent(price),
                      [kind, problem, before](const Gauge&) -> std::unique_ptr<Schedule> {
                        auto schedule = std::make_unique<FromStored>(kind, problem);
                        if (before.empty()) return schedule;
                        std::vector<JoinedPlan::Part> parts;
                        parts.push_back({std::move(schedule), 0});
                        return std::make_unique<JoinedPlan>(before, std::move(parts));
                      }});
  }

  const OverlapShape& shape_;
  Step to_turn_;
  Slots s_;
  std::vector<Stored> used_, useless_;
  std::vector<RestPlan> plans_;
};

/// Plans of a first sweep that stands at x_live.
class ForwardPlans {
 public:
  ForwardPlans(const OverlapShape& shape, const Standing& standing, const std::optional<OverlapPlan>& known)
      : shape_{shape}, stored_{standing.stored}, live_{*standing.live}, known_{known} {
    std::ranges::sort(stored_, {}, &Stored::step);
  }

  std::vector<RestPlan> plans() {
    if (stored_.size() == 1) add_fresh_start();
    const bool moved = add_moved();
    if (!(moved && known_)) add_going_on({}, stored_);
    add_from_ram();
    return std::move(plans_);
  }

 private:
  /// The shape of steps `live_` … n−1, for the slots and buffers that `held` leaves.
  OverlapShape ahead(const std::vector<Stored>& held) const {
    OverlapShape shape = shape_;
    shape.steps -= live_;
    for (const Stored& one : held) one.level == ram ? --shape.machine.buffers : --shape.slots[index(one.level)];
    shape.slots[0] = shape.machine.buffers;
    return shape;
  }

  void add_fresh_start() {
    const Stored start = stored_.front();
    const OverlapPlan plan = known_ ? *known_ : plan_overlap(shape_);
    plans_.push_back({plan.text(), [shape = shape_, plan, start](const Gauge& gauge) {
                        std::vector<JoinedPlan::Part> parts;
                        parts.push_back({make_overlap(shape, plan, gauge), 0});
                        return std::make_unique<JoinedPlan>(
                            std::vector<Action>{Restore{0, start.level}, Discard{0, start.level}}, std::move(parts));
                      }});
  }

  void add_going_on(const std::vector<Action>& before, const std::vector<Stored>& held) {
    const OverlapShape shape = ahead(held);
    if (shape.machine.buffers < 2 || std::ranges::any_of(shape.slots, [](Slots slots) { return slots < 0; })) return;
    try {
      const bool same_buffers = shape.machine.buffers == shape_.machine.buffers;
      const OverlapPlan plan = known_ && same_buffers ? *known_ : plan_overlap(shape);
      if (plan.form == OverlapPlan::Form::intervals) return add_intervals_going_on(plan, before, held);
      StoredIntervals::Shape intervals{.steps = live_, .stored = {}, .slots = 1, .inside = {}};
      for (const Stored& one : held)
        (intervals.stored.empty() || intervals.stored.back().step != one.step ? intervals.stored : intervals.useless)
            .push_back(one);
      intervals.slots = std::max<Slots>(1, shape_.machine.buffers - 1);
      plans_.push_back({plan.text(), [shape, plan, before, intervals, live = live_](const Gauge& gauge) {
                          std::vector<JoinedPlan::Part> parts;
                          parts.push_back({make_overlap(shape, plan, gauge), live});
                          parts.push_back({std::make_unique<StoredIntervals>(intervals), 0});
                          return std::make_unique<JoinedPlan>(before, std::move(parts));
                        }});
    } catch (const std::invalid_argument&) {  // no plan fits what is left
    }
  }

  // The same sweep goes on, with the positions that it has.
  void add_intervals_going_on(const OverlapPlan& plan, const std::vector<Action>& before,
                              const std::vector<Stored>& held) {
    IntervalPlan::Shape intervals = intervals_of(shape_, plan);
    const Slots in_ram = std::ranges::count(held, ram, &Stored::level);
    intervals.slots += in_ram;  // the plan was made for the rest of RAM; these are free one by one
    intervals.tail_slots += in_ram;
    add_from(std::move(intervals), before, held, plan.text());
  }

  void add_from(IntervalPlan::Shape intervals, const std::vector<Action>& before, const std::vector<Stored>& held,
                const std::string& text) {
    intervals.live = live_;
    for (const Stored& one : held)
      (intervals.kept.empty() || intervals.kept.back().step != one.step ? intervals.kept : intervals.useless)
          .push_back(one);
    plans_.push_back({text, [intervals, before](const Gauge& gauge) {
                        IntervalPlan::Shape watched = intervals;
                        watched.gauge = gauge;
                        std::vector<JoinedPlan::Part> parts;
                        parts.push_back({std::make_unique<IntervalPlan>(std::move(watched)), 0});
                        return std::make_unique<JoinedPlan>(before, std::move(parts));
                      }});
  }

  // Nothing more goes to a slow level: the steps to come are turned from the RAM that is free.
  void add_from_ram() {
    const Slots free = shape_.machine.buffers - std::ranges::count(stored_, ram, &Stored::level);
    const Step ahead = shape_.steps - live_;
    if (free < 1 || repetitions(ahead, free) > most_repetitions_in_ram) return;
    IntervalPlan::Shape intervals{.steps = shape_.steps,
                                  .period = 1,
                                  .tail = 1,
                                  .slots = std::max<Slots>(1, shape_.machine.buffers - 1),
                                  .tail_slots = shape_.machine.buffers,
                                  .slow_slots = 0};
    add_from(std::move(intervals), {}, stored_, "the steps to come from RAM");
  }

  // RAM is for the steps to come: what lies there goes to the first slow level that has room.
  bool add_moved() {
    std::vector<Stored> held = stored_;
    std::vector<Slots> free = shape_.slots;
    for (const Stored& one : held)
      if (one.level != ram) --free[index(one.level)];
    std::vector<Action> moves;
    for (Stored& one : held) {
      if (one.level != ram) continue;
      const auto room = std::find_if(free.begin() + 1, free.end(), [](Slots slots) { return slots > 0; });
      if (room == free.end()) return false;
      --*room;
      const Level to{static_cast<std::int32_t>(room - free.begin())};
      if (std::ranges::find(stored_, Stored{one.step, to}) != stored_.end()) return false;
      moves.push_back(Move{one.step, ram, to});
      one.level = to;
    }
    if (moves.empty()) return false;
    add_going_on(moves, held);
    return true;
  }

  const OverlapShape& shape_;
  std::vector<Stored> stored_;
  Step live_;
  const std::optional<OverlapPlan>& known_;
  std::vector<RestPlan> plans_;
};

}  // namespace

std::vector<RestPlan> rest_plans(const OverlapShape& shape, const Standing& standing,
                                 const std::optional<OverlapPlan>& known) {
  if (standing.live) return ForwardPlans{shape, standing, known}.plans();
  return ReversePlans{shape, standing.to_turn, standing.stored}.plans();
}

double time_rest(const OverlapShape& shape, const Standing& standing, const RestPlan& plan) {
  Simulation simulation{shape.machine};
  simulation.begin_with(standing.stored, standing.live);
  return simulation.run(*plan.make(simulation.gauge())).makespan;
}

double time_rest(const OverlapShape& shape, const Standing& standing, const Schedule& rest) {
  Simulation simulation{shape.machine};
  simulation.begin_with(standing.stored, standing.live);
  return simulation.run(*rest.clone()).makespan;
}

RestPlan plan_rest(const OverlapShape& shape, const Standing& standing, const std::optional<OverlapPlan>& known) {
  RestPlan best;
  best.makespan = std::numeric_limits<double>::infinity();
  for (RestPlan& plan : rest_plans(shape, standing, known)) {
    try {
      plan.makespan = time_rest(shape, standing, plan);
    } catch (const std::logic_error&) {  // it has too few slots, or would wait for ever: no plan
      continue;
    }
    if (plan.makespan < best.makespan) best = std::move(plan);
  }
  if (!best.make) throw std::invalid_argument{"no plan for the rest of the run fits the slots"};
  return best;
}

}  // namespace cairn
