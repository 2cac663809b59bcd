// SPDX-License-Identifier: BSD-3-Clause
/// Schedules by name: what the YAML's `schedule:` and the command line's `--schedule` choose from.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cairn {

/// The schedules that this version has.
enum class ScheduleKind { store_all, periodic, revolve, multistage };

/// What a plan is made for. Costs are in forward steps (uf = 1).
struct Problem {
  struct LevelShape {
    Slots slots = 0;         ///< at level 0 the slot of x_0 included
    double save_cost = 0.0;  ///< w_k, one takeshot
    double load_cost = 0.0;  ///< r_k, one restore
  };
  Step steps = 0;                       ///< n ≥ 1, the steps to turn: x_0 … x_{n−1}
  std::vector<LevelShape> levels = {};  ///< fastest first, at least one
  double turn_cost = 1.0;               ///< ub
  std::optional<Step> period = {};      ///< for `periodic` alone; default ⌈n/c_last⌉
};

/// All kinds that this version has, in the order in which help texts list them.
std::span<const ScheduleKind> schedule_kinds();
/// The name of a kind: "revolve".
std::string_view name_of(ScheduleKind kind);
/// The kind of that name; nullopt where there is none.
std::optional<ScheduleKind> schedule_kind(std::string_view name);

/// The schedule of that kind for that problem. `revolve` uses level 0 alone, `periodic` level 0 and the last, the
/// others all levels. Throws std::invalid_argument that names the number at fault and what would be right: steps below
/// 1 or above limits::steps, no level, negative slots, a cost that is negative or no number, a level without slots that
/// the schedule needs, too few slots for store_all, one level or too short a period for periodic.
std::unique_ptr<Schedule> make_schedule(ScheduleKind kind, const Problem& problem);

}  // namespace cairn
