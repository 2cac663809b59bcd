// SPDX-License-Identifier: BSD-3-Clause
// The order of a save, which makes a kill at any moment harmless, and what a failure at each of its calls leaves.
#include <cairn/storage/tier.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using Calls = std::vector<std::string>;
using Kind = StorageError::Kind;
constexpr Step no_step = -1;

/// Writes down each call, keeps rows, step words and bytes as a file would, and fails at the call that it is told to.
class RecordingTier final : public Tier {
 public:
  RecordingTier(const Layout& layout, Slots slots, Promise promise = {})
      : Tier{"test", "a.file", layout, slots, promise} {}
  Calls calls;
  std::size_t failing_call = 0;  ///< counted from 1; 0: none
  std::chrono::milliseconds transfer_time{0};
  bool wrong_reads = false;
  Pace within;  ///< as the last transfer saw it
  std::map<std::int64_t, LedgerRow> rows;
  std::map<std::int64_t, Step> steps;
  std::map<std::int64_t, test::Snapshot> data;
  using Tier::run_hash;

 private:
  void call(const std::string& text) {
    calls.push_back(text);
    if (calls.size() == failing_call) throw FileError{"no luck with " + text, EIO};
  }
  void write(Slot slot, std::span<const std::byte> snapshot) override {
    call("write");
    std::this_thread::sleep_for(transfer_time);
    within = pace();
    data[slot.index].assign(snapshot.begin(), snapshot.end());
  }
  void read(Slot slot, std::span<std::byte> snapshot) override {
    call("read");
    std::this_thread::sleep_for(transfer_time);
    within = pace();
    std::memcpy(snapshot.data(), data.at(slot.index).data(), snapshot.size());
    if (wrong_reads) snapshot[3] ^= std::byte{1};
  }
  void put_row(Slot slot, const LedgerRow& row) override {
    call("row " + std::string{name_of(row.status)});
    rows[slot.index] = row;
  }
  void put_step(Slot slot, Step step) override {
    call("step " + std::to_string(step));
    steps[slot.index] = step;
  }
  void sync() override { call("sync"); }
};

const Calls save_calls{"step -1", "row writing", "write", "row valid", "step 7"};
const Calls power_calls{"step -1", "row writing", "write", "sync", "row valid", "step 7", "sync"};

class TierTest : public testing::Test {
 protected:
  Layout layout = test::small_fields();
  test::Snapshot snapshot = test::random_snapshot(1, layout);
};

TEST_F(TierTest, SavesInTheOrderThatAKillCannotHarm) {
  RecordingTier tier{layout, 3};
  tier.save(Slot{1}, 7, snapshot);
  EXPECT_EQ(tier.calls, save_calls);
}

TEST_F(TierTest, SynchronisesDataBeforeTheRowAndTheStepAfterItUnderPower) {
  RecordingTier tier{layout, 3, {.durability = Durability::power}};
  tier.save(Slot{1}, 7, snapshot);
  EXPECT_EQ(tier.calls, power_calls);
}

TEST_F(TierTest, CountsTheTimeOfSavesAndLoadsThatWentWell) {
  RecordingTier tier{layout, 3};
  EXPECT_EQ(tier.pace().saves + tier.pace().loads, 0U);
  EXPECT_EQ(tier.pace().save_seconds, 0.0);
  tier.save(Slot{1}, 7, snapshot);
  tier.save(Slot{2}, 8, snapshot);
  tier.load(Slot{1}, 7, snapshot);
  tier.failing_call = tier.calls.size() + 1;
  EXPECT_THROW(tier.load(Slot{1}, 7, snapshot), StorageError);
  tier.failing_call = tier.calls.size() + 1;
  EXPECT_THROW(tier.save(Slot{0}, 9, snapshot), StorageError);
  const Tier::Pace pace = tier.pace();
  EXPECT_EQ(pace.saves, 2U);
  EXPECT_EQ(pace.loads, 1U);
  EXPECT_GT(pace.save_seconds, 0.0);
  EXPECT_GT(pace.load_seconds, 0.0);
}

