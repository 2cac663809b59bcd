// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/shared_ram_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/shared_name.hpp>
#include <support/shared_run.hpp>
#include <support/snapshots.hpp>
#include <support/temporary_folder.hpp>

namespace cairn {
namespace {

using test::failure;
using test::random_snapshot;
using test::SharedRun;
using Call = test::FaultySystem::Call;
using Kind = StorageError::Kind;

class SharedRamTierTest : public testing::Test {
 protected:
  SharedRun begun(Slots buffers, Slots slots, Tier::Promise promise = {}) {
    return SharedRun::begun(name_, layout_, buffers, slots, promise, system_);
  }
  SharedRun resumed(Slots slots, Tier::Promise promise = {}) {
    return SharedRun::resumed(name_, layout_, slots, promise, system_);
  }
  /// The steps that readers find, each looked at; by buffer.
  std::map<std::int64_t, Step> seen(Verdict expected = Verdict::whole) const {
    std::map<std::int64_t, Step> steps;
    for (const SlotReport& slot : examine(*image(), true)) {
      EXPECT_NE(slot.verdict, Verdict::bad) << slot.problem;
      if (slot.verdict == expected) steps[slot.slot.index] = slot.step;
    }
    return steps;
  }
  std::unique_ptr<TierFile> image() const { return open_tier_file(name_.path()); }
  SlotStatus status(std::int64_t buffer) const { return image()->row(Slot{buffer}).status; }
  static Slot slot_of(const Tier& tier, Step step) {
    for (Slot slot{0}; slot.index < tier.slots(); ++slot.index)
      if (tier.ledger().at(slot).status == SlotStatus::valid && tier.ledger().at(slot).step == step) return slot;
    throw std::runtime_error{"no slot holds step " + std::to_string(step)};
  }

