// SPDX-License-Identifier: BSD-3-Clause
#include "support/failures.hpp"
#include "support/faulty_system.hpp"
#include "support/hdf5_reading.hpp"
#include "support/layouts.hpp"
#include "support/snapshots.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using namespace test;
using Kind = StorageError::Kind;
using Call = FaultySystem::Call;

const RunFacts facts{.schedule = "multistage",
                     .config = "schedule: auto\n",
                     .host = "here",
                     .version = "0.1.0",
                     .start = "2024-02-29T12:00:00Z"};

Step step_for(Slots slot) {
  return 100 + slot * 3;
}

std::vector<std::byte> row_bytes(const TierFile& file, Slot slot) {
  const LedgerRow row = file.row(slot);
  const auto bytes = std::as_bytes(std::span{&row, 1});
  return {bytes.begin(), bytes.end()};
}

class Hdf5TierTest : public testing::Test {
 protected:
  Hdf5Tier make(const Layout& layout, Slots slots, Tier::Promise promise = {}) {
    return Hdf5Tier{path, layout, slots, facts, 2, promise, system};
  }
  TemporaryFolder folder;
  std::string path = folder / "run.h5";
  FaultySystem system;
};

TEST_F(Hdf5TierTest, TheLibraryReadsWhatWasSaved) {
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    Hdf5Tier tier = make(named.layout, 7);
    for (Slots slot = 0; slot < 7; ++slot)
      tier.save(Slot{slot}, step_for(slot), random_snapshot(static_cast<std::uint64_t>(slot), named.layout));
    tier.release(Slot{2});
    const H5File file = open_by_library(path);  // beside the writer
    for (Slots slot = 0; slot < 7; ++slot)
      EXPECT_EQ(read_by_library(file, named.layout, Slot{slot}),
                random_snapshot(static_cast<std::uint64_t>(slot), named.layout))
          << "slot " << slot;
    const auto step = values_by_library<Step>(file, "checkpoints/step", H5T_NATIVE_INT64);
    EXPECT_EQ(step, (std::vector<Step>{100, 103, -1, 109, 112, 115, 118}));
  }
}

TEST_F(Hdf5TierTest, GivesBackWhatWasSavedOverAnOlderSnapshot) {
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    Hdf5Tier tier = make(named.layout, 3);
    for (const Step step : {5, 6, 7}) {
      for (Slots slot = 0; slot < 3; ++slot)
        tier.save(Slot{slot}, step, random_snapshot(static_cast<std::uint64_t>(step * 10 + slot), named.layout));
      for (Slots slot = 0; slot < 3; ++slot) {
        EXPECT_EQ(loaded(tier, Slot{slot}, step),
                  random_snapshot(static_cast<std::uint64_t>(step * 10 + slot), named.layout));
        tier.release(Slot{slot});
      }
    }
  }
}

TEST_F(Hdf5TierTest, MovesALotOfFieldsInOneRequest) {
  std::vector<Field> fields;
  for (int f = 0; f < 70; ++f) fields.push_back(field("field" + std::to_string(f), ElementType::float32, {50'000}));
  const Layout layout{std::move(fields)};
  Hdf5Tier tier = make(layout, 3);
  const auto snapshot = random_snapshot(1, layout);
  const std::uint64_t writes = system.count(Call::pwrite);
  tier.save(Slot{1}, 7, snapshot);
  EXPECT_EQ(system.count(Call::pwrite) - writes, 5U) << "the step word twice, the row twice, the data";
  const std::uint64_t reads = system.count(Call::pread);
  EXPECT_EQ(loaded(tier, Slot{1}, 7), snapshot);
  EXPECT_EQ(system.count(Call::pread) - reads, 1U);
}

TEST_F(Hdf5TierTest, WithoutDirectRequestsTheFileIsTheSameAndTheLogSaysSo) {
  std::ostringstream lines;
  const auto logger =
      std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::ostream_sink_st>(lines));
  logger->set_pattern("%l: %v");
  spdlog::register_logger(logger);
  system.refuse_direct();
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 2);
  spdlog::drop("cairn");
  tier.save(Slot{1}, 4, random_snapshot(1, layout));
  EXPECT_FALSE(tier.direct());
  EXPECT_EQ(loaded(tier, Slot{1}, 4), random_snapshot(1, layout));
  EXPECT_EQ(read_by_library(open_by_library(path), layout, Slot{1}), random_snapshot(1, layout));
  EXPECT_EQ(lines.str(),
            "warning: hdf5 tier: " + path +
                ": the file system refuses O_DIRECT; snapshots go through its cache, which takes time from "
                "the operators' cores\n");
}

TEST_F(Hdf5TierTest, WithoutALoggerARefusedDirectRequestIsQuiet) {
  system.refuse_direct();
  const Layout layout = mixed_fields();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_FALSE(make(layout, 2).direct());
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
}

TEST_F(Hdf5TierTest, SmallFieldsAloneNeverOpenTheFileForDirectRequests) {
  const Layout layout = small_fields();
  EXPECT_FALSE(make(layout, 2).direct());
}

TEST_F(Hdf5TierTest, KeepsItsContractThroughShortAndInterruptedTransfers) {
  system.ignore_direct();  // short transfers come at any length
  system.shorten_transfers(5000);
  system.interrupt_every_call();
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 2);
  tier.save(Slot{1}, 4, random_snapshot(1, layout));
  EXPECT_EQ(loaded(tier, Slot{1}, 4), random_snapshot(1, layout));
}

