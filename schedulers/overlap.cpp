// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hrevolve.hpp>
#include <cairn/schedulers/multistage.hpp>
#include <cairn/schedulers/nested_candidates.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

using Form = OverlapPlan::Form;

constexpr Step most_steps_of_short_runs = 500;
constexpr std::size_t most_under_way_at_fixed_positions = 3;  // a device that is slower than it was must not block all
constexpr Count most_table_work_of_all{20'000'000};           // 10 ms
constexpr Count most_table_work_of_a_price{5'000'000};        // 3 ms; there are twenty of them
constexpr Step most_steps_of_all_plans = 100'000;             // a simulation takes about 1 ms in 10^4 steps

std::size_t index(Level level) {
  return static_cast<std::size_t>(level.rank);
}

double best_period(const OverlapShape& shape, Level slow, bool watches) {
  const auto& speed = shape.machine.levels[index(slow)];
  const double read = (speed.load + 1) / (1 + shape.machine.turn_cost);
  const double room =
      static_cast<double>(shape.steps) / static_cast<double>(std::max<Slots>(1, shape.slots[index(slow)]));
  return std::max({1.0, watches ? 0.0 : speed.save, read, room});
}

/// H-Revolve's problem: copies are free, or cost what they take.
Problem problem_for(const OverlapShape& shape, const OverlapPlan& plan) {
  Problem problem{.steps = shape.steps, .levels = {}, .turn_cost = shape.machine.turn_cost, .stored = {}};
  const double out = plan.pays_copies ? shape.machine.copy_out : 0;
  const double in = plan.pays_copies ? shape.machine.copy_in : 0;
  for (std::size_t k = 0; k < shape.slots.size(); ++k) {
    const auto& speed = shape.machine.levels[k];
    const bool unused = k > 0 && plan.only && index(*plan.only) != k;
    problem.levels.push_back({.slots = k == 0   ? plan.ram
                                       : unused ? 0
                                                : shape.slots[k],
                              .save_cost = out + (k == 0 ? 0 : plan.save_price * speed.save),
                              .load_cost = in + (k == 0 ? 0 : plan.load_price * speed.load)});
  }
  return problem;
}

/// A portfolio for one shape.
class Portfolio {
 public:
  explicit Portfolio(const OverlapShape& shape) : shape_{shape}, s_{shape.machine.buffers} {}

  std::vector<OverlapPlan> plans() {
    add_all_levels();
    if (shape_.slots.size() < 3) return std::move(plans_);
    // Each slow level by itself, so that a further one never makes a plan longer.
    for (std::int32_t rank = 1; rank < static_cast<std::int32_t>(shape_.slots.size()); ++rank)
      if (shape_.slots[static_cast<std::size_t>(rank)] > 0) add_levels_of(Level{rank});
    for (NestedIntervals::Shape& nested : nested_candidates(shape_.steps, shape_.machine, shape_.slots))
      plans_.push_back({.form = Form::nested,
                        .slow = nested.slow.level,
                        .period = nested.slow.period,
                        .watches = true,
                        .nested = std::move(nested)});
    return std::move(plans_);
  }

 private:
  void add_levels_of(Level only) {
    only_ = only;
    add_level_forms();
    if (best_period(shape_, only, false) > static_cast<double>(s_ - 1) || shape_.steps <= most_steps_of_short_runs)
      add_prices();
    only_.reset();
  }

  void add_all_levels() {
    add_level_forms();
    for (std::int32_t rank = 1; rank < static_cast<std::int32_t>(shape_.slots.size()); ++rank)
      if (shape_.slots[static_cast<std::size_t>(rank)] > 0) add_level(Level{rank});
    if (!is_hidden()) add_prices();
  }

  void add_level_forms() {
    add_levels(1, 1);
    add_levels(1, 1, Form::least_advances);
    if (shape_.machine.copy_out + shape_.machine.copy_in > 0) {
      add_levels(1, 1, Form::least_advances, true);
      for (const double price : {1., .4, .1}) add_levels(price, price, Form::levels, true);
    }
  }

  void add_prices() {
    const bool few = shape_.steps <= most_steps_of_all_plans;
    for (const double price : few ? std::vector{.01, .03, .1, .2, .4, .7} : std::vector{.01, .1, .2})
      add_levels(price, price);
    if (few)
      for (const auto& [save, load] : {std::pair{.3, .05}, {.6, .1}, {.05, .3}, {.1, .6}}) add_levels(save, load);
  }

