// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

namespace cairn {
namespace {

constexpr const char* whole = R"(# what a run takes
schedule: multistage
tiers:
  - {kind: ram, capacity: 512 MiB}
  - kind: mmap
    path: run42.map
    capacity: 4 GiB
  - {kind: hdf5, path: run42.h5, capacity: 25 slots, save_cost: 2.5, load_cost: 0}
costs: {advance: 3 ms, turn: 2.2}
durability: power
verify: always
executor: sequential
lanes: {cpus: [2, 3], nice: 7}
copy_threads: 4
)";

/// What reading says; the file's name is run42.yaml.
std::string refusal(const std::string& yaml) {
  try {
    Config::from_yaml(yaml, "run42.yaml");
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}
/// The same where line 1 is a good schedule and the tiers are these lines.
std::string refusal_of_tiers(const std::string& lines) {
  return refusal("schedule: revolve\ntiers:\n" + lines);
}

TEST(ConfigYaml, ReadsEveryKey) {
  const Config config = Config::from_yaml(whole);
  EXPECT_EQ(config.schedule, ScheduleKind::multistage);
  EXPECT_EQ(config.period, std::nullopt);
  ASSERT_EQ(config.tiers.size(), 3U);
  EXPECT_EQ(config.tiers[0], (TierConfig{.kind = TierKind::ram, .capacity = Capacity::of(MiB(512))}));
  EXPECT_EQ(config.tiers[1],
            (TierConfig{.kind = TierKind::mmap, .path = "run42.map", .capacity = Capacity::of(GiB(4))}));
  EXPECT_EQ(config.tiers[2], (TierConfig{.kind = TierKind::hdf5,
                                         .path = "run42.h5",
                                         .capacity = Capacity::of_slots(25),
                                         .save_cost = 2.5,
                                         .load_cost = 0.0}));
  EXPECT_EQ(config.durability, Durability::power);
  EXPECT_EQ(config.verify, Verify::always);
  EXPECT_EQ(config.executor, ExecutorKind::sequential);
  EXPECT_EQ(config.costs, (CostsConfig{.advance_seconds = .003, .turn = 2.2}));
  EXPECT_EQ(config.lanes, (LanesConfig{.cpus = {2, 3}, .nice = 7}));
  EXPECT_EQ(config.copy_threads, 4);
}

TEST(ConfigYaml, NeedsTiersOnly) {
  const Config config = Config::from_yaml("tiers: [{kind: ram, capacity: 10 slots}]");
  const Config unset;
  EXPECT_EQ(config.schedule, unset.schedule);
  EXPECT_EQ(config.durability, unset.durability);
  EXPECT_EQ(config.verify, unset.verify);
  EXPECT_EQ(config.executor, unset.executor);
  EXPECT_EQ(config.costs, unset.costs);
  EXPECT_EQ(config.lanes, unset.lanes);
}

TEST(ConfigYaml, TakesAutoForACostThatIsMeasured) {
  const Config config = Config::from_yaml(
      "tiers: [{kind: ram, capacity: 10 slots}, {kind: mmap, path: a.map, capacity: 10 slots, save_cost: auto, "
      "load_cost: auto}]\ncosts: {advance: auto, turn: auto}");
  EXPECT_EQ(config.tiers[1].save_cost, std::nullopt);
  EXPECT_EQ(config.tiers[1].load_cost, std::nullopt);
  EXPECT_EQ(config.costs, CostsConfig{});
}

TEST(ConfigYaml, ReadsProcessorsAsAListOrAsText) {
  const auto cpus = [](const std::string& yaml) {
    return Config::from_yaml("tiers: [{kind: ram, capacity: 4 slots}]\nlanes:\n  cpus: " + yaml).lanes.cpus;
  };
  EXPECT_EQ(cpus("[3, 0, 2]"), (std::vector{3, 0, 2}));
  EXPECT_EQ(cpus("2-3,5"), (std::vector{2, 3, 5}));
  EXPECT_EQ(cpus("\"2-3,5\""), (std::vector{2, 3, 5}));
  EXPECT_EQ(cpus("7"), (std::vector{7}));
  EXPECT_EQ(cpus("\n  - 8\n  - 9"), (std::vector{8, 9}));
}

TEST(ConfigYaml, ReadsAScheduleWithAPeriod) {
  const Config config = Config::from_yaml(
      "schedule: {kind: periodic, period: 50}\n"
      "tiers: [{kind: ram, capacity: 10 slots}, {kind: mmap, path: a.map, capacity: 10 slots}]");
  EXPECT_EQ(config.schedule, ScheduleKind::periodic);
  EXPECT_EQ(config.period, 50);
}

TEST(ConfigYaml, ReadsTheNameOfEverySchedule) {
  for (const ScheduleKind kind : schedule_kinds())
    EXPECT_EQ(Config::from_yaml("schedule: " + std::string{name_of(kind)} +
                                "\ntiers: [{kind: ram, capacity: 10 slots}, {kind: mmap, path: a.map, capacity: 10 "
                                "slots, save_cost: 2, load_cost: 2}]")
                  .schedule,
              kind);
}

/// The same where line 2 is this and nothing else is wrong.
std::string refusal_of_line(const std::string& line) {
  return refusal("tiers: [{kind: ram, capacity: 1 GiB}]\n" + line);
}

TEST(ConfigYaml, RefusesCostsThatAreNone) {
  EXPECT_EQ(refusal_of_line("costs: {advance: 3}"),
            "run42.yaml:2: costs.advance: \"3\" has no unit; write \"3 ms\" or \"3 s\"");
  EXPECT_EQ(refusal_of_line("costs:\n  turn: 2\n  advance: 0 ms"),
            "run42.yaml:4: costs.advance: \"0 ms\" is no length of time; write one above 0, such as \"3 ms\"");
  EXPECT_EQ(refusal_of_line("costs: {advance: 3 hours}"),
            "run42.yaml:2: costs.advance: \"3 hours\" is not a time; write numbers, each with one of ns, us, ms, "
            "s, min, h, d, such as \"3 ms\" or \"11 h 30 min\"");
  EXPECT_EQ(refusal_of_line("costs: {advance: [3 ms]}"),
            "run42.yaml:2: costs.advance: a list where a time such as 3 ms is needed");
  EXPECT_EQ(refusal_of_line("costs: {turn: -1}"),
            "run42.yaml:2: costs.turn: -1 is no cost; give a number of forward steps, 0 or more, or auto");
  EXPECT_EQ(refusal_of_line("costs: {turn: inf}"),
            "run42.yaml:2: costs.turn: inf is no cost; give a number of forward steps, 0 or more, or auto");
  EXPECT_EQ(
      refusal_of_line("costs: {turn: 3 ms}"),
      "run42.yaml:2: costs.turn: \"3 ms\" is not a number; give the forward steps that it costs, for instance 2.5, "
      "or auto");
  for (const std::string value : {"auto", ""})
    EXPECT_EQ(refusal_of_line("costs: " + value),
              "run42.yaml:2: costs: " + (value.empty() ? "nothing" : "\"" + value + '"') +
                  " where a map is needed; write {advance: 3 ms, turn: 2.2}, or leave it out to have them measured");
  EXPECT_EQ(refusal_of_line("costs: {advances: 3 ms}"),
            "run42.yaml:2: costs.advances: unknown key; the nearest is \"advance\"; costs has advance, turn");
  EXPECT_EQ(refusal_of_line("costs: {turn: 2, turn: 3}"),
            "run42.yaml:2: costs.turn: given twice, first in line 2; keep one");
}

TEST(ConfigYaml, RefusesLanesThatCannotBe) {
  EXPECT_EQ(refusal_of_line("lanes: {cpus: [2, two]}"),
            "run42.yaml:2: lanes.cpus[1]: \"two\" is not the number of a processor; write one such as 2");
  EXPECT_EQ(refusal_of_line("lanes:\n  cpus:\n    - 2\n    - 2.5"),
            "run42.yaml:5: lanes.cpus[1]: \"2.5\" is not the number of a processor; write one such as 2");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: [2, 3, 2]}"),
            "run42.yaml:2: lanes.cpus: processor 2 is given twice; give each once");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: [-1]}"),
            "run42.yaml:2: lanes.cpus: -1 is no number of a processor; give 0 to 8191");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: \"2-3,2\"}"),
            "run42.yaml:2: lanes.cpus: processor 2 is given twice; give each once");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: \"3-2\"}"),
            "run42.yaml:2: lanes.cpus: \"3-2\" has a range that ends before it begins; write [2, 3, 5] or \"2-3,5\"");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: []}"),
            "run42.yaml:2: lanes.cpus: no processor; leave it out for all of them");
  EXPECT_EQ(refusal_of_line("lanes: {cpus: 2-3,5}"),
            "run42.yaml:2: lanes.5: unknown key; lanes has cpus, nice; write processors as cpus: [2, 3, 5] or cpus: "
            "\"2-3,5\", in quotes");
  EXPECT_EQ(refusal_of_line("lanes: {nice: 2.5}"),
            "run42.yaml:2: lanes.nice: \"2.5\" is not a whole number; write one such as 10");
  EXPECT_EQ(refusal_of_line("lanes: {nice: -5}"),
            "run42.yaml:2: lanes.nice: -5 is not possible; give 0, as urgent as the operators, to 19, after all else");
  EXPECT_EQ(refusal_of_line("copy_threads: many"),
            "run42.yaml:2: copy_threads: \"many\" is not a whole number, or auto; write one such as 4");
  EXPECT_EQ(refusal_of_line("copy_threads: 9"), "run42.yaml:2: copy_threads: 9 is not possible; give 1 to 8, or auto");
  EXPECT_EQ(refusal_of_line("lanes: [2, 3]"),
            "run42.yaml:2: lanes: a list where a map is needed; write {cpus: [2, 3], nice: 10}");
}