TEST_F(TierTest, TellsHowLongACallUnderWayHasTaken) {
  RecordingTier tier{layout, 3};
  tier.save(Slot{1}, 7, snapshot);
  ASSERT_TRUE(tier.within.save_under_way);
  EXPECT_FALSE(tier.within.load_under_way);
  EXPECT_EQ(tier.within.saves, 0U) << "it has not ended";
  EXPECT_LE(*tier.within.save_under_way, tier.pace().save_seconds);
  tier.load(Slot{1}, 7, snapshot);
  ASSERT_TRUE(tier.within.load_under_way);
  EXPECT_FALSE(tier.within.save_under_way) << "it has ended";
  EXPECT_LE(*tier.within.load_under_way, tier.pace().load_seconds);
  tier.failing_call = tier.calls.size() + 1;
  EXPECT_THROW(tier.load(Slot{1}, 7, snapshot), StorageError);
  EXPECT_FALSE(tier.pace().save_under_way || tier.pace().load_under_way) << "nor after an error";
}

TEST_F(TierTest, ReleasesTheStepWordFirst) {
  RecordingTier tier{layout, 3};
  tier.save(Slot{1}, 7, snapshot);
  tier.calls.clear();
  tier.release(Slot{1});
  EXPECT_EQ(tier.calls, (Calls{"step -1", "row released"}));
}

TEST_F(TierTest, WritesSealedRowsThatSayWhatTheSlotHolds) {
  RecordingTier tier{layout, 3};
  tier.run_hash(0xC0FFEE);
  tier.save(Slot{1}, 7, snapshot);
  const LedgerRow& row = tier.rows.at(1);
  EXPECT_TRUE(row.intact());
  EXPECT_EQ(row.step, 7);
  EXPECT_EQ(row.sequence, 1U);
  EXPECT_EQ(row.bytes, layout.snapshot_bytes().count);
  EXPECT_EQ(row.checksum, checksum_of(layout, snapshot));
  EXPECT_EQ(row.status, SlotStatus::valid);
  EXPECT_EQ(row.run, 0xC0FFEEU);
  EXPECT_GT(row.time, 1'600'000'000'000'000'000) << "nanoseconds since 1970";
  tier.release(Slot{1});
  EXPECT_EQ(tier.rows.at(1).status, SlotStatus::released);
  EXPECT_EQ(tier.rows.at(1).step, 7);
  EXPECT_EQ(tier.rows.at(1).checksum, checksum_of(layout, snapshot));
}

TEST_F(TierTest, WritesNoSumUnderVerifyNever) {
  RecordingTier tier{layout, 1, {.verify = Verify::never}};
  tier.save(Slot{0}, 7, snapshot);
  EXPECT_EQ(tier.rows.at(0).checksum, Checksum{});
  tier.data[0][0] ^= std::byte{1};
  EXPECT_NO_THROW(test::loaded(tier, Slot{0}, 7));
}

TEST_F(TierTest, RecordsTheSumThatItIsGiven) {
  RecordingTier tier{layout, 2};
  const Checksum known = checksum_of(layout, snapshot);
  tier.save(Slot{0}, 7, snapshot, known);
  EXPECT_EQ(tier.rows.at(0).checksum, known);
  EXPECT_EQ(test::loaded(tier, Slot{0}, 7), snapshot);
  Checksum of_another = known;
  of_another[3] ^= std::byte{1};
  tier.save(Slot{1}, 8, snapshot, of_another);  // the state changed between its sum and its copy, say
  EXPECT_EQ(test::failure([&] { test::loaded(tier, Slot{1}, 8); }).kind(), Kind::corrupt);
  RecordingTier unsummed{layout, 1, {.verify = Verify::never}};
  unsummed.save(Slot{0}, 7, snapshot, known);
  EXPECT_EQ(unsummed.rows.at(0).checksum, Checksum{});
}

TEST_F(TierTest, LoadsWithoutALookAtTheSumForWhoLooksLater) {
  RecordingTier tier{layout, 1};
  tier.save(Slot{0}, 7, snapshot);
  tier.wrong_reads = true;
  test::Snapshot read(snapshot.size());
  const Checksum saved = tier.load_unchecked(Slot{0}, 7, read);
  EXPECT_EQ(saved, checksum_of(layout, snapshot));
  const Checksum found = checksum_of(layout, read);
  EXPECT_NE(found, saved);
  EXPECT_EQ(tier.wrong_sum(Slot{0}, 7, found, saved).what(),
            std::string{test::failure([&] { test::loaded(tier, Slot{0}, 7); }).what()});
  EXPECT_EQ(test::failure([&] { tier.load_unchecked(Slot{0}, 8, read); }).kind(), Kind::mismatch);
  RecordingTier unsummed{layout, 1, {.verify = Verify::never}};
  unsummed.save(Slot{0}, 7, snapshot);
  EXPECT_EQ(unsummed.load_unchecked(Slot{0}, 7, read), Checksum{});
}

