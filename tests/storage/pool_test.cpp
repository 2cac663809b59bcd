// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/pool.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/snapshots.hpp>
#include <support/threads.hpp>

namespace cairn {
namespace {

TEST(Pool, HandsOutTouchedBuffersOnly) {
  Pool pool{5, KiB(8)};
  EXPECT_THROW(pool.take(), std::logic_error);
  EXPECT_FALSE(pool.try_take().has_value());
  pool.touch(2);
  EXPECT_EQ(pool.touched(), 2);
  EXPECT_EQ(pool.available(), 2);
  const Pool::Buffer a = pool.take();
  const Pool::Buffer b = pool.take();
  EXPECT_EQ(pool.available(), 0);
  EXPECT_FALSE(pool.try_take().has_value());
}

TEST(Pool, TouchesNoMoreThanItHasAndNeverFewerThanBefore) {
  Pool pool{3, {1}};
  pool.touch(2);
  pool.touch(1);
  EXPECT_EQ(pool.touched(), 2);
  pool.touch(1000);
  EXPECT_EQ(pool.touched(), 3);
  EXPECT_EQ(pool.available(), 3);
  EXPECT_EQ(pool.buffers(), 3);
}

TEST(Pool, GivesAlignedZeroedDistinctBuffersOfWholeBlocks) {
  Pool pool{4, {5000}};
  pool.touch(4);
  EXPECT_EQ(pool.buffer_bytes(), KiB(8));
  std::vector<Pool::Buffer> taken;
  std::set<std::byte*> starts;
  for (int i = 0; i < 4; ++i) {
    taken.push_back(pool.take());
    const auto bytes = taken.back().bytes();
    EXPECT_EQ(bytes.size(), 8192U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 4096, 0U);
    EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }));
    std::ranges::fill(bytes, std::byte{0xFF});  // an overlap would show in the next one
    starts.insert(bytes.data());
  }
  EXPECT_EQ(starts.size(), 4U);
}

TEST(Pool, GivesTheBufferUsedLastAgainFirst) {
  Pool pool{3, {1}};
  pool.touch(3);
  Pool::Buffer a = pool.take();
  const Pool::Buffer b = pool.take();
  std::byte* const start = a.bytes().data();
  a.give_back();
  EXPECT_EQ(pool.take().bytes().data(), start);
}

TEST(Pool, TakesABufferBackOnceHoweverItMoved) {
  Pool pool{2, {1}};
  pool.touch(2);
  {
    Pool::Buffer a = pool.take();
    Pool::Buffer b = std::move(a);
    EXPECT_TRUE(b);
    EXPECT_FALSE(a);  // NOLINT: a moved-from buffer is empty
    a = std::move(b);
    EXPECT_TRUE(a);
    EXPECT_EQ(pool.available(), 1);
    a = pool.take();  // the one that it held before goes back
    EXPECT_EQ(pool.available(), 1);
    a.give_back();
    a.give_back();
    EXPECT_EQ(pool.available(), 2);
    Pool::Buffer& itself = a = pool.take();
    a = std::move(itself);
    EXPECT_TRUE(a);
  }
  EXPECT_EQ(pool.available(), 2);
}

TEST(Pool, LetsWhoTakesWaitUntilABufferIsBack) {
  Pool pool{1, {1}};
  pool.touch(1);
  Pool::Buffer held = pool.take();
  std::byte* const start = held.bytes().data();
  std::byte* given = nullptr;
  test::Watched taker{[&] { given = pool.take().bytes().data(); }};
  taker.until_it_waits();
  EXPECT_FALSE(taker.done());
  held.give_back();
  taker.join();
  EXPECT_EQ(given, start);
}

TEST(Pool, RefusesToBeOfNoBuffers) {
  EXPECT_THROW(Pool(0, KiB(4)), std::invalid_argument);
}

TEST(Pool, ReservesAddressesWithoutMemory) {
  Pool pool{16, GiB(4)};
  EXPECT_EQ(pool.buffers(), 16);
  EXPECT_EQ(pool.touched(), 0);
}

