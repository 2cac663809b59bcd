// SPDX-License-Identifier: BSD-3-Clause
// How the file of a tier is opened again: Hdf5Tier::reopen() and MmapTier::reopen().
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
using Kind = StorageError::Kind;

class ReopenedFiles : public testing::TestWithParam<std::string> {
 protected:
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), layout); }
  void save(const FileTier& tier, std::int64_t slot, Step step) const { tier->save(Slot{slot}, step, content(step)); }

  FileTierHome home{GetParam()};
  Layout layout = mixed_fields();
};

TEST_P(ReopenedFiles, AreThereForOneRunAtATime) {
  save(home.make(layout, 1), 0, 1);
  {
    const FileTier tier = home.reopen(layout);
    const std::string in_use = GetParam() + " tier: " + home.path + ": in use by another run";
    EXPECT_EQ(failure([&] { home.reopen(layout); }).what(), in_use);
    EXPECT_EQ(failure([&] { home.reopen(layout); }).kind(), Kind::mismatch);
    EXPECT_EQ(failure([&] { home.make(layout, 1); }).what(), in_use);
  }
  EXPECT_NO_THROW(home.reopen(layout));
}

TEST_P(ReopenedFiles, AreAbsentWhereThereIsNoFile) {
  EXPECT_EQ(failure([&] { home.reopen(layout); }).kind(), Kind::absent);
}

TEST_P(ReopenedFiles, AreRefusedWhereTheStateIsAnother) {
  save(home.make(layout, 1), 0, 1);
  const std::string before = home.bytes();
  const StorageError error = failure([&] { home.reopen(one_large_field()); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), GetParam() + " tier: " + home.path +
                              ": holds snapshots of another state: its field 0 is \"time\", the run's is "
                              "\"pressure\"");
  EXPECT_TRUE(home.bytes() == before);
}

TEST_P(ReopenedFiles, KeepSlotsAndTakeASummaryOfOtherLevels) {
  save(home.make(layout, 3), 0, 1);
  const FileTier tier = home.resume(layout);
  EXPECT_EQ(tier->slots(), 3);
  for (const std::size_t levels : {1U, 2U, 3U})
    EXPECT_NO_THROW(tier.record->put_summary(
        {.actions = {levels, {1, 2, 3, 4}}, .stall_seconds = std::vector<double>(levels), .end = "", .report = "{}"}));
  EXPECT_EQ(loaded(*tier, Slot{0}, 1), content(1));
}

TEST_P(ReopenedFiles, AreReadInLargeRequests) {
  layout = one_byte();
  constexpr Slots slots = 100'000;
  {
    const FileTier tier = home.make(layout, slots);
    for (const std::int64_t slot : {0, 77'777, 99'999}) save(tier, slot, slot);
    tier->release(Slot{77'777});
  }
  FaultySystem system;
  const FileTier tier = home.resume(layout, {}, system);
  EXPECT_LT(system.count(Call::pread), 100U);
  EXPECT_LT(system.count(Call::pwrite), 10U);
  for (const std::int64_t slot : {0, 77'777, 99'999}) EXPECT_EQ(loaded(*tier, Slot{slot}, slot), content(slot));
}

INSTANTIATE_TEST_SUITE_P(Tiers, ReopenedFiles, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn
