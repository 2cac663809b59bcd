// SPDX-License-Identifier: BSD-3-Clause
// Resident memory stays below RAM capacity + the process without cairn + 64 MiB + 128 bytes a slot.
#include "support/configs.hpp"
#include <cairn/core/reversal.hpp>

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr std::uint64_t allowance_bytes = 64U << 20;

/// The most that was resident since the last reset, in bytes.
std::uint64_t peak_bytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      std::uint64_t kib = 0;
      status >> kib;
      return kib << 10;
    }
  throw std::runtime_error{"no VmHWM in /proc/self/status"};
}

void reset_peak() {
  std::ofstream{"/proc/self/clear_refs"} << 5;
}

/// A state of so many doubles; step t adds t to all.
struct Block {
  std::vector<double> values;
  explicit Block(std::size_t size) : values(size) {}
  State state() {
    State state;
    state.add("values", values);
    return state;
  }
  Operators operators() {
    return {
        .advance =
            [this](Steps steps) {
              for (const Step t : steps)
                for (double& value : values) value += static_cast<double>(t);
            },
        .reverse =
            [this](Steps step) { EXPECT_EQ(values.back(), 0.5 * static_cast<double>(step.first * (step.first - 1))); }};
  }
};

/// Bytes that a sweep over n steps took beyond what was resident before it.
std::uint64_t rise(Block& block, Config config, Step n) {
  reset_peak();
  const std::uint64_t before = peak_bytes();
  Reversal run{std::move(config), block.state(), block.operators()};
  run.sweep(n);
  return peak_bytes() - before;
}

TEST(Memory, AMappedTierOfTwentyTimesTheBudgetIsNotResident) {
  TemporaryFolder folder;
  Block block{1U << 19};  // 4 MiB
  const std::uint64_t ram = 4 * (4U << 20);
  for (const char* mix : {"ram:4 mmap:80", "ram:4 hdf5:80"})
    EXPECT_LT(rise(block, config(ScheduleKind::store_all, mix, folder), 83), ram + allowance_bytes) << mix;
}

TEST(Memory, ManyStepsOfASmallStateTakeNoMore) {
  TemporaryFolder folder;
  Block block{100};
  EXPECT_LT(rise(block, config(ScheduleKind::multistage, "ram:10 mmap:1000 hdf5:1000", folder), 100'000),
            allowance_bytes);
}

TEST(Memory, AutoMeasuresAndPlansAnewWithinTheSameAllowance) {
  TemporaryFolder folder;
  Block block{100};
  Config open = config(ScheduleKind::automatic, "ram:10 mmap:1000 hdf5:1000", folder);
  for (TierConfig& tier : open.tiers) tier.save_cost = tier.load_cost = std::nullopt;
  EXPECT_LT(rise(block, open, 100'000), allowance_bytes);
}

TEST(Memory, APoolIsTouchedOnlyAsFarAsTheStepsNeedIt) {
  TemporaryFolder folder;
  Block block{1U << 19};
  EXPECT_LT(rise(block, config(ScheduleKind::revolve, "ram:1000", folder), 3), 4 * (4U << 20) + (8U << 20));
}

}  // namespace
}  // namespace cairn::test
