// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/lane.hpp>
#include <cairn/storage/ram_tier.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/gate_tier.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <support/system_calls.hpp>
#include <support/threads.hpp>

namespace cairn {
namespace {

using test::Done;
using test::GateTier;

/// A lane, a tier of 10 slots and a pool of 10 buffers.
class LaneTest : public testing::Test {
 protected:
  explicit LaneTest(std::size_t queue_length = 64) : lane{std::make_unique<Lane>(LaneSetting{}, queue_length)} {
    pool.touch(10);
  }

  Pool::Buffer filled(std::uint64_t seed) {
    Pool::Buffer buffer = pool.take();
    std::ranges::copy(test::random_snapshot(seed, layout), buffer.bytes().begin());
    return buffer;
  }
  void save(std::int64_t slot, Step step = 1) {
    lane->save(tier, Slot{slot}, step, filled(static_cast<std::uint64_t>(slot)));
  }
  void save_all(std::initializer_list<std::int64_t> slots) {
    for (const std::int64_t slot : slots) save(slot);
    lane->drain();
    tier.forget();
  }
  void aim(Lane::Load& load, std::int64_t slot, Step step = 1) {
    load.tier = &tier;
    load.slot = Slot{slot};
    load.step = step;
    if (!load.buffer) load.buffer = pool.take();
  }
  bool holds(const Lane::Load& load, std::uint64_t seed) {
    return std::ranges::equal(load.buffer.bytes(), test::random_snapshot(seed, layout));
  }
  /// The lane stands before the gate with a save of this slot; what is queued now stays queued.
  void block_with_save(std::int64_t slot) {
    tier.close();
    save(slot);
    tier.until_reached();
  }
  Done order() {
    tier.open();
    lane->drain();
    return tier.done();
  }