TEST(ConfigYaml, ReadsHowARunIsResumed) {
  const Config usual = Config::from_yaml("tiers: [{kind: ram, capacity: 1 GiB}]");
  EXPECT_FALSE(usual.resume || usual.overwrite);
  EXPECT_EQ(usual.keep_every_seconds, 300);
  const Config config = Config::from_yaml(
      "tiers: [{kind: ram, capacity: 1 GiB}]\nresume: true\nrun_id: \"shot 7: north\"\nkeep_every: 1 h 30 min");
  EXPECT_TRUE(config.resume);
  EXPECT_EQ(config.run_id, "shot 7: north");
  EXPECT_EQ(config.keep_every_seconds, 5400);
  const Config ending = Config::from_yaml(
      "tiers: [{kind: hdf5, path: a.h5, capacity: 1 GiB}]\nstop_after: 11 h 30 min\non_tier_failure: stop");
  EXPECT_EQ(ending.stop_after_seconds, 41400);
  EXPECT_EQ(ending.on_tier_failure, OnTierFailure::stop);
  EXPECT_EQ(refusal_of_line("stop_after: 3 h"),
            "run42.yaml:2: stop_after: no tier has a file to go on from later; add one of kind hdf5 or mmap, or make "
            "the ram tier's memory shared: true");
  EXPECT_EQ(refusal("tiers: [{kind: ram, capacity: 1 GiB, shared: true, name: a}]\nstop_after: 3 h"), "accepted");
  EXPECT_EQ(refusal_of_line("on_tier_failure: wait"),
            "run42.yaml:2: on_tier_failure: \"wait\" is not known; write one of go_on, stop");
  Config changed = config;
  changed.resume = false;
  changed.overwrite = true;
  const Config again = Config::from_yaml(changed.yaml());
  EXPECT_TRUE(again.overwrite && !again.resume);
  EXPECT_EQ(again.run_id, config.run_id);
  EXPECT_EQ(again.keep_every_seconds, 5400);
}

