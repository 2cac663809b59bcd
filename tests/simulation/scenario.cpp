// SPDX-License-Identifier: BSD-3-Clause
#include "scenario.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cairn::test {

Scenario scenario_of(Random& random, Breaking breaking) {
  Scenario drawn;
  drawn.breaking = breaking;
  drawn.steps = random.one_in(10) ? random.between(0, 3) : random.between(4, 40);
  drawn.words = random.one_in(4) ? 90 : static_cast<std::size_t>(random.between(1, 5));
  drawn.sweeps = random.one_in(4) ? 2 : 1;
  drawn.same_start = drawn.steps % 2 == 0;
  drawn.executor = random.one_in(4) ? ExecutorKind::sequential : ExecutorKind::asynchronous;
  const bool power = breaking == Breaking::sync_does_nothing || random.one_in(3);
  drawn.promise.durability = power ? Durability::power : Durability::process;
  drawn.promise.verify = random.one_in(3) ? Verify::always : Verify::disk;
  drawn.ram = !random.one_in(5);
  drawn.files = static_cast<std::size_t>(random.between(1, 2));
  drawn.one_device = random.one_in(3);
  drawn.keeps = !random.one_in(4);
  drawn.retires = !random.one_in(3);
  drawn.replans = random.one_in(3);
  drawn.kills = random.one_in(5) ? 0 : static_cast<int>(random.between(1, 4));
  drawn.faults = random.one_in(2) ? 0 : static_cast<int>(random.between(1, 4));
  drawn.exceptions = random.one_in(4) ? 1 : 0;
  drawn.stops = random.one_in(4) ? 1 : 0;
  if (drawn.faults == 0 && !power && random.one_in(4)) drawn.promise.verify = Verify::never;
  return drawn;
}

std::string to_string(const Scenario& scenario) {
  return fmt::format(
      "{} steps, {} words, {} sweeps{}, {}, verify {}, durability {}, {}{} files{}{}{}{}; {} kills, {} faults, {} "
      "exceptions, {} stops",
      scenario.steps, scenario.words, scenario.sweeps, scenario.same_start ? " from one start" : "",
      name_of(scenario.executor), name_of(scenario.promise.verify), name_of(scenario.promise.durability),
      scenario.ram ? "ram and " : "", scenario.files, scenario.one_device ? " on one device" : "",
      scenario.keeps ? ", keeps" : "", scenario.retires ? ", retires" : "", scenario.replans ? ", plans anew" : "",
      scenario.kills, scenario.faults, scenario.exceptions, scenario.stops);
}

Universe::Universe(std::uint64_t seed, Breaking breaking) : Universe{Random{seed}, breaking} {}

Universe::Universe(Random random, Breaking breaking)
    : scenario{scenario_of(random, breaking)}, world{random.next(), scenario.promise.durability} {
  files.resize(scenario.files);
  const std::uint64_t start = random.next();
  for (int i = 0; i < scenario.sweeps; ++i)
    truths.push_back(std::make_unique<Undisturbed>(scenario.steps, scenario.words,
                                                   i == 0 || scenario.same_start ? start : random.next(),
                                                   scenario.same_start ? static_cast<std::uint64_t>(i) : 0));
}

std::optional<int> Universe::sweep_of(std::uint64_t run) const {
  const auto found = sweeps_by_run.find(run);
  return found == sweeps_by_run.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace cairn::test
