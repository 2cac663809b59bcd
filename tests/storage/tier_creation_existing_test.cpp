// SPDX-License-Identifier: BSD-3-Clause
// Which files a new one may take the place of.
#include <cairn/storage/tier_file.hpp>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/file_tiers.hpp>
#include <support/hdf5_reading.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using namespace test;
using Kind = StorageError::Kind;
constexpr std::string_view some_end = "2026-01-02T04:05:06Z";

class ExistingFiles : public testing::TestWithParam<std::string> {
 protected:
  /// What an earlier run did before it was gone.
  template <class Doing>
  void earlier_run(const Doing& doing, Tier::Promise promise = {}) const {
    const FileTier tier = home.make(layout, 3, promise);
    doing(tier);
  }
  void save(const FileTier& tier, std::int64_t slot) const {
    tier->save(Slot{slot}, slot, random_snapshot(static_cast<std::uint64_t>(slot), layout));
  }
  void replace(Existing existing = Existing::replace_finished) const {
    home.make(layout, 3, {}, System::real(), existing);
  }
  bool replaced() const { return examine(*open_tier_file(home.path), false).empty(); }

  FileTierHome home{GetParam()};
  Layout layout = mixed_fields();
};

TEST_P(ExistingFiles, AreKeptWhereTheirRunHasNotEnded) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity("{}");
    for (const std::int64_t slot : {0, 1, 2}) save(tier, slot);
    tier->release(Slot{1});
  });
  const std::string before = home.bytes();
  const StorageError error = failure([&] { replace(); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), GetParam() + " tier: " + home.path +
                              ": holds 3 snapshots of a run that has not ended (started 2026-01-02T03:04:05Z); give "
                              "resume: true to go on with it, or overwrite: true to replace it");
  EXPECT_TRUE(home.bytes() == before);
  EXPECT_FALSE(std::filesystem::exists(home.path + ".new"));
  EXPECT_NO_THROW(home.reopen(layout)) << "the lock is free";
}

TEST_P(ExistingFiles, AreReplacedWhereThatIsAskedFor) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity("{}");
    save(tier, 0);
  });
  replace(Existing::replace);
  EXPECT_TRUE(replaced());
}

TEST_P(ExistingFiles, AreReplacedWhereTheirRunHasEnded) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity("{}");
    save(tier, 0);
    tier.record->put_summary(
        {.actions = {{}, {}}, .stall_seconds = {0, 0}, .end = std::string{some_end}, .report = {}});
  });
  EXPECT_EQ(open_tier_file(home.path)->run().end, some_end);
  replace();
  EXPECT_TRUE(replaced());
}

TEST_P(ExistingFiles, AreReplacedWhereARunThatOnlyWentForwardHasEnded) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity("{}");
    save(tier, 0);
    tier.record->put_end(some_end);
  });
  replace();
  EXPECT_TRUE(replaced());
}

TEST_P(ExistingFiles, AreUnfinishedAgainFromTheNextSweepOn) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity(R"({"sweep": 1})");
    save(tier, 0);
    tier.record->put_end(some_end);
    tier.record->put_identity(R"({"sweep": 2})");
    EXPECT_EQ(unfinished_run_in(*open_tier_file(home.path)), std::nullopt) << "nothing is saved yet in this sweep";
    save(tier, 1);
  });
  EXPECT_EQ(unfinished_run_in(*open_tier_file(home.path)).value().snapshots, 1);
  EXPECT_EQ(failure([&] { replace(); }).kind(), Kind::mismatch);
}

TEST_P(ExistingFiles, AreReplacedWhereNothingIsLeftOfTheirRun) {
  earlier_run([&](const FileTier& tier) { save(tier, 0); });  // without an identity, nobody can resume it
  EXPECT_NO_THROW(replace());
  earlier_run([&](const FileTier& tier) { tier.record->put_identity("{}"); });
  EXPECT_NO_THROW(replace());
  earlier_run(
      [&](const FileTier& tier) {
        tier.record->put_identity("{}");
        save(tier, 0);
        tier->release(Slot{0});
      },
      {.verify = Verify::never});
  EXPECT_NO_THROW(replace()) << "released and never summed: no resume can prove it";
}

TEST_P(ExistingFiles, AreKeptWhereTheyAreDamaged) {
  earlier_run([&](const FileTier& tier) {
    tier.record->put_identity("{}");
    save(tier, 0);
  });
  if (GetParam() == "mmap")
    std::filesystem::resize_file(home.path, 8192);
  else
    H5Ldelete(open_by_library(home.path, H5F_ACC_RDWR).id(), "checkpoints/counts", H5P_DEFAULT);
  const StorageError error = failure([&] { replace(); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_NE(std::string{error.what()}.find("give overwrite: true to replace it"), std::string::npos) << error.what();
  EXPECT_NO_THROW(replace(Existing::replace));
}

INSTANTIATE_TEST_SUITE_P(Tiers, ExistingFiles, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn
