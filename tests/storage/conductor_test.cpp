// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/conductor.hpp>
#include <cairn/storage/lane.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/ram_tier.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/layouts.hpp>

namespace cairn {
namespace {

/// Lanes work only where the caller waits.
class Lazy final : public Conductor {
 public:
  void enlist(Lane& lane) override { lanes.push_back(&lane); }
  void dismiss(Lane& lane) noexcept override { std::erase(lanes, &lane); }
  void may_work() override {}
  void must_work() override {
    for (Lane* const lane : lanes)
      if (lane->work_once()) return;
    throw std::logic_error{"nobody would ever wake the caller"};
  }
  std::vector<Lane*> lanes;
};

class ConductorTest : public testing::Test {
 protected:
  ConductorTest() { pool.touch(2); }
  Lazy lazy;
  Conducted conducted{lazy};
  Layout layout = test::small_fields();
  Pool tier_pool{4, layout.buffer_bytes()};
  Pool pool{2, layout.buffer_bytes()};
  RamTier tier{layout, 4, tier_pool};
};

TEST_F(ConductorTest, ConductsTheThreadForAsLongAsItLives) {
  EXPECT_EQ(Conductor::of_this_thread(), &lazy);
  {
    Lazy inner;
    const Conducted within{inner};
    EXPECT_EQ(Conductor::of_this_thread(), &inner);
  }
  EXPECT_EQ(Conductor::of_this_thread(), &lazy);
}

TEST_F(ConductorTest, HasJobsRunWhereTheCallerWaits) {
  tier_pool.touch(4);
  Lane lane;
  lane.save(tier, Slot{1}, 7, pool.take());
  EXPECT_EQ(lane.pending_saves(tier), 1U);
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty) << "nobody has waited yet";
  Lane::Load load;
  load.tier = &tier;
  load.slot = Slot{1};
  load.step = 7;
  load.buffer = pool.take();
  lane.load(load);
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::valid);
  EXPECT_FALSE(lane.work_once());
}

TEST_F(ConductorTest, APoolWaitsForTheLanesThatHaveItsBuffers) {
  tier_pool.touch(4);
  Lane lane;
  lane.save(tier, Slot{0}, 1, pool.take());
  lane.save(tier, Slot{1}, 2, pool.take());
  const Pool::Buffer third = pool.take();
  EXPECT_EQ(lane.pending_saves(tier), 1U);
}

TEST_F(ConductorTest, WhoWouldWaitForEverIsTold) {
  const Pool::Buffer first = pool.take();
  const Pool::Buffer second = pool.take();
  EXPECT_THROW(pool.take(), std::logic_error);
}

TEST_F(ConductorTest, ALaneFinishesItsJobsBeforeItEnds) {
  tier_pool.touch(4);
  {
    Lane lane;
    lane.save(tier, Slot{2}, 5, pool.take());
    EXPECT_EQ(lazy.lanes.size(), 1U);
  }
  EXPECT_TRUE(lazy.lanes.empty());
  EXPECT_EQ(tier.ledger().at(Slot{2}).step, 5);
}

}  // namespace
}  // namespace cairn