TEST(ConfigYaml, RefusesAResumeThatCannotBe) {
  EXPECT_EQ(refusal_of_line("resume: yes"),
            "run42.yaml:2: resume: \"yes\" is neither true nor false; write one of them");
  EXPECT_EQ(
      refusal_of_line("resume: true\noverwrite: true"),
      "run42.yaml:3: overwrite: with resume: true a run goes on, with overwrite: true it begins anew; give one of "
      "them");
  EXPECT_EQ(refusal_of_line("run_id: [7]"), "run42.yaml:2: run_id: a list where a text that names the run is needed");
  EXPECT_EQ(refusal_of_line("run_id: " + std::string(201, 'x')),
            "run42.yaml:2: run_id: 201 characters; at most 200 are possible");
  EXPECT_EQ(refusal_of_line("keep_every: 5"), "run42.yaml:2: keep_every: \"5\" has no unit; write \"5 ms\" or \"5 s\"");
}

TEST(ConfigYaml, ReadsSharedMemoryAndItsName) {
  const Config named = Config::from_yaml(
      "tiers:\n- {kind: ram, capacity: 1 GiB, shared: true, name: Shot_7.north-1}\n- {kind: hdf5, path: a.h5, "
      "capacity: 1 GiB, shared: false}\nrun_id: other");
  EXPECT_TRUE(named.tiers[0].shared);
  EXPECT_FALSE(named.tiers[1].shared);
  EXPECT_EQ(named.shared_name(), "Shot_7.north-1");
  const auto from_run_id = [](const std::string& run_id) {
    return *Config::from_yaml("run_id: \"" + run_id + "\"\ntiers: [{kind: ram, capacity: 1 GiB, shared: true}]")
                .shared_name();
  };
  EXPECT_EQ(from_run_id("shot7"), "shot7");
  EXPECT_TRUE(from_run_id("shot 7: nörth").starts_with("shot_7__n__rth-")) << from_run_id("shot 7: nörth");
  EXPECT_NE(from_run_id("shot 7"), from_run_id("shot_7"));
  EXPECT_NE(from_run_id("shot 7"), from_run_id("shot:7"));
  EXPECT_LE(from_run_id(std::string(200, 'x')).size(), 120U);
  EXPECT_NE(from_run_id(std::string(200, 'x')), from_run_id(std::string(199, 'x')));
  EXPECT_EQ(Config::from_yaml("tiers: [{kind: ram, capacity: 1 GiB}]").shared_name(), std::nullopt);
}

