// SPDX-License-Identifier: BSD-3-Clause
// Tiers with a file, opened again by a later process: this one, once the first tier is gone.
#include <cairn/storage/tier_file.hpp>

#include <cerrno>
#include <stdexcept>
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
using enum SlotStatus;
using Call = FaultySystem::Call;
using Kind = StorageError::Kind;

class ReopenedTiers : public testing::TestWithParam<std::string> {
 protected:
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), layout); }
  void save(const FileTier& tier, std::int64_t slot, Step step) const { tier->save(Slot{slot}, step, content(step)); }
  SlotStatus status(const FileTier& tier, std::int64_t slot) const { return tier->ledger().at(Slot{slot}).status; }
  Tier::TakenOver take_over(const FileTier& tier, Step before = limits::steps) const {
    Snapshot buffer = zero_snapshot(layout);
    return tier->take_over(buffer, before);
  }
  /// A step word and a row's status, as a reader finds them.
  Step step_in_file(std::int64_t slot) const { return open_tier_file(home.path)->step(Slot{slot}); }
  SlotStatus row_in_file(std::int64_t slot) const { return open_tier_file(home.path)->row(Slot{slot}).status; }

  FileTierHome home{GetParam()};
  Layout layout = mixed_fields();
};

TEST_P(ReopenedTiers, GiveBackWhatIsValidAndWhatWasReleasedButNotOverwritten) {
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    layout = named.layout;
    {
      const FileTier tier = home.make(layout, 5);
      for (const std::int64_t slot : {0, 1, 2, 3}) save(tier, slot, 10 + slot);
      for (const std::int64_t slot : {1, 2}) tier->release(Slot{slot});
      save(tier, 2, 20);
    }
    const FileTier tier = home.reopen(layout);
    EXPECT_EQ(tier->slots(), 5);
    EXPECT_EQ(status(tier, 0), valid);
    EXPECT_EQ(status(tier, 1), released);
    EXPECT_EQ(tier->ledger().at(Slot{1}).step, 11);
    EXPECT_EQ(status(tier, 4), empty);
    const Tier::TakenOver taken = take_over(tier);
    EXPECT_EQ(taken.kept, 3);
    EXPECT_EQ(taken.brought_back, 1);
    EXPECT_EQ(taken.torn, 0);
    const std::vector<Step> steps{10, 11, 20, 13};
    for (std::size_t slot = 0; slot < steps.size(); ++slot) {
      const Slot at{static_cast<std::int64_t>(slot)};
      EXPECT_EQ(loaded(*tier, at, steps[slot]), content(steps[slot])) << slot;
      EXPECT_EQ(step_in_file(at.index), steps[slot]) << slot;
      EXPECT_EQ(row_in_file(at.index), valid) << slot;
    }
    for (const SlotReport& report : examine(*open_tier_file(home.path), true))
      EXPECT_EQ(report.verdict, Verdict::whole) << report.problem;
  }
}

TEST_P(ReopenedTiers, ChangeNothingBeforeTheyAreTakenOver) {
  {
    const FileTier tier = home.make(layout, 4);
    tier.record->put_identity(R"({"sweep": 1})");
    for (const std::int64_t slot : {0, 1, 2}) save(tier, slot, 10 + slot);
    tier->release(Slot{1});
  }
  home.put_step(Slot{3}, 17);  // as a loss of power may leave it
  home.put_step(Slot{0}, -1);
  const std::string before = home.bytes();
  {
    const FileTier tier = home.reopen(layout);
    EXPECT_TRUE(tier->reopened());
    EXPECT_EQ(tier.record->found().identity, R"({"sweep": 1})");
    EXPECT_EQ(tier.record->found().facts.start, facts_of_a_run.start);
    Snapshot buffer = zero_snapshot(layout);
    EXPECT_THROW(save(tier, 3, 1), std::logic_error);
    EXPECT_THROW(tier->load(Slot{0}, 10, buffer), std::logic_error);
    EXPECT_THROW(tier->release(Slot{0}), std::logic_error);
    EXPECT_THROW(tier->drop(Slot{0}), std::logic_error);
    EXPECT_THROW(tier->probe(Slot{3}, buffer), std::logic_error);
  }
  EXPECT_TRUE(home.bytes() == before);
  const FileTier tier = home.resume(layout);
  EXPECT_FALSE(tier->reopened());
  EXPECT_EQ(step_in_file(0), 10);
  EXPECT_EQ(step_in_file(3), -1);
}

TEST_P(ReopenedTiers, AreTakenOverOnce) {
  EXPECT_FALSE(home.make(layout, 1)->reopened());
  EXPECT_THROW(take_over(home.make(layout, 1)), std::logic_error);
  EXPECT_THROW(take_over(home.resume(layout)), std::logic_error);
  Snapshot small(4096);
  EXPECT_THROW(home.reopen(layout)->take_over(small), std::logic_error);
}

TEST_P(ReopenedTiers, HoldNothingWhereASaveWasCutShort) {
  const std::uint64_t writes_of_a_save = [&] {
    FaultySystem system;
    const FileTier tier = home.make(layout, 2, {}, system);
    const std::uint64_t before = system.count(Call::pwrite);
    save(tier, 0, 7);
    return system.count(Call::pwrite) - before;
  }();
  for (std::uint64_t kth = 1; kth <= writes_of_a_save; ++kth) {
    SCOPED_TRACE(kth);
    FaultySystem system;
    {
      const FileTier tier = home.make(layout, 2, {}, system);
      save(tier, 1, 5);
      system.fail(Call::pwrite, system.count(Call::pwrite) + kth, EIO);
      EXPECT_THROW(save(tier, 0, 7), StorageError);
    }
    const FileTier tier = home.reopen(layout);
    const Tier::TakenOver taken = take_over(tier);
    const bool committed = kth == writes_of_a_save;  // only the step word was missing
    EXPECT_EQ(taken.kept, committed ? 2 : 1);
    EXPECT_EQ(taken.torn, !committed && kth > 2 ? 1 : 0);
    EXPECT_EQ(status(tier, 0), committed ? valid : empty);
    EXPECT_EQ(step_in_file(0), committed ? 7 : -1);
    EXPECT_NE(row_in_file(0), writing);
    if (committed) {
      EXPECT_EQ(loaded(*tier, Slot{0}, 7), content(7));
    } else {
      save(tier, 0, 8);
    }
  }
}

TEST_P(ReopenedTiers, DoNotBringBackReleasedBytesThatChanged) {
  {
    const FileTier tier = home.make(layout, 2);
    for (const std::int64_t slot : {0, 1}) save(tier, slot, 10 + slot), tier->release(Slot{slot});
  }
  home.flip(home.data_at(Slot{1}) + 3);
  const FileTier tier = home.reopen(layout);
  EXPECT_EQ(take_over(tier).brought_back, 1);
  EXPECT_EQ(status(tier, 0), valid);
  EXPECT_EQ(status(tier, 1), released);
  EXPECT_EQ(step_in_file(1), -1);
}

TEST_P(ReopenedTiers, FindOutAtALoadWhereValidBytesChanged) {
  save(home.make(layout, 1), 0, 10);
  home.flip(home.data_at(Slot{0}));
  const FileTier tier = home.resume(layout);
  EXPECT_EQ(failure([&] { loaded(*tier, Slot{0}, 10); }).kind(), Kind::corrupt);
}

TEST_P(ReopenedTiers, CannotProveWhatWasNeverSummed) {
  {
    const FileTier tier = home.make(layout, 2, {.verify = Verify::never});
    for (const std::int64_t slot : {0, 1}) save(tier, slot, 10 + slot);
    tier->release(Slot{1});
  }
  const FileTier tier = home.resume(layout);
  EXPECT_EQ(loaded(*tier, Slot{0}, 10), content(10));
  EXPECT_EQ(status(tier, 1), released);
}