  test::SharedName name_;
  test::FaultySystem system_;
  Layout layout_ = test::mixed_fields();
};
using ByBuffer = std::map<std::int64_t, Step>;

TEST_F(SharedRamTierTest, ShowsASnapshotAtTheIndexOfItsBuffer) {
  SharedRun run = begun(4, 3);
  Pool::Buffer buffer = run.filled(3, 1);
  const std::byte* const start = buffer.bytes().data();
  run.tier.adopt(Slot{0}, 40, std::move(buffer));
  EXPECT_EQ(run.tier.view(Slot{0}, 40).data(), start) << "not copied";
  EXPECT_EQ(seen(), (ByBuffer{{3, 40}}));
  EXPECT_EQ(test::loaded(run.tier, Slot{0}, 40), random_snapshot(1, layout_));
  EXPECT_EQ(image()->row(Slot{3}).run, run_hash_of("{\"sweep\": 1}"));
  EXPECT_EQ(run.tier.kind(), "ram");
  EXPECT_EQ(run.tier.file(), name_.path());
}

TEST_F(SharedRamTierTest, FollowsABufferFromSlotToSlot) {
  SharedRun run = begun(3, 2);
  run.tier.adopt(Slot{0}, 5, run.filled(2, 1));
  Pool::Buffer lent = run.tier.lend(Slot{0}, 5);
  EXPECT_EQ(lent.index(), 2U);
  EXPECT_TRUE(std::ranges::equal(lent.bytes(), random_snapshot(1, layout_)));
  EXPECT_EQ(image()->step(Slot{2}), -1);
  EXPECT_EQ(status(2), SlotStatus::released) << "a buffer in other use is never called valid";
  EXPECT_EQ(run.pool.available(), 2);
  run.tier.adopt(Slot{1}, 6, std::move(lent));
  run.tier.adopt(Slot{0}, 7, run.filled(0, 2));
  EXPECT_EQ(seen(), (ByBuffer{{0, 7}, {2, 6}}));
  run.tier.release(Slot{1});
  EXPECT_EQ(seen(), (ByBuffer{{0, 7}}));
  EXPECT_EQ(run.pool.available(), 2);
}

TEST_F(SharedRamTierTest, LendsBuffersThatGoToDiskByDirectRequests) {
  SharedRun run = begun(2, 1);
  test::TemporaryFolder folder;
  Hdf5Tier slow{folder / "slow.h5", layout_, 1, facts_of_this_process("multistage", ""), 2};
  run.tier.adopt(Slot{0}, 5, run.filled(1));
  slow.save(Slot{0}, 5, run.tier.lend(Slot{0}, 5).bytes());
  const Pool::Buffer back = run.filled(2);
  slow.load(Slot{0}, 5, back.bytes());
  EXPECT_TRUE(test::same_fields(layout_, back.bytes(), random_snapshot(1, layout_)));
}

TEST_F(SharedRamTierTest, TakesABufferToSaveInto) {
  SharedRun run = begun(3, 3);
  run.tier.save(Slot{1}, 9, random_snapshot(1, layout_));
  EXPECT_EQ(run.pool.available(), 2);
  EXPECT_EQ(seen().size(), 1U);
  EXPECT_EQ(seen().begin()->second, 9);
  run.tier.release(Slot{1});
  EXPECT_EQ(run.pool.available(), 3);
  EXPECT_TRUE(seen().empty());
}

TEST_F(SharedRamTierTest, SumsUnlessNever) {
  for (const Verify verify : {Verify::disk, Verify::always, Verify::never}) {
    test::SharedName name;
    SharedRun run = SharedRun::begun(name, layout_, 1, 1, {.verify = verify});
    run.tier.adopt(Slot{0}, 1, run.filled(1));
    EXPECT_EQ(run.tier.ledger().at(Slot{0}).checksum != Checksum{}, verify != Verify::never);
    run.tier.lend(Slot{0}, 1).bytes()[0] ^= std::byte{1};
  }
}

TEST_F(SharedRamTierTest, FindsABufferThatWasChanged) {
  SharedRun run = begun(1, 1);
  Pool::Buffer buffer = run.filled(1);
  std::byte& first = buffer.bytes()[0];
  run.tier.adopt(Slot{0}, 1, std::move(buffer));
  first ^= std::byte{1};
  EXPECT_EQ(failure([&] { run.tier.view(Slot{0}, 1); }).kind(), Kind::corrupt);
  EXPECT_EQ(failure([&] { run.tier.lend(Slot{0}, 1); }).kind(), Kind::corrupt);
  EXPECT_TRUE(run.tier.drop(Slot{0}));
  EXPECT_EQ(run.pool.available(), 1);
  EXPECT_EQ(status(0), SlotStatus::empty);
  EXPECT_EQ(image()->step(Slot{0}), -1);
  run.tier.adopt(Slot{0}, 2, run.filled(2));
  EXPECT_EQ(seen(), (ByBuffer{{0, 2}}));
}

TEST_F(SharedRamTierTest, RefusesWhatASaveRefusesAndKeepsWhatItHas) {
  SharedRun run = begun(3, 2);
  run.tier.adopt(Slot{0}, 7, run.filled(0, 1));
  EXPECT_THROW(run.tier.adopt(Slot{0}, 8, run.filled(1, 2)), std::logic_error);
  EXPECT_THROW(run.tier.adopt(Slot{2}, 8, run.filled(1, 2)), std::out_of_range);
  EXPECT_EQ(run.pool.available(), 2);
  EXPECT_EQ(failure([&] { run.tier.lend(Slot{0}, 8); }).kind(), Kind::mismatch);
  EXPECT_EQ(failure([&] { run.tier.lend(Slot{1}, 8); }).kind(), Kind::absent);
  EXPECT_EQ(seen(), (ByBuffer{{0, 7}}));
  EXPECT_EQ(test::loaded(run.tier, Slot{0}, 7), random_snapshot(1, layout_));
}

TEST_F(SharedRamTierTest, ReleasesEvenWhereNothingCanBeWritten) {
  SharedRun run = begun(2, 1);
  system_.fail_always(Call::pwrite, EIO);
  run.tier.adopt(Slot{0}, 7, run.filled(0, 1));
  EXPECT_EQ(run.tier.lend(Slot{0}, 7).index(), 0U);
  EXPECT_EQ(status(0), SlotStatus::released);
  EXPECT_TRUE(image()->row(Slot{0}).intact());
  EXPECT_EQ(image()->step(Slot{0}), -1);
  EXPECT_EQ(run.pool.available(), 2);
}

TEST_F(SharedRamTierTest, RefusesToAdoptBuffersOfOtherMemory) {
  SharedRun run = begun(1, 1);
  Pool other{1, layout_.buffer_bytes()};
  EXPECT_THROW(run.tier.adopt(Slot{0}, 7, other.take_one(0)), std::logic_error);
  EXPECT_EQ(other.available(), 1);
  EXPECT_TRUE(seen().empty());
}

TEST_F(SharedRamTierTest, IsFoundAgainByTheNextProcess) {
  {
    SharedRun run = begun(5, 4);
    run.tier.adopt(Slot{3}, 30, run.filled(1, 30));
    run.tier.adopt(Slot{0}, 10, run.filled(4, 10));
    run.tier.put_steps(77);
  }
  SharedRun run = resumed(4);
  EXPECT_TRUE(run.tier.reopened());
  EXPECT_EQ(run.tier.found().identity, "{\"sweep\": 1}");
  EXPECT_EQ(run.tier.found().steps, 77);
  EXPECT_THROW(run.tier.release(slot_of(run.tier, 30)), std::logic_error);
  EXPECT_EQ(run.take_over().kept, 2);
  run.pool.touch(5);
  EXPECT_EQ(run.pool.available(), 3);
  EXPECT_EQ(seen(), (ByBuffer{{1, 30}, {4, 10}}));
  for (const Step step : {10, 30})
    EXPECT_TRUE(std::ranges::equal(run.tier.view(slot_of(run.tier, step), step),
                                   random_snapshot(static_cast<std::uint64_t>(step), layout_)));
  const std::uint64_t latest = run.tier.ledger().at(slot_of(run.tier, 10)).sequence;
  const Slot free{2};  // the snapshots found are in the first slots
  run.tier.adopt(free, 50, run.filled(50));
  EXPECT_GT(run.tier.ledger().at(free).sequence, latest);
  EXPECT_EQ(run.tier.lend(slot_of(run.tier, 30), 30).index(), 1U);
}

TEST_F(SharedRamTierTest, BringsReleasedSnapshotsBackWhereTheirBytesHold) {
  {
    SharedRun run = begun(4, 3);
    run.tier.adopt(Slot{0}, 1, run.filled(0, 1));
    run.tier.adopt(Slot{1}, 2, run.filled(1, 2));
    run.tier.adopt(Slot{2}, 3, run.filled(2, 3));
    run.tier.release(Slot{1});
    run.tier.release(Slot{2});
    run.filled(2, 99);  // used for something else since
  }
  SharedRun run = resumed(3);
  const Tier::TakenOver taken = run.take_over();
  EXPECT_EQ(taken.kept, 1);
  EXPECT_EQ(taken.brought_back, 1);
  EXPECT_EQ(seen(), (ByBuffer{{0, 1}, {1, 2}}));
  EXPECT_EQ(test::loaded(run.tier, slot_of(run.tier, 2), 2), random_snapshot(2, layout_));
  run.pool.touch(4);
  EXPECT_EQ(run.pool.available(), 2);
}

TEST_F(SharedRamTierTest, BringsNothingBackThatWasNeverSummedOrIsTooLate) {
  {
    SharedRun run = begun(2, 2, {.verify = Verify::never});
    run.tier.adopt(Slot{0}, 1, run.filled(0, 1));
    run.tier.adopt(Slot{1}, 2, run.filled(1, 2));
    run.tier.release(Slot{0});
  }
  {
    SharedRun run = resumed(2);
    const Tier::TakenOver taken = run.take_over();
    EXPECT_EQ(taken.kept, 1);
    EXPECT_EQ(taken.brought_back, 0);
    EXPECT_EQ(seen(Verdict::not_summed), (ByBuffer{{1, 2}}));
    EXPECT_EQ(run.pool.available(), 1);
    run.tier.adopt(Slot{1}, 7, run.filled(0, 7));
    run.tier.release(Slot{1});
  }
  SharedRun run = resumed(2);
  EXPECT_EQ(run.take_over(7).brought_back, 0) << "steps below 7 only";
  EXPECT_EQ(seen(Verdict::not_summed), (ByBuffer{{1, 2}}));
  EXPECT_EQ(run.pool.available(), 1);
}

TEST_F(SharedRamTierTest, KeepsNoMoreThanItHasSlotsForAndTheLatest) {
  {
    SharedRun run = begun(3, 3);
    for (const std::size_t buffer : {0U, 1U, 2U})
      run.tier.adopt(Slot{static_cast<std::int64_t>(buffer)}, static_cast<Step>(buffer), run.filled(buffer, buffer));
  }
  SharedRun run = resumed(2);
  EXPECT_EQ(run.pool.available(), 0) << "none can be used before all rows are right";
  EXPECT_EQ(seen(), (ByBuffer{{0, 0}, {1, 1}, {2, 2}})) << "nothing has changed";
  EXPECT_EQ(run.take_over().kept, 2);
  EXPECT_EQ(seen(), (ByBuffer{{1, 1}, {2, 2}}));
  EXPECT_EQ(run.pool.available(), 1);
}

TEST_F(SharedRamTierTest, CallsTheSnapshotsOfAnotherRunNothing) {
  {
    SharedRun run = begun(2, 2);
    run.tier.adopt(Slot{0}, 1, run.filled(0, 1));
    run.tier.put_identity("{\"sweep\": 2}");
    run.tier.adopt(Slot{1}, 2, run.filled(1, 2));
  }
  SharedRun run = resumed(2);
  EXPECT_EQ(run.take_over().kept, 1);
  EXPECT_EQ(seen(), (ByBuffer{{1, 2}}));
  EXPECT_EQ(status(0), SlotStatus::empty);
}

TEST_F(SharedRamTierTest, SettlesWhatAKillCutShort) {
  {
    SharedRun run = begun(4, 3);
    for (const std::size_t buffer : {0U, 1U, 2U})
      run.tier.adopt(Slot{static_cast<std::int64_t>(buffer)}, static_cast<Step>(buffer), run.filled(buffer, buffer));
    LedgerRow row = run.memory->row(0);
    row.status = SlotStatus::writing;
    row.seal();
    run.memory->put_step(0, -1);
    run.memory->put_row(0, row);  // killed in a save
    run.memory->put_step(1, -1);  // killed in a release, or at the end of a save
    row = run.memory->row(2);
    row.step ^= 1;  // damaged
    run.memory->put_row(2, row);
  }
  SharedRun run = resumed(3);
  const Tier::TakenOver taken = run.take_over();
  EXPECT_EQ(taken.kept, 1);
  EXPECT_EQ(taken.torn, 1);
  EXPECT_EQ(seen(), (ByBuffer{{1, 1}}));
  for (const std::int64_t buffer : {0, 2}) {
    EXPECT_EQ(status(buffer), SlotStatus::empty);
    EXPECT_EQ(image()->step(Slot{buffer}), -1);
  }
  run.pool.touch(4);
  EXPECT_EQ(run.pool.available(), 3);
}

TEST_F(SharedRamTierTest, IsLeftAsItWasByAProcessThatDoesNotTakeItOver) {
  {
    SharedRun run = begun(3, 3);
    run.tier.adopt(Slot{0}, 1, run.filled(0, 1));
    run.tier.adopt(Slot{1}, 2, run.filled(1, 2));
    run.tier.release(Slot{1});
  }
  { const SharedRun run = resumed(1); }
  { const SharedRun run = resumed(3); }
  SharedRun run = resumed(3);
  const Tier::TakenOver taken = run.take_over();
  EXPECT_EQ(taken.kept + taken.brought_back, 2);
}

TEST_F(SharedRamTierTest, RecordsItsRun) {
  SharedRun run = begun(1, 1);
  run.tier.put_steps(12);
  run.tier.put_summary({.actions = {{1, 2, 3, 4}}, .stall_seconds = {.5}, .advances = 3, .end = "now", .report = "{}"});
  EXPECT_EQ(image()->run().identity, "{\"sweep\": 1}");
  EXPECT_EQ(image()->run().steps, 12);
  EXPECT_EQ(image()->run().report, "{}");
  EXPECT_EQ(image()->run().end, "now");
  run.tier.put_end("");
  EXPECT_EQ(image()->run().end, "");
  system_.fail_always(Call::pwrite, EIO);
  const StorageError error = failure([&] { run.tier.put_steps(13); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_TRUE(std::string{error.what()}.starts_with("ram tier: " + name_.path() + ": pwrite")) << error.what();
}

TEST_F(SharedRamTierTest, IsProbedWithoutATraceInReleasedBuffers) {
  SharedRun run = begun(1, 1);
  run.tier.adopt(Slot{0}, 1, run.filled(1));
  run.tier.release(Slot{0});
  test::Snapshot noise = random_snapshot(5, layout_);
  run.tier.probe(Slot{0}, noise);
  EXPECT_EQ(status(0), SlotStatus::released);
  EXPECT_EQ(image()->step(Slot{0}), -1);
  EXPECT_EQ(run.pool.available(), 1);
  EXPECT_EQ(run.tier.pace().saves, 0U) << "nor does adopt() count as a save";
}

TEST_F(SharedRamTierTest, RefusesAPoolOfOtherMemory) {
  SharedRun run = begun(2, 2);
  Pool other{3, layout_.buffer_bytes()};
  EXPECT_THROW((SharedRamTier{*run.memory, layout_, 2, other}), std::logic_error);
  EXPECT_THROW((SharedRamTier{*run.memory, layout_, 3, run.pool}), std::logic_error);
  const Layout another = test::above_one_piece();
  EXPECT_THROW((SharedRamTier{*run.memory, another, 2, run.pool}), std::logic_error);
}

}  // namespace
}  // namespace cairn
