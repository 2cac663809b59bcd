// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/ledger.hpp>

#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <span>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/failures.hpp>

namespace cairn {
namespace {

using enum SlotStatus;
const Checksum some_sum{std::byte{7}};

TEST(SlotStatus, BecomesWhatThePictureSaysAndNothingElse) {
  const std::set<std::pair<SlotStatus, SlotStatus>> picture{{empty, writing},    {writing, valid}, {valid, released},
                                                            {released, writing}, {writing, empty}, {valid, empty}};
  for (int from = 0; from < 256; ++from)
    for (int to = 0; to < 256; ++to) {
      const auto a = static_cast<SlotStatus>(from);
      const auto b = static_cast<SlotStatus>(to);
      EXPECT_EQ(may_become(a, b), picture.contains({a, b})) << from << " to " << to;
    }
}

TEST(SlotStatus, HasAName) {
  EXPECT_EQ(name_of(empty), "empty");
  EXPECT_EQ(name_of(writing), "writing");
  EXPECT_EQ(name_of(valid), "valid");
  EXPECT_EQ(name_of(released), "released");
  EXPECT_EQ(name_of(static_cast<SlotStatus>(9)), "damaged");
}

TEST(Ledger, StartsWithEmptySlots) {
  const Ledger ledger{3};
  EXPECT_EQ(ledger.slots(), 3);
  for (const std::int64_t i : {0, 1, 2}) {
    EXPECT_EQ(ledger.at(Slot{i}).status, empty);
    EXPECT_EQ(ledger.at(Slot{i}).step, -1);
  }
}

TEST(Ledger, KeepsStepSequenceAndSumOfASnapshotUntilItsSlotIsWrittenAgain) {
  Ledger ledger{2};
  ledger.begin(Slot{1}, 40);
  EXPECT_EQ(ledger.at(Slot{1}).status, writing);
  EXPECT_EQ(ledger.commit(Slot{1}, some_sum).checksum, some_sum);
  EXPECT_EQ(ledger.at(Slot{1}).status, valid);
  const Ledger::Stored& held = ledger.release(Slot{1});
  EXPECT_EQ(held.step, 40);
  EXPECT_EQ(held.sequence, 1U);
  EXPECT_EQ(held.checksum, some_sum);
  EXPECT_EQ(ledger.begin(Slot{1}, 50).checksum, Checksum{});
  EXPECT_EQ(ledger.at(Slot{1}).step, 50);
  EXPECT_EQ(ledger.at(Slot{1}).sequence, 2U);
}

TEST(Ledger, CountsTheSavesOfAllSlotsTogether) {
  Ledger ledger{2};
  EXPECT_EQ(ledger.begin(Slot{0}, 1).sequence, 1U);
  EXPECT_EQ(ledger.begin(Slot{1}, 2).sequence, 2U);
  ledger.fail(Slot{0});
  EXPECT_EQ(ledger.begin(Slot{0}, 3).sequence, 3U);
}

TEST(Ledger, ForgetsTheStepOfASaveThatFailed) {
  Ledger ledger{1};
  ledger.begin(Slot{0}, 8);
  ledger.fail(Slot{0});
  EXPECT_EQ(ledger.at(Slot{0}).status, empty);
  EXPECT_EQ(ledger.at(Slot{0}).step, -1);
}

LedgerRow row_of(SlotStatus status, Step step, std::uint64_t sequence, std::uint64_t run) {
  LedgerRow row;
  row.step = step;
  row.sequence = sequence;
  row.checksum = some_sum;
  row.status = status;
  row.run = run;
  row.seal();
  return row;
}

TEST(SlotStatus, AtOpeningIsThatOfAnIntactRowOfTheRunAndElseEmpty) {
  constexpr std::uint64_t run = 7;
  for (int status = 0; status < 256; ++status) {
    const auto said = static_cast<SlotStatus>(status);
    const bool has_bytes = said == valid || said == released;
    EXPECT_EQ(status_at_opening(row_of(said, 5, 1, run), run), has_bytes ? said : empty) << status;
    EXPECT_EQ(status_at_opening(row_of(said, 5, 1, run + 1), run), empty) << "of another run";
    EXPECT_EQ(status_at_opening(row_of(said, -1, 1, run), run), empty) << "without a step";
    LedgerRow damaged = row_of(said, 5, 1, run);
    damaged.sequence = 2;
    EXPECT_EQ(status_at_opening(damaged, run), empty);
  }
  EXPECT_EQ(status_at_opening(LedgerRow{}, 0), empty) << "a slot never used";
}

TEST(Ledger, GoesOnFromTheRowsThatItFinds) {
  constexpr std::uint64_t run = 7;
  Ledger ledger{4};
  ledger.find(Slot{0}, row_of(valid, 40, 3, run), run);
  ledger.find(Slot{1}, row_of(released, 41, 5, run), run);
  ledger.find(Slot{2}, row_of(valid, 42, 9, run + 1), run);
  ledger.find(Slot{3}, LedgerRow{}, run);
  EXPECT_EQ(ledger.at(Slot{0}).status, valid);
  EXPECT_EQ(ledger.at(Slot{0}).step, 40);
  EXPECT_EQ(ledger.at(Slot{0}).sequence, 3U);
  EXPECT_EQ(ledger.at(Slot{0}).checksum, some_sum);
  EXPECT_EQ(ledger.at(Slot{2}).status, empty);
  EXPECT_EQ(ledger.at(Slot{2}).step, -1);
  EXPECT_EQ(ledger.bring_back(Slot{1}).status, valid);
  EXPECT_EQ(ledger.at(Slot{1}).step, 41);
  EXPECT_EQ(ledger.begin(Slot{3}, 50).sequence, 10U) << "above every row of the file";
  EXPECT_THROW(ledger.find(Slot{4}, LedgerRow{}, run), std::out_of_range);
  EXPECT_EQ(test::text_of<std::logic_error>([&] { ledger.bring_back(Slot{0}); }),
            "slot 0 is valid; only a released one is brought back");
}

TEST(Ledger, RefusesASlotOutside) {
  Ledger ledger{4};
  EXPECT_EQ(test::text_of<std::out_of_range>([&] { ledger.at(Slot{4}); }), "slot 4 of a tier with 4 slots");
  EXPECT_THROW(ledger.begin(Slot{-1}, 0), std::out_of_range);
}

TEST(Ledger, SaysWhatASlotCannotBecome) {
  Ledger ledger{1};
  EXPECT_EQ(test::text_of<std::logic_error>([&] { ledger.release(Slot{0}); }),
            "slot 0 is empty and cannot become released");
}

// Every move of 20,000 random ones is allowed exactly where may_become() says so, and refused ones change nothing.
TEST(Ledger, AllowsExactlyTheMovesOfThePicture) {
  Ledger ledger{3};
  std::map<std::int64_t, SlotStatus> model;
  std::mt19937_64 random{1};
  for (int i = 0; i < 20000; ++i) {
    const Slot slot{static_cast<std::int64_t>(random() % 3)};
    const SlotStatus to = static_cast<SlotStatus>(random() % 4);
    const auto move = [&] {
      if (to == writing) ledger.begin(slot, i);
      if (to == valid) ledger.commit(slot, some_sum);
      if (to == released) ledger.release(slot);
      if (to == empty) ledger.fail(slot);
    };
    if (may_become(model[slot.index], to)) {
      move();
      model[slot.index] = to;
    } else {
      EXPECT_THROW(move(), std::logic_error) << "move " << i;
    }
    EXPECT_EQ(ledger.at(slot).status, model[slot.index]) << "move " << i;
  }
}

std::span<std::byte> bytes_of(LedgerRow& row) {
  return std::as_writable_bytes(std::span{&row, 1});
}

TEST(LedgerRow, IsBlankWhereAllBytesAreZero) {
  LedgerRow row;
  std::memset(static_cast<void*>(&row), 0, sizeof row);
  EXPECT_TRUE(row.blank());
  EXPECT_FALSE(row.intact());
  for (std::byte& byte : bytes_of(row)) {
    byte = std::byte{1};
    EXPECT_FALSE(row.blank());
    byte = std::byte{0};
  }
}

TEST(LedgerRow, IsIntactOnceSealedAndNotWhenAnyByteChanges) {
  LedgerRow row;
  row.step = 17;
  row.status = valid;
  EXPECT_FALSE(row.intact());
  row.seal();
  EXPECT_TRUE(row.intact());
  for (std::byte& byte : bytes_of(row)) {
    byte ^= std::byte{0x10};
    EXPECT_FALSE(row.intact()) << "byte " << &byte - bytes_of(row).data();
    byte ^= std::byte{0x10};
  }
  EXPECT_TRUE(row.intact());
}

// The bytes that docs/format.md promises, written by hand.
TEST(LedgerRow, LiesInTheFileAsTheFormatSays) {
  LedgerRow row;
  row.step = 0x0102030405060708;
  row.sequence = 9;
  row.bytes = 10;
  row.checksum = some_sum;
  row.time = 11;
  row.status = released;
  row.run = 12;
  row.seal();
  std::vector<unsigned char> expected(504);
  std::memcpy(expected.data(), "cairnrow", 8);
  for (unsigned char i = 0; i < 8; ++i) expected[8U + i] = static_cast<unsigned char>(8 - i);
  expected[16] = 9, expected[24] = 10, expected[32] = 7, expected[48] = 11, expected[56] = 3, expected[64] = 12;
  EXPECT_EQ(std::memcmp(&row, expected.data(), expected.size()), 0);
  EXPECT_EQ(row.row_checksum, hash_of(std::as_bytes(std::span{expected})));
}

}  // namespace
}  // namespace cairn
