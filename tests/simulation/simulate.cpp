// SPDX-License-Identifier: BSD-3-Clause
#include "simulate.hpp"

#include "autopsy.hpp"
#include "process.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace cairn::test {
namespace {

constexpr int most_processes = 40;
constexpr std::array<std::pair<Breaking, std::string_view>, 5> breakings{{
    {Breaking::nothing, "nothing"},
    {Breaking::step_before_data, "step_before_data"},
    {Breaking::row_before_data, "row_before_data"},
    {Breaking::old_step_stays, "old_step_stays"},
    {Breaking::sync_does_nothing, "sync_does_nothing"},
}};

template <class Use>
void each_file(Universe& universe, const Use& use) {
  for (auto& file : universe.files)
    if (file) use(*file);
  if (universe.kept_file) use(*universe.kept_file);
}

/// The user begins anew, with overwrite: true.
void remove_files(Universe& universe) {
  for (auto& file : universe.files) file.reset();
  universe.kept_file.reset();
  universe.reverse_began = universe.power_was_cut = false;
  universe.stopped_at.reset();
}

void after_the_end(Universe& universe, Process::End end, const Layout& layout, const Layout& kept_layout,
                   Tally& tally) {
  World& world = universe.world;
  const bool killed = end == Process::End::killed;
  const bool power_cut = killed && universe.scenario.promise.durability == Durability::power && world.random.one_in(2);
  if (power_cut) {
    ++world.faults;  // what was never certain may be lost
    universe.power_was_cut = true;
    each_file(universe, [&](SimulatedFile& file) { world.cut_power(file); });
  }
  examine_files(universe, layout, kept_layout, universe.power_was_cut);
  each_file(universe, [&](SimulatedFile& file) {
    if (world.random.one_in(2)) file.full = file.gone = false;
  });
  if (end == Process::End::refused) remove_files(universe);
  universe.scenario.kills -= killed;
  world.kills += killed;
  tally.kills += killed;
  tally.power_cuts += power_cut;
  tally.stops += end == Process::End::stopped;
  tally.failures += end == Process::End::failed;
  tally.refusals += end == Process::End::refused;
  ++tally.processes;
}

void run(Universe& universe, Tally& tally) {
  const Layout kept_layout = Process::kept_layout();
  for (int processes = 0;; ++processes) {
    if (processes == most_processes) universe.world.violate(fmt::format("{} processes, and no end", processes));
    universe.world.begin_process(universe.scenario.kills, universe.scenario.faults);
    Process process{universe};
    const Process::End end = process.run();
    universe.scenario.faults = universe.world.faults_left();
    after_the_end(universe, end, process.layout(), kept_layout, tally);
    if (end == Process::End::done) return;
  }
}

}  // namespace

std::optional<std::string> simulate(std::uint64_t seed, Breaking breaking, Tally& tally) {
  Universe universe{seed, breaking};
  try {
    run(universe, tally);
  } catch (const Violation& violation) {
    return violation.text();
  }
  tally.faults += universe.world.faults;
  return std::nullopt;
}

std::optional<Breaking> breaking_named(std::string_view name) {
  for (const auto& [breaking, known] : breakings)
    if (known == name) return breaking;
  return std::nullopt;
}

std::string_view name_of(Breaking breaking) {
  for (const auto& [known, name] : breakings)
    if (known == breaking) return name;
  return "?";
}

std::string complaint(std::uint64_t seed, Breaking breaking, const std::string& violation, std::string_view program) {
  const std::string broken = breaking == Breaking::nothing ? "" : fmt::format(" --breaking {}", name_of(breaking));
  Random random{seed};
  return fmt::format("cairn simulation: seed {} violates: {}; again: {} --seed {}{}\n  ({})", seed, violation, program,
                     seed, broken, to_string(scenario_of(random, breaking)));
}

}  // namespace cairn::test
