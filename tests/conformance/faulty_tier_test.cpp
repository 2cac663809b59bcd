// SPDX-License-Identifier: BSD-3-Clause
// The fault injector does what tests ask it for; that it is a tier otherwise, every_tier_test shows.
#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_tier.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <support/tier_makers.hpp>

namespace cairn::test {
namespace {

using Kind = StorageError::Kind;

class FaultyTierTest : public testing::Test {
 protected:
  Home home{mixed_fields(), 3};
  FaultyTier tier{make_ram(home, {.verify = Verify::always})};
  Snapshot saved = random_snapshot(1, home.layout);
};

TEST_F(FaultyTierTest, FailsTheWriteThatItIsToldToAndNoOther) {
  tier.fail_write(2, Kind::full);
  tier.save(Slot{0}, 1, saved);
  const StorageError error = failure([&] { tier.save(Slot{1}, 2, saved); });
  EXPECT_EQ(error.kind(), Kind::full);
  EXPECT_STREQ(error.what(), "ram tier: slot 1, step 2: a fault that the test asked for, in write");
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty);
  tier.save(Slot{1}, 3, saved);
  EXPECT_EQ(loaded(tier, Slot{1}, 3), saved);
  EXPECT_EQ(tier.writes(), 3U);
}

TEST_F(FaultyTierTest, FailsTheReadThatItIsToldToAndNoOther) {
  tier.fail_read(1, Kind::io);
  tier.save(Slot{0}, 1, saved);
  EXPECT_EQ(failure([&] { loaded(tier, Slot{0}, 1); }).kind(), Kind::io);
  EXPECT_EQ(loaded(tier, Slot{0}, 1), saved);
  EXPECT_EQ(tier.reads(), 2U);
}

TEST_F(FaultyTierTest, CorruptsOneReadSoThatTheSumFindsIt) {
  tier.corrupt_read(1, 17);
  tier.save(Slot{0}, 1, saved);
  EXPECT_EQ(failure([&] { loaded(tier, Slot{0}, 1); }).kind(), Kind::corrupt);
  EXPECT_EQ(loaded(tier, Slot{0}, 1), saved);
}

TEST_F(FaultyTierTest, CorruptsWhatOneWriteStores) {
  tier.corrupt_write(1, 17);
  tier.save(Slot{0}, 1, saved);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(failure([&] { loaded(tier, Slot{0}, 1); }).kind(), Kind::corrupt);
  tier.release(Slot{0});
  tier.save(Slot{0}, 1, saved);
  EXPECT_EQ(loaded(tier, Slot{0}, 1), saved);
}

TEST_F(FaultyTierTest, ForgetsItsFaults) {
  tier.fail_write(1, Kind::full);
  tier.fail_read(1, Kind::io);
  tier.clear_faults();
  tier.save(Slot{0}, 1, saved);
  EXPECT_EQ(loaded(tier, Slot{0}, 1), saved);
}

}  // namespace
}  // namespace cairn::test
