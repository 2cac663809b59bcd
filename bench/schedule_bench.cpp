// SPDX-License-Identifier: BSD-3-Clause
// What an action of revolve costs, beside reading the same actions from a list that was made before.
#include <cairn/schedulers/revolve.hpp>

#include <cstdint>
#include <utility>
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

void walk(Revolve::Shape shape) {
  Revolve schedule{shape};
  Sum sum;
  while (const std::optional<Action> action = schedule.next()) std::visit(sum, *action);
  benchmark::DoNotOptimize(sum.value);
}

void walk(const std::vector<Action>& list) {
  Sum sum;
  for (const Action& action : list) std::visit(sum, action);
  benchmark::DoNotOptimize(sum.value);
}

std::vector<Action> listed(Revolve::Shape shape) {
  std::vector<Action> list;
  Revolve schedule{shape};
  while (std::optional<Action> action = schedule.next()) list.push_back(*action);
  return list;
}

}  // namespace

void measure_schedules(const Settings& settings, Table& table) {
  const std::string group = "revolve";
  if (!settings.wants(group)) return;
  const Step steps = settings.quick ? 10'000 : 1'000'000;
  const double least_seconds = settings.quick ? 0.001 : 0.1;
  for (const Slots slots : {10, 50, 100}) {
    const Revolve::Shape shape{.steps = steps, .slots = slots};
    const std::vector<Action> list = listed(shape);
    const std::vector<MicroWay> ways{{"list", [&] { walk(list); }, list.size()},
                                     {"revolve", [&] { walk(shape); }, list.size()}};
    const std::vector<Rounds> measured = measure_micro(ways, settings.rounds, least_seconds);
    table.add({.group = group,
               .ours = {.name = fmt::format("next(), {} steps, {} slots", steps, slots),
                        .value = median_seconds(measured[1]) * 1e9},
               .baseline = {.name = "the same actions from a list", .value = median_seconds(measured[0]) * 1e9},
               .unit = "ns/action",
               .ratio = speed_ratio(measured[1], measured[0]),
               .note = fmt::format("{} actions; the list has {:.0f} MB", list.size(),
                                   static_cast<double>(list.size() * sizeof(Action)) / 1e6)});
  }
}

}  // namespace cairn::bench