  void add_level(Level slow) {
    const double best = best_period(shape_, slow, false);
    const double opportune = best_period(shape_, slow, true);
    const bool few = shape_.steps <= most_steps_of_all_plans;
    for (const auto& [period, watches] : {std::pair{opportune, true}, {best, false}}) {
      add_intervals(slow, period, watches, tail_of(period));
      if (few) add_full_tails(slow, period, watches);
    }
    if (best <= static_cast<double>(s_ - 1) || !few) return;
    for (const double factor : {.5, .8, .9, 1.1, 1.25}) {
      const double period = std::max(1.0, best * factor);
      for (const Step tails : {1, 2, 4}) add_intervals(slow, period, false, tails * tail_of(period));
      for (const Slots spare : {1, 2}) add_starts_on_disk(slow, period, spare);
    }
  }

  // Intervals on the one slow level come within some .1 % of the bound: other plans are worth the time in short runs
  // only.
  bool is_hidden() const {
    return shape_.slots.size() == 2 && shape_.steps > most_steps_of_short_runs &&
           best_period(shape_, Level{1}, false) <= static_cast<double>(s_ - 1);
  }

  Step tail_of(double period) const { return std::max<Step>({1, s_ - 1, static_cast<Step>(std::ceil(period))}); }

  void add_interval_plan(OverlapPlan plan, Step tail, Slots ram, Slots tail_ram) {
    if (ram < 1) return;
    plan.form = Form::intervals;
    plan.tail = tail;
    plan.ram = ram;
    plan.tail_ram = std::max<Slots>(1, tail_ram);
    plans_.push_back(plan);
  }

  void add_intervals(Level slow, double period, bool watches, Step tail) {
    for (const Slots ram : {s_ - 2, s_ - 1, s_})
      add_interval_plan({.slow = slow, .period = period, .watches = watches}, tail, ram, ram == s_ ? s_ : s_ - 1);
  }

  // The tail has all buffers once the saves before it have ended: s of its states in them and one live.
  void add_full_tails(Level slow, double period, bool watches) {
    for (const Slots ram : {s_ - 1, s_})
      for (const Step tail : {s_, s_ + 1})
        add_interval_plan({.slow = slow, .period = period, .watches = watches}, tail, ram, s_);
  }

  void add_starts_on_disk(Level slow, double period, Slots spare) {
    if (shape_.slots[index(slow)] <= spare) return;
    for (const double price : {.1, .5, 1., 2., 4., 8.})
      plans_.push_back({.form = Form::starts_on_disk,
                        .slow = slow,
                        .period = std::max(period, static_cast<double>(shape_.steps) /
                                                       static_cast<double>(shape_.slots[index(slow)] - spare)),
                        .tail = tail_of(period),
                        .ram = std::max<Slots>(1, s_ - 1),
                        .tail_ram = std::max<Slots>(1, s_ - 1),
                        .spare = spare,
                        .save_price = price / std::max(1e-9, shape_.machine.levels[index(slow)].save),
                        .load_price = price / std::max(1e-9, shape_.machine.levels[index(slow)].load)});
  }

  void add_levels(double save, double load, Form form = Form::levels, bool pays_copies = false) {
    const Slots most = shape_.slots.size() == 1 ? s_ : s_ - 1;  // a slow level needs a buffer for its copies
    for (const Slots ram : {most - 1, most})
      if (ram >= 1 || (ram == 0 && most == 0))
        plans_.push_back({.form = form,
                          .ram = ram,
                          .save_price = save,
                          .load_price = load,
                          .pays_copies = pays_copies,
                          .only = only_});
  }

  const OverlapShape& shape_;
  Slots s_;
  std::optional<Level> only_;  // for plans of H-Revolve that are added now
  std::vector<OverlapPlan> plans_;
};

}  // namespace

std::string OverlapPlan::text() const {
  const auto tenths = [](double value) {
    std::string text = std::to_string(std::round(value * 10) / 10);
    return text.substr(0, text.find('.') + 2);
  };
  const auto percent = [](double share) { return std::to_string(std::lround(share * 100)) + " %"; };
  const std::string copies = pays_copies ? ", copies paid" : "";
  switch (form) {
    case Form::intervals:
      return (watches ? "intervals as the device allows, of at least " : "intervals of ") + tenths(period) +
             " steps on level " + std::to_string(slow.rank);
    case Form::starts_on_disk:
      return "intervals of " + tenths(period) + " steps on level " + std::to_string(slow.rank) +
             ", hrevolve inside them";
    case Form::levels: {
      if (save_price == 1 && load_price == 1) return "hrevolve as it is" + copies;
      return "hrevolve with saves at " + percent(save_price) + " and loads at " + percent(load_price) +
             " of their time" + copies;
    }
    case Form::least_advances: return "multistage" + copies;
    case Form::nested:
      return "intervals of about " + tenths(nested->slow.period) + " steps on level " +
             std::to_string(nested->slow.level.rank) + ", in them of about " + tenths(nested->fast.period) +
             " on level " + std::to_string(nested->fast.level.rank);
  }
  return {};
}