  Layout layout = test::small_fields();
  Pool pool{10, layout.buffer_bytes()};
  GateTier tier{layout, 10};
  std::unique_ptr<Lane> lane;
};

TEST_F(LaneTest, SavesLoadsAndReleases) {
  Lane::Load load;
  save(3, 30);
  aim(load, 3, 30);
  lane->load(load);
  EXPECT_TRUE(holds(load, 3));
  lane->release(tier, Slot{3});
  lane->drain();
  EXPECT_EQ(tier.ledger().at(Slot{3}).status, SlotStatus::released);
  EXPECT_EQ(tier.done(), (Done{"save 3", "load 3", "release 3"}));
  const Lane::Figures figures = lane->figures();
  EXPECT_EQ(figures.saved, layout.snapshot_bytes());
  EXPECT_EQ(figures.loaded, layout.snapshot_bytes());
  EXPECT_GT(figures.busy_seconds, 0);
}

TEST_F(LaneTest, HandsTheSumOfASaveOn) {
  const Checksum another = checksum_of(layout, test::random_snapshot(4, layout));
  lane->save(tier, Slot{3}, 30, filled(3), another);
  save(4, 40);
  lane->drain();
  Lane::Load load;
  aim(load, 3, 30);
  lane->load(load);
  EXPECT_EQ(load.sum, another) << "whoever asked for it compares";
  EXPECT_TRUE(holds(load, 3));
  EXPECT_EQ(tier.ledger().at(Slot{4}).checksum, another) << "its own, of the same bytes";
}

TEST_F(LaneTest, TakesUrgentLoadsFirstAndReadAheadLast) {
  save_all({5, 6, 7});
  block_with_save(0);
  Lane::Load ahead, urgent;
  aim(ahead, 5);
  aim(urgent, 6);
  save(1);
  lane->read_ahead(ahead);
  lane->release(tier, Slot{7});
  save(2);
  test::Watched operators{[&] { lane->load(urgent); }};
  operators.until_it_waits();
  EXPECT_FALSE(operators.done());
  EXPECT_TRUE(lane->is_pending(tier, Slot{6}));
  EXPECT_EQ(order(), (Done{"save 0", "load 6", "save 1", "release 7", "save 2", "load 5"}));
  operators.join();
  EXPECT_TRUE(holds(urgent, 6));
  EXPECT_TRUE(lane->is_done(ahead));
  EXPECT_TRUE(holds(ahead, 5));
}

TEST_F(LaneTest, RaisesAReadAheadThatTheOperatorsNowWaitFor) {
  save_all({5, 6});
  block_with_save(0);
  Lane::Load first, second;
  aim(first, 5);
  aim(second, 6);
  lane->read_ahead(first);
  lane->read_ahead(second);
  save(1);
  test::Watched operators{[&] { lane->load(second); }};
  operators.until_it_waits();
  EXPECT_EQ(order(), (Done{"save 0", "load 6", "save 1", "load 5"}));
  operators.join();
  EXPECT_TRUE(holds(second, 6));
}

TEST_F(LaneTest, ReadsAheadOnceEvenWhereLoadComesLater) {
  save_all({5});
  Lane::Load ahead;
  aim(ahead, 5);
  lane->read_ahead(ahead);
  lane->drain();
  EXPECT_TRUE(lane->is_done(ahead));
  lane->load(ahead);
  EXPECT_EQ(tier.done(), Done{"load 5"});
  lane->load(ahead);  // a load of its own
  EXPECT_EQ(tier.done(), (Done{"load 5", "load 5"}));
}

TEST_F(LaneTest, NeverLetsALoadOvertakeTheSaveOfItsSlot) {
  block_with_save(0);
  Lane::Load urgent;
  aim(urgent, 2, 20);
  save(1);
  save(2, 20);
  save(3);
  test::Watched operators{[&] { lane->load(urgent); }};
  operators.until_it_waits();
  EXPECT_EQ(order(), (Done{"save 0", "save 1", "save 2", "load 2", "save 3"}));
  operators.join();
  EXPECT_TRUE(holds(urgent, 2));
}

TEST_F(LaneTest, NeverLetsAReleaseOvertakeTheReadAheadOfItsSlot) {
  save_all({5, 6});
  block_with_save(0);
  Lane::Load ahead, other;
  aim(ahead, 5);
  aim(other, 6);
  lane->read_ahead(other);
  lane->read_ahead(ahead);
  save(1);
  lane->release(tier, Slot{5});
  save(5, 50);
  EXPECT_EQ(order(), (Done{"save 0", "save 1", "load 5", "release 5", "save 5", "load 6"}));
  lane->load(ahead);
  EXPECT_TRUE(holds(ahead, 5));
}

TEST_F(LaneTest, LetsAnUrgentLoadPassAReadAheadOfTheSameSlot) {
  save_all({5});
  block_with_save(0);
  Lane::Load ahead, urgent;
  aim(ahead, 5);
  aim(urgent, 5);
  lane->read_ahead(ahead);
  save(1);
  test::Watched operators{[&] { lane->load(urgent); }};
  operators.until_it_waits();
  EXPECT_EQ(order(), (Done{"save 0", "load 5", "save 1", "load 5"}));
}

TEST_F(LaneTest, KnowsWhichSlotsAreQueuedOrRunning) {
  GateTier other{layout, 10};
  block_with_save(0);
  save(1);
  EXPECT_TRUE(lane->is_pending(tier, Slot{0})) << "running";
  EXPECT_TRUE(lane->is_pending(tier, Slot{1})) << "queued";
  EXPECT_FALSE(lane->is_pending(tier, Slot{2}));
  EXPECT_FALSE(lane->is_pending(other, Slot{1}));
  EXPECT_EQ(lane->pending_saves(tier), 2U);
  EXPECT_EQ(lane->pending_saves(other), 0U);
  order();
  EXPECT_EQ(lane->pending_saves(tier), 0U);
  EXPECT_FALSE(lane->is_pending(tier, Slot{0}));
  EXPECT_FALSE(lane->is_pending(tier, Slot{1}));
}

TEST_F(LaneTest, KeepsTheFirstFailureAndDropsWhatIsQueuedBehindIt) {
  save_all({5});
  block_with_save(0);
  tier.failing_slot = 1;
  Lane::Load ahead;
  aim(ahead, 5);
  save(1, 11);
  save(2);
  save(3);
  lane->read_ahead(ahead);
  EXPECT_EQ(pool.available(), 5);
  EXPECT_EQ(order(), (Done{"save 0", "save 1"}));
  EXPECT_EQ(pool.available(), 9) << "all but the buffer of the load are back";
  EXPECT_TRUE(lane->is_done(ahead));

  const std::string text = "gate tier: a.file: slot 1, step 11: the test's failure: Input/output error (EIO)";
  EXPECT_EQ(test::failure([&] { lane->rethrow_failure(); }).what(), text);
  EXPECT_EQ(test::failure([&] { lane->load(ahead); }).what(), text);
  EXPECT_EQ(test::failure([&] { lane->read_ahead(ahead); }).what(), text);
  EXPECT_EQ(test::failure([&] { lane->release(tier, Slot{0}); }).what(), text);
  EXPECT_EQ(test::failure([&] { save(4); }).what(), text);
  EXPECT_EQ(pool.available(), 9) << "the refused save gave its buffer back";
  EXPECT_EQ(tier.done().size(), 2U);

  tier.failing_slot = -1;
  lane->clear_failure();
  lane->rethrow_failure();
  EXPECT_EQ(tier.ledger().at(Slot{0}).status, SlotStatus::valid);
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty);
  EXPECT_EQ(tier.ledger().at(Slot{2}).status, SlotStatus::empty);
  save(1, 12);
  lane->load(ahead);
  EXPECT_TRUE(holds(ahead, 5));
}

TEST_F(LaneTest, ThrowsInTheLoadThatTheOperatorsWaitForWhenASaveFailsBeforeIt) {
  block_with_save(0);
  tier.failing_slot = 0;
  Lane::Load urgent;
  aim(urgent, 0);
  std::string text;
  test::Watched operators{[&] { text = test::failure([&] { lane->load(urgent); }).what(); }};
  operators.until_it_waits();
  tier.open();
  operators.join();
  EXPECT_EQ(text, "gate tier: a.file: slot 0, step 1: the test's failure: Input/output error (EIO)");
}

TEST_F(LaneTest, ThrowsTheFailureOfTheLoadItself) {
  Lane::Load load;
  aim(load, 4);
  EXPECT_EQ(test::failure([&] { lane->load(load); }).kind(), StorageError::Kind::absent);
  EXPECT_TRUE(lane->is_done(load));
  lane->clear_failure();
  save(4);
  lane->load(load);
  EXPECT_TRUE(holds(load, 4));
}

// Nobody asked for the first read; its failure once stayed in the Load and condemned the next snapshot.
TEST_F(LaneTest, ForgetsTheFailureOfAReadAheadWhoseLoadIsUsedAgain) {
  save_all({5});
  Lane::Load ahead;
  aim(ahead, 4);
  lane->read_ahead(ahead);  // of a slot that holds nothing
  lane->drain();
  EXPECT_TRUE(lane->is_done(ahead));
  aim(ahead, 5);
  lane->read_ahead(ahead);
  lane->drain();
  lane->load(ahead);
  EXPECT_TRUE(holds(ahead, 5));
}

TEST_F(LaneTest, TellsOfEachSnapshotThatIsLostWhileItsBytesAreThere) {
  std::vector<Step> lost;
  bool whole = true;
  lane->on_lost([&](Step step, std::span<const std::byte> snapshot) {
    lost.push_back(step);
    whole = whole && std::ranges::equal(snapshot, test::random_snapshot(static_cast<std::uint64_t>(step), layout));
  });
  save_all({5});
  block_with_save(0);
  tier.failing_slot = 1;
  for (const std::int64_t slot : {1, 2, 3}) save(slot, slot);
  lane->release(tier, Slot{5});
  order();
  EXPECT_EQ(lost, (std::vector<Step>{1, 2, 3})) << "the one that failed, and those behind it";
  EXPECT_TRUE(whole);
}

TEST_F(LaneTest, RefusesSavesAndLoadsWithoutABuffer) {
  Lane::Load load;
  load.tier = &tier;
  EXPECT_THROW(lane->load(load), std::logic_error);
  EXPECT_THROW(lane->save(tier, Slot{0}, 1, {}), std::logic_error);
}

TEST_F(LaneTest, TakesJobsWithoutASystemCallWhileItWorks) {
  save_all({5, 6, 7, 8});
  block_with_save(0);
  Lane::Load ahead;
  aim(ahead, 5);
  std::vector<Pool::Buffer> buffers;
  for (const std::uint64_t slot : {1, 2, 3}) buffers.push_back(filled(slot));
  std::size_t queued = 0;
  const auto queue_jobs = [&] {
    for (std::int64_t i = 0; i < 3; ++i)
      lane->save(tier, Slot{i + 1}, 1, std::move(buffers[static_cast<std::size_t>(i)]));
    lane->release(tier, Slot{8});
    lane->read_ahead(ahead);
    queued = lane->pending_saves(tier) + lane->is_pending(tier, Slot{8}) + lane->is_done(ahead);
    lane->rethrow_failure();
  };
  EXPECT_EQ(test::system_calls_of([] { ::getppid(); }), 1) << "the count counts";
  EXPECT_EQ(test::system_calls_of(queue_jobs), 0);
  EXPECT_EQ(queued, 5U);
  EXPECT_EQ(order(), (Done{"save 0", "save 1", "save 2", "save 3", "release 8", "load 5"}));
}

TEST_F(LaneTest, FinishesQueuedJobsBeforeItEnds) {
  block_with_save(0);
  for (const std::int64_t slot : {1, 2, 3}) save(slot);
  lane->release(tier, Slot{1});
  test::Watched owner{[&] { lane.reset(); }};
  owner.until_it_waits();
  EXPECT_FALSE(owner.done());
  tier.open();
  owner.join();
  EXPECT_EQ(tier.done(), (Done{"save 0", "save 1", "save 2", "save 3", "release 1"}));
  EXPECT_EQ(pool.available(), 10);
}

class ShortLaneTest : public LaneTest {
 protected:
  ShortLaneTest() : LaneTest{2} {}
};

TEST_F(ShortLaneTest, LetsASaveWaitWhileTheQueueIsFull) {
  block_with_save(0);
  save(1);
  save(2);
  test::Watched operators{[&] { save(3); }};
  operators.until_it_waits();
  EXPECT_FALSE(operators.done());
  EXPECT_FALSE(lane->is_pending(tier, Slot{3}));
  tier.open();
  operators.join();
  EXPECT_EQ(order(), (Done{"save 0", "save 1", "save 2", "save 3"}));
}

TEST_F(ShortLaneTest, TakesAnUrgentLoadWhileTheQueueIsFull) {
  save_all({5});
  block_with_save(0);
  save(1);
  save(2);
  Lane::Load urgent;
  aim(urgent, 5);
  test::Watched operators{[&] { lane->load(urgent); }};
  operators.until_it_waits();
  EXPECT_TRUE(lane->is_pending(tier, Slot{5}));
  EXPECT_EQ(order(), (Done{"save 0", "load 5", "save 1", "save 2"}));
}

TEST_F(ShortLaneTest, ThrowsInASaveThatWaitsForRoomWhenTheLaneFails) {
  block_with_save(0);
  tier.failing_slot = 0;
  save(1);
  save(2);
  std::string text;
  test::Watched operators{[&] { text = test::failure([&] { save(3); }).what(); }};
  operators.until_it_waits();
  tier.open();
  operators.join();
  EXPECT_EQ(text, "gate tier: a.file: slot 0, step 1: the test's failure: Input/output error (EIO)");
  EXPECT_EQ(pool.available(), 10);
}

/// One tier of the random run, and what a plain map says it holds: per slot, the step, which is also the seed.
struct Twin {
  Tier* tier;
  std::map<std::int64_t, Step> model;
};

TEST_F(LaneTest, GivesBackWhatAPlainMapHoldsInRandomOrder) {
  Pool memory{20, layout.buffer_bytes()};
  memory.touch(20);
  RamTier a{layout, 4, memory, {.verify = Verify::always}}, b{layout, 4, memory, {.verify = Verify::always}};
  std::array<Twin, 2> twins{{{&a, {}}, {&b, {}}}};
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};
  Lane::Load ahead, urgent;
  ahead.buffer = pool.take();
  urgent.buffer = pool.take();
  bool reading_ahead = false;
  Step expected = 0;
  for (Step i = 0; i < 4000; ++i) {
    Twin& twin = twins[random() % 2];
    const Slot slot{static_cast<std::int64_t>(random() % 4)};
    const auto held = twin.model.find(slot.index);
    if (held == twin.model.end()) {
      lane->save(*twin.tier, slot, i, filled(static_cast<std::uint64_t>(i)));
      twin.model[slot.index] = i;
    } else if (const auto what = random() % 3; what == 0) {
      lane->release(*twin.tier, slot);
      twin.model.erase(held);
    } else if (what == 1) {
      urgent.tier = twin.tier, urgent.slot = slot, urgent.step = held->second;
      lane->load(urgent);
      ASSERT_TRUE(holds(urgent, static_cast<std::uint64_t>(held->second))) << "seed " << seed << ", job " << i;
    } else {
      if (reading_ahead) {
        lane->load(ahead);
        ASSERT_TRUE(holds(ahead, static_cast<std::uint64_t>(expected))) << "seed " << seed << ", job " << i;
      }
      expected = held->second;
      ahead.tier = twin.tier, ahead.slot = slot, ahead.step = expected;
      lane->read_ahead(ahead);
      reading_ahead = true;
    }
  }
  lane->drain();
  lane->rethrow_failure();
  EXPECT_EQ(pool.available(), 8);
}

}  // namespace
}  // namespace cairn
