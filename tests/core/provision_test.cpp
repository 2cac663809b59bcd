// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

Config config_of(const std::string& tiers) {
  return Config::from_yaml("schedule: revolve\ntiers:\n" + tiers, "run42.yaml");
}

std::string refusal(const std::string& tiers, Bytes buffer_bytes) {
  try {
    provide(config_of(tiers), buffer_bytes);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}

TEST(Provision, GivesRamAloneAllItsBuffersAsSlots) {
  const Provision provision = provide(config_of("- {kind: ram, capacity: 512 MiB}"), MiB(100));
  EXPECT_EQ(provision.pool, 5);
  EXPECT_EQ(provision.slots, (std::vector<Slots>{5}));
  EXPECT_EQ(provide(config_of("- {kind: ram, capacity: 1 slot}"), MiB(100)).slots, (std::vector<Slots>{1}));
}

TEST(Provision, KeepsOneBufferForStagingBesideSlowerTiers) {
  const Provision provision =
      provide(config_of("- {kind: ram, capacity: 512 MiB}\n- {kind: mmap, path: a, capacity: 1 GiB}\n"
                        "- {kind: hdf5, path: b, capacity: 25 slots}"),
              MiB(100));
  EXPECT_EQ(provision.pool, 5);
  EXPECT_EQ(provision.slots, (std::vector<Slots>{4, 10, 25}));
}

TEST(Provision, GivesOverlapAllBuffersAsSlots) {
  const Config config = Config::from_yaml(
      "schedule: overlap\ntiers:\n- {kind: ram, capacity: 512 MiB}\n"
      "- {kind: mmap, path: a, capacity: 1 GiB, save_cost: 2, load_cost: 3}\n");
  const Provision provision = provide(config, MiB(100));
  EXPECT_EQ(provision.pool, 5);
  EXPECT_EQ(provision.slots, (std::vector<Slots>{5, 10}));
  const Problem problem = problem_of(config, provision, 9);
  EXPECT_EQ(problem.buffers, 5);
  EXPECT_EQ(problem.levels[0].slots, 5);
}

TEST(Provision, HasTwoBuffersWhereNoTierIsRam) {
  const Provision provision = provide(
      config_of("- {kind: mmap, path: a, capacity: 3 slots}\n- {kind: hdf5, path: b, capacity: 1 GiB}"), MiB(100));
  EXPECT_EQ(provision.pool, 2);
  EXPECT_EQ(provision.slots, (std::vector<Slots>{3, 10}));
}

TEST(Provision, RefusesRamBelowASlotAndAStagingBuffer) {
  EXPECT_EQ(
      refusal("- {kind: ram, capacity: 512 MiB}\n- {kind: mmap, path: a, capacity: 4 GiB}", MiB(400)),
      "run42.yaml:3: tiers[0].capacity: 512 MiB holds 1 snapshot of 400 MiB; beside slower tiers 2 are needed, a slot "
      "and a staging buffer; give 800 MiB");
  EXPECT_EQ(
      refusal("- {kind: ram, capacity: 1 slot}\n- {kind: mmap, path: a, capacity: 4 GiB}", MiB(400)),
      "run42.yaml:3: tiers[0].capacity: 1 slot holds 1 snapshot of 400 MiB; beside slower tiers 2 are needed, a slot "
      "and a staging buffer; give 2 slots");
  EXPECT_EQ(
      refusal("- {kind: ram, capacity: 1 MiB}\n- {kind: mmap, path: a, capacity: 4 GiB}", Bytes{5'136'384}),
      "run42.yaml:3: tiers[0].capacity: 1 MiB holds no snapshot of 4.9 MiB; beside slower tiers 2 are needed, a slot "
      "and a staging buffer; give 9.8 MiB");
}

TEST(Provision, RefusesATierBelowOneSnapshot) {
  EXPECT_EQ(refusal("- {kind: ram, capacity: 100 MiB}", MiB(400)),
            "run42.yaml:3: tiers[0].capacity: 100 MiB holds no snapshot of 400 MiB; give at least 400 MiB");
  EXPECT_EQ(refusal("- {kind: ram, capacity: 4 GiB}\n- {kind: mmap, path: a, capacity: 4 GiB}\n"
                    "- kind: hdf5\n  path: b\n  capacity: 1 MiB",
                    MiB(400)),
            "run42.yaml:7: tiers[2].capacity: 1 MiB holds no snapshot of 400 MiB; give at least 400 MiB");
}

TEST(Provision, GivesAdviceThatSuffices) {
  for (std::uint64_t bytes = 4096; bytes < GiB(4).count; bytes = bytes * 3 / 2 / 4096 * 4096 + 4096) {
    const std::string text =
        refusal("- {kind: ram, capacity: 1 B}\n- {kind: mmap, path: a, capacity: 4 slots}", Bytes{bytes});
    const std::string advice = text.substr(text.rfind("give ") + 5);
    EXPECT_GE(Capacity::parse(advice).slots_of(Bytes{bytes}), 2) << text;
  }
}

TEST(Provision, ChecksTheConfigurationFirst) {
  EXPECT_THROW(provide(Config{}, MiB(1)), std::invalid_argument);
}

TEST(Provision, BecomesTheProblemThatSchedulesAreMadeFor) {
  Config config = config_of(
      "- {kind: ram, capacity: 5 slots}\n- {kind: hdf5, path: b, capacity: 7 slots, save_cost: 2, "
      "load_cost: 0.5}");
  config.schedule = ScheduleKind::periodic;
  config.period = 50;
  const Problem problem = problem_of(config, provide(config, MiB(1)), 1000);
  EXPECT_EQ(problem.steps, 1000);
  EXPECT_EQ(problem.period, 50);
  EXPECT_EQ(problem.turn_cost, 1.0);
  ASSERT_EQ(problem.levels.size(), 2U);
  EXPECT_EQ(problem.levels[0].slots, 4);
  EXPECT_EQ(problem.levels[0].save_cost, 0.0);
  EXPECT_EQ(problem.levels[0].load_cost, 0.0);
  EXPECT_EQ(problem.levels[1].slots, 7);
  EXPECT_EQ(problem.levels[1].save_cost, 2.0);
  EXPECT_EQ(problem.levels[1].load_cost, 0.5);
}

}  // namespace
}  // namespace cairn