TEST(ConfigYaml, RefusesSharedMemoryThatCannotBe) {
  const std::string ram = "  - kind: ram\n    capacity: 1 GiB\n";
  EXPECT_EQ(refusal_of_tiers(ram + "    shared: yes"),
            "run42.yaml:5: tiers[0].shared: \"yes\" is neither true nor false; write one of them");
  EXPECT_EQ(refusal_of_tiers(ram + "    shared: true"),
            "run42.yaml:3: tiers[0].name: missing; a later process finds shared memory by its name: give one, for "
            "instance name: shot7, or a run_id to make it from");
  EXPECT_EQ(refusal_of_tiers(ram + "    name: shot7"),
            "run42.yaml:5: tiers[0].name: private memory has no name; give shared: true, or remove it");
  EXPECT_EQ(refusal_of_tiers(ram + "    shared: true\n    name: \"\""),
            "run42.yaml:6: tiers[0].name: is empty; give a name, or leave it out to have it made from run_id");
  EXPECT_EQ(refusal_of_tiers(ram + "    shared: true\n    name: a/b"),
            "run42.yaml:6: tiers[0].name: \"a/b\" cannot be a name of shared memory; give 1 to 200 letters, digits, "
            "'.', '_' or '-'");
  EXPECT_EQ(refusal_of_tiers(ram + "    shared: true\n    name: " + std::string(195, 'a')), "accepted");
  EXPECT_NE(refusal_of_tiers(ram + "    shared: true\n    name: " + std::string(196, 'a')), "accepted");
  EXPECT_EQ(
      refusal_of_tiers(ram + "    shared: true\n    name: a.kept"),
      "run42.yaml:6: tiers[0].name: \"a.kept\" ends as the names of what runs keep; choose one without \".kept\"");
  EXPECT_EQ(refusal_of_tiers("  - kind: hdf5\n    path: a.h5\n    capacity: 1 GiB\n    shared: true"),
            "run42.yaml:6: tiers[0].shared: only memory can be shared, an hdf5 tier has its file; remove the key, or "
            "use kind ram");
  EXPECT_EQ(refusal_of_tiers("  - kind: mmap\n    path: a\n    capacity: 1 GiB\n    name: shot7"),
            "run42.yaml:6: tiers[0].name: only shared memory has a name; remove it");
}

