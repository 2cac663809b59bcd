// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>
#include <cairn/storage/lane_thread.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

namespace cairn {
namespace {

const TierConfig ram{.kind = TierKind::ram, .capacity = Capacity::of_slots(4)};
TierConfig mmap_at(const std::string& path) {
  return {.kind = TierKind::mmap, .path = path, .capacity = Capacity::of_slots(4)};
}
TierConfig hdf5_at(const std::string& path) {
  return {.kind = TierKind::hdf5, .path = path, .capacity = Capacity::of_slots(4)};
}

Config with(std::vector<TierConfig> tiers) {
  Config config;
  config.tiers = std::move(tiers);
  return config;
}

template <typename Check>
std::string refusal(Check check) {
  try {
    check();
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}
std::string value_refusal(const Config& config) {
  return refusal([&] { config.check_values(); });
}
std::string check_refusal(const Config& config) {
  return refusal([&] { config.check(); });
}

TEST(Config, AcceptsTiersInAnyNumberUpToTheLimit) {
  Config config = with({ram});
  EXPECT_EQ(check_refusal(config), "accepted");
  while (config.tiers.size() < static_cast<std::size_t>(limits::tiers)) {
    config.tiers.push_back(mmap_at("run" + std::to_string(config.tiers.size())));
    EXPECT_EQ(check_refusal(config), "accepted");
  }
  config.tiers.push_back(mmap_at("one-more"));
  EXPECT_EQ(check_refusal(config), "tiers: there are 9 tiers; a run has at most 8");
  EXPECT_EQ(check_refusal(with({hdf5_at("a.h5")})), "accepted");
}

TEST(Config, RefusesTiersThatCannotWork) {
  EXPECT_EQ(value_refusal(Config{}),
            "tiers: there is no tier; give one at least, for instance {kind: ram, capacity: 1 GiB}");
  EXPECT_EQ(value_refusal(with({ram, ram})), "tiers[1].kind: a second ram tier; a run has at most one; merge the two");
  EXPECT_EQ(value_refusal(with({hdf5_at("a.h5"), ram})), "tiers[1].kind: the ram tier is the fastest; put it first");
  EXPECT_EQ(value_refusal(with({ram, mmap_at("")})),
            "tiers[1].path: missing; an mmap tier needs the path of its file, for instance path: run.map");
  EXPECT_EQ(value_refusal(with({{.kind = TierKind::ram, .capacity = Capacity::of_slots(0)}})),
            "tiers[0].capacity: 0 slots hold nothing; give 1 slot or more");
  EXPECT_EQ(value_refusal(with({{.kind = TierKind::ram, .save_cost = -1.0}})),
            "tiers[0].save_cost: -1 is no cost; give a number of forward steps, 0 or more, or auto");
  EXPECT_EQ(value_refusal(with({{.kind = TierKind::ram, .load_cost = std::numeric_limits<double>::infinity()}})),
            "tiers[0].load_cost: inf is no cost; give a number of forward steps, 0 or more, or auto");
}

TEST(Config, RefusesOneFileForTwoTiers) {
  EXPECT_EQ(value_refusal(with({ram, hdf5_at("a.h5"), mmap_at("a.h5")})),
            "tiers[2].path: \"a.h5\" is the file of tiers[1] already; give each tier its own");
  EXPECT_EQ(value_refusal(with({hdf5_at("a.h5"), mmap_at("./b/../a.h5")})),
            "tiers[1].path: \"./b/../a.h5\" is the file of tiers[0] already; give each tier its own");
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_directory_symlink(folder / "real", folder / "link");
  EXPECT_EQ(value_refusal(with({hdf5_at(folder / "real/a"), mmap_at(folder / "link/a")})),
            "tiers[1].path: \"" + (folder / "link/a") + "\" is the file of tiers[0] already; give each tier its own");
}

TEST(Config, ChecksThePeriod) {
  Config config = with({ram, mmap_at("a")});
  config.schedule = ScheduleKind::revolve;
  config.period = 5;
  EXPECT_EQ(value_refusal(config), "schedule.period: revolve has no period; remove it, or use kind: periodic");
  config.schedule = ScheduleKind::periodic;
  EXPECT_EQ(value_refusal(config), "accepted");
  config.period = -5;
  EXPECT_EQ(value_refusal(config),
            "schedule.period: -5 is no number of steps between snapshots; give 1 to 1099511627776");
  config.period.reset();
  config.tiers.pop_back();
  EXPECT_EQ(
      value_refusal(config),
      "schedule: periodic keeps the start of each period on a slower tier, and there is one tier only; add one of kind "
      "mmap or hdf5, or use revolve");
}

TEST(Config, ChoosesTheScheduleItselfUnlessOneIsNamed) {
  EXPECT_EQ(Config{}.schedule, ScheduleKind::automatic);
}

TEST(Config, LeavesCostsToBeMeasuredWhateverTheSchedule) {
  Config config = with({ram, mmap_at("a")});
  for (const ScheduleKind kind : schedule_kinds()) {
    config.schedule = kind;
    EXPECT_EQ(value_refusal(config), "accepted") << name_of(kind);
  }
}

TEST(Config, KnowsWhichSchedulesWeighCosts) {
  for (const ScheduleKind kind : schedule_kinds())
    EXPECT_EQ(needs_costs(kind),
              kind == ScheduleKind::overlap || kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve)
        << name_of(kind);
}

TEST(Config, ChecksTheCostsOfTheOperators) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Config config = with({ram});
  config.costs = {.advance_seconds = 1e-9, .turn = 0};
  EXPECT_EQ(value_refusal(config), "accepted");
  for (const auto& [seconds, text] : {std::pair{0.0, "0"}, {-.5, "-0.5"}, {infinity, "inf"}}) {
    config.costs = {.advance_seconds = seconds};
    EXPECT_EQ(value_refusal(config),
              std::string{"costs.advance: "} + text + " s is no length of time; give one above 0, such as 3 ms");
  }
  for (const auto& [seconds, text] : {std::pair{1e300, "1e+300"}, {1e-300, "1e-300"}}) {
    config.costs = {.advance_seconds = seconds};
    EXPECT_EQ(value_refusal(config), std::string{"costs.advance: "} + text +
                                         " s is not the time of a forward step; give 1 ns to 1e+09 s, such as 3 ms");
  }
  config.costs = {.turn = 1e9};
  EXPECT_EQ(value_refusal(config), "accepted");
  config.costs = {.turn = 1e300};
  EXPECT_EQ(value_refusal(config),
            "costs.turn: 1e+300 forward steps is more than anything costs; give at most 1e+09, or auto");
  config.costs = {};
  config.tiers[0].load_cost = std::nextafter(1e9, 2e9);
  EXPECT_EQ(
      value_refusal(config),
      "tiers[0].load_cost: 1000000000.0000001 forward steps is more than anything costs; give at most 1e+09, or auto");
  config.tiers[0].load_cost = {};
  for (const auto& [turn, text] : {std::pair{-1.0, "-1"}, {infinity, "inf"}}) {
    config.costs = {.turn = turn};
    EXPECT_EQ(value_refusal(config),
              std::string{"costs.turn: "} + text + " is no cost; give a number of forward steps, 0 or more, or auto");
  }
  config.costs = {.advance_seconds = std::numeric_limits<double>::quiet_NaN()};
  EXPECT_NE(value_refusal(config), "accepted");
  config.costs = {.turn = std::numeric_limits<double>::quiet_NaN()};
  EXPECT_NE(value_refusal(config), "accepted");
}

TEST(Config, ChecksTheLanes) {
  Config config = with({ram});
  config.lanes = {.cpus = {8191, 0, 3}, .nice = 19};
  EXPECT_EQ(value_refusal(config), "accepted");
  config.lanes.cpus = {3, 0, 3};
  EXPECT_EQ(value_refusal(config), "lanes.cpus: processor 3 is given twice; give each once");
  config.lanes.cpus = {-1};
  EXPECT_EQ(value_refusal(config), "lanes.cpus: -1 is no number of a processor; give 0 to 8191");
  config.lanes.cpus = {8192};
  EXPECT_EQ(value_refusal(config), "lanes.cpus: 8192 is no number of a processor; give 0 to 8191");
  for (const int nice : {-1, 20}) {
    config.lanes = {.nice = nice};
    EXPECT_EQ(value_refusal(config), "lanes.nice: " + std::to_string(nice) +
                                         " is not possible; give 0, as urgent as the operators, to 19, after all else");
  }
}

TEST(Config, ChecksTheThreadsOfCopies) {
  Config config = with({ram});
  for (const int threads : {1, 8}) {
    config.copy_threads = threads;
    EXPECT_EQ(value_refusal(config), "accepted");
  }
  for (const int threads : {0, 9}) {
    config.copy_threads = threads;
    EXPECT_EQ(value_refusal(config),
              "copy_threads: " + std::to_string(threads) + " is not possible; give 1 to 8, or auto");
  }
}

TEST(Config, WantsASecondTierForDiskRevolve) {
  Config config = with({ram});
  config.schedule = ScheduleKind::disk_revolve;
  EXPECT_EQ(
      value_refusal(config),
      "schedule: disk_revolve keeps snapshots on a slower tier, and there is one tier only; add one of kind mmap or "
      "hdf5, or use revolve");
}

TEST(Config, WantsRamAndASlowerTierForOverlap) {
  const std::string expected =
      "schedule: overlap moves snapshots between RAM and slower tiers while the operators run; give a tier of kind ram "
      "first and one of kind mmap or hdf5 behind it, or use hrevolve";
  TierConfig priced = mmap_at("a");
  priced.save_cost = priced.load_cost = 2;
  TierConfig other = hdf5_at("b");
  other.save_cost = other.load_cost = 2;
  for (const auto& tiers : {std::vector{ram}, std::vector{priced}, std::vector{priced, other}}) {
    Config config = with(tiers);
    config.schedule = ScheduleKind::overlap;
    EXPECT_EQ(value_refusal(config), expected);
  }
  Config config = with({ram, priced, other});
  config.schedule = ScheduleKind::overlap;
  EXPECT_EQ(value_refusal(config), "accepted");
}

TEST(Config, WantsAFolderForEachFile) {
  const test::TemporaryFolder folder;
  const std::string there = folder.path().string();
  EXPECT_EQ(check_refusal(with({ram, hdf5_at(folder / "a.h5")})), "accepted");
  EXPECT_EQ(check_refusal(with({ram, hdf5_at(folder / "scratch/a.h5")})),
            "tiers[1].path: the folder \"" + there + "/scratch\" is not there; make it or give another path");
  EXPECT_EQ(value_refusal(with({ram, hdf5_at(folder / "scratch/a.h5")})), "accepted");
  EXPECT_EQ(check_refusal(with({ram, hdf5_at(there)})),
            "tiers[1].path: \"" + there + "\" is a folder; give the name of a file in it, for instance \"" + there +
                "/run.h5\"");
  std::ofstream{folder / "file"} << "text";
  EXPECT_EQ(check_refusal(with({ram, mmap_at(folder / "file/a.map")})),
            "tiers[1].path: \"" + there + "/file\" is not a folder; give the path of a file in one");
}

TEST(Config, WantsProcessorsThatTheProcessMayUse) {
  const std::vector<int> usable = usable_cpus();
  Config config = with({ram});
  config.lanes.cpus = usable;
  EXPECT_EQ(check_refusal(config), "accepted");
  int none = 0;
  while (std::find(usable.begin(), usable.end(), none) != usable.end()) ++none;
  config = Config::from_yaml("tiers: [{kind: ram, capacity: 4 slots}]\nlanes: {cpus: " + std::to_string(none) + "}\n",
                             "run42.yaml");
  EXPECT_EQ(check_refusal(config).find("run42.yaml:2: lanes.cpus: this process may not use processor " +
                                       std::to_string(none) + "; it may use " + std::to_string(usable.at(0))),
            0U)
      << check_refusal(config);
}

TEST(Config, NamesTheLineOfAMissingFolder) {
  const test::TemporaryFolder folder;
  const Config config = Config::from_yaml(
      "tiers:\n- {kind: ram, capacity: 1 GiB}\n- kind: mmap\n  capacity: 1 GiB\n  path: " + (folder / "gone/run.map") +
          "\n",
      "run42.yaml");
  EXPECT_EQ(check_refusal(config), "run42.yaml:5: tiers[1].path: the folder \"" + (folder / "gone") +
                                       "\" is not there; make it or give another path");
}

TEST(Config, WritesYamlThatItReadsBack) {
  Config config = with({ram, hdf5_at("with \"quotes\", \\ and: more #.h5"), mmap_at("tab\there")});
  config.schedule = ScheduleKind::periodic;
  config.period = 50;
  config.durability = Durability::power;
  config.verify = Verify::always;
  config.executor = ExecutorKind::sequential;
  config.tiers[0].shared = true;
  config.tiers[0].name = "shot7";
  config.tiers[1].save_cost = 0.1;
  config.tiers[2].load_cost = 1e-7;
  config.tiers[2].capacity = Capacity::of(Bytes{123'456'789});
  config.costs = {.advance_seconds = .1 / 3, .turn = 2.2};
  config.lanes = {.cpus = {5, 2, 3}, .nice = 0};
  config.copy_threads = 2;
  config.verify = Verify::replay;
  EXPECT_EQ(Config::from_yaml(config.yaml()).verify, Verify::replay);
  config.verify = Verify::always;
  const Config again = Config::from_yaml(config.yaml());
  EXPECT_EQ(again.schedule, config.schedule);
  EXPECT_EQ(again.period, config.period);
  EXPECT_EQ(again.tiers, config.tiers);
  EXPECT_EQ(again.durability, config.durability);
  EXPECT_EQ(again.verify, config.verify);
  EXPECT_EQ(again.executor, config.executor);
  EXPECT_EQ(again.costs, config.costs);
  EXPECT_EQ(again.lanes, config.lanes);
  EXPECT_EQ(again.copy_threads, config.copy_threads);
}

TEST(Config, WritesOfCostsAndLanesOnlyWhatWasSet) {
  Config config = with({ram});
  const std::string tiers = "schedule: auto\ntiers:\n  - {kind: ram, capacity: 4 slots}\n";
  const std::string rest = "durability: process\nverify: disk\nexecutor: asynchronous\n";
  EXPECT_EQ(config.yaml(), tiers + rest);
  config.costs = {.advance_seconds = .003};
  config.lanes = {.nice = 5};
  config.copy_threads = 1;
  EXPECT_EQ(config.yaml(), tiers + "costs: {advance: 3 ms}\n" + rest + "lanes: {nice: 5}\ncopy_threads: 1\n");
  config.copy_threads = std::nullopt;
  config.costs = {.turn = 2.25};
  config.lanes = {.cpus = {2, 3}};
  EXPECT_EQ(config.yaml(), tiers + "costs: {turn: 2.25}\n" + rest + "lanes: {cpus: [2, 3]}\n");
}

TEST(Config, KeepsTheTextThatWasReadUntilItIsChanged) {
  const std::string text = "tiers: [{kind: ram, capacity: 1.5 GiB}]  # mine\n";
  Config config = Config::from_yaml(text);
  EXPECT_EQ(config.yaml(), text);
  config.executor = ExecutorKind::sequential;
  EXPECT_EQ(config.yaml(),
            "schedule: auto\ntiers:\n  - {kind: ram, capacity: 1536 MiB}\ndurability: process\nverify: disk\n"
            "executor: sequential\n");
  config.executor = ExecutorKind::asynchronous;
  EXPECT_EQ(config.yaml(), text);
  config.costs.turn = 2;
  EXPECT_NE(config.yaml(), text);
  config.costs.turn.reset();
  config.lanes.cpus = {0};
  EXPECT_NE(config.yaml(), text);
  config.lanes.cpus.clear();
  EXPECT_EQ(config.yaml(), text);
}

TEST(Config, KeepsTextWhoseCostsAreWrittenInAnotherWay) {
  const std::string text =
      "tiers: [{kind: ram, capacity: 4 slots, save_cost: auto}]\ncosts: {advance: 0.003 s, turn: auto}\n"
      "lanes: {cpus: \"2-3,5\", nice: 10}\n";
  Config config = Config::from_yaml(text);
  EXPECT_EQ(config.yaml(), text);
  config.costs.advance_seconds = .004;
  EXPECT_EQ(config.yaml(),
            "schedule: auto\ntiers:\n  - {kind: ram, capacity: 4 slots}\ncosts: {advance: 4 ms}\n"
            "durability: process\nverify: disk\nexecutor: asynchronous\nlanes: {cpus: [2, 3, 5]}\n");
}

TEST(Config, KnowsThePlaceOfAKey) {
  EXPECT_EQ(Config{}.place_of("tiers[1].capacity"), "tiers[1].capacity: ");
  Config config = Config::from_yaml("schedule: revolve\ntiers:\n- kind: ram\n  capacity: 4 slots\n", "a/laptop.yaml");
  EXPECT_EQ(config.place_of("schedule"), "a/laptop.yaml:1: schedule: ");
  EXPECT_EQ(config.place_of("schedule.period"), "a/laptop.yaml:1: schedule.period: ");
  EXPECT_EQ(config.place_of("tiers[0].capacity"), "a/laptop.yaml:4: tiers[0].capacity: ");
  EXPECT_EQ(config.place_of("tiers[0].path"), "a/laptop.yaml:3: tiers[0].path: ");
  EXPECT_EQ(config.place_of("tiers[7].path"), "a/laptop.yaml:2: tiers[7].path: ");
  EXPECT_EQ(config.place_of("verify"), "a/laptop.yaml:1: verify: ");
  config.tiers.push_back(mmap_at("a"));
  EXPECT_EQ(config.place_of("tiers[0].capacity"), "tiers[0].capacity: ");
  EXPECT_EQ(config.place_of("schedule"), "a/laptop.yaml:1: schedule: ");
}

}  // namespace
}  // namespace cairn