TEST_P(ReopenedTiers, BringBackNoStepsThatAreNotAskedFor) {
  {
    const FileTier tier = home.make(layout, 3);
    for (const std::int64_t slot : {0, 1, 2}) save(tier, slot, 10 + slot);
    for (const std::int64_t slot : {0, 1}) tier->release(Slot{slot});
  }
  const FileTier tier = home.reopen(layout);
  EXPECT_EQ(take_over(tier, 11).brought_back, 1);
  EXPECT_EQ(status(tier, 0), valid);
  EXPECT_EQ(status(tier, 1), released);
  EXPECT_EQ(status(tier, 2), valid) << "valid ones stay";
}

TEST_P(ReopenedTiers, TakeRowsOfAnotherRunForNothing) {
  {
    const FileTier tier = home.make(layout, 3);
    tier.record->put_identity(R"({"sweep": 1})");
    save(tier, 0, 10);
    save(tier, 1, 11);
    tier->release(Slot{1});
    tier.record->put_identity(R"({"sweep": 2})");
    save(tier, 2, 12);
  }
  const FileTier tier = home.reopen(layout);
  const Tier::TakenOver taken = take_over(tier);
  EXPECT_EQ(taken.kept, 1);
  EXPECT_EQ(taken.brought_back, 0);
  EXPECT_EQ(status(tier, 0), empty);
  EXPECT_EQ(step_in_file(0), -1);
  EXPECT_EQ(row_in_file(0), empty) << "a reader beside this run would take it for a snapshot";
  EXPECT_EQ(loaded(*tier, Slot{2}, 12), content(12));
  save(tier, 0, 13);
  EXPECT_EQ(open_tier_file(home.path)->row(Slot{0}).run, open_tier_file(home.path)->row(Slot{2}).run);
}

TEST_P(ReopenedTiers, TakeADamagedRowForNothing) {
  save(home.make(layout, 1), 0, 10);
  home.flip(home.row_at(Slot{0}) + 9);
  const FileTier tier = home.resume(layout);
  EXPECT_EQ(status(tier, 0), empty);
  EXPECT_EQ(step_in_file(0), -1);
  EXPECT_TRUE(open_tier_file(home.path)->row(Slot{0}).intact());
}

TEST_P(ReopenedTiers, CountSavesOn) {
  {
    const FileTier tier = home.make(layout, 3);
    for (const std::int64_t slot : {0, 1}) save(tier, slot, 10 + slot);
    tier->release(Slot{1});
    save(tier, 1, 20);
  }
  const FileTier tier = home.resume(layout);
  save(tier, 2, 30);
  EXPECT_EQ(open_tier_file(home.path)->row(Slot{2}).sequence, 4U);
}

TEST_P(ReopenedTiers, KeepAllSnapshotsOfAStepWhereThatIsAskedFor) {
  {
    const FileTier tier = home.make(layout, 4);
    for (const std::int64_t slot : {0, 1, 2, 3}) save(tier, slot, 5);
    for (const std::int64_t slot : {2, 3}) tier->release(Slot{slot});
  }
  home.flip(home.data_at(Slot{3}));
  const FileTier tier = home.reopen(layout);
  Snapshot buffer = zero_snapshot(layout);
  const Tier::TakenOver taken = tier->take_over(buffer, limits::steps + 1, Tier::Doubles::keep);
  EXPECT_EQ(taken.kept, 2);
  EXPECT_EQ(taken.brought_back, 1);
  for (const std::int64_t slot : {0, 1, 2}) EXPECT_EQ(loaded(*tier, Slot{slot}, 5), content(5));
  EXPECT_EQ(status(tier, 3), released) << "its bytes changed";
}

