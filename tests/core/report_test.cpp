// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/report.hpp>
#include <cairn/core/reversal.hpp>

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cairn {
namespace {

Report example() {
  Report report;
  report.schedule = "multistage";
  report.executor = "asynchronous";
  report.steps = 100;
  report.advances = 316;
  report.turns = 100;
  report.snapshot = MiB(5);
  report.buffer = MiB(5);
  report.pool = 4;
  report.advance_seconds = 6;
  report.turn_seconds = 2;
  report.copy_seconds = .5;
  report.stall_seconds = 1;
  report.other_seconds = .5;
  report.total_seconds = 10;
  report.plan_cost = 416;
  report.levels.push_back({.tier = "ram",
                           .file = "",
                           .slots = 3,
                           .peak = 3,
                           .takeshots = 40,
                           .restores = 90,
                           .moves = 0,
                           .discards = 40,
                           .saved = MiB(200),
                           .loaded = MiB(450),
                           .save_cost = .0625,
                           .load_cost = .0625,
                           .save_gb_per_second = 12.34567,
                           .load_gb_per_second = 12.34567});
  report.levels.push_back({.tier = "hdf5",
                           .file = "a.h5",
                           .slots = 20,
                           .peak = 7,
                           .takeshots = 7,
                           .restores = 9,
                           .moves = 0,
                           .discards = 7,
                           .saved = MiB(35),
                           .loaded = MiB(45),
                           .stall_seconds = 1,
                           .lane_seconds = 2.5,
                           .save_cost = 12.3456,
                           .load_cost = {},
                           .save_gb_per_second = 1.5,
                           .load_gb_per_second = {}});
  return report;
}

TEST(Report, IsATableForPeople) {
  EXPECT_EQ(example().table(),
            "100 steps reversed by multistage, asynchronous executor: 316 forward steps (3.16 a step), 100 turns\n"
            "10.000 s: compute 8.000 (80.0 %: forward 6.000, turns 2.000), copies 0.500 (5.0 %), stalls 1.000 "
            "(10.0 %), other 0.500 (5.0 %)\n"
            "tier      slots     peak  takeshots   restores    moves       saved      loaded\n"
            "ram           3        3         40         90        0   200.0 MiB   450.0 MiB\n"
            "hdf5         20        7          7          9        0    35.0 MiB    45.0 MiB\n"
            "tier   save GB/s load GB/s save cost load cost    lane s  busy %   stall s\n"
            "ram         12.3      12.3    0.0625    0.0625         -       -     0.000\n"
            "hdf5         1.5         -      12.3         -     2.500    25.0     1.000\n");
}

TEST(Report, SaysWhereTheRunStopped) {
  Report report = example();
  EXPECT_TRUE(nlohmann::json::parse(report.json())["stopped_at"].is_null());
  report.stopped = report.stopped_in_reverse = true;
  report.stopped_at = 42;
  EXPECT_NE(report.table().find("\nstopped as asked in the reverse sweep at step 42; with resume: true the next start "
                                "goes on\n"),
            std::string::npos);
  const auto json = nlohmann::json::parse(report.json());
  EXPECT_EQ(json["stopped_in_reverse"], true);
  EXPECT_EQ(json["stopped_at"], 42);
}

Report::Makespan example_makespan() {
  return {.step_seconds = .0125,
          .achieved = 800,
          .predicted = 640,
          .least = 500,
          .least_proved = 400,
          .least_with_copies = 512,
          .reason = "prices"};
}

TEST(Report, HasTheMakespanBesideItsPredictionAndItsBounds) {
  Report report = example();
  report.makespan = example_makespan();
  EXPECT_NE(
      report.table().find("other 0.500 (5.0 %)\n"
                          "makespan 800 steps of 0.0125 s: 1.250 times the 640 predicted,\n"
                          "         1.600 times the 500 that any plan takes (prices; 2.000 times the 400 proved), "
                          "1.562 times the 512 with copies\n"
                          "tier "),
      std::string::npos)
      << report.table();
  report.makespan->least_proved = 500;
  report.makespan->reason = "buffers";
  EXPECT_NE(report.table().find("\n         1.600 times the 500 that any plan takes (buffers, proved), 1.562 times the "
                                "512 with copies\ntier "),
            std::string::npos)
      << report.table();
}

TEST(Report, HasTheRatiosOfTheMakespanForPrograms) {
  Report report = example();
  report.makespan = example_makespan();
  const auto makespan = nlohmann::json::parse(report.json())["makespan"];
  EXPECT_EQ(makespan["achieved"], 800);
  EXPECT_EQ(makespan["of_predicted"], 1.25);
  EXPECT_EQ(makespan["of_least"], 1.6);
  EXPECT_EQ(makespan["of_least_proved"], 2);
  EXPECT_EQ(makespan["of_least_with_copies"], 1.5625);
  EXPECT_EQ(makespan["least_is_proved"], false);
  report.makespan->least_proved = 500;
  EXPECT_EQ(nlohmann::json::parse(report.json())["makespan"]["least_is_proved"], true);
}

TEST(Report, SaysWhichMemoryIsShared) {
  Report report = example();
  EXPECT_EQ(nlohmann::json::parse(report.json())["levels"][0]["shared"], false);
  report.levels[0].shared = true;
  EXPECT_NE(report.table().find("tier          slots     peak  takeshots   restores    moves       saved      loaded\n"
                                "ram shared        3        3         40         90        0   200.0 MiB   450.0 MiB\n"
                                "hdf5             20        7          7          9        0    35.0 MiB    45.0 MiB\n"
                                "tier       save GB/s load GB/s save cost load cost    lane s  busy %   stall s\n"
                                "ram shared      12.3      12.3    0.0625    0.0625         -       -     0.000\n"),
            std::string::npos)
      << report.table();
  EXPECT_EQ(nlohmann::json::parse(report.json())["levels"][0]["shared"], true);
}

TEST(Report, HasNoSharesOfASweepThatTookNoTime) {
  const auto json = nlohmann::json::parse(Report{}.json());
  for (const char* share : {"compute_share", "copy_share", "stall_share"}) EXPECT_EQ(json[share], 0) << share;
}

TEST(Report, SaysWhatWasComparedUnderVerifyReplay) {
  Report report = example();
  EXPECT_TRUE(nlohmann::json::parse(report.json())["compared"].is_null());
  report.compared = Count{216};
  EXPECT_EQ(nlohmann::json::parse(report.json())["compared"], 216);
  EXPECT_NE(report.table().find("turns\nreplayed: 216 states computed again, each the same as at first\n10.000 s: "),
            std::string::npos)
      << report.table();
  report.compared = Count{1};
  EXPECT_NE(report.table().find("replayed: 1 state computed again"), std::string::npos) << report.table();
}

TEST(Report, SaysWhyAutoChose) {
  Report report = example();
  EXPECT_TRUE(nlohmann::json::parse(report.json())["reason"].is_null());
  report.reason = "multistage costs 416 forward steps, the least of 3 that fit";
  EXPECT_NE(report.table().find("turns\nauto: multistage costs 416 forward steps, the least of 3 that "
                                "fit\n10.000 s: compute"),
            std::string::npos)
      << report.table();
  EXPECT_EQ(nlohmann::json::parse(report.json())["reason"], report.reason);
}

TEST(Report, IsJsonForPrograms) {
  const auto json = nlohmann::json::parse(example().json());
  EXPECT_EQ(json["schedule"], "multistage");
  EXPECT_EQ(json["advances"], 316);
  EXPECT_EQ(json["levels"][1]["takeshots"], 7);
  EXPECT_EQ(json["levels"][1]["file"], "a.h5");
  EXPECT_EQ(json["levels"][1]["saved_bytes"], 35 << 20);
  EXPECT_EQ(json["stall_seconds"], 1.0);
  EXPECT_EQ(json["levels"][1]["save_cost"], 12.3456);
  EXPECT_TRUE(json["levels"][1]["load_cost"].is_null());
  EXPECT_EQ(json["levels"][1]["save_gb_per_second"], 1.5);
  EXPECT_TRUE(json["levels"][1]["load_gb_per_second"].is_null());
  EXPECT_EQ(json["levels"][1]["busy_share"], .25);
  EXPECT_EQ(json["levels"][0]["busy_share"], 0);
  EXPECT_EQ(json["compute_seconds"], 8);
  EXPECT_EQ(json["compute_share"], .8);
  EXPECT_EQ(json["copy_share"], .05);
  EXPECT_EQ(json["stall_share"], .1);
}

TEST(Report, WritesASaturatedCountAsNull) {
  Report report = example();
  report.advances = std::numeric_limits<Count>::max();
  EXPECT_TRUE(nlohmann::json::parse(report.json())["advances"].is_null());
  EXPECT_NE(report.table().find(">1.8e19"), std::string::npos);
}

TEST(Report, HasThePriceOfASnapshotWhereOneWasSavedOrLoaded) {
  for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous}) {
    const test::TemporaryFolder folder;
    test::Toy toy;
    test::Checked checked{toy, 20};
    Reversal run{test::config(ScheduleKind::multistage, "ram:3 mmap:2 hdf5:50", folder, executor), toy.state(),
                 checked.operators()};
    const Report report = run.sweep(20);
    ASSERT_EQ(report.levels.size(), 3U);
    for (const Report::PerLevel& level : report.levels) {
      ASSERT_TRUE(level.save_cost && level.load_cost) << level.tier;
      EXPECT_GT(*level.save_cost, 0) << level.tier;
      EXPECT_GT(*level.load_cost, 0) << level.tier;
    }
  }
}

TEST(Report, HasNoPriceOfASnapshotWhereNoneWasStored) {
  const test::TemporaryFolder folder;
  test::Toy toy;
  test::Checked checked{toy, 9};
  Reversal run{test::config(ScheduleKind::revolve, "ram:4 hdf5:5", folder), toy.state(), checked.operators()};
  const Report report = run.sweep(9);
  EXPECT_TRUE(report.levels[0].save_cost && report.levels[0].load_cost);
  EXPECT_FALSE(report.levels[1].save_cost || report.levels[1].load_cost);
}

}  // namespace
}  // namespace cairn