TEST(Pool, NumbersItsBuffersAsTheyLie) {
  Pool pool{3, KiB(4)};
  pool.touch(3);
  const std::byte* const first = pool.take_one(0).bytes().data();
  for (std::size_t index : {0U, 1U, 2U}) {
    const Pool::Buffer buffer = pool.take_one(index);
    EXPECT_EQ(buffer.index(), index);
    EXPECT_EQ(buffer.bytes().data(), first + index * 4096);
  }
  EXPECT_EQ(pool.available(), 3);
}

TEST(Pool, GivesTheBufferThatIsAskedForWhereItIsFree) {
  Pool pool{4, KiB(4)};
  const Pool::Buffer second = pool.take_one(1);
  EXPECT_EQ(pool.touched(), 2) << "those before it as well";
  EXPECT_EQ(pool.available(), 1);
  EXPECT_THROW(pool.take_one(1), std::logic_error);
  EXPECT_THROW(pool.take_one(4), std::out_of_range);
  EXPECT_EQ(pool.take().index(), 0U);
}

/// Three buffers of 8 KiB in a test's own memory, full of ones, and what was asked to be reserved of them.
struct Given {
  std::vector<std::byte, test::BlockAllocator<std::byte>> bytes =
      std::vector<std::byte, test::BlockAllocator<std::byte>>(3 * 8192, std::byte{1});
  std::vector<std::pair<Slots, Slots>> reserved;
  bool full = false;
  Pool::Memory memory() {
    return {.bytes = bytes, .reserve = [this](Slots first, Slots last) {
              if (full) throw std::runtime_error{"full"};
              reserved.emplace_back(first, last);
            }};
  }
};

TEST(PoolOfGivenMemory, LeavesItsBytesAsTheyAre) {
  Given given;
  {
    Pool pool{given.memory(), {8000}};
    EXPECT_EQ(pool.buffers(), 3);
    EXPECT_EQ(pool.buffer_bytes(), KiB(8));
    pool.touch(3);
    EXPECT_EQ(pool.take_one(2).bytes().data(), given.bytes.data() + 2 * 8192);
    std::ranges::fill(pool.take_one(1).bytes(), std::byte{2});
  }
  for (std::size_t at = 0; at < given.bytes.size(); ++at)
    ASSERT_EQ(given.bytes[at], at / 8192 == 1 ? std::byte{2} : std::byte{1}) << at;
}

TEST(PoolOfGivenMemory, ReservesEachBufferOnceBeforeItIsTouched) {
  Given given;
  Pool pool{given.memory(), KiB(8)};
  EXPECT_TRUE(given.reserved.empty());
  pool.touch(1);
  pool.touch(1);
  const Pool::Buffer last = pool.take_one(2);
  pool.touch(3);
  EXPECT_EQ(given.reserved, (std::vector<std::pair<Slots, Slots>>{{0, 1}, {1, 3}}));
}

TEST(PoolOfGivenMemory, TouchesNothingWhereThereIsNoRoom) {
  Given given;
  Pool pool{given.memory(), KiB(8)};
  pool.touch(1);
  given.full = true;
  EXPECT_THROW(pool.touch(3), std::runtime_error);
  EXPECT_EQ(pool.touched(), 1);
  EXPECT_EQ(pool.available(), 1);
  given.full = false;
  pool.touch(3);
  EXPECT_EQ(pool.available(), 3);
}

TEST(PoolOfGivenMemory, RefusesToBeOfNoBuffers) {
  Given given;
  EXPECT_THROW((Pool{given.memory(), KiB(32)}), std::invalid_argument);
}

TEST(Pool, ServesManyThreads) {
  Pool pool{3, KiB(4)};
  pool.touch(3);
  const auto work = [&] {
    for (int i = 0; i < 2000; ++i) {
      const Pool::Buffer buffer = pool.take();
      std::ranges::fill(buffer.bytes().first(64), static_cast<std::byte>(i));
      ASSERT_TRUE(
          std::ranges::all_of(buffer.bytes().first(64), [i](std::byte b) { return b == static_cast<std::byte>(i); }));
    }
  };
  { std::jthread a{work}, b{work}, c{work}, d{work}, e{work}; }
  EXPECT_EQ(pool.available(), 3);
}

}  // namespace
}  // namespace cairn
