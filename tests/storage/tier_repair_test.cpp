// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/tier_file.hpp>
#include <cairn/storage/tier_repair.hpp>

#include <cerrno>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/file_tiers.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using namespace test;
using Call = FaultySystem::Call;
using Holds = RepairedSlot::Holds;
using Kind = StorageError::Kind;
using Remedy = RepairedSlot::Remedy;

/// Of 9 slots: 0 whole; 1 released; 2 a flipped byte; 3 whole, its step word lost; 4 a save cut short; 5 a damaged row;
/// 6 a step word without a row; 7 released, its step word left; 8 blank.
class RepairedTiers : public testing::TestWithParam<std::string> {
 protected:
  RepairedTiers() {
    FaultySystem system;
    {
      const FileTier tier = home.make(layout, 9, {}, system);
      tier.record->put_identity("{}");
      for (const std::int64_t slot : {0, 1, 2, 3, 5, 7}) tier->save(Slot{slot}, 10 + slot, content(10 + slot));
      for (const std::int64_t slot : {1, 7}) tier->release(Slot{slot});
      system.fail(Call::pwrite, system.count(Call::pwrite) + 3, EIO);
      EXPECT_THROW(tier->save(Slot{4}, 14, content(14)), StorageError);
    }
    home.flip(home.data_at(Slot{2}) + 1);
    home.put_step(Slot{3}, -1);
    home.flip(home.row_at(Slot{5}) + 100);
    home.put_step(Slot{6}, 16);
    home.put_step(Slot{7}, 17);
  }
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), layout); }
  static void expect_found(const RepairedFile& file) {
    const std::vector<std::pair<Holds, Remedy>> expected{
        {Holds::snapshot, Remedy::none},      {Holds::released, Remedy::none},     {Holds::nothing, Remedy::emptied},
        {Holds::snapshot, Remedy::step_word}, {Holds::nothing, Remedy::emptied},   {Holds::nothing, Remedy::emptied},
        {Holds::nothing, Remedy::emptied},    {Holds::released, Remedy::step_word}};
    ASSERT_EQ(file.in_use.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(file.in_use[i].slot.index, static_cast<std::int64_t>(i));
      EXPECT_EQ(file.in_use[i].step, 10 + static_cast<Step>(i)) << i;
      EXPECT_EQ(file.in_use[i].holds, expected[i].first) << i << file.in_use[i].problem;
      EXPECT_EQ(file.in_use[i].remedy, expected[i].second) << i << file.in_use[i].problem;
      EXPECT_EQ(file.in_use[i].problem.empty(), expected[i].second == Remedy::none) << i;
    }
  }

  FileTierHome home{GetParam()};
  Layout layout = mixed_fields();
};

TEST_P(RepairedTiers, AreSetRightAndKeepWhatIsWhole) {
  const RepairedFile file = repair_tier_file(home.path, false);
  expect_found(file);
  EXPECT_EQ(file.kind, GetParam());
  EXPECT_EQ(file.slots, 9);
  EXPECT_EQ(file.run.identity, "{}");
  const auto after = open_tier_file(home.path);
  const std::vector<Step> words{10, -1, -1, 13, -1, -1, -1, -1, -1};
  for (std::size_t slot = 0; slot < words.size(); ++slot)
    EXPECT_EQ(after->step(Slot{static_cast<std::int64_t>(slot)}), words[slot]) << slot;
  for (const SlotReport& report : examine(*after, true)) EXPECT_EQ(report.problem, "");
  for (const RepairedSlot& slot : repair_tier_file(home.path, false).in_use)
    EXPECT_EQ(slot.remedy, Remedy::none) << slot.problem;
  const FileTier tier = home.resume(layout);
  for (const std::int64_t slot : {0, 1, 3, 7}) EXPECT_EQ(loaded(*tier, Slot{slot}, 10 + slot), content(10 + slot));
}

TEST_P(RepairedTiers, StayAsTheyAreInADryRunThatTellsTheSame) {
  const std::string before = home.bytes();
  expect_found(repair_tier_file(home.path, true));
  EXPECT_TRUE(home.bytes() == before);
}

TEST_P(RepairedTiers, AreRefusedWhereARunUsesThem) {
  const FileTier tier = home.resume(layout);
  const std::string before = home.bytes();
  const StorageError error = failure([&] { repair_tier_file(home.path, false); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), home.path + ": in use by another run");
  EXPECT_TRUE(home.bytes() == before);
}

TEST_P(RepairedTiers, KeepASnapshotThatCannotBeReadNow) {
  FaultySystem count;
  repair_tier_file(home.path, true, count);
  const std::string before = home.bytes();
  bool unreadable = false;
  for (std::uint64_t kth = 1; kth <= count.count(Call::pread); ++kth) {
    FaultySystem system;
    system.fail(Call::pread, kth, EIO);
    try {
      const RepairedFile file = repair_tier_file(home.path, false, system);
      EXPECT_EQ(file.in_use[0].remedy, Remedy::none);
      unreadable = unreadable || file.in_use[0].holds == Holds::unreadable;
      EXPECT_EQ(open_tier_file(home.path)->row(Slot{0}).status, SlotStatus::valid);
    } catch (const StorageError& error) {
      EXPECT_EQ(error.kind(), Kind::io) << error.what();
      EXPECT_TRUE(home.bytes() == before);
    }
    File(home.path, File::Mode::write).write(0, std::as_bytes(std::span{before}));
  }
  EXPECT_TRUE(unreadable);
}

TEST_P(RepairedTiers, SayWhatFailedWhereTheyCannotBeWritten) {
  FaultySystem system;
  system.fail_always(Call::pwrite, EROFS);
  const StorageError error = failure([&] { repair_tier_file(home.path, false, system); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_NE(std::string{error.what()}.find(words_for(EROFS)), std::string::npos) << error.what();
}

TEST_P(RepairedTiers, KeepTheSnapshotsOfAnotherSweepAndOfNoSums) {
  {
    const FileTier tier = home.make(layout, 2, {.verify = Verify::never});
    tier.record->put_identity(R"({"sweep": 1})");
    tier->save(Slot{0}, 1, content(1));
    tier.record->put_identity(R"({"sweep": 2})");
    tier->save(Slot{1}, 2, content(2));
  }
  const std::string before = home.bytes();
  for (const RepairedSlot& slot : repair_tier_file(home.path, false).in_use)
    EXPECT_EQ(slot.holds, Holds::not_summed) << slot.slot.index;
  EXPECT_TRUE(home.bytes() == before);
}

INSTANTIATE_TEST_SUITE_P(Tiers, RepairedTiers, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn
