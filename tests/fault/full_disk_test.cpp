// SPDX-License-Identifier: BSD-3-Clause
// A disk that fills up in the middle of a run: the run goes on with the other tiers, or stops with an error, as it was
// asked to; what the file holds then is enough to go on from when there is room again.
#include "support/failures.hpp"
#include "support/stored_bytes.hpp"
#include "wide_runs.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/tier_file.hpp>

#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

namespace cairn::test {
namespace {

constexpr Step n = 120;

/// A disk on a folder that has room for some of the snapshots of a run, and more when asked: a small file system where
/// the process may mount one, else a limit on the length of its files.
class TightDisk {
 public:
  TightDisk(const TemporaryFolder& folder, std::uint64_t most_file_bytes)
      : path_{folder.path().string()}, most_file_bytes_{most_file_bytes} {
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2500k") == 0;
  }
  ~TightDisk() {
    make_room();
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  /// Call it when the files are made: from here on they may not grow, nor be written, beyond that length.
  void fill() {
    if (mounted_ || limited_) return;
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most_file_bytes_, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    limited_ = true;
  }
  void make_room() {
    if (mounted_) ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, "size=64m");
    if (!limited_) return;
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
    limited_ = false;
  }

 private:
  std::string path_;
  std::uint64_t most_file_bytes_;
  bool mounted_ = false;
  bool limited_ = false;
  rlimit before_{};
};

const WideToy::Gradient& undisturbed() {
  return test::undisturbed(n);
}

class FullDisk : public WideRun {
 protected:
  Config config_of(OnTierFailure on_tier_failure, bool resume, ScheduleKind schedule = ScheduleKind::store_all) {
    Config made = WideRun::config_of(schedule, 130);
    made.on_tier_failure = on_tier_failure;
    made.resume = resume;
    made.keep_every_seconds = 1e-9;
    return made;
  }
  /// Some snapshots fit, not all: the metadata of either file is below 2 MiB, a snapshot takes some 30 KB.
  static constexpr std::uint64_t most_file_bytes = std::uint64_t{5} << 19;
};

TEST_P(FullDisk, AskedToStopItIsAnErrorAndAnotherProcessGoesOnWhenThereIsRoom) {
  undisturbed();
  TightDisk disk{folder_, most_file_bytes};
  {
    WideToy toy{n};
    Reversal run{config_of(OnTierFailure::stop, false), toy.state(), toy.operators([] {})};
    disk.fill();
    toy.keep_in(run);
    const StorageError full = failure([&] { run.sweep(n); });
    EXPECT_EQ(full.kind(), StorageError::Kind::full) << full.what();
    EXPECT_EQ(run.call_state(), Reversal::CallState::failed);
  }
  for (const SlotReport& slot : examine(*open_tier_file(file()), true))
    EXPECT_NE(slot.verdict, Verdict::bad) << slot.problem;
  EXPECT_GT(StoredBytes{file()}.held().size(), 5U);
  disk.make_room();
  WideToy toy{n};
  Reversal run{config_of(OnTierFailure::stop, true), toy.state(), toy.operators([] {})};
  toy.keep_in(run);
  run.forward(n);
  EXPECT_LT(toy.toy.steps_run, n - 5) << "it went on, and did not begin anew";
  run.reverse();
  EXPECT_EQ(toy.gradient(), undisturbed());
}

// The later process finds no room either, and makes do with what is stored.
TEST_P(FullDisk, AnotherProcessMayGoOnWithoutMoreRoom) {
  undisturbed();
  TightDisk disk{folder_, most_file_bytes};
  {
    WideToy toy{n};
    Reversal run{config_of(OnTierFailure::stop, false), toy.state(), toy.operators([] {})};
    disk.fill();
    toy.keep_in(run);
    EXPECT_THROW(run.sweep(n), StorageError);
  }
  WideToy toy{n};
  Reversal run{config_of(OnTierFailure::go_on, true, ScheduleKind::multistage), toy.state(), toy.operators([] {})};
  toy.keep_in(run);
  run.sweep(n);
  EXPECT_EQ(toy.gradient(), undisturbed());
}

TEST_P(FullDisk, ByDefaultTheRunGoesOnToTheSameGradient) {
  undisturbed();
  for (const bool keeps : {false, true})
    for (const ScheduleKind schedule : {ScheduleKind::store_all, ScheduleKind::multistage, ScheduleKind::hrevolve,
                                        ScheduleKind::overlap, ScheduleKind::automatic}) {
      SCOPED_TRACE(std::string{name_of(schedule)} + (keeps ? ", keeping" : ""));
      TightDisk disk{folder_, most_file_bytes};
      WideToy toy{n};
      Config made = config_of(OnTierFailure::go_on, false, schedule);
      made.overwrite = true;
      Reversal run{made, toy.state(), toy.operators([] {})};
      disk.fill();
      if (keeps) toy.keep_in(run);
      const Report report = run.sweep(n);
      EXPECT_EQ(toy.gradient(), undisturbed());
      EXPECT_EQ(report.healed, Count{0});
      if (schedule == ScheduleKind::store_all) {
        EXPECT_TRUE(report.levels[1].retired);
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Runs, FullDisk, each_wide_run(), name_of_wide_run);

}  // namespace
}  // namespace cairn::test
