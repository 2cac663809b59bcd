// SPDX-License-Identifier: BSD-3-Clause
/// Schedules by name: what the YAML's `schedule:` and the command line's `--schedule` choose from.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cairn {

/// The schedules that this version has. `automatic`, called "auto", is the cheapest of the others (choose.hpp).
enum class ScheduleKind {
  automatic,
  overlap,
  hrevolve,
  disk_revolve,
  multistage,
  revolve,
  periodic,
  store_all,
  online
};

/// What a plan is made for. Costs are in forward steps (uf = 1).
struct Problem {
  /// Of one thing; no plan gets better by the knowledge that it costs more. Those that are measured are cut off here.
  static constexpr double most_cost = 1e9;
  struct LevelShape {
    Slots slots = 0;         ///< at level 0 the slot of x_0 included
    double save_cost = 0.0;  ///< w_k, one takeshot
    double load_cost = 0.0;  ///< r_k, one restore
    /// Levels with the same number lie on one device, which does one thing at a time; none: a device of its own. Of
    /// level 0 in RAM it means nothing.
    std::optional<std::size_t> device = {};
  };
  struct Stored {
    Step step;
    Level level;
    bool operator==(const Stored&) const = default;
  };
  /// n, the steps to turn: x_0 … x_{n−1}. 0: not known yet, for `online`, `overlap` and `automatic`
  /// alone; finish() tells it.
  Step steps = 0;
  std::vector<LevelShape> levels = {};  ///< fastest first, at least one
  double turn_cost = 1.0;               ///< ub
  std::optional<Step> period = {};      ///< for `periodic` alone; default ⌈n/c_last⌉
  /// Snapshots that are there already, in any order; x_0 is among them. Empty: x_0 is live, nothing is stored. Else no
  /// state is live, and steps n−1 … 0 are turned from these: the rest of a sweep whose steps from n on are turned. With
  /// `steps` 0 a loop whose length is not known goes on with them: x_live is live, and none is of a later step.
  std::vector<Stored> stored = {};
  Step live = 0;  ///< with `steps` 0 and `stored` alone
  /// For `overlap` alone: s, the buffers of the pool, RAM snapshots, staging and read-ahead together; 0: as many as
  /// level 0 has slots. Level 0 is RAM, its costs are those of the copies, which the costs of other levels contain.
  Slots buffers = 0;
  Gauge gauge = {};  ///< for `overlap` alone; empty: positions do not depend on how fast storage is
};

/// All kinds that this version has, in the order in which help texts list them.
std::span<const ScheduleKind> schedule_kinds();
/// The name of a kind: "revolve".
std::string_view name_of(ScheduleKind kind);
/// The kind of that name; nullopt where there is none.
std::optional<ScheduleKind> schedule_kind(std::string_view name);

/// The schedule of that kind for that problem. `revolve` uses level 0 alone, `periodic` level 0 and the last, the
/// others all levels. Throws std::invalid_argument that names the number at fault and what would be right: steps below
/// 1 or above limits::steps, no level, negative slots, a cost that is negative, no number or above most_cost, a level
/// without slots that the schedule needs, too few slots for store_all or disk_revolve, one level or too short a period
/// for periodic, a stored snapshot of a negative step, at a level that is not there or beyond its slots, stored ones
/// without x_0.
std::unique_ptr<Schedule> make_schedule(ScheduleKind kind, const Problem& problem);

/// Throws what make_schedule() throws for numbers that no schedule can have; the start of every plan.
void check(const Problem& problem);

/// The slots of each level.
std::vector<Slots> slots_of(const Problem& problem);

}  // namespace cairn
