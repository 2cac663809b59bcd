// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/plan_timing.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

/// Simplest first: of equal costs the earlier is chosen.
constexpr std::array by_simplicity{ScheduleKind::revolve,  ScheduleKind::multistage, ScheduleKind::store_all,
                                   ScheduleKind::periodic, ScheduleKind::hrevolve,   ScheduleKind::disk_revolve};
/// Those that overlap's portfolio has not.
constexpr std::array beside_overlap{ScheduleKind::revolve, ScheduleKind::store_all, ScheduleKind::periodic};
constexpr double equal_costs = 1e-12;     // relative
constexpr double equal_makespans = 1e-3;  // likewise; a simulation is not more exact than that
/// Its plan is a chain of n/d parts, each counted; and where it fits, hrevolve costs no more.
constexpr Step most_disk_revolve_steps = Step{1} << 20;

bool storage_is_free(const Problem& problem) {
  return std::ranges::all_of(problem.levels,
                             [](const auto& level) { return level.save_cost == 0 && level.load_cost == 0; });
}

std::string text(double cost) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), cost, std::chars_format::general, 10);
  return {digits.data(), end.ptr};
}

/// Why the plan needs more than there is; empty where it does not.
std::string too_many_slots(const PlanCounts& counts, const Problem& problem) {
  for (std::size_t k = 0; k < counts.levels.size(); ++k)
    if (counts.levels[k].peak > problem.levels[k].slots)
      return "it needs " + std::to_string(counts.levels[k].peak) + " slots at level " + std::to_string(k) +
             ", which has " + std::to_string(problem.levels[k].slots);
  return {};
}

Choice::Candidate weighed(ScheduleKind kind, const Problem& problem) {
  Choice::Candidate candidate{.kind = kind};
  if (kind == ScheduleKind::disk_revolve && problem.steps > most_disk_revolve_steps) {
    candidate.unfit = "it is not weighed beyond " + std::to_string(most_disk_revolve_steps) + " steps";
    return candidate;
  }
  try {
    const Counted counted = count_plan_by_formula(kind, problem);
    candidate.cost = counted.cost;
    candidate.unfit = too_many_slots(counted.counts, problem);
  } catch (const std::invalid_argument& why) {
    candidate.unfit = why.what();
  }
  return candidate;
}

const Choice::Candidate& cheapest_of(const std::vector<Choice::Candidate>& candidates, double equal) {
  const Choice::Candidate* best = nullptr;
  for (const auto& candidate : candidates)
    if (candidate.unfit.empty() && (!best || candidate.cost < best->cost * (1 - equal))) best = &candidate;
  if (best) return *best;
  std::string why = "no schedule can be made for this";
  for (const auto& candidate : candidates)
    why += (&candidate == &candidates.front() ? ": " : "; ") + std::string{name_of(candidate.kind)} + ": " +
           candidate.unfit;
  throw std::invalid_argument{why};
}

/// The verb is "costs", or "takes" of makespans.
std::string reason_for(const Choice& choice, double cost, std::string_view verb) {
  std::vector<Choice::Candidate> fit;
  std::ranges::copy_if(choice.candidates, std::back_inserter(fit), &std::string::empty, &Choice::Candidate::unfit);
  std::ranges::stable_sort(fit, {}, &Choice::Candidate::cost);
  std::string others;
  for (const auto& candidate : fit)
    if (candidate.kind != choice.kind)
      others += (others.empty() ? "" : ", ") + std::string{name_of(candidate.kind)} + ' ' + text(candidate.cost);
  const std::string reason =
      std::string{name_of(choice.kind)} + ' ' + std::string{verb} + ' ' + text(cost) + " forward steps, ";
  return fit.size() == 1 ? reason + "and no other fits"
                         : reason + "the least of " + std::to_string(fit.size()) + " that fit (" + others + ')';
}

Choice online() {
  return {.kind = ScheduleKind::online,
          .reason = "the number of steps is not known, and online alone plans without it",
          .candidates = {{.kind = ScheduleKind::online}}};
}

Choice::Candidate timed(ScheduleKind kind, const Problem& problem) {
  Choice::Candidate candidate{.kind = kind};
  try {
    const Problem its = fitted(problem, kind);
    candidate.cost = Simulation{machine_of(problem)}.run(*make_schedule(kind, its)).makespan;
  } catch (const std::logic_error& why) {  // too few slots, or it would wait for ever
    candidate.unfit = why.what();
  }
  return candidate;
}

}  // namespace

Choice choose_schedule(const Problem& problem) {
  if (problem.steps == 0) return online();
  check(problem);
  Choice choice;
  const bool free = storage_is_free(problem);
  for (const ScheduleKind kind : by_simplicity) {
    const bool weighs_storage = kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve;
    if (free && weighs_storage) continue;  // no plan has fewer advances than multistage
    choice.candidates.push_back(weighed(kind, problem));
  }
  const Choice::Candidate& best = cheapest_of(choice.candidates, equal_costs);
  choice.kind = best.kind;
  choice.reason = reason_for(choice, best.cost, "costs");
  if (free) choice.reason += "; no save or load cost is given, and storage was taken as free";
  return choice;
}

Problem fitted(Problem problem, ScheduleKind kind) {
  const bool leaves_one = kind != ScheduleKind::overlap && kind != ScheduleKind::revolve;
  if (leaves_one && problem.levels.size() > 1 && problem.buffers > 1)
    problem.levels[0].slots = std::min(problem.levels[0].slots, problem.buffers - 1);
  return problem;
}

Choice choose_by_makespan(const Problem& problem, const OverlapEffort& effort) {
  if (problem.steps == 0) return online();
  check(problem);
  Choice choice;
  const OverlapShape shape = overlap_shape(problem);
  const auto work = static_cast<double>(problem.steps);
  if (effort.most_work < work && !hides_storage(shape))
    return choose_schedule(fitted(problem, ScheduleKind::automatic));
  const auto kinds = static_cast<double>(beside_overlap.size());
  const bool all = effort.most_work >= 2 * kinds * work;
  OverlapEffort of_overlap = effort;
  if (all) of_overlap.most_work -= kinds * work;
  choice.plan = plan_overlap(shape, of_overlap);
  if (all)
    for (const ScheduleKind kind : beside_overlap) choice.candidates.push_back(timed(kind, problem));
  choice.candidates.push_back({.kind = ScheduleKind::overlap, .unfit = {}, .cost = choice.plan->makespan});
  if (effort.most_work < work) {
    choice.kind = ScheduleKind::overlap;
    choice.reason = choice.plan->text() + "; not weighed against others, which would take longer than it spares";
    return choice;
  }
  const double watching = choice.plan->watches ? 1 - effort.for_watching : 1;
  for (Choice::Candidate& candidate : choice.candidates) candidate.cost = std::round(candidate.cost * 100) / 100;
  const Choice::Candidate& cheapest = cheapest_of(choice.candidates, equal_makespans);
  const Choice::Candidate& overlap = choice.candidates.back();
  const Choice::Candidate& best = overlap.cost * watching < cheapest.cost ? overlap : cheapest;
  choice.kind = best.kind;
  choice.reason = reason_for(choice, best.cost, "takes");
  if (choice.kind == ScheduleKind::overlap)
    choice.reason = choice.plan->text() + "; " + choice.reason;
  else
    choice.plan.reset();
  return choice;
}

}  // namespace cairn