TEST(ConfigYaml, RefusesKeysThatItDoesNotKnow) {
  EXPECT_EQ(refusal("tiers: [{kind: ram, capacity: 1 GiB}]\nexecuter: sequential"),
            "run42.yaml:2: executer: unknown key; the nearest is \"executor\"; a configuration has schedule, tiers, "
            "costs, durability, verify, executor, lanes, copy_threads, resume, overwrite, run_id, keep_every, "
            "stop_after, on_tier_failure");
  EXPECT_EQ(
      refusal_of_tiers("  - kind: ram\n    capcity: 1 GiB"),
      "run42.yaml:4: tiers[0].capcity: unknown key; the nearest is \"capacity\"; a tier has kind, path, capacity, "
      "save_cost, load_cost, shared, name");
  EXPECT_EQ(refusal("schedule: {kind: periodic, every: 50}"),
            "run42.yaml:1: schedule.every: unknown key; a schedule has kind, period");
  EXPECT_EQ(refusal("[1, 2]: 3"), "run42.yaml:1: a list where a key is needed");
}

TEST(ConfigYaml, RefusesWhatLaterVersionsHave) {
  for (const std::string name : {"two_level"}) {
    const std::string expected =
        "schedule: \"" + name + "\" is of a later version of cairn; this one has " +
        "auto, overlap, hrevolve, disk_revolve, multistage, revolve, periodic, store_all, online";
    EXPECT_EQ(refusal("schedule: " + name), "run42.yaml:1: " + expected);
    EXPECT_EQ(refusal("\nschedule: {kind: " + name + "}").substr(0, 30), "run42.yaml:2: schedule.kind: \"");
  }
  for (const std::string key : {"trace", "depends_on", "outputs", "compression"}) {
    EXPECT_EQ(refusal("tiers: [{kind: ram, capacity: 1 GiB}]\n" + key + ": 1"),
              "run42.yaml:2: " + key + ": this key is of a later version of cairn; remove it");
    EXPECT_EQ(refusal_of_tiers("  - {kind: ram, " + key + ": {}}"),
              "run42.yaml:3: tiers[0]." + key + ": this key is of a later version of cairn; remove it");
  }
}

TEST(ConfigYaml, RefusesNamesThatItDoesNotKnow) {
  EXPECT_EQ(refusal("schedule: revolver"),
            "run42.yaml:1: schedule: \"revolver\" is not a schedule of this version of cairn; this one has auto, "
            "overlap, hrevolve, disk_revolve, multistage, revolve, periodic, store_all, online");
  EXPECT_EQ(refusal_of_tiers("  - {kind: hdf, path: a.h5, capacity: 1 GiB}"),
            "run42.yaml:3: tiers[0].kind: \"hdf\" is not known; the nearest is \"hdf5\"; write one of ram, mmap, hdf5");
  EXPECT_EQ(refusal("durability: forever"),
            "run42.yaml:1: durability: \"forever\" is not known; write one of process, power");
  EXPECT_EQ(refusal("verify: true"),
            "run42.yaml:1: verify: \"true\" is not known; write one of disk, always, never, replay");
  EXPECT_EQ(refusal("executor: async"),
            "run42.yaml:1: executor: \"async\" is not known; write one of asynchronous, sequential");
}

