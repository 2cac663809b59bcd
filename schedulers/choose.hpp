// SPDX-License-Identifier: BSD-3-Clause
/// The cheapest schedule for a problem.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/overlap.hpp>
#include <cairn/schedulers/plan_counts.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What `automatic` chooses, and why.
struct Choice {
  struct Candidate {
    ScheduleKind kind;
    std::string unfit = {};  ///< why it cannot be used here; empty where it can
    double cost = 0;         ///< forward steps: by the model at the head of schedule.hpp, or the makespan by Simulation
  };
  ScheduleKind kind = ScheduleKind::multistage;
  std::string reason;  ///< one sentence: "hrevolve costs 3762 forward steps, the least of 5 that fit (multistage …)"
  std::vector<Candidate> candidates;
  std::optional<OverlapPlan> plan = {};  ///< of `overlap`, where that is chosen by makespan
};

/// The kind of least cost among all that fit, the simplest of equals (to 1e-12). `online` where the number of steps is
/// not known. Where no save or load has a cost, hrevolve and disk_revolve are not weighed, for nothing has fewer
/// advances than multistage. Takes as long as planning them takes: milliseconds; half a second at worst, by tables;
/// from stored snapshots some 20 ns an action. Throws std::invalid_argument where none fits.
Choice choose_schedule(const Problem& problem);

/// The kind of least makespan where storage works beside the operators: level 0 is RAM, problem.buffers the pool, and
/// costs are not all 0. Simulates revolve, store_all, periodic, and overlap's portfolio, which has
/// hrevolve and multistage in it; the simplest of equals (to a thousandth) wins. Where the effort does not
/// allow all, `overlap` alone is weighed; where it allows none, that is taken where it hides all storage, else what
/// choose_schedule() takes. Throws like choose_schedule().
Choice choose_by_makespan(const Problem& problem, const OverlapEffort& effort = {});

/// The problem as a schedule of this kind may have it: all but `overlap` and `revolve` leave one buffer for copies
/// where there are slower levels.
Problem fitted(Problem problem, ScheduleKind kind);

}  // namespace cairn