TEST_P(ReopenedTiers, KeepOneSnapshotOfAStep) {
  FaultySystem system;
  {
    const FileTier tier = home.make(layout, 5, {}, system);
    save(tier, 0, 5), tier->release(Slot{0});
    save(tier, 1, 5), tier->release(Slot{1});
    save(tier, 3, 6), tier->release(Slot{3});
    save(tier, 4, 6), tier->release(Slot{4});
    save(tier, 2, 5);
  }
  {
    const FileTier tier = home.reopen(layout);
    const Tier::TakenOver taken = take_over(tier);
    EXPECT_EQ(taken.kept, 1);
    EXPECT_EQ(taken.brought_back, 1);
    EXPECT_EQ(status(tier, 0), released);
    EXPECT_EQ(status(tier, 1), released);
    EXPECT_EQ(status(tier, 2), valid);
    EXPECT_EQ(status(tier, 3), released);
    EXPECT_EQ(status(tier, 4), valid) << "the later one";
  }
  home.flip(home.data_at(Slot{4}));
  const FileTier again = home.resume(layout);
  EXPECT_EQ(failure([&] { loaded(*again, Slot{4}, 6); }).kind(), Kind::corrupt);
}

TEST_P(ReopenedTiers, KeepTheLaterOfTwoValidSnapshotsOfAStep) {
  FaultySystem system;
  {
    const FileTier tier = home.make(layout, 2, {}, system);
    const std::uint64_t before = system.count(Call::pwrite);
    save(tier, 0, 4);
    const std::uint64_t writes = system.count(Call::pwrite) - before;
    tier->release(Slot{0});
    system.fail(Call::pwrite, system.count(Call::pwrite) + writes, EIO);
    EXPECT_THROW(save(tier, 0, 5), StorageError);  // its row is valid, but nobody was told
    save(tier, 1, 5);
  }
  const FileTier tier = home.reopen(layout);
  EXPECT_EQ(take_over(tier).kept, 1);
  EXPECT_EQ(status(tier, 0), released);
  EXPECT_EQ(row_in_file(0), released);
  EXPECT_EQ(loaded(*tier, Slot{1}, 5), content(5));
}

TEST_P(ReopenedTiers, AreSafeAgainstALossOfPowerWhereThatIsAskedFor) {
  {
    const FileTier tier = home.make(layout, 2);
    save(tier, 0, 1), save(tier, 1, 2);
    tier->release(Slot{1});
  }
  FaultySystem system;
  const FileTier tier = home.resume(layout, {.durability = Durability::power}, system);
  EXPECT_EQ(system.count(Call::fdatasync), 3U) << "words that go, rows, words that come";
}

TEST_P(ReopenedTiers, ForgetASlotThatIsDropped) {
  {
    const FileTier tier = home.make(layout, 2);
    save(tier, 0, 1), save(tier, 1, 2);
    EXPECT_TRUE(tier->drop(Slot{0}));
    EXPECT_EQ(status(tier, 0), empty);
    EXPECT_EQ(failure([&] { loaded(*tier, Slot{0}, 1); }).kind(), Kind::absent);
    EXPECT_THROW(tier->drop(Slot{0}), std::logic_error) << "it is not valid any more";
    EXPECT_EQ(step_in_file(0), -1);
    EXPECT_EQ(row_in_file(0), empty);
  }
  const FileTier tier = home.resume(layout);
  EXPECT_EQ(status(tier, 0), empty);
  save(tier, 0, 9);
  EXPECT_EQ(loaded(*tier, Slot{0}, 9), content(9));
}

TEST_P(ReopenedTiers, ForgetASlotEvenWhereTheDeviceIsGone) {
  FaultySystem system;
  const FileTier tier = home.make(layout, 2, {}, system);
  save(tier, 0, 1);
  system.fail_always(Call::pwrite, EIO);
  EXPECT_FALSE(tier->drop(Slot{0}));
  EXPECT_EQ(status(tier, 0), empty);
}

INSTANTIATE_TEST_SUITE_P(Tiers, ReopenedTiers, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn
