// SPDX-License-Identifier: BSD-3-Clause
#include "support/failures.hpp"
#include "support/faulty_system.hpp"
#include "support/layouts.hpp"
#include "support/snapshots.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using namespace test;
using Kind = StorageError::Kind;

const RunFacts facts{.schedule = "multistage",
                     .config = "schedule: auto\n",
                     .host = "here",
                     .version = "0.1.0",
                     .start = "2024-02-29T12:00:00Z"};

class Hdf5TierFileTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string path = folder / "run.h5";
  Layout layout = mixed_fields();
};

TEST_F(Hdf5TierFileTest, ReadsBesideTheWriterAndAfterIt) {
  std::unique_ptr<TierFile> beside;
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    {
      Hdf5Tier tier{path, named.layout, 4, facts, 1};
      beside = open_hdf5_tier_file(path);
      EXPECT_TRUE(beside->row(Slot{2}).blank());
      EXPECT_EQ(beside->step(Slot{2}), -1);
      tier.save(Slot{2}, 77, random_snapshot(1, named.layout));
      const LedgerRow row = beside->row(Slot{2});
      EXPECT_TRUE(row.intact());
      EXPECT_EQ(row.status, SlotStatus::valid);
      EXPECT_EQ(row.step, 77);
      EXPECT_EQ(row.bytes, named.layout.snapshot_bytes().count);
      EXPECT_EQ(row.checksum, checksum_of(named.layout, random_snapshot(1, named.layout)));
    }
    const auto after = open_tier_file(path);
    for (const TierFile* file : {beside.get(), after.get()}) {
      Snapshot snapshot = random_snapshot(2, file->layout());
      file->read(Slot{2}, snapshot);
      EXPECT_EQ(snapshot, random_snapshot(1, named.layout));
      EXPECT_EQ(file->step(Slot{2}), 77);
      EXPECT_EQ(file->slots(), 4);
      EXPECT_EQ(file->kind(), "hdf5");
    }
  }
}

TEST_F(Hdf5TierFileTest, TellsTheRun) {
  Hdf5Tier tier{path, layout, 4, facts, 1};
  const auto file = open_hdf5_tier_file(path);
  EXPECT_EQ(file->run().steps, -1);
  EXPECT_EQ(file->run().identity, "");
  EXPECT_EQ(file->run().report, "");
  tier.put_identity("{\"sweep\": 1}");
  tier.put_steps(12);
  tier.put_summary({.actions = {{}}, .stall_seconds = {0}, .advances = 0, .end = "", .report = "{}"});
  EXPECT_EQ(file->run().steps, 12);
  EXPECT_EQ(file->run().identity, "{\"sweep\": 1}");
  EXPECT_EQ(file->run().report, "{}");
  EXPECT_EQ(file->run().facts.schedule, "multistage");
  EXPECT_EQ(file->run().facts.config, "schedule: auto\n");
}

TEST_F(Hdf5TierFileTest, CountsWhatIsAllocated) {
  Hdf5Tier tier{path, layout, 100'000, facts, 1};
  const auto file = open_hdf5_tier_file(path);
  EXPECT_GT(std::filesystem::file_size(path), 4U << 30);
  EXPECT_GE(file->file_bytes().count, 512U * 100'000);
  EXPECT_LT(file->file_bytes().count, 100U << 20);
}

TEST_F(Hdf5TierFileTest, SlotsOutsideAndBuffersOfAnotherSizeAreMistakes) {
  const Hdf5Tier tier{path, layout, 4, facts, 1};
  const auto file = open_hdf5_tier_file(path);
  Snapshot snapshot = zero_snapshot(layout);
  EXPECT_EQ(text_of<std::out_of_range>([&] { file->row(Slot{4}); }), "slot 4 of a tier with 4 slots");
  EXPECT_EQ(text_of<std::out_of_range>([&] { file->step(Slot{-1}); }), "slot -1 of a tier with 4 slots");
  EXPECT_EQ(text_of<std::out_of_range>([&] { file->read(Slot{4}, snapshot); }), "slot 4 of a tier with 4 slots");
  EXPECT_EQ(text_of<std::logic_error>([&] { file->read(Slot{0}, std::span{snapshot}.first(8)); }),
            "a snapshot of 8 bytes for a layout of 69632 bytes");
}

TEST_F(Hdf5TierFileTest, AFileThatIsNotHdf5IsRefused) {
  for (const std::string_view text : {"", "short", "longer than a signature"}) {
    std::ofstream{path, std::ios::trunc} << text;
    const StorageError error = failure([&] { open_hdf5_tier_file(path); });
    EXPECT_EQ(error.kind(), Kind::mismatch);
    EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": not an HDF5 file");
  }
}

TEST_F(Hdf5TierFileTest, AFileThatIsNotThereIsNamed) {
  const StorageError error = failure([&] { open_hdf5_tier_file(path); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": open failed: No such file or directory (ENOENT)");
}

TEST_F(Hdf5TierFileTest, AFileThatIsCutOffAtOpeningOrLaterIsNoticed) {
  { const Hdf5Tier tier{path, layout, 40, facts, 1}; }
  const auto file = open_hdf5_tier_file(path);
  const std::uint64_t half = std::filesystem::file_size(path) / 2;
  std::filesystem::resize_file(path, half);
  EXPECT_EQ(failure([&] { open_hdf5_tier_file(path); }).kind(), Kind::corrupt);
  Snapshot snapshot = zero_snapshot(layout);
  const StorageError error = failure([&] { file->read(Slot{39}, snapshot); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": slot 39: pread stopped after 0.0 of 48.0 KiB: the file ends there");
}

TEST_F(Hdf5TierFileTest, AnErrorOfTheSystemHasItsPlace) {
  FaultySystem system;
  const Hdf5Tier tier{path, layout, 4, facts, 1};
  const auto file = open_hdf5_tier_file(path, system);
  system.fail_always(FaultySystem::Call::pread, EIO);
  const StorageError error = failure([&] { file->row(Slot{1}); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_EQ(error.what(), "hdf5 tier: " + path + ": slot 1: pread stopped after 0 of 512 B: Input/output error (EIO)");
}

TEST_F(Hdf5TierFileTest, AFileThatIsReplacedAfterOpeningStaysTheOldOne) {
  { Hdf5Tier{path, layout, 4, facts, 1}.save(Slot{0}, 5, random_snapshot(1, layout)); }
  const auto old = open_hdf5_tier_file(path);
  const Hdf5Tier fresh{path, layout, 2, facts, 1};
  Snapshot snapshot = zero_snapshot(layout);
  old->read(Slot{0}, snapshot);
  EXPECT_EQ(old->step(Slot{0}), 5);
  EXPECT_EQ(snapshot, random_snapshot(1, layout));
}

}  // namespace
}  // namespace cairn