OverlapShape overlap_shape(const Problem& problem) {
  return {.steps = problem.steps, .machine = machine_of(problem), .slots = slots_of(problem)};
}

std::unique_ptr<Schedule> make_overlap(const OverlapShape& shape, const OverlapPlan& plan, Gauge gauge) {
  const bool as_it_is = plan.save_price == 1 && plan.load_price == 1 && !plan.pays_copies;
  const Count table_work = as_it_is ? most_table_work_of_all : most_table_work_of_a_price;
  if (plan.form == Form::levels)
    return std::make_unique<HRevolve>(HRevolve::Shape{shape.steps, problem_for(shape, plan).levels, table_work});
  if (plan.form == Form::least_advances)
    return std::make_unique<Multistage>(Multistage::Shape{shape.steps, problem_for(shape, plan).levels, table_work});
  if (plan.form == Form::nested) {
    NestedIntervals::Shape nested = plan.nested.value();
    nested.steps = shape.steps;
    nested.fast.slots = std::min(nested.fast.slots, shape.slots[index(nested.fast.level)]);
    nested.slow.slots = std::min(nested.slow.slots, shape.slots[index(nested.slow.level)]);
    nested.gauge = std::move(gauge);
    return std::make_unique<NestedIntervals>(std::move(nested));
  }
  IntervalPlan::Shape intervals = intervals_of(shape, plan);
  intervals.gauge = std::move(gauge);
  return std::make_unique<IntervalPlan>(std::move(intervals));
}

IntervalPlan::Shape intervals_of(const OverlapShape& shape, const OverlapPlan& plan) {
  if (plan.form != Form::intervals && plan.form != Form::starts_on_disk)
    throw std::invalid_argument{"a plan of intervals is needed, this is: " + plan.text()};
  IntervalPlan::Shape intervals{.steps = shape.steps,
                                .period = plan.period,
                                .tail = plan.tail,
                                .slots = plan.ram,
                                .tail_slots = plan.tail_ram,
                                .slow_slots = shape.slots[index(plan.slow)] - plan.spare,
                                .slow = plan.slow,
                                .most_under_way = plan.watches ? 1 : most_under_way_at_fixed_positions};
  if (plan.form == Form::starts_on_disk) {
    Problem inside = problem_for(shape, plan);
    for (std::size_t k = 1; k < inside.levels.size(); ++k)
      inside.levels[k].slots = k == index(plan.slow) ? 1 + plan.spare : 0;
    intervals.inside = std::make_shared<const Problem>(std::move(inside));
  }
  return intervals;
}

Timing simulate(const OverlapShape& shape, const OverlapPlan& plan) {
  Simulation simulation{shape.machine};
  return simulation.run(*make_overlap(shape, plan, simulation.gauge()));
}

std::vector<OverlapPlan> overlap_plans(const OverlapShape& shape) {
  if (!shape.machine.ram || shape.slots.size() != shape.machine.levels.size())
    throw std::invalid_argument{"overlap plans for levels of which the first is RAM, each with its slots"};
  return Portfolio{shape}.plans();
}

bool hides_storage(const OverlapShape& shape) {
  for (std::int32_t rank = 1; rank < static_cast<std::int32_t>(shape.slots.size()); ++rank)
    if (shape.slots[static_cast<std::size_t>(rank)] > 0 &&
        best_period(shape, Level{rank}, false) <= static_cast<double>(shape.machine.buffers - 1))
      return true;
  return false;
}

OverlapPlan plan_overlap(const OverlapShape& shape, const OverlapEffort& effort) {
  static_cast<void>(
      Simulation{shape.machine});  // refuses times that are none, before plans that do not fit are left out
  std::vector<OverlapPlan> plans = overlap_plans(shape);
  const bool hidden = hides_storage(shape);
  std::ranges::stable_partition(plans, [&](const OverlapPlan& plan) { return hidden && plan.watches; });
  const auto work = static_cast<double>(shape.steps);
  if (effort.most_work < work) return plans.front();
  const auto weight = [&](const OverlapPlan& plan) {
    return plan.watches ? plan.makespan * (1 - effort.for_watching) : plan.makespan;
  };
  double left = effort.most_work;
  OverlapPlan best;
  best.makespan = std::numeric_limits<double>::infinity();
  for (OverlapPlan& plan : plans) {
    if (left < work && !std::isinf(best.makespan)) break;
    try {
      plan.makespan = simulate(shape, plan).makespan;
    } catch (const std::logic_error&) {  // it has too few slots, or would wait for ever: no plan
      continue;
    }
    left -= work;
    if (weight(plan) < weight(best)) best = plan;
  }
  if (std::isinf(best.makespan)) throw std::invalid_argument{"no plan fits the slots"};
  return best;
}

}  // namespace cairn
