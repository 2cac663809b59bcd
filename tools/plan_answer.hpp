// SPDX-License-Identifier: BSD-3-Clause
/// The answers of `cairn plan`: one plan counted, or every schedule for the same levels.
#pragma once

#include "plan_question.hpp"
#include "plan_timed.hpp"
#include <cairn/schedulers/plan_counts.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cairn::tool {

struct Answer {
  ScheduleKind kind = ScheduleKind::multistage;  ///< the one chosen, of `auto`
  std::string reason = {};                       ///< why `auto` chose it; empty otherwise
  Counted counted = {};
  TimedPlan timed = {};
  std::optional<MakespanBound> bound = {};
  double seconds = 0;  ///< of planning and counting
};

/// Does it need costs that are not given?
bool lacks_costs(const PlanQuestion& question, ScheduleKind kind);

/// Throws what make_schedule() throws, and std::invalid_argument where the plan can only be counted by running it and
/// is too long for that.
Answer answer_to(const PlanQuestion& question);

/// A schedule for the levels of a question.
struct Row {
  ScheduleKind kind;
  std::string why_not = {};             ///< why no run can have it; empty where it can
  std::optional<Counted> counted = {};  ///< nothing where there is no plan at all
  TimedPlan timed = {};
  double seconds = 0;
  bool possible() const { return why_not.empty(); }
  bool has_makespan() const { return timed.timing.has_value(); }
};

/// Every schedule for the same levels, and what none of them goes below.
struct Comparison {
  std::vector<Row> rows;
  std::optional<MakespanBound> bound = {};
  std::optional<ScheduleKind> chosen = {};  ///< by `auto`; nothing where costs are not given, or none is possible
  bool timed() const;                       ///< does any row have a makespan?
};

/// Every schedule but `auto`, by makespan where it is known, else by cost; the simpler of equals first, those without
/// a plan last.
Comparison every_schedule_for(const PlanQuestion& question);

/// The least cost that is possible; nothing where no schedule is.
std::optional<double> least_cost(const std::vector<Row>& rows);

/// The level where the plan holds more than there are slots (disk_revolve's last one), and how many: "it needs 55 slots
/// of level 1, which has 20"; empty where there is none.
std::string too_many_slots(const PlanQuestion& question, ScheduleKind kind, const PlanCounts& counts);

/// Is a plan of that kind the cheapest of all, but for its gap_bound? Known of hrevolve from a live start where level 0
/// is free, by exhaustive search over short plans.
bool is_optimum(const PlanQuestion& question, ScheduleKind kind);

}  // namespace cairn::tool
