// SPDX-License-Identifier: BSD-3-Clause
#include "support/configs.hpp"
#include "support/failures.hpp"
#include "support/faulty_tier.hpp"
#include "support/layouts.hpp"
#include "support/snapshots.hpp"
#include "support/tier_makers.hpp"
#include <cairn/core/probe.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

/// A RAM tier, and behind it an mmap tier that may fail.
class ProbeTest : public testing::Test {
 protected:
  TierSet set_of(Slots slots) {
    auto pool = std::make_unique<Pool>(3, layout.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout, 2, *pool));
    home = std::make_unique<Home>(layout, slots);
    auto faulty_tier = std::make_unique<FaultyTier>(make_mmap(*home, {}));
    faulty = faulty_tier.get();
    tiers.push_back(std::move(faulty_tier));
    return TierSet{std::move(pool), std::move(tiers)};
  }
  Layout layout = mixed_fields();
  std::unique_ptr<Home> home;
  FaultyTier* faulty = nullptr;
};

TEST_F(ProbeTest, TimesEachTierThatIsNotInMemory) {
  TemporaryFolder folder;
  const Config three = config(ScheduleKind::multistage, "ram:3 mmap:4 hdf5:5", folder);
  TierSet tiers{three, layout, provide(three, layout.buffer_bytes())};
  const auto probed = probe_tiers(tiers);
  ASSERT_EQ(probed.size(), 3U);
  EXPECT_FALSE(probed[0].has_value());
  for (const std::size_t level : {1U, 2U}) {
    ASSERT_TRUE(probed[level].has_value()) << level;
    EXPECT_GT(probed[level]->save_seconds, 0.0) << level;
    EXPECT_GT(probed[level]->load_seconds, 0.0) << level;
  }
  for (const char* file : {"level1.map", "level2.h5"})
    EXPECT_TRUE(examine(*open_tier_file(folder / file), true).empty()) << file;
}

TEST_F(ProbeTest, TimesTheFirstTierWhereItIsNoMemory) {
  TemporaryFolder folder;
  const Config one = config(ScheduleKind::revolve, "hdf5:5", folder);
  TierSet tiers{one, layout, provide(one, layout.buffer_bytes())};
  const auto probed = probe_tiers(tiers);
  ASSERT_EQ(probed.size(), 1U);
  EXPECT_TRUE(probed[0].has_value());
}

TEST_F(ProbeTest, TakesOneBufferAndGivesItBackAsItWas) {
  TierSet tiers = set_of(4);
  probe_tiers(tiers);
  EXPECT_EQ(tiers.pool().touched(), 1);
  ASSERT_EQ(tiers.pool().available(), 1);
  const Pool::Buffer buffer = tiers.pool().take();
  EXPECT_TRUE(std::ranges::all_of(buffer.bytes(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_F(ProbeTest, GivesTheBufferBackAfterAnError) {
  TierSet tiers = set_of(4);
  faulty->fail_write(1, StorageError::Kind::full);
  EXPECT_EQ(failure([&] { probe_tiers(tiers); }).kind(), StorageError::Kind::full);
  EXPECT_EQ(tiers.pool().available(), 1);
}

TEST_F(ProbeTest, LeavesOutATierWhoseSlotsAreAllInUse) {
  TierSet tiers = set_of(2);
  Tier& slow = tiers.at(Level{1});
  slow.save(Slot{0}, 1, random_snapshot(1, layout));
  EXPECT_TRUE(probe_tiers(tiers)[1].has_value()) << "slot 1 is free";
  slow.save(Slot{1}, 2, random_snapshot(2, layout));
  EXPECT_FALSE(probe_tiers(tiers)[1].has_value());
  EXPECT_EQ(loaded(slow, Slot{0}, 1), random_snapshot(1, layout));
  EXPECT_EQ(loaded(slow, Slot{1}, 2), random_snapshot(2, layout));
}

TEST_F(ProbeTest, DoesWithoutWhereEveryBufferIsInUse) {
  TierSet tiers = set_of(4);
  tiers.pool().touch(1);
  const Pool::Buffer used = tiers.pool().take();
  EXPECT_FALSE(probe_tiers(tiers)[1].has_value());
  EXPECT_EQ(faulty->writes(), 0U);
}

TEST(Noise, FillsEveryByteAndRepeatsNoWord) {
  std::vector<std::byte> bytes(80'003);
  fill_with_noise(bytes);
  std::set<std::uint64_t> words;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    words.insert(word);
  }
  EXPECT_EQ(words.size(), 10'000U);
  EXPECT_GT(std::set<std::byte>(bytes.end() - 3, bytes.end()).size(), 1U) << "the rest behind the last word";
}

}  // namespace
}  // namespace cairn::test
