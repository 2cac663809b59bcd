// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/from_stored.hpp>
#include <cairn/schedulers/shifted.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

using Stored = Problem::Stored;

Problem::LevelShape& shape_of(Problem& problem, Level level) {
  return problem.levels[static_cast<std::size_t>(level.rank)];
}

bool is_planned_as_a_run(ScheduleKind kind) {
  return kind == ScheduleKind::periodic || kind == ScheduleKind::store_all;
}

LevelCosts costs_of(ScheduleKind kind, Problem gap, Level start) {
  if (kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve) return priced(gap);
  if (kind == ScheduleKind::revolve)
    for (std::size_t k = 1; k < gap.levels.size(); ++k)
      gap.levels[k].slots = static_cast<std::size_t>(start.rank) == k ? 1 : 0;
  return priced_for_least_advances(gap);
}

}  // namespace

FromStored::FromStored(ScheduleKind kind, Problem problem)
    : kind_{kind}, problem_{std::move(problem)}, to_turn_{problem_.steps} {
  if (kind == ScheduleKind::automatic || kind == ScheduleKind::online)
    throw std::invalid_argument{std::string{name_of(kind)} + " has no plan from stored snapshots; hrevolve has"};
  check(problem_);
  drop_useless();
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

void FromStored::check_gaps() const {
  Step end = problem_.steps;
  for (std::size_t gap = problem_.stored.size(); gap-- > 0; end = problem_.stored[gap].step) {
    Problem run = gap_problem(gap);
    run.steps = end - problem_.stored[gap].step;
    static_cast<void>(make_schedule(kind_, run));
  }
}

// The slots that are free when the gap behind this snapshot is turned, its own among them.
Problem FromStored::gap_problem(std::size_t gap) const {
  Problem problem = problem_;
  problem.stored.clear();
  problem.steps = to_turn_ - problem_.stored[gap].step;
  if (kind_ == ScheduleKind::periodic && !problem.period && problem.levels.back().slots > 0)
    problem.period = (problem_.steps - 1) / problem.levels.back().slots + 1;
  for (std::size_t earlier = 0; earlier < gap; ++earlier) --shape_of(problem, problem_.stored[earlier].level).slots;
  return problem;
}

Action* FromStored::open_gap(Action* out) {
  const std::size_t last = problem_.stored.size() - 1;
  const Stored start = problem_.stored.back();
  Gap gap{.start = start, .steps = to_turn_ - start.step, .decides = nullptr, .walk = {}, .run = nullptr};
  *out++ = Restore{start.step, start.level};
  const Problem free = gap_problem(last);
  if (gap.steps == 1 || is_planned_as_a_run(kind_)) {
    *out++ = Discard{start.step, start.level};
    gap.run = make_schedule(gap.steps == 1 ? ScheduleKind::store_all : kind_, free);
  } else {
    const Count work = most_table_work / problem_.stored.size();
    auto plan = best_level_plan(costs_of(kind_, free, start.level), gap.steps, work);
    if (plan->costs().levels.back().level == start.level)
      gap.walk.emplace(std::move(plan)).start_stored(start.step, gap.steps);
    else
      gap.decides = std::make_shared<const StoredStart>(std::move(plan), start.level);
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
