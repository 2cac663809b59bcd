// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_log.hpp"
#include "support/configs.hpp"
#include <cairn/core/tier_set.hpp>
#include <cairn/storage/shared_area.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A run that has not ended, with one snapshot in that tier.
void leave_unfinished(TierSet& tiers, Level level) {
  for (RunRecord* record : tiers.records()) record->put_identity("{}");
  tiers.pool().touch(1);
  tiers.at(level).save(Slot{0}, 1, tiers.pool().take().bytes());
}

TEST(TierSet, ReplacesNoFileWhereOneOfThemIsToStay) {
  for (const std::string path : {"level1.map", "level2.h5", "foreign"}) {
    SCOPED_TRACE(path);
    TemporaryFolder folder;
    Config three = config(ScheduleKind::multistage, "ram:3 mmap:4 hdf5:5", folder);
    {
      TierSet tiers{three, layout(), provide(three, layout().buffer_bytes())};
      if (path == "level1.map") leave_unfinished(tiers, Level{1});
      if (path == "level2.h5") leave_unfinished(tiers, Level{2});
    }
    if (path == "foreign") std::ofstream{folder / "level2.h5"} << "somebody's thesis";
    const auto files = [&] { return std::pair{bytes_of(folder / "level1.map"), bytes_of(folder / "level2.h5")}; };
    const auto before = files();
    try {
      TierSet{three, layout(), provide(three, layout().buffer_bytes())};
      FAIL() << "one file is protected";
    } catch (const StorageError& problem) {
      EXPECT_EQ(problem.kind(), StorageError::Kind::mismatch);
      EXPECT_NE(std::string{problem.what()}.find(path == "foreign" ? "move it away" : "has not ended"),
                std::string::npos)
          << problem.what();
    }
    EXPECT_EQ(files(), before) << "neither is touched";
    three.overwrite = true;
    if (path == "foreign") continue;
    EXPECT_NO_THROW((TierSet{three, layout(), provide(three, layout().buffer_bytes())}));
  }
}

TEST(TierSet, SaysThatAFileThatIsOpenedAgainKeepsItsSlots) {
  TemporaryFolder folder;
  Config made = config(ScheduleKind::multistage, "ram:3 mmap:4", folder);
  {
    TierSet tiers{made, layout(), provide(made, layout().buffer_bytes())};
    leave_unfinished(tiers, Level{1});
  }
  const auto said_with = [&](const std::string& tiers) {
    Config again = config(ScheduleKind::multistage, tiers, folder);
    again.resume = true;
    const CapturedLog log;
    EXPECT_EQ((TierSet{again, layout(), provide(again, layout().buffer_bytes())}.slots()[1]), 4);
    return log.text();
  };
  EXPECT_NE(said_with("ram:3 mmap:7").find("level1.map: keeps its 4 slots, though the configuration gives it 7"),
            std::string::npos);
  EXPECT_EQ(said_with("ram:3 mmap:4").find("keeps its"), std::string::npos);
}

TEST(TierSet, PutsItsPoolInSharedMemoryWhereThatIsAskedFor) {
  TemporaryFolder folder;
  const Config two = config(ScheduleKind::multistage, "shared:3 hdf5:5", folder);
  const std::string area = shared_path(folder.memory_name());
  {
    TierSet tiers{two, layout(), provide(two, layout().buffer_bytes())};
    EXPECT_EQ(tiers.slots(), (std::vector<Slots>{2, 5}));
    EXPECT_EQ(tiers.pool().buffers(), 3);
    EXPECT_TRUE(tiers.shared());
    EXPECT_TRUE(tiers.in_memory(Level{0}));
    EXPECT_TRUE(tiers.outlives_process(Level{0}));
    EXPECT_EQ(tiers.ram()->file(), area);
    EXPECT_EQ(tiers.records().size(), 2U);
    EXPECT_EQ(tiers.pool().touched(), 0);
    EXPECT_TRUE(std::filesystem::exists(area));
    EXPECT_THROW((TierSet{two, layout(), provide(two, layout().buffer_bytes())}), std::invalid_argument) << "in use";
  }
  EXPECT_FALSE(std::filesystem::exists(area)) << "nothing was saved in it";
}

/// A run that has saved x_0 in memory, and has not ended.
void save_in_memory(const Config& config) {
  TierSet tiers{config, layout(), provide(config, layout().buffer_bytes())};
  for (RunRecord* record : tiers.records()) record->put_identity("{}");
  tiers.pool().touch(1);
  tiers.ram()->adopt(Slot{0}, 0, tiers.pool().take());
}

TEST(TierSet, LeavesSharedMemoryThatARunCanGoOnFrom) {
  TemporaryFolder folder;
  const std::string area = shared_path(folder.memory_name());
  Config made = config(ScheduleKind::multistage, "shared:3 hdf5:5", folder);
  save_in_memory(made);
  EXPECT_TRUE(std::filesystem::exists(area));
  const auto again = [&] { return TierSet{made, layout(), provide(made, layout().buffer_bytes())}.slots(); };
  EXPECT_THROW(again(), StorageError) << "it is not to be lost by accident";
  EXPECT_TRUE(std::filesystem::exists(area));
  made.overwrite = true;
  again();
  EXPECT_FALSE(std::filesystem::exists(area));
}

TEST(TierSet, OpensSharedMemoryAgainWithTheBuffersThatItHas) {
  TemporaryFolder folder;
  save_in_memory(config(ScheduleKind::multistage, "shared:3", folder));
  Config larger = config(ScheduleKind::multistage, "shared:9 hdf5:5", folder);
  larger.resume = true;
  TierSet tiers{larger, layout(), provide(larger, layout().buffer_bytes())};
  EXPECT_EQ(tiers.slots(), (std::vector<Slots>{2, 5})) << "one of three buffers is for staging";
  EXPECT_EQ(tiers.pool().buffers(), 3);
  EXPECT_TRUE(tiers.at(Level{0}).reopened());
  EXPECT_FALSE(tiers.at(Level{1}).reopened());
}

TEST(TierSet, RefusesSharedMemoryThatHasNoBufferForSlowerTiers) {
  TemporaryFolder folder;
  save_in_memory(config(ScheduleKind::multistage, "shared:1", folder));
  Config slower = config(ScheduleKind::multistage, "shared:9 hdf5:5", folder);
  slower.resume = true;
  try {
    TierSet{slower, layout(), provide(slower, layout().buffer_bytes())};
    FAIL() << "there is nothing to stage in";
  } catch (const StorageError& problem) {
    EXPECT_EQ(problem.kind(), StorageError::Kind::mismatch);
    EXPECT_NE(std::string{problem.what()}.find("overwrite: true"), std::string::npos) << problem.what();
  }
  EXPECT_TRUE(std::filesystem::exists(shared_path(folder.memory_name())));
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
