// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/ram_tier.hpp>

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using Kind = StorageError::Kind;

class RamTierTest : public testing::Test {
 protected:
  RamTierTest() { pool.touch(4); }
  Pool::Buffer filled(std::uint64_t seed) {
    Pool::Buffer buffer = pool.take();
    std::ranges::copy(test::random_snapshot(seed, layout), buffer.bytes().begin());
    return buffer;
  }
  bool holds(std::span<const std::byte> bytes, std::uint64_t seed) const {
    return std::ranges::equal(bytes, test::random_snapshot(seed, layout));
  }
  Layout layout = test::mixed_fields();
  Pool pool{4, layout.buffer_bytes()};
};

TEST_F(RamTierTest, AdoptsABufferWithoutACopy) {
  RamTier tier{layout, 3, pool};
  Pool::Buffer buffer = filled(1);
  const std::byte* const start = buffer.bytes().data();
  tier.adopt(Slot{2}, 40, std::move(buffer));
  EXPECT_EQ(tier.view(Slot{2}, 40).data(), start);
  EXPECT_TRUE(holds(test::loaded(tier, Slot{2}, 40), 1));
  EXPECT_EQ(pool.available(), 3);
}

TEST_F(RamTierTest, LendsTheBufferItselfAndReleasesTheSlot) {
  RamTier tier{layout, 3, pool};
  Pool::Buffer buffer = filled(2);
  const std::byte* const start = buffer.bytes().data();
  tier.adopt(Slot{0}, 7, std::move(buffer));
  const Pool::Buffer lent = tier.lend(Slot{0}, 7);
  EXPECT_EQ(lent.bytes().data(), start);
  EXPECT_TRUE(holds(lent.bytes(), 2));
  EXPECT_EQ(tier.ledger().at(Slot{0}).status, SlotStatus::released);
  tier.adopt(Slot{0}, 8, filled(3));
  EXPECT_TRUE(holds(tier.view(Slot{0}, 8), 3));
}

TEST_F(RamTierTest, RefusesToLendOrShowWhatItDoesNotHold) {
  RamTier tier{layout, 3, pool};
  EXPECT_EQ(test::failure([&] { tier.lend(Slot{0}, 7); }).kind(), Kind::absent);
  EXPECT_EQ(test::failure([&] { tier.view(Slot{0}, 7); }).kind(), Kind::absent);
  tier.adopt(Slot{0}, 7, filled(1));
  const StorageError error = test::failure([&] { tier.lend(Slot{0}, 8); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_STREQ(error.what(), "ram tier: slot 0, step 8: the slot holds step 7");
  EXPECT_EQ(tier.ledger().at(Slot{0}).status, SlotStatus::valid);
  EXPECT_THROW(tier.view(Slot{3}, 7), std::out_of_range);
}

TEST_F(RamTierTest, RefusesToAdoptOverASnapshotAndGivesTheBufferBack) {
  RamTier tier{layout, 1, pool};
  tier.adopt(Slot{0}, 7, filled(1));
  EXPECT_THROW(tier.adopt(Slot{0}, 8, filled(2)), std::logic_error);
  EXPECT_TRUE(holds(tier.view(Slot{0}, 7), 1));
  EXPECT_EQ(pool.available(), 3);
}

TEST_F(RamTierTest, GivesItsBuffersBackOnReleaseAndAtItsEnd) {
  {
    RamTier tier{layout, 3, pool};
    tier.save(Slot{0}, 1, test::random_snapshot(1, layout));
    tier.save(Slot{1}, 2, test::random_snapshot(2, layout));
    EXPECT_EQ(pool.available(), 2);
    tier.release(Slot{0});
    EXPECT_EQ(pool.available(), 3);
  }
  EXPECT_EQ(pool.available(), 4);
}

TEST_F(RamTierTest, SumsUnderAlwaysOnly) {
  for (const auto& [verify, summed] :
       {std::pair{Verify::always, true}, {Verify::disk, false}, {Verify::never, false}}) {
    RamTier tier{layout, 1, pool, {.verify = verify}};
    tier.adopt(Slot{0}, 1, filled(1));
    EXPECT_EQ(tier.ledger().at(Slot{0}).checksum != Checksum{}, summed);
    tier.release(Slot{0});
    const Checksum known{std::byte{7}};
    tier.adopt(Slot{0}, 2, filled(1), known);
    EXPECT_EQ(tier.ledger().at(Slot{0}).checksum, summed ? known : Checksum{});
  }
}

TEST_F(RamTierTest, FindsABufferThatWasChangedUnderAlways) {
  RamTier tier{layout, 1, pool, {.verify = Verify::always}};
  Pool::Buffer buffer = filled(1);
  std::byte& first = buffer.bytes()[0];
  tier.adopt(Slot{0}, 1, std::move(buffer));
  first ^= std::byte{1};  // a stray pointer in the user's program
  EXPECT_EQ(test::failure([&] { tier.view(Slot{0}, 1); }).kind(), Kind::corrupt);
  EXPECT_EQ(test::failure([&] { test::loaded(tier, Slot{0}, 1); }).kind(), Kind::corrupt);
  EXPECT_EQ(test::failure([&] { tier.lend(Slot{0}, 1); }).kind(), Kind::corrupt);
  first ^= std::byte{1};
  EXPECT_TRUE(holds(tier.lend(Slot{0}, 1).bytes(), 1));
}

TEST_F(RamTierTest, SaysThatItIsInMemory) {
  const RamTier tier{layout, 2, pool};
  EXPECT_EQ(tier.kind(), "ram");
  EXPECT_EQ(tier.file(), "");
  EXPECT_EQ(tier.slots(), 2);
  EXPECT_FALSE(tier.device().has_value());
}

}  // namespace
}  // namespace cairn
