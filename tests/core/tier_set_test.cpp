// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include <cairn/core/tier_set.hpp>

#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

const Layout& layout() {
  static const Layout layout{{{.name = "u", .extents = {5000}}}};
  return layout;
}

TEST(TierSet, MakesTheTiersOfAConfiguration) {
  TemporaryFolder folder;
  const Config three = config(ScheduleKind::multistage, "ram:3 mmap:4 hdf5:5", folder);
  TierSet tiers{three, layout(), provide(three, layout().buffer_bytes())};
  EXPECT_EQ(tiers.slots(), (std::vector<Slots>{2, 4, 5})) << "one of three buffers is for staging";
  EXPECT_EQ(tiers.pool().buffers(), 3);
  EXPECT_TRUE(tiers.in_memory(Level{0}));
  EXPECT_FALSE(tiers.in_memory(Level{1}));
  EXPECT_EQ(tiers.records().size(), 2U);
  EXPECT_TRUE(std::filesystem::exists(folder / "level1.map"));
  EXPECT_TRUE(std::filesystem::exists(folder / "level2.h5"));
  EXPECT_EQ(tiers.pool().touched(), 0) << "memory is touched by the first forward";
}

TEST(TierSet, WorksWithoutATierInMemory) {
  TemporaryFolder folder;
  const Config one = config(ScheduleKind::revolve, "hdf5:5", folder);
  TierSet tiers{one, layout(), provide(one, layout().buffer_bytes())};
  EXPECT_EQ(tiers.ram(), nullptr);
  EXPECT_FALSE(tiers.in_memory(Level{0}));
  EXPECT_EQ(tiers.pool().buffers(), 2);
}

TEST(PathClaim, IsExclusiveHoweverThePathIsWritten) {
  TemporaryFolder folder;
  const PathClaim claim{folder / "a.h5"};
  EXPECT_THROW(PathClaim{folder / "./a.h5"}, std::invalid_argument);
  EXPECT_THROW(PathClaim{folder / "../" + folder.path().filename().string() + "/a.h5"}, std::invalid_argument);
  const PathClaim other{folder / "b.h5"};
}

TEST(PathClaim, EndsWithItsOwner) {
  TemporaryFolder folder;
  { const PathClaim claim{folder / "a.h5"}; }
  const PathClaim again{folder / "a.h5"};
}

}  // namespace
}  // namespace cairn::test