/// Saves with a failure at each call; what is checked after it is the same for both durabilities.
void fail_each_call_of_a_save(const Layout& layout, Tier::Promise promise, const Calls& expected) {
  for (std::size_t kth = 1; kth <= expected.size(); ++kth) {
    RecordingTier tier{layout, 2, promise};
    tier.failing_call = kth;
    const test::Snapshot saved = test::random_snapshot(kth, layout);
    const StorageError error = test::failure([&] { tier.save(Slot{1}, 7, saved); });
    EXPECT_EQ(error.what(),
              "test tier: a.file: slot 1, step 7: no luck with " + expected[kth - 1] + ": Input/output error (EIO)");
    EXPECT_EQ(error.kind(), Kind::io);
    EXPECT_EQ(tier.calls, Calls(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(kth)))
        << "goes on after it";
    EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty) << expected[kth - 1];
    EXPECT_EQ(tier.ledger().at(Slot{1}).step, no_step);
    EXPECT_EQ(test::failure([&] { test::loaded(tier, Slot{1}, 7); }).kind(), Kind::absent);
    // What a reader of the file takes for valid is whole, even then.
    if (tier.steps.contains(1) && tier.steps[1] >= 0) {
      EXPECT_EQ(tier.rows.at(1).status, SlotStatus::valid);
      EXPECT_EQ(tier.rows.at(1).checksum, checksum_of(layout, tier.data.at(1)));
    }
    tier.failing_call = 0;
    tier.save(Slot{1}, 9, saved);
    EXPECT_EQ(test::loaded(tier, Slot{1}, 9), saved);
  }
}

TEST_F(TierTest, LeavesTheSlotEmptyWhereAnyCallOfASaveFails) {
  fail_each_call_of_a_save(layout, {}, save_calls);
}

TEST_F(TierTest, LeavesTheSlotEmptyWhereAnyCallOfASaveUnderPowerFails) {
  fail_each_call_of_a_save(layout, {.durability = Durability::power}, power_calls);
}

TEST_F(TierTest, HasReleasedTheSlotEvenWhereTheFileCannotBeTold) {
  for (std::size_t kth = 1; kth <= 2; ++kth) {
    RecordingTier tier{layout, 1};
    tier.save(Slot{0}, 7, snapshot);
    tier.failing_call = tier.calls.size() + kth;
    EXPECT_EQ(test::failure([&] { tier.release(Slot{0}); }).kind(), Kind::io);
    EXPECT_EQ(tier.ledger().at(Slot{0}).status, SlotStatus::released);
    tier.save(Slot{0}, 8, snapshot);
    EXPECT_EQ(test::loaded(tier, Slot{0}, 8), snapshot);
  }
}

TEST_F(TierTest, KeepsTheSnapshotWhereALoadFails) {
  RecordingTier tier{layout, 1};
  tier.save(Slot{0}, 7, snapshot);
  tier.failing_call = tier.calls.size() + 1;
  EXPECT_STREQ(test::failure([&] { test::loaded(tier, Slot{0}, 7); }).what(),
               "test tier: a.file: slot 0, step 7: no luck with read: Input/output error (EIO)");
  EXPECT_EQ(test::loaded(tier, Slot{0}, 7), snapshot);
}

TEST_F(TierTest, NamesBothSumsOfCorruptBytes) {
  RecordingTier tier{layout, 1};
  tier.save(Slot{0}, 7, snapshot);
  tier.data[0][3] ^= std::byte{1};
  const StorageError error = test::failure([&] { test::loaded(tier, Slot{0}, 7); });
  EXPECT_EQ(error.kind(), Kind::corrupt);
  EXPECT_EQ(error.what(), "test tier: a.file: slot 0, step 7: the bytes read are not those that were saved: checksum " +
                              to_string(checksum_of(layout, tier.data[0])) + " instead of " +
                              to_string(checksum_of(layout, snapshot)));
}