TEST(ConfigYaml, RefusesWrongTypes) {
  EXPECT_EQ(
      refusal("- tiers"),
      "run42.yaml:1: a list where the configuration's keys are needed; write lines such as \"schedule: multistage\"");
  EXPECT_EQ(
      refusal("run"),
      "run42.yaml:1: \"run\" where the configuration's keys are needed; write lines such as \"schedule: multistage\"");
  EXPECT_EQ(refusal("tiers: {kind: ram, capacity: 1 GiB}"),
            "run42.yaml:1: tiers: a map where a list is needed; write a line \"- {kind: ram, capacity: 1 GiB}\" for "
            "each tier");
  EXPECT_EQ(
      refusal("schedule: revolve\ntiers:"),
      "run42.yaml:2: tiers: nothing where a list is needed; write a line \"- {kind: ram, capacity: 1 GiB}\" for each "
      "tier");
  EXPECT_EQ(refusal_of_tiers("  - ram\n"),
            "run42.yaml:3: tiers[0]: \"ram\" where a map is needed; write {kind: ram, capacity: 1 GiB}");
  EXPECT_EQ(refusal("schedule: [revolve]"), "run42.yaml:1: schedule: a list where a name such as multistage is needed");
  EXPECT_EQ(refusal_of_tiers("  - kind: [ram]\n"),
            "run42.yaml:3: tiers[0].kind: a list where one of ram, mmap, hdf5 is needed");
  EXPECT_EQ(refusal_of_tiers("  - kind: ram\n    capacity: {bytes: 5}\n"),
            "run42.yaml:4: tiers[0].capacity: a map where a size such as 4 GiB is needed");
  EXPECT_EQ(refusal_of_tiers("  - {kind: mmap, capacity: 1 GiB, path: [a]}"),
            "run42.yaml:3: tiers[0].path: a list where the path of a file is needed");
  EXPECT_EQ(
      refusal_of_tiers("  - {kind: ram, capacity: 1 GiB, save_cost: much}"),
      "run42.yaml:3: tiers[0].save_cost: \"much\" is not a number; give the forward steps that it costs, for instance "
      "2.5, or auto");
  EXPECT_EQ(refusal("schedule: {kind: periodic, period: 2.5}"),
            "run42.yaml:1: schedule.period: \"2.5\" is not a whole number of steps; write one such as 50");
}

TEST(ConfigYaml, RefusesCapacitiesThatAreNoSizes) {
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram, capacity: 1 GiB}\n  - {kind: hdf5, path: a.h5, capacity: 4 Gib}"),
            "run42.yaml:4: tiers[1].capacity: \"4 Gib\" is not a size; write \"4 GiB\" or \"25 slots\"");
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram, capacity: -1 GiB}"),
            "run42.yaml:3: tiers[0].capacity: \"-1 GiB\" is negative; write \"4 GiB\" or \"25 slots\"");
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram, capacity: 4}"),
            "run42.yaml:3: tiers[0].capacity: \"4\" has no unit; write \"4 GiB\" or \"4 slots\"");
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram, capacity: 0 GiB}"),
            "run42.yaml:3: tiers[0].capacity: \"0 GiB\" holds nothing; write \"4 GiB\" or \"25 slots\"");
}

TEST(ConfigYaml, RefusesWhatIsMissing) {
  EXPECT_EQ(refusal("schedule: revolve"),
            "run42.yaml:1: tiers: missing; give at least one, for instance tiers: [{kind: ram, capacity: 1 GiB}]");
  EXPECT_EQ(refusal_of_tiers("  - capacity: 1 GiB"),
            "run42.yaml:3: tiers[0].kind: missing; write kind: ram, mmap or hdf5");
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram}"),
            "run42.yaml:3: tiers[0].capacity: missing; write \"4 GiB\" or \"25 slots\"");
  EXPECT_EQ(refusal_of_tiers("  - {kind: ram, capacity: 1 GiB}\n  - {kind: hdf5, capacity: 4 GiB}"),
            "run42.yaml:4: tiers[1].path: missing; an hdf5 tier needs the path of its file, for instance path: run.h5");
  EXPECT_EQ(refusal_of_tiers("  - {kind: hdf5, path: '', capacity: 4 GiB}"),
            "run42.yaml:3: tiers[0].path: is empty; give the path of the tier's file");
  EXPECT_EQ(refusal("schedule: {period: 50}"),
            "run42.yaml:1: schedule.kind: missing; write {kind: periodic, period: 50}");
}

TEST(ConfigYaml, RefusesAKeyGivenTwice) {
  EXPECT_EQ(refusal("schedule: revolve\nverify: disk\nschedule: store_all"),
            "run42.yaml:3: schedule: given twice, first in line 1; keep one");
  EXPECT_EQ(refusal_of_tiers("  - kind: ram\n    capacity: 1 GiB\n    capacity: 2 GiB"),
            "run42.yaml:5: tiers[0].capacity: given twice, first in line 4; keep one");
}

