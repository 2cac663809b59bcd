// SPDX-License-Identifier: BSD-3-Clause
#include "plan_devices.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cairn::tool {
namespace {

Problem of_levels(std::size_t levels) {
  Problem problem{.steps = 9};
  problem.levels.resize(levels);
  return problem;
}

std::string refusal(Problem problem, const PlanOptions& options) {
  try {
    ask_devices(problem, options);
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "";
}

TEST(PlanDevices, AreThoseOfTheOption) {
  Problem problem = of_levels(3);
  PlanOptions options;
  options.devices = "0,1,1";
  ask_devices(problem, options);
  EXPECT_EQ(problem.levels[1].device, problem.levels[2].device);
  EXPECT_NE(problem.levels[0].device, problem.levels[1].device);
}

TEST(PlanDevices, AreOneEachWhereTheOptionIsNotGiven) {
  Problem problem = of_levels(3);
  ask_devices(problem, {});
  for (const auto& level : problem.levels) EXPECT_FALSE(level.device);
}

TEST(PlanDevices, AreRefusedWhereTheOptionDoesNotFitTheLevels) {
  PlanOptions options;
  options.devices = "0,1";
  EXPECT_EQ(refusal(of_levels(3), options),
            "--devices: 2 numbers for 3 levels; give one for each, the same for levels on one device");
  options.devices = "0,disk,1";
  EXPECT_EQ(refusal(of_levels(3), options),
            "--devices: \"disk\" is not a whole number; write digits only, such as 1000000");
}

TEST(PlanDevices, AreThoseOfTheFoldersOfTheTiers) {
  const std::filesystem::path folder = std::filesystem::path{testing::TempDir()};
  Config config;
  config.tiers = {{.kind = TierKind::ram},
                  {.kind = TierKind::mmap, .path = folder / "one.map"},
                  {.kind = TierKind::hdf5, .path = folder / "two.h5"},
                  {.kind = TierKind::hdf5, .path = folder / "no such folder" / "three.h5"},
                  {.kind = TierKind::hdf5, .path = "here.h5"}};
  Problem problem = of_levels(5);
  ask_devices(problem, {}, config);
  EXPECT_FALSE(problem.levels[0].device);
  EXPECT_TRUE(problem.levels[1].device);
  EXPECT_EQ(problem.levels[1].device, problem.levels[2].device);
  EXPECT_FALSE(problem.levels[3].device) << "of its own, as far as one knows";
  struct stat there {
  }, here{};
  ASSERT_EQ(::stat(folder.c_str(), &there), 0);
  ASSERT_EQ(::stat(".", &here), 0);
  EXPECT_EQ(problem.levels[4].device == problem.levels[1].device, there.st_dev == here.st_dev);
}

TEST(PlanDevices, AreNotAskedForTwice) {
  Problem problem = of_levels(1);
  PlanOptions options;
  options.devices = "0";
  EXPECT_THROW(ask_devices(problem, options, Config{}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::tool
