// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/resident.hpp>
#include <support/snapshots.hpp>
#include <support/temporary_folder.hpp>

namespace cairn {
namespace {

using test::failure;
using test::random_snapshot;
using Kind = StorageError::Kind;

/// A file of 6 slots: 0 blank, 1 valid with step 11, 2 released (12), 3 valid with step 13, 4 and 5 blank.
class TierFiles : public testing::Test {
 protected:
  TierFiles() { write_file({}); }

  void write_file(Tier::Promise promise) {
    MmapTier tier{path_, layout_, 6, facts_of_this_process("multistage", ""), 1, promise};
    for (const Slot slot : {Slot{1}, Slot{2}, Slot{3}})
      tier.save(slot, 10 + slot.index, random_snapshot(static_cast<std::uint64_t>(slot.index), layout_));
    tier.release(Slot{2});
    MmapFormat::Page page;
    File(path_, File::Mode::read).read(0, page);
    format_ = MmapFormat::read(page, path_);
  }

  /// The byte at an offset of the file gets another value.
  void flip(std::uint64_t at) {
    const File file{path_, File::Mode::write};
    std::array<std::byte, 1> byte{};
    file.read(at, byte);
    byte[0] ^= std::byte{1};
    file.write(at, byte);
  }
  void put_step(Slot slot, Step step) {
    File(path_, File::Mode::write).write(format_.step_at(slot), std::as_bytes(std::span{&step, 1}));
  }
  void put_row(Slot slot, const std::function<void(LedgerRow&)>& change) {
    LedgerRow row = open_tier_file(path_)->row(slot);
    change(row);
    row.seal();
    File(path_, File::Mode::write).write(format_.row_at(slot), std::as_bytes(std::span{&row, 1}));
  }
  /// What is said of a slot, if anything.
  std::optional<SlotReport> report(Slot slot, bool verify = true) {
    for (const SlotReport& each : examine(*open_tier_file(path_), verify))
      if (each.slot == slot) return each;
    return std::nullopt;
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "run42.map";
  Layout layout_ = test::mixed_fields();
  MmapFormat format_;
};

TEST_F(TierFiles, AreToldApartByTheirFirstBytes) {
  const auto file = open_tier_file(path_);
  EXPECT_EQ(file->kind(), "mmap");
  EXPECT_EQ(file->slots(), 6);
  EXPECT_EQ(file->layout().snapshot_bytes(), layout_.snapshot_bytes());
  EXPECT_TRUE(is_cairn_file(File{path_, File::Mode::read}));
}

TEST_F(TierFiles, AreRefusedWhereCairnDidNotMakeThem) {
  for (const std::string text : {"", "cairn", "my thesis", "\x89HDF\r\n\x1a\n but not really"}) {
    const std::string path = folder_ / "foreign";
    std::ofstream{path, std::ios::binary} << text;
    EXPECT_FALSE(is_cairn_file(File{path, File::Mode::read})) << text;
    EXPECT_THROW(open_tier_file(path), StorageError) << text;
  }
  std::ofstream{folder_ / "foreign"} << "my thesis";
  const StorageError error = failure([&] { open_tier_file(folder_ / "foreign"); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_NE(std::string{error.what()}.find("is not a file of cairn"), std::string::npos) << error.what();
}

TEST_F(TierFiles, SayThatTheyAreNotThere) {
  const StorageError error = failure([&] { open_tier_file(folder_ / "absent"); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_NE(std::string{error.what()}.find("No such file or directory (ENOENT)"), std::string::npos) << error.what();
}

TEST_F(TierFiles, AreCorruptWhenTheyAreCutInTheMetadata) {
  for (const std::uint64_t bytes :
       {std::uint64_t{8}, std::uint64_t{4095}, std::uint64_t{4096}, format_.report_at, format_.data_at - 1}) {
    std::filesystem::resize_file(path_, bytes);
    EXPECT_EQ(failure([&] { open_tier_file(path_); }).kind(), Kind::corrupt) << bytes;
    write_file({});
  }
}

TEST_F(TierFiles, AreCorruptWhereHeaderOrJsonIs) {
  for (const std::uint64_t at :
       {std::uint64_t{16}, std::uint64_t{4090}, format_.json_at, format_.json_at + format_.json_bytes - 1}) {
    flip(at);
    EXPECT_EQ(failure([&] { open_tier_file(path_); }).kind(), Kind::corrupt) << at;
    EXPECT_TRUE(is_cairn_file(File{path_, File::Mode::read})) << "damaged, but ours";
    flip(at);
  }
  EXPECT_NO_THROW(open_tier_file(path_));
}

TEST_F(TierFiles, AreCorruptWhereASnapshotIsCutOff) {
  std::filesystem::resize_file(path_, format_.slot_at(Slot{3}) + 100);
  const auto file = open_tier_file(path_);
  test::Snapshot snapshot = test::zero_snapshot(layout_);
  EXPECT_NO_THROW(file->read(Slot{1}, snapshot));
  const StorageError error = failure([&] { file->read(Slot{3}, snapshot); });
  EXPECT_EQ(error.kind(), Kind::corrupt);
  EXPECT_NE(std::string{error.what()}.find("slot 3: pread stopped"), std::string::npos) << error.what();
  EXPECT_EQ(report(Slot{1})->verdict, Verdict::whole);
  EXPECT_EQ(report(Slot{3})->verdict, Verdict::bad);
  EXPECT_NE(report(Slot{3})->problem.find("the file ends there"), std::string::npos) << report(Slot{3})->problem;
}

TEST_F(TierFiles, PassOnTheSystemsErrors) {
  test::FaultySystem system;
  const auto file = open_tier_file(path_, system);
  system.fail(test::FaultySystem::Call::pread, system.count(test::FaultySystem::Call::pread) + 1, EIO);
  EXPECT_EQ(failure([&] { file->row(Slot{0}); }).kind(), Kind::io);
}

TEST_F(TierFiles, HaveNoOtherSlots) {
  const auto file = open_tier_file(path_);
  test::Snapshot snapshot = test::zero_snapshot(layout_);
  EXPECT_THROW(file->row(Slot{6}), std::out_of_range);
  EXPECT_THROW(file->step(Slot{-1}), std::out_of_range);
  EXPECT_THROW(file->read(Slot{6}, snapshot), std::out_of_range);
  EXPECT_THROW(file->read(Slot{1}, std::span{snapshot}.first(1)), std::logic_error);
}

TEST_F(TierFiles, CanBeReadBesideTheirWriter) {
  MmapTier tier{path_, layout_, 6, facts_of_this_process("multistage", ""), 1};
  const auto file = open_tier_file(path_);
  tier.save(Slot{5}, 50, random_snapshot(5, layout_));
  test::Snapshot read = test::zero_snapshot(layout_);
  file->read(Slot{5}, read);
  EXPECT_EQ(read, random_snapshot(5, layout_));
  EXPECT_EQ(file->step(Slot{5}), 50);
}

TEST_F(TierFiles, ReportSlotsThatAreNotBlank) {
  const auto reports = examine(*open_tier_file(path_), true);
  ASSERT_EQ(reports.size(), 3U);
  for (const std::size_t i : {0U, 2U}) {
    EXPECT_EQ(reports[i].slot, Slot{static_cast<std::int64_t>(i) + 1});
    EXPECT_EQ(reports[i].step, 11 + static_cast<Step>(i));
    EXPECT_EQ(reports[i].status, SlotStatus::valid);
    EXPECT_EQ(reports[i].verdict, Verdict::whole);
    EXPECT_EQ(reports[i].problem, "");
  }
  EXPECT_EQ(reports[1].step, 12);
  EXPECT_EQ(reports[1].status, SlotStatus::released);
  EXPECT_EQ(reports[1].verdict, std::nullopt);
}

TEST_F(TierFiles, ClaimNothingOfBytesThatWereNotRead) {
  EXPECT_EQ(report(Slot{1}, false)->verdict, std::nullopt);
  flip(format_.slot_at(Slot{1}));
  EXPECT_EQ(report(Slot{1}, false)->verdict, std::nullopt);
}

TEST_F(TierFiles, NoticeEveryFieldsFlippedByte) {
  for (const Layout::Place& place : layout_.places())
    for (const std::uint64_t at : {place.offset, place.offset + place.bytes - 1}) {
      flip(format_.slot_at(Slot{3}) + at);
      EXPECT_EQ(report(Slot{3})->verdict, Verdict::bad) << at;
      EXPECT_TRUE(report(Slot{3})->problem.starts_with("checksum ")) << report(Slot{3})->problem;
      EXPECT_EQ(report(Slot{1})->verdict, Verdict::whole);
      flip(format_.slot_at(Slot{3}) + at);
    }
  EXPECT_EQ(report(Slot{3})->verdict, Verdict::whole);
}

TEST_F(TierFiles, SayWhatWasNotSummed) {
  write_file({.verify = Verify::never});
  EXPECT_EQ(report(Slot{1})->verdict, Verdict::not_summed);
}

TEST_F(TierFiles, NoticeADamagedRow) {
  flip(format_.row_at(Slot{1}) + 32);
  EXPECT_EQ(report(Slot{1}, false)->verdict, Verdict::bad);
  EXPECT_EQ(report(Slot{1})->problem, "its step is 11, but its ledger row is damaged");
  EXPECT_EQ(report(Slot{1})->status, SlotStatus::empty);
  flip(format_.row_at(Slot{2}) + 32);
  EXPECT_EQ(report(Slot{2})->verdict, std::nullopt);
  EXPECT_EQ(report(Slot{2})->problem, "its ledger row is damaged; it counts as empty");
}

TEST_F(TierFiles, NoticeStepsThatTheRowDoesNotVouchFor) {
  put_step(Slot{1}, 12);
  EXPECT_EQ(report(Slot{1}, false)->problem, "its step is 12, but its ledger row says step 11");
  put_step(Slot{2}, 12);
  EXPECT_EQ(report(Slot{2}, false)->problem, "its step is 12, but its ledger row says released");
  put_step(Slot{4}, 14);
  EXPECT_EQ(report(Slot{4}, false)->problem, "its step is 14, but its ledger row is blank");
  put_row(Slot{3}, [](LedgerRow& row) { row.bytes += 8; });
  EXPECT_TRUE(report(Slot{3}, false)->problem.starts_with("its ledger row says ")) << report(Slot{3}, false)->problem;
  for (const Slot slot : {Slot{1}, Slot{2}, Slot{3}, Slot{4}}) EXPECT_EQ(report(slot, false)->verdict, Verdict::bad);
}

TEST_F(TierFiles, JudgeNothingThatAKillLeftUndone) {
  put_step(Slot{1}, -1);
  EXPECT_EQ(report(Slot{1})->status, SlotStatus::valid);
  EXPECT_EQ(report(Slot{1})->verdict, std::nullopt);
  EXPECT_TRUE(report(Slot{1})->problem.ends_with("the run died while it stored or released it"));
  put_row(Slot{2}, [](LedgerRow& row) { row.status = SlotStatus::writing; });
  EXPECT_EQ(report(Slot{2})->status, SlotStatus::writing);
  EXPECT_EQ(report(Slot{2})->verdict, std::nullopt);
  EXPECT_EQ(report(Slot{2})->problem, "");
}

/// A few KiB on disk, and a header and rows that claim what they like.
class ForgedFiles : public TierFiles {
 protected:
  /// A file of this layout with a sealed header, long enough for all of it; what is not written is a hole.
  void forge(const Layout& layout, Slots slots, std::uint64_t json_bytes_claimed = 0) {
    const std::string json = mmap_json(layout, facts_of_this_process("multistage", ""));
    format_ = MmapFormat::make(layout, slots, 1, json);
    if (json_bytes_claimed > 0) {
      const std::uint64_t shift = round_up(json_bytes_claimed, limits::block_bytes);
      format_.json_bytes = json_bytes_claimed;
      for (std::uint64_t* at : {&format_.identity_at, &format_.report_at, &format_.summary_at, &format_.steps_at,
                                &format_.rows_at, &format_.data_at})
        *at += shift;
    }
    std::ofstream{path_, std::ios::trunc};
    const File file{path_, File::Mode::write};
    file.write(0, format_.page());
    file.write(format_.json_at, std::as_bytes(std::span{json}));
    std::filesystem::resize_file(path_, format_.end());
  }
  static constexpr Bytes little = MiB(400);  // slots take 48 to some 200 bytes each where all are looked at
};

TEST_F(ForgedFiles, TakeNoMemoryForTheJsonThatTheyClaim) {
  forge(layout_, 6, GiB(3).count);
  EXPECT_LT(test::resident_growth([&] {
              const StorageError error = failure([&] { open_tier_file(path_); });
              EXPECT_EQ(error.kind(), Kind::corrupt);
              EXPECT_NE(std::string{error.what()}.find("3221225472 bytes of JSON; at most 16777216 are read"),
                        std::string::npos)
                  << error.what();
            }),
            little);
}

TEST_F(ForgedFiles, TakeNoMemoryForTheSnapshotsThatTheyClaim) {
  const Layout large{{test::field("u", ElementType::float64, {std::uint64_t{1} << 27})}};  // 1 GiB
  forge(large, 3);
  LedgerRow row;
  row.step = 0;
  row.bytes = large.snapshot_bytes().count;
  row.checksum[3] = std::byte{1};
  row.status = SlotStatus::valid;
  row.seal();
  File(path_, File::Mode::write).write(format_.row_at(Slot{1}), std::as_bytes(std::span{&row, 1}));
  EXPECT_LT(test::resident_growth([&] {
              const std::optional<SlotReport> claimed = report(Slot{1});
              ASSERT_TRUE(claimed);
              EXPECT_EQ(claimed->verdict, Verdict::bad);
              EXPECT_NE(claimed->problem.find("checksum "), std::string::npos) << claimed->problem;
            }),
            little);
}

TEST_F(ForgedFiles, TakeLittleMemoryForTheSlotsThatTheyClaim) {
  forge(layout_, limits::slots);  // step words of a hole say 0, rows are blank: all are bad
  EXPECT_LT(test::resident_growth([&] {
              EXPECT_EQ(examine(*open_tier_file(path_), true).size(), static_cast<std::size_t>(limits::slots));
            }),
            little);
}

TEST_F(TierFiles, SumASlotAsItsSnapshot) {
  for (const auto& [name, layout] : test::all_layouts()) {
    SCOPED_TRACE(name);
    const test::Snapshot saved = random_snapshot(7, layout);
    {
      MmapTier mapped{path_, layout, 3, facts_of_this_process("multistage", ""), 1};
      mapped.save(Slot{1}, 5, saved);
      Hdf5Tier hdf5{folder_ / "run42.h5", layout, 3, facts_of_this_process("multistage", ""), 1};
      hdf5.save(Slot{1}, 5, saved);
    }
    EXPECT_EQ(open_tier_file(path_)->sum_of(Slot{1}), checksum_of(layout, saved));
    EXPECT_EQ(open_tier_file(folder_ / "run42.h5")->sum_of(Slot{1}), checksum_of(layout, saved));
  }
}

/// A file whose slot 0 is used again by a writer between any two looks, a given number of times.
class RestlessFile final : public TierFile {
 public:
  explicit RestlessFile(int changes) : changes_{changes} {}
  std::string_view kind() const override { return "mmap"; }
  const Layout& layout() const override { return layout_; }
  Slots slots() const override { return 1; }
  Bytes file_bytes() const override { return {}; }
  Run run() const override { return {}; }
  void rows(Slot, std::span<LedgerRow> rows) const override {
    if (changes_ > 0) --changes_, ++sequence_;
    const auto snapshot = random_snapshot(sequence_, layout_);
    LedgerRow& row = rows[0];
    row = {};
    row.step = 5;
    row.sequence = sequence_;
    row.bytes = layout_.snapshot_bytes().count;
    row.checksum = checksum_of(layout_, snapshot);
    row.status = SlotStatus::valid;
    row.seal();
    if (changes_ > 0) --changes_, ++sequence_;
  }
  void steps(Slot, std::span<Step> steps) const override { steps[0] = 5; }
  void read(Slot, std::span<std::byte> snapshot) const override {
    std::ranges::copy(random_snapshot(sequence_, layout_), snapshot.begin());
  }
  void read(Slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const override {
    const auto snapshot = random_snapshot(sequence_, layout_);
    std::ranges::copy(std::span{snapshot}.subspan(layout_.places()[field].offset + at, bytes.size()), bytes.begin());
  }

 private:
  Layout layout_ = test::small_fields();
  mutable int changes_;
  mutable std::uint64_t sequence_ = 1;
};

TEST(Examine, LooksAgainAtASlotThatAWriterUsesMeanwhile) {
  EXPECT_EQ(examine(RestlessFile{0}, true).at(0).verdict, Verdict::whole);
  EXPECT_EQ(examine(RestlessFile{7}, true).at(0).verdict, Verdict::whole);
}

}  // namespace
}  // namespace cairn
