// SPDX-License-Identifier: BSD-3-Clause
// What an action of a schedule costs, beside reading the same actions from a list that was made before.
#include <cairn/schedulers/make_schedule.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <micro.hpp>
#include <settings.hpp>

namespace cairn::bench {
namespace {

/// What is done with each action, so that nobody can leave it out.
struct Sum {
  std::uint64_t value = 0;
  void operator()(const Advance& advance) { value += static_cast<std::uint64_t>(advance.steps.last); }
  void operator()(const Takeshot& takeshot) { value += static_cast<std::uint64_t>(takeshot.step); }
  void operator()(const Restore& restore) { value += static_cast<std::uint64_t>(restore.step); }
  void operator()(const Move& move) { value += static_cast<std::uint64_t>(move.step); }
  void operator()(const Discard& discard) { value += static_cast<std::uint64_t>(discard.step); }
  void operator()(const Turn& turn) { value += static_cast<std::uint64_t>(turn.step); }
};

/// A plan, made anew for each walk.
struct Planned {
  ScheduleKind kind;
  Problem problem;
};

void walk(const Planned& planned) {
  const std::unique_ptr<Schedule> schedule = make_schedule(planned.kind, planned.problem);
  Sum sum;
  while (const std::optional<Action> action = schedule->next()) std::visit(sum, *action);
  benchmark::DoNotOptimize(sum.value);
}

void walk(const std::vector<Action>& list) {
  Sum sum;
  for (const Action& action : list) std::visit(sum, action);
  benchmark::DoNotOptimize(sum.value);
}

std::vector<Action> listed(const Planned& planned) {
  std::vector<Action> list;
  const std::unique_ptr<Schedule> schedule = make_schedule(planned.kind, planned.problem);
  while (std::optional<Action> action = schedule->next()) list.push_back(*action);
  return list;
}

std::string slots_text(const Problem& problem) {
  std::string text;
  for (const auto& level : problem.levels) text += (text.empty() ? "" : " + ") + std::to_string(level.slots);
  return text;
}

std::vector<Planned> plans(Step steps) {
  const std::vector<Problem::LevelShape> three{
      {.slots = 10}, {.slots = 20, .save_cost = 0.5, .load_cost = 0.5}, {.slots = 200, .save_cost = 5, .load_cost = 5}};
  std::vector<Planned> plans;
  for (const Slots slots : {10, 50, 100})
    plans.push_back({ScheduleKind::revolve, {.steps = steps, .levels = {{.slots = slots}}}});
  plans.push_back({ScheduleKind::hrevolve, {.steps = steps, .levels = three}});
  plans.push_back({ScheduleKind::multistage, {.steps = steps, .levels = three}});
  plans.push_back({ScheduleKind::online, {.steps = steps, .levels = {{.slots = 20}}}});
  return plans;
}

}  // namespace

void measure_schedules(const Settings& settings, Table& table) {
  const std::string group = "schedules";
  if (!settings.wants(group)) return;
  const Step steps = settings.quick ? 10'000 : 1'000'000;
  const double least_seconds = settings.quick ? 0.001 : 0.1;
  for (const Planned& planned : plans(steps)) {
    const std::vector<Action> list = listed(planned);
    const std::vector<MicroWay> ways{{"list", [&] { walk(list); }, list.size()},
                                     {"next", [&] { walk(planned); }, list.size()}};
    const std::vector<Rounds> measured = measure_micro(ways, settings.rounds, least_seconds);
    table.add({.group = group,
               .ours = {.name = fmt::format("{}, {} steps, {} slots", name_of(planned.kind), steps,
                                            slots_text(planned.problem)),
                        .value = median_seconds(measured[1]) * 1e9},
               .baseline = {.name = "the same actions from a list", .value = median_seconds(measured[0]) * 1e9},
               .unit = "ns/action",
               .ratio = speed_ratio(measured[1], measured[0]),
               .note = fmt::format("{} actions; the list has {:.0f} MB; with planning", list.size(),
                                   static_cast<double>(list.size() * sizeof(Action)) / 1e6)});
  }
}

}  // namespace cairn::bench
