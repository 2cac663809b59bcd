// SPDX-License-Identifier: BSD-3-Clause
/// From the command line (and a configuration) to the problem that `cairn plan` answers.
#pragma once

#include "plan.hpp"
#include <cairn/core/config.hpp>
#include <cairn/schedulers/make_schedule.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cairn::tool {

struct PlanQuestion {
  ScheduleKind kind = Config{}.schedule;
  std::string kind_place = "";      ///< where the schedule was asked for: "run42.yaml:1: schedule: " or "--schedule: "
  Step steps = 0;                   ///< N; the problem's steps are those that remain to be turned
  Problem problem;                  ///< buffers are s; level 0 has the slots that all schedules but overlap have there
  std::vector<std::string> names;   ///< of the levels: "ram", "mmap", or "level 0"
  std::optional<double> turn_cost;  ///< as given by option or configuration
  std::vector<std::string> unset;   ///< costs that nobody gave: "save cost of ram"
  std::vector<std::string> needed;  ///< those of them without which needs_costs() schedules cannot plan
  bool in_memory = true;            ///< is level 0 in RAM?
  std::optional<Slots> pool;        ///< with a configuration

  bool costs_are_unset() const;           ///< all of them
  std::string sentence_on_unset() const;  ///< for the end of a table: a line, or nothing
};

/// Throws std::invalid_argument that names the option, or file, line and key, and says what would be right.
PlanQuestion question_of(const PlanOptions& options);

}  // namespace cairn::tool
