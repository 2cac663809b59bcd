// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

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
            "tiers[0].save_cost: -1 is no cost; give a number of forward steps, 0 or more");
  EXPECT_EQ(value_refusal(with({{.kind = TierKind::ram, .load_cost = std::numeric_limits<double>::infinity()}})),
            "tiers[0].load_cost: inf is no cost; give a number of forward steps, 0 or more");
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

TEST(Config, WantsCostsOfAllButMemoryWhereAScheduleWeighsThem) {
  Config config = with({ram, mmap_at("a")});
  for (const ScheduleKind kind : {ScheduleKind::overlap, ScheduleKind::hrevolve, ScheduleKind::disk_revolve}) {
    config.schedule = kind;
    config.tiers[1].save_cost.reset();
    config.tiers[1].load_cost = 2;
    EXPECT_EQ(value_refusal(config),
              "tiers[1].save_cost: missing; " + std::string{name_of(kind)} +
                  " weighs storage against steps: give the seconds to save one snapshot / the seconds of one forward "
                  "step; the report of a run with schedule: multistage has it as \"save cost\"");
    std::swap(config.tiers[1].save_cost, config.tiers[1].load_cost);
    EXPECT_EQ(value_refusal(config),
              "tiers[1].load_cost: missing; " + std::string{name_of(kind)} +
                  " weighs storage against steps: give the seconds to load one snapshot / the seconds of one forward "
                  "step; the report of a run with schedule: multistage has it as \"load cost\"");
    config.tiers[1].load_cost = 0;
    EXPECT_EQ(value_refusal(config), "accepted");
  }
  for (const ScheduleKind kind : schedule_kinds()) {
    config.schedule = kind;
    config.tiers[1].save_cost.reset();
    EXPECT_EQ(value_refusal(config) == "accepted", !needs_costs(kind)) << name_of(kind);
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
  config.tiers[1].save_cost = 0.1;
  config.tiers[2].load_cost = 1e-7;
  config.tiers[2].capacity = Capacity::of(Bytes{123'456'789});
  const Config again = Config::from_yaml(config.yaml());
  EXPECT_EQ(again.schedule, config.schedule);
  EXPECT_EQ(again.period, config.period);
  EXPECT_EQ(again.tiers, config.tiers);
  EXPECT_EQ(again.durability, config.durability);
  EXPECT_EQ(again.verify, config.verify);
  EXPECT_EQ(again.executor, config.executor);
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