TEST_F(Hdf5TierTest, RecordsTheRunWhereTheLibraryReadsIt) {
  const Layout layout = small_fields();
  Hdf5Tier tier = make(layout, 2);
  tier.put_identity("{\"sweep\": 1}");
  tier.put_steps(48211);
  tier.put_summary({.actions = {{1, 2, 3, 4}, {5, 6, 7, 8}},
                    .stall_seconds = {.5, .25},
                    .advances = 99,
                    .end = "2024-02-29T13:00:00Z",
                    .report = "{\"steps\": 48211}"});
  const H5File file = open_by_library(path);
  EXPECT_EQ(text_of(open_dataset(file.id(), "run/identity").id()), "{\"sweep\": 1}");
  EXPECT_EQ(values_by_library<Step>(file, "run/steps", H5T_NATIVE_INT64), std::vector<Step>{48211});
  EXPECT_EQ(values_by_library<Step>(file, "run/actions", H5T_NATIVE_INT64),
            (std::vector<Step>{1, 5, 2, 6, 3, 7, 4, 8}));
  EXPECT_EQ(values_by_library<double>(file, "run/stall_seconds", H5T_NATIVE_DOUBLE), (std::vector<double>{.5, .25}));
  EXPECT_EQ(values_by_library<Step>(file, "run/advances", H5T_NATIVE_INT64), std::vector<Step>{99});
  EXPECT_EQ(text_of(open_dataset(file.id(), "run/end").id()), "2024-02-29T13:00:00Z");
  EXPECT_EQ(text_of(open_dataset(file.id(), "run/report").id()), "{\"steps\": 48211}");
}