TEST(ConfigYaml, RefusesWhatIsNoYaml) {
  EXPECT_EQ(
      refusal("schedule: revolve\ntiers: [{kind: ram"),
      "run42.yaml:2: this is not YAML: end of map flow not found; look here for a bracket, a quote or an indentation");
  EXPECT_EQ(refusal("schedule: revolve\n\tverify: disk"),
            "run42.yaml:2: this is not YAML: illegal tab when looking for indentation; look here for a bracket, a "
            "quote or an indentation");
  EXPECT_EQ(
      refusal("tiers: *tiers"),
      "run42.yaml:1: this is not YAML: the referenced anchor is not defined; look here for a bracket, a quote or an "
      "indentation");
  for (const char* endless : {", a", "\n, [b]"})  // a parser that goes on where it was would fill the memory
    EXPECT_NE(refusal(endless).find("this is not YAML: nothing begins like this; look here"), std::string::npos);
  for (const char* empty : {"", "\n\n", "# nothing\n", "---\n"})
    EXPECT_EQ(
        refusal(empty),
        "run42.yaml:1: the file is empty; give at least tiers, for instance tiers: [{kind: ram, capacity: 1 GiB}]");
  EXPECT_EQ(refusal("tiers: [{kind: ram, capacity: 1 GiB}]\n---\nverify: disk"),
            "run42.yaml:3: a second YAML document; a configuration is one, remove the \"---\"");
}

TEST(ConfigYaml, ChecksValuesWithTheirLines) {
  EXPECT_EQ(refusal_of_tiers("  []"),
            "run42.yaml:2: tiers: there is no tier; give one at least, for instance {kind: ram, capacity: 1 GiB}");
  EXPECT_EQ(refusal_of_tiers("  - {kind: mmap, path: a, capacity: 1 GiB}\n  - {kind: ram, capacity: 1 GiB}"),
            "run42.yaml:4: tiers[1].kind: the ram tier is the fastest; put it first");
  EXPECT_EQ(refusal_of_tiers("  - kind: ram\n    path: a\n    capacity: 1 GiB"),
            "run42.yaml:4: tiers[0].path: a ram tier has no file; remove the path, or use kind mmap or hdf5");
  EXPECT_EQ(
      refusal("durability: power\nverify: never\ntiers: [{kind: ram, capacity: 1 GiB}]"),
      "run42.yaml:2: verify: never leaves no sum to find torn data by after a loss of power, which durability: power "
      "promises; use disk or always");
  EXPECT_EQ(refusal("schedule:\n  kind: periodic\n  period: 0\ntiers: [{kind: ram, capacity: 1 GiB}]"),
            "run42.yaml:3: schedule.period: 0 is no number of steps between snapshots; give 1 to 1099511627776");
  EXPECT_EQ(
      refusal("schedule: periodic\ntiers: [{kind: ram, capacity: 1 GiB}]"),
      "run42.yaml:1: schedule: periodic keeps the start of each period on a slower tier, and there is one tier only; "
      "add one of kind mmap or hdf5, or use revolve");
}

TEST(ConfigYaml, ReadsAFileOrSaysWhyNot) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run42.yaml";
  std::ofstream{path} << whole;
  EXPECT_EQ(Config::from_file(path).tiers, Config::from_yaml(whole).tiers);
  EXPECT_EQ(Config::from_file(path).yaml(), whole);

  const auto refusal_of_file = [](const std::string& name) -> std::string {
    try {
      Config::from_file(name);
    } catch (const std::invalid_argument& problem) {
      return problem.what();
    }
    return "accepted";
  };
  EXPECT_EQ(
      refusal_of_file(folder / "no.yaml"),
      (folder / "no.yaml") + ": cannot be read: No such file or directory (ENOENT); give the path of a YAML file");
  EXPECT_EQ(refusal_of_file(folder.path().string()),
            folder.path().string() + ": cannot be read: it is a folder; give the path of a YAML file");
  std::ofstream{path} << "tiers: 7\n";
  EXPECT_TRUE(refusal_of_file(path).starts_with(path + ":1: tiers: \"7\" where a list is needed"))
      << refusal_of_file(path);
}

}  // namespace
}  // namespace cairn
