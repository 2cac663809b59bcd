// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/planning.hpp>
#include <cairn/core/probe.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>

namespace cairn {
namespace {

constexpr double cost_of_a_retired_tier = 1e6;  // forward steps
constexpr double step_of_plan_seconds = 1e-6;   // to plan and simulate one step; measured: .8

}  // namespace

Planning::Planning(const Config& config, const Provision& provision, TierSet& tiers, Executor& executor)
    : config_{config}, provision_{provision}, tiers_{tiers}, executor_{executor}, costs_{config.tiers.size()} {
  choice_.kind = config.schedule;
  if (config.costs.advance_seconds) costs_.guess_step(*config.costs.advance_seconds);
  if (config.costs.turn) costs_.guess_turn(*config.costs.turn);
  for (std::size_t k = 1; k < config.tiers.size(); ++k)
    costs_.give_prices(Level{static_cast<std::int32_t>(k)}, config.tiers[k].save_cost, config.tiers[k].load_cost);
  if (measures()) probe();
}

// Is a cost of storage not given?
bool Planning::is_open() const {
  return std::ranges::any_of(config_.tiers, [](const TierConfig& tier) {
    return tier.kind != TierKind::ram && !(tier.save_cost && tier.load_cost);
  });
}

// Are costs measured for this schedule? `auto` looks whether those given are right.
bool Planning::measures() const {
  if (config_.tiers.size() < 2) return false;
  if (config_.schedule == ScheduleKind::automatic) return overlaps(config_) || is_open();
  return needs_costs(config_.schedule) && is_open();
}

void Planning::probe() {
  const auto probed = probe_tiers(tiers_);
  for (std::size_t k = 0; k < probed.size(); ++k) {
    if (!probed[k]) continue;
    const Level level{static_cast<std::int32_t>(k)};
    costs_.guess_transfers(level, probed[k]->save_seconds, probed[k]->load_seconds);
    log(spdlog::level::info, "{} {}: a snapshot takes {:.4f} s to save, {:.4f} s to load", tiers_.at(level).kind(),
        tiers_.at(level).file(), probed[k]->save_seconds, probed[k]->load_seconds);
  }
}

Problem Planning::problem(Step n) const {
  Problem problem = problem_of(config_, provision_, n + 1);
  for (std::size_t k = 0; k < problem.levels.size(); ++k)
    if (const auto device = tiers_.at(Level{static_cast<std::int32_t>(k)}).device())
      problem.levels[k].device = static_cast<std::size_t>(*device);
  problem.gauge = [this](Level level) { return executor_.saves_under_way(level); };
  return problem;
}

// Are plans made anew while the sweep runs?
bool Planning::watches(bool knows_n) const {
  if (!overlaps(config_)) return false;
  return config_.schedule == ScheduleKind::automatic || (!knows_n && config_.schedule == ScheduleKind::overlap);
}

void Planning::adapt(const Problem& problem) {
  adaptive_.emplace(
      Adaptive::Shape{.problem = problem,
                      .kind = config_.schedule,
                      .overlaps = overlaps(config_),
                      .adapts = watches(problem.steps > 0),
                      .step_of_plan = step_of_plan_seconds},
      costs_, [this] { return executor_.observed(); }, problem.gauge);
}

std::unique_ptr<Schedule> Planning::plan(std::optional<Step> n) {
  adaptive_.reset();
  choice_ = {};
  choice_.kind = config_.schedule;
  Problem problem = this->problem(n.value_or(-1));
  const bool automatic = config_.schedule == ScheduleKind::automatic;
  if (watches(n.has_value()) || (n && measures())) {
    adapt(problem);
    return adaptive_->first();
  }
  if (automatic) choice_ = choose_schedule(problem);
  if (choice_.kind != ScheduleKind::overlap || !n) return make_schedule(choice_.kind, problem);
  check(problem);
  const OverlapShape shape = overlap_shape(problem);
  choice_.plan = plan_overlap(shape);
  choice_.reason = choice_.plan->text();
  return make_overlap(shape, *choice_.plan, problem.gauge);
}

std::unique_ptr<Schedule> Planning::plan_rest(Step n, const Standing& standing, const std::vector<bool>& retired) {
  adaptive_.reset();
  choice_ = {};
  choice_.kind = config_.schedule;
  Problem problem = this->problem(n);
  if (std::ranges::find(retired, true) != retired.end()) return plan_without(retired, problem, standing);
  if (overlaps(config_) && (config_.schedule == ScheduleKind::automatic || config_.schedule == ScheduleKind::overlap)) {
    adapt(problem);
    return adaptive_->go_on(standing);
  }
  if (config_.schedule == ScheduleKind::automatic || config_.schedule == ScheduleKind::online)
    choice_.kind = ScheduleKind::hrevolve;  // plans gaps by themselves
  choice_.reason = "resumed from what is stored";
  problem.steps = standing.to_turn;
  problem.stored = standing.stored;
  return make_schedule(choice_.kind, problem);
}

std::unique_ptr<Schedule> Planning::plan_loop(const Standing& standing) {
  adaptive_.reset();
  choice_ = {};
  choice_.kind = config_.schedule;
  Problem problem = this->problem(-1);
  if (watches(false)) {
    adapt(problem);
    return adaptive_->go_on(standing);
  }
  problem.stored = standing.stored;
  problem.live = standing.live.value_or(0);
  if (config_.schedule == ScheduleKind::automatic) choice_ = choose_schedule(problem);
  return make_schedule(choice_.kind, problem);
}

// hrevolve looks at prices, gap by gap: it stores nothing where that is dearer than all else.
std::unique_ptr<Schedule> Planning::plan_without(const std::vector<bool>& retired, Problem problem,
                                                 const Standing& standing) {
  for (std::size_t k = 0; k < retired.size(); ++k)
    if (retired[k]) problem.levels[k].save_cost = cost_of_a_retired_tier;
  choice_.kind = ScheduleKind::hrevolve;
  choice_.reason = "a tier was retired; from what is stored";
  if (overlaps(config_)) problem = fitted(problem, choice_.kind);
  problem.steps = standing.to_turn;
  problem.stored = standing.stored;
  return make_schedule(choice_.kind, problem);
}

void Planning::sweep_ends() {
  if (adaptive_) adaptive_->sweep_ends();
}

}  // namespace cairn
