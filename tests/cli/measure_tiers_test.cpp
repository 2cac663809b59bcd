// SPDX-License-Identifier: BSD-3-Clause
#include "measure_tiers.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>

namespace cairn::tool {
namespace {

using test::TemporaryFolder;

Config three_tiers(const TemporaryFolder& folder) {
  Config config;
  config.tiers = {{.kind = TierKind::ram, .capacity = Capacity::of_slots(2)},
                  {.kind = TierKind::mmap, .path = folder / "a.map", .capacity = Capacity::of_slots(1)},
                  {.kind = TierKind::hdf5, .path = folder / "b.h5", .capacity = Capacity::of_slots(9)}};
  return config;
}

TEST(MeasureTiers, TimesEveryTierAndLeavesNoFile) {
  for (const Durability durability : {Durability::process, Durability::power})
    for (const std::uint64_t bytes : {1U, 4097U, 300'001U}) {
      TemporaryFolder folder;
      Config config = three_tiers(folder);
      config.durability = durability;
      const Measured measured = measure_tiers(config, Bytes{bytes}, 1);
      ASSERT_EQ(measured.tiers.size(), 3U);
      EXPECT_EQ(measured.tiers[0].save_seconds, measured.copy_out_seconds);
      EXPECT_EQ(measured.tiers[0].load_seconds, measured.copy_in_seconds);
      for (const Measured::PerTier& tier : measured.tiers) {
        EXPECT_GT(tier.save_seconds, 0.0) << bytes;
        EXPECT_GT(tier.load_seconds, 0.0) << bytes;
      }
      EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    }
}

TEST(MeasureTiers, RefusesWhatARunWouldRefuse) {
  TemporaryFolder folder;
  Config config = three_tiers(folder);
  config.tiers[2].capacity = Capacity::of(KiB(4));
  EXPECT_THROW(measure_tiers(config, Bytes{5000}, 1), std::invalid_argument);
  config = three_tiers(folder);
  config.tiers[1].path = folder / "nowhere/a.map";
  EXPECT_THROW(measure_tiers(config, Bytes{5000}, 1), std::invalid_argument);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(MeasureTiers, AddsTheCopyToWhatATierTakesAndKeepsFourDigits) {
  TemporaryFolder folder;
  const Measured measured{
      .copy_out_seconds = 1, .copy_in_seconds = 2, .tiers = {{1, 2}, {1.0 / 3, 16}, {12344.9, 0.00002}}};
  const Config config = three_tiers(folder);
  EXPECT_EQ(costs_of(config, measured, 0, 2).save, .5) << "in memory it is the copy";
  EXPECT_EQ(costs_of(config, measured, 0, 2).load, 1);
  EXPECT_EQ(costs_of(config, measured, 1, 2).save, .6667);
  EXPECT_EQ(costs_of(config, measured, 1, 2).load, 9);
  EXPECT_EQ(costs_of(config, measured, 2, 1).save, 12350);
  EXPECT_EQ(costs_of(config, measured, 2, 1e-9).load, 2e9);
}

TEST(PathBeside, IsInTheFolderOfTheFileAndNothingIsThere) {
  TemporaryFolder folder;
  const std::string path = folder / "run.h5";
  const std::string first = path_beside(path);
  EXPECT_TRUE(first.starts_with(path + ".measure-")) << first;
  std::ofstream{first} << "taken";
  const std::string second = path_beside(path);
  EXPECT_NE(second, first);
  std::ofstream{second + ".new"} << "what is being made there";
  const std::string third = path_beside(path);
  EXPECT_TRUE(third != first && third != second) << third;
  EXPECT_FALSE(std::filesystem::exists(third));
}

TEST(PathBeside, FollowsALinkToTheDiskOfItsFile) {
  TemporaryFolder here, there;
  std::ofstream{there / "big.h5"} << "somewhere else";
  std::filesystem::create_symlink(there / "big.h5", here / "run.h5");
  EXPECT_TRUE(
      path_beside(here / "run.h5").starts_with(std::filesystem::canonical(there / "big.h5").string() + ".measure-"));
}

}  // namespace
}  // namespace cairn::tool
