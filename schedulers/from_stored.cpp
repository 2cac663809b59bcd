// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/from_stored.hpp>
#include <cairn/schedulers/level_splits.hpp>
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/periodic.hpp>
#include <cairn/schedulers/shifted.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

using Stored = Problem::Stored;

template <typename AnyProblem>
auto& shape_of(AnyProblem& problem, Level level) {
  return problem.levels[static_cast<std::size_t>(level.rank)];
}

bool is_planned_as_a_run(ScheduleKind kind) {
  return kind == ScheduleKind::periodic || kind == ScheduleKind::store_all;
}

bool weighs_storage(ScheduleKind kind) {
  return kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve || kind == ScheduleKind::overlap;
}

LevelCosts costs_of(ScheduleKind kind, Problem gap, Level start) {
  if (weighs_storage(kind)) return priced(gap);
  if (kind == ScheduleKind::revolve)
    for (std::size_t k = 1; k < gap.levels.size(); ++k)
      gap.levels[k].slots = static_cast<std::size_t>(start.rank) == k ? 1 : 0;
  return priced_for_least_advances(gap);
}

/// Where a snapshot is further from the one before than this many of its loads, and than the advances that one slot
/// more would spare behind it, it is kept without a look. In 600 random problems of up to 300 steps that costs .01 %.
constexpr double most_loads_apart = 4;
constexpr Step most_repetitions = 2000;  // of a step, in a gap that is planned for its cost; beyond, that takes seconds

double advances_spared_by_a_slot(Step steps, Slots slots) {
  return static_cast<double>(least_advances(steps, slots).value()) -
         static_cast<double>(least_advances(steps, slots + 1).value());
}

/// How a gap that is no run of its own is turned.
struct PlanOfGap {
  std::shared_ptr<const LevelPlan> plan;
  std::shared_ptr<const StoredStart> decides;  // nullptr where the start lies at the slowest level of the plan

  PlanOfGap(const LevelCosts& costs, Level start, Step steps, Count table_work)
      : plan{best_level_plan(costs, steps, table_work)} {
    if (plan->costs().levels.back().level != start) decides = std::make_shared<const StoredStart>(plan, start);
  }

  /// In forward steps; the first restore and turns apart. Infinite where storage was not weighed, for lack of slots.
  double cost(Step steps) const {
    if (dynamic_cast<const LevelSplits*>(plan.get())) return std::numeric_limits<double>::infinity();
    const auto& levels = plan->costs().levels;
    const Cost units =
        decides ? decides->cost(steps) : plan->stored_cost(levels.size() - 1, steps, levels.back().slots);
    return static_cast<double>(units) / plan->costs().units;
  }
};

}  // namespace

FromStored::FromStored(ScheduleKind kind, Problem problem)
    : kind_{kind}, problem_{std::move(problem)}, to_turn_{problem_.steps} {
  if (kind == ScheduleKind::automatic || kind == ScheduleKind::online)
    throw std::invalid_argument{std::string{name_of(kind)} + " has no plan from stored snapshots; hrevolve has"};
  check(problem_);
  drop_useless();
  if (weighs_storage(kind_)) drop_dear();
  if (is_planned_as_a_run(kind_)) check_gaps();
}

FromStored::FromStored(const FromStored& other)
    : Schedule{other},
      kind_{other.kind_},
      problem_{other.problem_},
      useless_{other.useless_},
      to_turn_{other.to_turn_},
      gap_{other.gap_} {
  if (gap_ && gap_->run) gap_->run = gap_->run->clone();
}

std::unique_ptr<Schedule> FromStored::clone() const {
  return std::make_unique<FromStored>(*this);
}

void FromStored::drop_useless() {
  auto& stored = problem_.stored;
  std::sort(stored.begin(), stored.end(), [&](const Stored& a, const Stored& b) {
    if (a.step != b.step) return a.step < b.step;
    const double load_a = shape_of(problem_, a.level).load_cost;
    const double load_b = shape_of(problem_, b.level).load_cost;
    return load_a != load_b ? load_a < load_b : a.level < b.level;
  });
  std::vector<Stored> used;
  for (const Stored& one : stored)
    (one.step >= problem_.steps || (!used.empty() && used.back().step == one.step) ? useless_ : used).push_back(one);
  stored = std::move(used);
}

// From the last one back; a snapshot goes where its gap and the one before it cost less as one.
void FromStored::drop_dear() {
  auto& stored = problem_.stored;
  const Count table_work = most_table_work / (2 * stored.size());
  std::vector<Stored> kept;
  Step end = problem_.steps;
  for (; stored.size() > 1; stored.pop_back()) {
    const bool drops = last_is_dear(end, table_work);
    (drops ? useless_ : kept).push_back(stored.back());
    if (!drops) end = stored.back().step;
  }
  stored.insert(stored.end(), kept.rbegin(), kept.rend());
}