TEST_F(TierTest, IsProbedByItsTransfersAlone) {
  RecordingTier tier{layout, 3};
  const test::Snapshot noise = snapshot;
  tier.probe(Slot{1}, snapshot);
  EXPECT_EQ(tier.calls, (Calls{"write", "write", "read", "read"})) << "no row, no step word";
  EXPECT_EQ(tier.data.at(1), noise);
  EXPECT_EQ(snapshot, noise);
}

TEST_F(TierTest, IsProbedWithItsSyncsUnderPower) {
  RecordingTier tier{layout, 3, {.durability = Durability::power}};
  tier.probe(Slot{1}, snapshot);
  EXPECT_EQ(tier.calls, (Calls{"write", "sync", "write", "sync", "read", "read"}));
}

TEST_F(TierTest, IsProbedOnceWhereItIsSlow) {
  RecordingTier tier{layout, 3};
  tier.transfer_time = std::chrono::milliseconds{51};
  const Tier::Probed probed = tier.probe(Slot{1}, snapshot);
  EXPECT_EQ(tier.calls, (Calls{"write", "read"}));
  EXPECT_GE(probed.save_seconds, .051);
  EXPECT_GE(probed.load_seconds, .051);
}

TEST_F(TierTest, GivesTheErrorOfAProbeItsPlace) {
  const Calls calls{"write", "sync", "write", "sync", "read", "read"};
  for (std::size_t kth = 1; kth <= calls.size(); ++kth) {
    RecordingTier tier{layout, 2, {.durability = Durability::power}};
    tier.failing_call = kth;
    const StorageError error = test::failure([&] { tier.probe(Slot{1}, snapshot); });
    EXPECT_EQ(error.what(), "test tier: a.file: slot 1: no luck with " + calls[kth - 1] + ": Input/output error (EIO)");
    EXPECT_EQ(error.kind(), Kind::io);
    EXPECT_EQ(tier.calls.size(), kth) << "goes on after it";
    EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty);
  }
}

TEST_F(TierTest, FindsBytesThatAProbeDoesNotGetBack) {
  RecordingTier tier{layout, 2};
  tier.wrong_reads = true;
  const std::string saved = to_string(checksum_of(layout, snapshot));
  const StorageError error = test::failure([&] { tier.probe(Slot{1}, snapshot); });
  EXPECT_EQ(error.kind(), Kind::corrupt);
  EXPECT_EQ(error.what(),
            "test tier: a.file: slot 1: the bytes read are not those that were written to try it: checksum " +
                to_string(checksum_of(layout, snapshot)) + " instead of " + saved);
  RecordingTier unsummed{layout, 2, {.verify = Verify::never}};
  unsummed.wrong_reads = true;
  EXPECT_NO_THROW(unsummed.probe(Slot{1}, snapshot));
}

TEST_F(TierTest, SaysWhatIsWrongWithARequest) {
  RecordingTier tier{layout, 2};
  EXPECT_STREQ(test::failure([&] { test::loaded(tier, Slot{0}, 7); }).what(),
               "test tier: a.file: slot 0, step 7: the slot holds no snapshot; it is empty");
  EXPECT_STREQ(test::failure([&] { tier.release(Slot{0}); }).what(),
               "test tier: a.file: slot 0: nothing to release; the slot holds no snapshot");
  EXPECT_EQ(test::text_of<std::logic_error>([&] { tier.save(Slot{0}, 1, std::span{snapshot}.first(12)); }),
            "a snapshot of 12 bytes for a layout of 4096 bytes");
  EXPECT_TRUE(tier.calls.empty()) << "nothing reaches the file";
}

TEST_F(TierTest, RefusesNoSlotsAndTooMany) {
  EXPECT_THROW(RecordingTier(layout, 0), std::invalid_argument);
  EXPECT_THROW(RecordingTier(layout, limits::slots + 1), std::invalid_argument);
  EXPECT_EQ(RecordingTier(layout, limits::slots).slots(), limits::slots);
}

TEST_F(TierTest, RefusesPowerWithoutChecksums) {
  const Tier::Promise promise{.verify = Verify::never, .durability = Durability::power};
  EXPECT_EQ(test::text_of<std::invalid_argument>([&] { const RecordingTier refused(layout, 1, promise); }),
            "test tier: durability power needs checksums: after power loss they alone tell torn data; use verify disk");
}

}  // namespace
}  // namespace cairn
