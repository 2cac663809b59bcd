// SPDX-License-Identifier: BSD-3-Clause
// The calls to the system that opening a tier's file again makes are counted; then each is failed in turn.
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <cerrno>
#include <string>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/file_tiers.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn::test {
namespace {

using Call = FaultySystem::Call;
using Kind = StorageError::Kind;
constexpr std::array<const char*, FaultySystem::calls> names{
    "open", "pread",  "pwrite", "fdatasync", "fsync",           "fallocate",       "ftruncate", "fstat",
    "stat", "rename", "unlink", "flock",     "lock_whole_file", "sync_file_range", "fadvise"};

/// A file in which slot 0 is valid, 1 and 2 are released, 3 was being written, and the step words of 0 and 4 are those
/// of a loss of power.
class ReopenFaults : public testing::TestWithParam<std::string> {
 protected:
  ReopenFaults() {
    FaultySystem system;
    {
      const FileTier tier = home.make(layout, 5, {}, system);
      tier.record->put_identity("{}");
      for (const std::int64_t slot : {0, 1, 2}) tier->save(Slot{slot}, 10 + slot, content(10 + slot));
      for (const std::int64_t slot : {1, 2}) tier->release(Slot{slot});
      system.fail(Call::pwrite, system.count(Call::pwrite) + 3, EIO);
      EXPECT_THROW(tier->save(Slot{3}, 13, content(13)), StorageError);
    }
    home.put_step(Slot{0}, -1);
    home.put_step(Slot{4}, 14);
  }
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), layout); }
  void expect_all_there(const FileTier& tier) const {
    for (const std::int64_t slot : {0, 1, 2})
      EXPECT_EQ(loaded(*tier, Slot{slot}, 10 + slot), content(10 + slot)) << "slot " << slot;
    for (const std::int64_t slot : {3, 4}) {
      EXPECT_EQ(tier->ledger().at(Slot{slot}).status, SlotStatus::empty);
      EXPECT_EQ(open_tier_file(home.path)->step(Slot{slot}), -1);
    }
  }
  /// No reader is told of bytes that are not there, but for what a loss of power did.
  void expect_readers_are_safe() const {
    const auto file = open_tier_file(home.path);
    for (const std::int64_t slot : {0, 1, 2, 3}) {
      if (file->step(Slot{slot}) < 0) continue;
      EXPECT_EQ(file->row(Slot{slot}).status, SlotStatus::valid);
      EXPECT_EQ(file->step(Slot{slot}), 10 + slot);
    }
  }
  /// Calls `look(call, k)` for each call that `doing(system)` makes.
  template <class Doing, class Look>
  static void for_each_call(const Doing& doing, const Look& look) {
    FaultySystem untroubled;
    doing(untroubled);
    for (std::size_t call = 0; call < FaultySystem::calls; ++call)
      for (std::uint64_t kth = 1; kth <= untroubled.count(static_cast<Call>(call)); ++kth) {
        SCOPED_TRACE(std::string{names[call]} + " number " + std::to_string(kth));
        look(static_cast<Call>(call), kth);
      }
  }

  FileTierHome home{GetParam()};
  Layout layout = mixed_fields();
};

TEST_P(ReopenFaults, ReopeningSaysWhatFailedAndLeavesTheFileAsItWas) {
  const std::string before = home.bytes();
  int failures = 0;
  for (const int error_number : {EIO, EACCES})
    for_each_call([&](System& system) { home.reopen(layout, {}, system); },
                  [&](Call call, std::uint64_t kth) {
                    FaultySystem system;
                    system.fail(call, kth, error_number);
                    const StorageError error = failure([&] { home.reopen(layout, {}, system); });
                    EXPECT_TRUE(std::string{error.what()}.starts_with(GetParam() + " tier: " + home.path + ": "))
                        << error.what();
                    EXPECT_TRUE(error.kind() == Kind::io || call == Call::lock_whole_file) << error.what();
                    EXPECT_TRUE(home.bytes() == before);
                    ++failures;
                  });
  EXPECT_GT(failures, 10);
  expect_all_there(home.resume(layout));
}

TEST_P(ReopenFaults, ReopeningGoesOnWhereCallsAreInterruptedAndTransfersShort) {
  FaultySystem system;
  system.interrupt_every_call();
  system.shorten_transfers(4096);
  expect_all_there(home.resume(layout, {}, system));
}

TEST_P(ReopenFaults, ATakeoverThatFailsLosesNothingAndMayBeTriedAgain) {
  FaultySystem of_reopening;
  home.reopen(layout, {}, of_reopening);
  const std::string before = home.bytes();
  const auto restore = [&] { File(home.path, File::Mode::write).write(0, std::as_bytes(std::span{before})); };
  int failures = 0;
  for (const bool again : {false, true})
    for_each_call(
        [&](FaultySystem& system) {
          home.resume(layout, {.durability = Durability::power}, system);
          restore();
        },
        [&](Call call, std::uint64_t kth) {
          if (kth <= of_reopening.count(call) || call == Call::pread) return;
          FaultySystem system;
          system.fail(call, kth, EIO);
          Snapshot buffer = zero_snapshot(layout);
          {
            const FileTier tier = home.reopen(layout, {.durability = Durability::power}, system);
            EXPECT_EQ(failure([&] { tier->take_over(buffer); }).kind(), Kind::io);
            expect_readers_are_safe();
            if (again) {
              tier->take_over(buffer);
              expect_all_there(tier);
            }
          }
          expect_all_there(home.resume(layout));
          restore();
          ++failures;
        });
  EXPECT_GT(failures, 10);
}

TEST_P(ReopenFaults, AReleasedSnapshotThatCannotBeReadStaysReleased) {
  FaultySystem system;
  const FileTier tier = home.reopen(layout, {}, system);
  system.fail(Call::pread, system.count(Call::pread) + 1, EIO);
  Snapshot buffer = zero_snapshot(layout);
  EXPECT_EQ(tier->take_over(buffer).brought_back, 1);
  EXPECT_EQ(tier->ledger().at(Slot{1}).status, SlotStatus::released);
  EXPECT_EQ(loaded(*tier, Slot{2}, 12), content(12));
}

INSTANTIATE_TEST_SUITE_P(Tiers, ReopenFaults, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn::test
