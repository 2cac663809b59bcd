// SPDX-License-Identifier: BSD-3-Clause
// How a process goes on, and by which plans.
#include "process.hpp"
#include <cairn/core/run_identity.hpp>
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/recorded_plan.hpp>
#include <cairn/schedulers/rest_plan.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn::test {
namespace {

std::unique_ptr<Schedule> nothing_to_do() {
  return std::make_unique<RecordedPlan>(std::make_shared<const std::vector<Action>>());
}

/// Any of the plans that fit and come to their end, as plan_rest() would find; nullptr: none does.
std::unique_ptr<Schedule> any_rest_plan(Random& random, const Problem& problem, const Standing& standing) {
  const OverlapShape shape = overlap_shape(problem);
  std::vector<RestPlan> plans = rest_plans(shape, standing);
  while (!plans.empty()) {
    const auto chosen = plans.begin() + static_cast<std::ptrdiff_t>(random.below(plans.size()));
    try {
      time_rest(shape, standing, *chosen);
      return chosen->make(problem.gauge);
    } catch (const std::exception&) {  // does not fit
      plans.erase(chosen);
    }
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Schedule> RandomPlanner::plan_anew(const Standing& standing, const Schedule&) {
  Standing now = standing;
  const Problem problem = problem_();
  if (now.live) now.to_turn = problem.steps;
  return any_rest_plan(world_->random, problem, now);
}

Problem Process::problem() const {
  Problem problem = problem_of(config_, provision_, steps() + 1);
  for (std::size_t k = 0; k < problem.levels.size(); ++k)
    if (const auto device = tiers_->at(Level{static_cast<std::int32_t>(k)}).device())
      problem.levels[k].device = static_cast<std::size_t>(*device);
  problem.gauge = [this](Level level) { return executor_->saves_under_way(level); };
  return problem;
}

std::unique_ptr<Schedule> Process::plan() {
  const Problem problem = this->problem();
  if (config_.schedule == ScheduleKind::overlap) {
    const OverlapShape shape = overlap_shape(problem);
    const std::vector<OverlapPlan> plans = overlap_plans(shape);
    if (!plans.empty()) return make_overlap(shape, plans[world_.random.below(plans.size())], problem.gauge);
  }
  try {
    return make_schedule(config_.schedule, problem);
  } catch (const std::invalid_argument&) {  // too few slots
    return make_schedule(ScheduleKind::multistage, problem);
  }
}

/// As Planning does, but for costs that are measured.
std::unique_ptr<Schedule> Process::plan_rest(const Standing& standing, const std::vector<bool>& retired) {
  Problem problem = this->problem();
  const bool any_retired = std::ranges::find(retired, true) != retired.end();
  for (std::size_t k = 0; k < retired.size(); ++k)
    if (retired[k]) problem.levels[k].save_cost = 1e6;
  const bool shares = config_.schedule == ScheduleKind::overlap;
  if (shares && !any_retired)
    if (auto schedule = any_rest_plan(world_.random, problem, standing)) return schedule;
  ScheduleKind kind =
      any_retired || shares || world_.random.one_in(2) ? ScheduleKind::hrevolve : ScheduleKind::multistage;
  if (shares) problem = fitted(problem, kind);
  problem.steps = standing.to_turn;
  problem.stored = standing.stored;
  return make_schedule(kind, problem);
}

void Process::open_kept(bool resume) {
  if (kept_ || !universe_.scenario.keeps) return;
  std::unique_ptr<SimulatedFile>& file = universe_.kept_file;
  if (file && (!resume || file->now.identity.empty() || !file->now.end.empty())) file.reset();
  const auto make = [&](const Layout& layout, Slots slots) {
    if (!file) file = std::make_unique<SimulatedFile>("kept", slots, layout.image_bytes());
    const Tier::Promise promise{.verify = Verify::always, .durability = universe_.scenario.promise.durability};
    return std::make_unique<SimulatedTier>(world_, *file, layout, promise, universe_.scenario.breaking, std::nullopt);
  };
  kept_ = std::make_unique<Kept>(to_keep_, make, [this] { return world_.random.one_in(3); });
  executor_->keep_beside(kept_.get(), Level{tiers_->levels() - 1});
}

/// True: goes on. False: there is nothing to go on from.
bool Process::resume() {
  tiers_->pool().touch(1);
  const std::string found = identity_found(*tiers_, identity());
  open_kept(true);
  attempts_ = sweep_of(found);
  const Resumption from = take_over(*tiers_, kept_.get(), found, steps());
  expect_progress(from);
  if (!from.position.reverse && from.position.step == 0) {
    for (const Catalog::Entry& entry : from.stored) tiers_->at(entry.level).release(entry.slot);
    return false;
  }
  or_stop([&] { go_on(found, from); });
  return true;
}

/// Nothing that was asked to be stored for it is done again.
void Process::expect_progress(const Resumption& from) {
  const std::optional<Position> stopped = std::exchange(universe_.stopped_at, std::nullopt);
  if (!stopped || world_.faults > 0) return;
  if (!(from.position == *stopped))
    world_.violate(fmt::format("stopped in the {} sweep at step {}, resumed in the {} sweep at step {}",
                               stopped->reverse ? "reverse" : "forward", stopped->step,
                               from.position.reverse ? "reverse" : "forward", from.position.step));
}

void Process::go_on(const std::string& identity, const Resumption& from) {
  const auto& [reverse, step] = from.position;
  behind_the_seed_ = reverse;
  universe_.reverse_began = reverse;
  executor_->begin(steps(), nullptr);
  universe_.sweeps_by_run[run_hash_of(identity)] = universe_.sweep;
  for (RunRecord* record : tiers_->records())
    if (record->found().identity != identity) record->put_identity(identity);
  executor_->hold(from.stored);
  toy_.goes_on_from(from.position);
  if (from.kept) {
    kept_->load(from.position);
    toy_.expect_sums(reverse, step);
  }
  if (!reverse) {
    executor_->bring(step);
    toy_.expect_live(step);
  }
  const Standing standing{.to_turn = reverse ? step : steps() + 1,
                          .live = reverse ? std::nullopt : std::optional{step},
                          .stored = executor_->stored()};
  auto schedule = standing.to_turn > 0 ? plan_rest(standing, {}) : nothing_to_do();
  executor_->go_on(standing.to_turn, standing.live, std::move(schedule), planner_ ? &*planner_ : nullptr);
  if (!reverse) executor_->forward();
}

}  // namespace cairn::test
