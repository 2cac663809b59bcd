// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_areas.hpp>
#include <cairn/storage/tier_file.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <support/layouts.hpp>
#include <support/temporary_folder.hpp>

namespace cairn {
namespace {

class MmapAreas : public testing::Test {
 protected:
  MmapAreas() { write_metadata(file_, format_, json_); }
  RecordedRun run() const { return open_mmap_tier_file(path_)->run(); }
  template <class Value>
  Value value_at(std::uint64_t offset) const {
    Value value{};
    file_.read(offset, std::as_writable_bytes(std::span{&value, 1}));
    return value;
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "areas.map";
  Layout layout_ = test::mixed_fields();
  std::string json_ = mmap_json(layout_, facts_of_this_process("multistage", "schedule: auto\n"));
  MmapFormat format_ = MmapFormat::make(layout_, 3, 2, json_);
  File file_{path_, File::Mode::create};
};

TEST_F(MmapAreas, BeginWithNothing) {
  const auto file = open_mmap_tier_file(path_);
  EXPECT_EQ(file->slots(), 3);
  EXPECT_EQ(file->run().facts.schedule, "multistage");
  EXPECT_EQ(file->run().steps, -1);
  EXPECT_EQ(file->run().identity + file->run().report + file->run().end, "");
  for (Slot slot{0}; slot.index < 3; ++slot.index) {
    EXPECT_EQ(file->step(slot), -1);
    EXPECT_TRUE(file->row(slot).blank());
  }
  EXPECT_TRUE(examine(*file, true).empty());
}

TEST_F(MmapAreas, AreNoFileOfCairnBeforeTheirHeaderIsThere) {
  const File other{folder_ / "other.map", File::Mode::create};
  EXPECT_THROW(write_metadata(File{path_, File::Mode::read}, format_, json_), FileError) << "it cannot be written";
  other.reserve(0, format_.data_at);
  EXPECT_THROW(open_tier_file(other.path()), StorageError);
}

TEST_F(MmapAreas, GiveBackWhatIsWrittenOfTheRun) {
  write_steps(file_, format_, 48211);
  write_summary(file_, format_,
                {.actions = {{1, 2, 3, 4}, {5, 6, 7, 8}},
                 .stall_seconds = {.5, .25},
                 .advances = 77,
                 .end = "today",
                 .report = "{\"a\": 1}"});
  EXPECT_EQ(run().steps, 48211);
  EXPECT_EQ(run().report, "{\"a\": 1}");
  EXPECT_EQ(run().end, "today");
  EXPECT_EQ(value_at<MmapSummary>(format_.summary_at).advances, 77);
  const std::uint64_t actions_at = format_.summary_at + sizeof(MmapSummary);
  const auto actions = value_at<std::array<std::int64_t, 8>>(actions_at);
  EXPECT_EQ(actions, (std::array<std::int64_t, 8>{1, 5, 2, 6, 3, 7, 4, 8})) << "by kind, then by level";
  EXPECT_EQ((value_at<std::array<double, 2>>(actions_at + sizeof actions)), (std::array<double, 2>{.5, .25}));
}

TEST_F(MmapAreas, KeepTheEndWhereTheIdentityOfTheNextSweepIsWritten) {
  write_end(file_, format_, "2026-01-31T12:00:00Z");
  write_identity(file_, format_, "{\"sweep\": 2, \"a long\": \"text\"}");
  write_identity(file_, format_, "{\"sweep\": 3}");
  EXPECT_EQ(run().identity, "{\"sweep\": 3}");
  EXPECT_EQ(run().end, "2026-01-31T12:00:00Z") << "RunRecord::put_identity() knows the order";
  write_end(file_, format_, "");
  EXPECT_EQ(run().end, "");
}

TEST_F(MmapAreas, RefuseAnIdentityThatDoesNotFit) {
  write_identity(file_, format_, std::string(identity_bytes - 1, 'i'));
  EXPECT_THROW(write_identity(file_, format_, std::string(identity_bytes, 'j')), std::invalid_argument);
  EXPECT_EQ(run().identity, std::string(identity_bytes - 1, 'i'));
}

TEST_F(MmapAreas, CutAReportThatDoesNotFitAndLevelsThatAreNotPlanned) {
  write_summary(file_, format_,
                {.actions = {{1, 1, 1, 1}, {2, 2, 2, 2}, {9, 9, 9, 9}},
                 .stall_seconds = {1, 2, 9},
                 .advances = 1,
                 .end = "end",
                 .report = std::string(report_bytes + 5, 'r')});
  EXPECT_EQ(run().report, std::string(report_bytes - 1, 'r'));
  EXPECT_EQ(run().end, "end");
  EXPECT_EQ((value_at<std::array<std::int64_t, 8>>(format_.summary_at + sizeof(MmapSummary))),
            (std::array<std::int64_t, 8>{1, 2, 1, 2, 1, 2, 1, 2}));
}

}  // namespace
}  // namespace cairn
