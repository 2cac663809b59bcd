// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/choose.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

/// Simplest first: of equal costs the earlier is chosen.
constexpr std::array by_simplicity{ScheduleKind::revolve,  ScheduleKind::multistage, ScheduleKind::store_all,
                                   ScheduleKind::periodic, ScheduleKind::hrevolve,   ScheduleKind::disk_revolve};
constexpr double equal_costs = 1e-12;  // relative
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

const Choice::Candidate& cheapest_of(const std::vector<Choice::Candidate>& candidates) {
  const Choice::Candidate* best = nullptr;
  for (const auto& candidate : candidates)
    if (candidate.unfit.empty() && (!best || candidate.cost < best->cost * (1 - equal_costs))) best = &candidate;
  if (best) return *best;
  std::string why = "no schedule can be made for this";
  for (const auto& candidate : candidates)
    why += (&candidate == &candidates.front() ? ": " : "; ") + std::string{name_of(candidate.kind)} + ": " +
           candidate.unfit;
  throw std::invalid_argument{why};
}

std::string reason_for(const Choice& choice, double cost, bool free) {
  std::vector<Choice::Candidate> fit;
  std::ranges::copy_if(choice.candidates, std::back_inserter(fit), &std::string::empty, &Choice::Candidate::unfit);
  std::ranges::stable_sort(fit, {}, &Choice::Candidate::cost);
  std::string others;
  for (const auto& candidate : fit)
    if (candidate.kind != choice.kind)
      others += (others.empty() ? "" : ", ") + std::string{name_of(candidate.kind)} + ' ' + text(candidate.cost);
  std::string reason = std::string{name_of(choice.kind)} + " costs " + text(cost) + " forward steps, ";
  reason += fit.size() == 1 ? "and no other fits"
                            : "the least of " + std::to_string(fit.size()) + " that fit (" + others + ')';
  return free ? reason + "; no save or load cost is given, and storage was taken as free" : reason;
}

}  // namespace

Choice choose_schedule(const Problem& problem) {
  Choice choice;
  if (problem.steps == 0) {
    choice.kind = ScheduleKind::online;
    choice.reason = "the number of steps is not known, and online alone plans without it";
    choice.candidates = {{.kind = ScheduleKind::online}};
    return choice;
  }
  check(problem);
  const bool free = storage_is_free(problem);
  for (const ScheduleKind kind : by_simplicity) {
    const bool weighs_storage = kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve;
    if (free && weighs_storage) continue;  // no plan has fewer advances than multistage
    choice.candidates.push_back(weighed(kind, problem));
  }
  const Choice::Candidate& best = cheapest_of(choice.candidates);
  choice.kind = best.kind;
  choice.reason = reason_for(choice, best.cost, free);
  return choice;
}

}  // namespace cairn