TEST_F(Hdf5TierTest, ALaterTextLeavesNothingOfALongerOneAndATooLongReportIsCut) {
  const Layout layout = small_fields();
  Hdf5Tier tier = make(layout, 2);
  RunSummary summary{.actions = {{}, {}}, .stall_seconds = {0, 0}, .advances = 0, .end = {}, .report = {}};
  summary.report = std::string(100'000, 'x');
  tier.put_summary(summary);
  EXPECT_EQ(text_of(open_dataset(open_by_library(path).id(), "run/report").id()), std::string(65'535, 'x'));
  summary.report = "short";
  tier.put_summary(summary);
  EXPECT_EQ(text_of(open_dataset(open_by_library(path).id(), "run/report").id()), "short");
}

TEST_F(Hdf5TierTest, RefusesARecordThatDoesNotFit) {
  const Layout layout = small_fields();
  Hdf5Tier tier = make(layout, 2);
  EXPECT_EQ(text_of<std::invalid_argument>([&] { tier.put_identity(std::string(4096, ' ')); }),
            "the identity of a run has 4096 bytes; at most 4095 are possible");
  EXPECT_EQ(text_of<std::invalid_argument>([&] {
              tier.put_summary({{{}}, {0}, 0, "", ""});
            }),
            "a summary of 1 and 1 levels for a file of 2");
}

TEST_F(Hdf5TierTest, RowsCarryTheHashOfTheIdentity) {
  const Layout layout = small_fields();
  Hdf5Tier tier = make(layout, 2);
  tier.put_identity("{\"sweep\": 2}");
  tier.save(Slot{0}, 1, random_snapshot(1, layout));
  constexpr std::string_view identity = "{\"sweep\": 2}";
  EXPECT_EQ(open_hdf5_tier_file(path)->row(Slot{0}).run, hash_of(std::as_bytes(std::span{identity})));
}

TEST_F(Hdf5TierTest, AFullDiskIsFullAndTheSlotEmpty) {
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 4);
  tier.save(Slot{0}, 1, random_snapshot(1, layout));
  system.fail_always(Call::pwrite, ENOSPC);
  const StorageError error = failure([&] { tier.save(Slot{1}, 2, random_snapshot(2, layout)); });
  EXPECT_EQ(error.kind(), Kind::full);
  EXPECT_EQ(error.what(),
            "hdf5 tier: " + path + ": slot 1, step 2: pwrite stopped after 0 of 8 B: No space left on device (ENOSPC)");
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty);
}

TEST_F(Hdf5TierTest, NearTheEndOfTheDiskASlotIsReservedAlone) {
  const Layout layout = one_large_field();  // 32 KiB a slot, 2048 slots a run
  Hdf5Tier tier = make(layout, 4000);
  const std::uint64_t reservations = system.count(Call::fallocate);
  system.fail(Call::fallocate, reservations + 1, ENOSPC);
  tier.save(Slot{17}, 1, random_snapshot(1, layout));
  EXPECT_EQ(system.count(Call::fallocate), reservations + 2);
  EXPECT_EQ(loaded(tier, Slot{17}, 1), random_snapshot(1, layout));
  system.fail_always(Call::fallocate, ENOSPC);
  const StorageError error = failure([&] { tier.save(Slot{18}, 2, random_snapshot(2, layout)); });
  EXPECT_EQ(error.kind(), Kind::full);
  EXPECT_EQ(error.what(),
            "hdf5 tier: " + path + ": slot 18, step 2: fallocate of 32.0 KiB failed: No space left on device (ENOSPC)");
}

TEST_F(Hdf5TierTest, SpaceIsReservedARunOfSlotsAtATimeAndOnce) {
  const Layout layout = one_large_field();
  Hdf5Tier tier = make(layout, 4000);
  const std::uint64_t reservations = system.count(Call::fallocate);
  for (const Slots slot : {0, 1, 2047, 5}) tier.save(Slot{slot}, slot, random_snapshot(1, layout));
  EXPECT_EQ(system.count(Call::fallocate), reservations + 1);
  tier.save(Slot{2048}, 1, random_snapshot(1, layout));
  EXPECT_EQ(system.count(Call::fallocate), reservations + 2);
}

TEST_F(Hdf5TierTest, WorksWhereSpaceCannotBeReserved) {
  system.refuse_fallocate();
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 4);
  tier.save(Slot{3}, 1, random_snapshot(1, layout));
  EXPECT_EQ(loaded(tier, Slot{3}, 1), random_snapshot(1, layout));
}

TEST_F(Hdf5TierTest, UnderPowerTheDataIsOnTheDeviceBeforeTheSnapshotCounts) {
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 2, {.durability = Durability::power});
  const std::uint64_t before = system.count(Call::fdatasync);
  tier.put_identity("{}");
  EXPECT_EQ(system.count(Call::fdatasync), before + 3) << "the sweep before has ended, identity, nothing has ended";
  tier.save(Slot{0}, 1, random_snapshot(1, layout));
  EXPECT_EQ(system.count(Call::fdatasync), before + 5);
}

TEST_F(Hdf5TierTest, FindsAFlippedBitInAnyField) {
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 2);
  tier.save(Slot{1}, 4, random_snapshot(1, layout));
  for (const Field& field : layout.fields()) {
    const auto flip = [&] {
      const H5File file = open_by_library(path, H5F_ACC_RDWR);
      const H5Dataset dataset = open_dataset(file.id(), "checkpoints/" + field.name);
      const H5Type type{H5Dget_type(dataset.id()), "type"};
      std::vector<std::byte> all(2 * field.bytes());
      check_h5(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), "reading");
      all.back() ^= std::byte{1};
      check_h5(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), "writing");
    };
    flip();
    EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 4); }).kind(), Kind::corrupt) << field.name;
    flip();
    EXPECT_EQ(loaded(tier, Slot{1}, 4), random_snapshot(1, layout)) << field.name;
  }
}

TEST_F(Hdf5TierTest, RefusesABufferThatDirectRequestsCannotTake) {
  const Layout layout = one_large_field();
  Hdf5Tier tier = make(layout, 1);
  if (!tier.direct()) return;
  Snapshot memory(layout.buffer_bytes().count + 8);
  EXPECT_EQ(text_of<std::logic_error>([&] { tier.save(Slot{0}, 1, std::span{memory}.subspan(8)); }),
            "hdf5 tier: the buffer of a snapshot begins at a multiple of 4096, as those of the pool do");
}

TEST_F(Hdf5TierTest, ReplacesAnEarlierRunsFileButNoOther) {
  const Layout layout = mixed_fields();
  make(layout, 3).save(Slot{0}, 1, random_snapshot(1, layout));
  { const Hdf5Tier tier = make(layout, 5); }
  EXPECT_EQ(open_hdf5_tier_file(path)->slots(), 5);
  EXPECT_EQ(open_hdf5_tier_file(path)->step(Slot{0}), -1);
  std::filesystem::remove(path);
  { const H5File foreign{H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), "making"}; }
  const StorageError error = failure([&] { make(layout, 3); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": is not a file of cairn; move it away or choose another path");
}

TEST_F(Hdf5TierTest, KeepsASecondRunOut) {
  const Layout layout = mixed_fields();
  const Hdf5Tier tier = make(layout, 3);
  const StorageError error = failure([&] { make(layout, 3); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": in use by another run");
}

TEST_F(Hdf5TierTest, AProbeLeavesRowsAndStepWordsAsTheyWereWhereverItStops) {
  const Layout layout = mixed_fields();
  Hdf5Tier tier = make(layout, 3);
  tier.save(Slot{0}, 7, random_snapshot(1, layout));
  const auto file = open_hdf5_tier_file(path);
  const auto row = row_bytes(*file, Slot{0});
  Snapshot noise = random_snapshot(2, layout);
  tier.probe(Slot{1}, noise);
  const auto small_fields = std::ranges::count_if(layout.places(), [](const auto& place) { return !place.large; });
  const auto writes = 1 + static_cast<std::uint64_t>(small_fields);  // of one transfer, the first of a probe
  for (std::uint64_t kth = 0; kth <= writes; ++kth) {                // 0: none fails
    if (kth > 0) {
      system.fail(Call::pwrite, system.count(Call::pwrite) + kth, EIO);
      EXPECT_EQ(failure([&] { tier.probe(Slot{1}, noise); }).kind(), Kind::io) << kth;
    }
    EXPECT_TRUE(file->row(Slot{1}).blank()) << kth;
    EXPECT_EQ(file->step(Slot{1}), -1) << kth;
    EXPECT_EQ(row_bytes(*file, Slot{0}), row) << kth;
    EXPECT_EQ(file->step(Slot{0}), 7) << kth;
    const std::vector<SlotReport> reports = examine(*file, true);
    ASSERT_EQ(reports.size(), 1U) << kth;
    EXPECT_EQ(reports[0].verdict, Verdict::whole) << kth;
  }
}

/// In a process whose HDF5 starts with this setting: is the tier made, and does HDF5 refuse to open it for writing
/// then?
int made_and_locked_with(const char* setting, const std::string& path, const Layout& layout) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    try {
      H5close();
      ::setenv("HDF5_USE_FILE_LOCKING", setting, 1);
      const Hdf5Tier tier{path, layout, 2, facts, 1};
      H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
      ::_exit(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT) < 0 ? 0 : 1);
    } catch (...) {
      ::_exit(2);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Hdf5TierTest, IsMadeWhateverTheUserSetForTheLibrarysLocks) {
  const Layout layout = mixed_fields();
  EXPECT_EQ(made_and_locked_with("TRUE", path, layout), 0);
  EXPECT_EQ(made_and_locked_with("BEST_EFFORT", path, layout), 0);
  EXPECT_EQ(made_and_locked_with("FALSE", path, layout), 1);  // the user wants to write beside us: his own risk
}

TEST_F(Hdf5TierTest, LeavesNoFileWhereTheDiskIsTooSmallForIt) {
  const Layout layout = mixed_fields();
  system.fail_always(Call::fallocate, ENOSPC);
  EXPECT_EQ(failure([&] { make(layout, 3); }).kind(), Kind::full);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace cairn