bool FromStored::last_is_dear(Step end, Count table_work) const {
  const std::size_t last = problem_.stored.size() - 1;
  const Step before = problem_.stored[last - 1].step;
  const auto& [step, level] = problem_.stored[last];
  const double spared =
      most_loads_apart * shape_of(problem_, level).load_cost + advances_spared_by_a_slot(end - step, free_slots(last));
  if (static_cast<double>(step - before) > spared) return false;
  if (repetitions(end - step, free_slots(last)) > most_repetitions) return true;
  const bool by_tables = LevelTable::work(priced(gap_problem(last - 1, end)), end - before) <= table_work;
  const Count work = by_tables ? table_work : Count{};  // all three alike
  return gap_cost(last - 1, end, work) < gap_cost(last - 1, step, work) + gap_cost(last, end, work);
}

// When the gap is turned, its own among them.
Slots FromStored::free_slots(std::size_t gap) const {
  Slots slots = 0;
  for (const auto& level : problem_.levels) slots = std::min(limits::steps, slots + level.slots);
  return slots - static_cast<Slots>(gap);
}

// In forward steps, turns apart. Infinite where slots are so few that it is not worth planning.
double FromStored::gap_cost(std::size_t gap, Step end, Count table_work) const {
  const auto& [step, level] = problem_.stored[gap];
  const double load = shape_of(problem_, level).load_cost;
  if (end - step == 1) return load;
  if (repetitions(end - step, free_slots(gap)) > most_repetitions) return std::numeric_limits<double>::infinity();
  return load + PlanOfGap{priced(gap_problem(gap, end)), level, end - step, table_work}.cost(end - step);
}

void FromStored::check_gaps() const {
  Step end = problem_.steps;
  for (std::size_t gap = problem_.stored.size(); gap-- > 0; end = problem_.stored[gap].step)
    static_cast<void>(make_schedule(kind_, gap_problem(gap, end)));
}

// The slots that are free when the gap behind this snapshot is turned, its own among them.
Problem FromStored::gap_problem(std::size_t gap, Step end) const {
  Problem problem = problem_;
  problem.stored.clear();
  problem.steps = end - problem_.stored[gap].step;
  if (kind_ == ScheduleKind::periodic && !problem.period && problem.levels.back().slots > 0)
    problem.period = default_period(problem_.steps, problem.levels.back().slots);
  for (std::size_t earlier = 0; earlier < gap; ++earlier) --shape_of(problem, problem_.stored[earlier].level).slots;
  return problem;
}

Action* FromStored::open_gap(Action* out) {
  const std::size_t last = problem_.stored.size() - 1;
  const Stored start = problem_.stored.back();
  Gap gap{.start = start, .steps = to_turn_ - start.step, .decides = nullptr, .walk = {}, .run = nullptr};
  *out++ = Restore{start.step, start.level};
  const Problem free = gap_problem(last, to_turn_);
  if (gap.steps == 1 || is_planned_as_a_run(kind_)) {
    *out++ = Discard{start.step, start.level};
    gap.run = make_schedule(gap.steps == 1 ? ScheduleKind::store_all : kind_, free);
  } else {
    const Count work = most_table_work / problem_.stored.size();
    PlanOfGap planned{costs_of(kind_, free, start.level), start.level, gap.steps, work};
    gap.decides = std::move(planned.decides);
    if (!gap.decides) gap.walk.emplace(std::move(planned.plan)).start_stored(start.step, gap.steps);
  }
  gap_ = std::move(gap);
  to_turn_ = start.step;
  problem_.stored.pop_back();
  return out;
}

// Between the parts of a gap, its start live.
Action* FromStored::go_on(Gap& gap, Action* out) {
  const Step first = gap.start.step;
  const Step left = gap.decides->split(gap.steps);
  if (left == 0) {
    *out++ = Discard{first, gap.start.level};
    gap.walk.emplace(gap.decides->instead()).start(first, gap.steps);
    gap.decides.reset();
    return out;
  }
  *out++ = Advance{{first, first + left}};
  gap.walk.emplace(gap.decides->beside()).start(first + left, gap.steps - left);
  gap.steps = left;
  return out;
}

std::size_t FromStored::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  while (end - out >= static_cast<std::ptrdiff_t>(LevelWalk::least_room)) {
    if (!useless_.empty()) {
      *out++ = Discard{useless_.back().step, useless_.back().level};
      useless_.pop_back();
    } else if (!gap_) {
      if (to_turn_ == 0) break;
      out = open_gap(out);
    } else if (gap_->run) {
      const std::optional<Action> action = gap_->run->next();
      if (action)
        *out++ = shifted(*action, gap_->start.step);
      else
        gap_.reset();
    } else if (!gap_->walk) {
      out = go_on(*gap_, out);
    } else if (const std::size_t written = gap_->walk->fill({out, static_cast<std::size_t>(end - out)})) {
      out += written;
    } else if (gap_->decides) {
      gap_->walk.reset();
      *out++ = Restore{gap_->start.step, gap_->start.level};
    } else {
      gap_.reset();
    }
  }
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
