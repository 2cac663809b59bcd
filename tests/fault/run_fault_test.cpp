// SPDX-License-Identifier: BSD-3-Clause
// Whole runs that meet a full disk, a damaged file, a foreign file: a clear error where the user can catch it, and a
// run that can go on or start anew.
#include "support/configs.hpp"
#include "support/failures.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/tier_file.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

namespace cairn::test {
namespace {

using Kind = StorageError::Kind;

/// A file system of a few MiB on a folder, where the process may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const TemporaryFolder& folder) : path_{folder.path().string()} {
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=3m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

/// No file of this process grows beyond a size: a full disk for those who may not mount one.
class SmallFiles {
 public:
  explicit SmallFiles(std::uint64_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

class RunFault : public testing::TestWithParam<std::tuple<ExecutorKind, std::string>> {
 protected:
  ExecutorKind executor() const { return std::get<0>(GetParam()); }
  std::string kind() const { return std::get<1>(GetParam()); }
  Config two_tiers(Slots slots) {
    Config two = config(ScheduleKind::store_all, "ram:3 " + kind() + ":" + std::to_string(slots), folder_, executor());
    two.on_tier_failure = OnTierFailure::stop;
    return two;
  }
  std::string file() const { return folder_ / (kind() == "mmap" ? "level1.map" : "level1.h5"); }

  /// A run whose snapshots do not fit: the error says so, and after restart() a shorter one that fits is right.
  void expect_full(Step too_many, Step few) {
    Toy toy;
    Checked checked{toy, too_many};
    Reversal run{two_tiers(too_many), toy.state(), checked.operators()};
    const StorageError full = failure([&] { run.sweep(too_many); });
    EXPECT_EQ(full.kind(), Kind::full) << full.what();
    EXPECT_NE(std::string{full.what()}.find(kind() + " tier: " + file() + ": slot "), std::string::npos) << full.what();
    EXPECT_EQ(run.call_state(), Reversal::CallState::failed);
    for (const SlotReport& slot : examine(*open_tier_file(file()), true))
      EXPECT_NE(slot.verdict, Verdict::bad) << slot.problem;
    try {
      run.restart();
    } catch (const StorageError&) {  // x_0 itself did not fit
      toy.set_start();
    }
    checked.expect_live(0);
    checked.expect_again(Toy::trajectory(few));
    run.sweep(few);
    EXPECT_TRUE(checked.all_turned());
  }
  /// An HDF5 file has its whole size, sparse, from the start: where no file may be so long, it cannot be made.
  void expect_full_where_files_are_small() {
    const SmallFiles files{3U << 20};
    if (kind() == "mmap") return expect_full(200, 10);
    Toy toy;
    Checked checked{toy, 1};
    const StorageError full = failure([&] { Reversal(two_tiers(200), toy.state(), checked.operators()); });
    EXPECT_EQ(full.kind(), Kind::full);
    EXPECT_NE(std::string{full.what()}.find("hdf5 tier: " + file()), std::string::npos) << full.what();
    EXPECT_FALSE(std::filesystem::exists(file()));
    EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
  }
  /// One bit of the first field of each snapshot that the file calls valid.
  void flip_in_every_snapshot() {
    const std::unique_ptr<TierFile> tier_file = open_tier_file(file());
    std::fstream on_disk{file(), std::ios::in | std::ios::out | std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{on_disk}, {}};
    std::string snapshot(tier_file->layout().buffer_bytes().count, '\0');
    int flipped = 0;
    for (const SlotReport& slot : examine(*tier_file, false)) {
      if (tier_file->step(slot.slot) < 0) continue;
      tier_file->read(slot.slot, std::as_writable_bytes(std::span{snapshot}));
      const std::size_t at = bytes.find(snapshot.substr(0, 8192));
      ASSERT_NE(at, std::string::npos);
      on_disk.seekp(static_cast<std::streamoff>(at + 1000));
      on_disk.put(static_cast<char>(bytes[at + 1000] ^ 4));
      ++flipped;
    }
    ASSERT_GT(flipped, 0);
  }
  TemporaryFolder folder_;
};

TEST_P(RunFault, AFullDiskIsAnErrorAndTheRunMayStartAnew) {
  const SmallDisk disk{folder_};
  if (disk.mounted())
    expect_full(200, 10);
  else
    expect_full_where_files_are_small();
}

TEST_P(RunFault, AFileThatMayNotGrowIsAnErrorAndTheRunMayStartAnew) {
  expect_full_where_files_are_small();
}

TEST_P(RunFault, ADiskThatIsFullAtOnceIsAnErrorBeforeAnyWork) {
  const SmallFiles files{100'000};  // below the metadata of either file
  Toy toy;
  Checked checked{toy, 1};
  const StorageError full = failure([&] { Reversal(two_tiers(5000), toy.state(), checked.operators()); });
  EXPECT_EQ(full.kind(), Kind::full) << full.what();
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_P(RunFault, AFlippedByteIsFoundAndTheRunMayStartAnew) {
  constexpr Step n = 20;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{two_tiers(n), toy.state(), checked.operators()};
  run.forward(n);
  run.state_at(0);  // all writes are over when x_0 has come back from the file
  flip_in_every_snapshot();
  const StorageError corrupt = failure([&] { run.reverse(); });
  EXPECT_EQ(corrupt.kind(), Kind::corrupt) << corrupt.what();
  EXPECT_NE(std::string{corrupt.what()}.find("the bytes read are not those that were saved"), std::string::npos);
  EXPECT_EQ(run.call_state(), Reversal::CallState::failed);
  EXPECT_EQ(failure([&] { run.restart(); }).kind(), Kind::corrupt) << "x_0 is damaged too";
  EXPECT_EQ(run.call_state(), Reversal::CallState::ready);
  toy.set_start();
  checked.expect_again(Toy::trajectory(n));
  run.sweep(n);
  EXPECT_TRUE(checked.all_turned());
}

TEST_P(RunFault, ATruncatedFileIsFound) {
  constexpr Step n = 20;
  Toy toy;
  Checked checked{toy, n};
  Reversal run{two_tiers(n), toy.state(), checked.operators()};
  run.forward(n);
  run.state_at(0);
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  try {
    EXPECT_GT(run.reverse().healed, Count{0});
    EXPECT_TRUE(checked.all_turned()) << "from what is left";
  } catch (const StorageError& cut) {  // x_0 is not left
    EXPECT_TRUE(cut.kind() == Kind::io || cut.kind() == Kind::corrupt) << cut.what();
    EXPECT_NE(std::string{cut.what()}.find(file()), std::string::npos);
  }
}

TEST_P(RunFault, AForeignFileIsRefusedAndLeftAlone) {
  std::ofstream{file()} << "the only copy of my thesis";
  Toy toy;
  Checked checked{toy, 5};
  const StorageError foreign = failure([&] { Reversal(two_tiers(5), toy.state(), checked.operators()); });
  EXPECT_EQ(foreign.what(),
            kind() + " tier: " + file() + ": is not a file of cairn; move it away or choose another path");
  std::ifstream in{file()};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{in}, {}}), "the only copy of my thesis");
}

TEST_P(RunFault, AFileOfAnEarlierRunIsReplaced) {
  Toy toy;
  Checked checked{toy, 5};
  { Reversal(two_tiers(5), toy.state(), checked.operators()).sweep(5); }
  checked.expect_again(Toy::trajectory(5));
  Reversal(two_tiers(9), toy.state(), checked.operators()).sweep(5);
  EXPECT_TRUE(checked.all_turned());
}

INSTANTIATE_TEST_SUITE_P(Runs, RunFault,
                         testing::Combine(testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                                          testing::Values(std::string{"mmap"}, std::string{"hdf5"})),
                         [](const auto& made) {
                           return std::string{name_of(std::get<0>(made.param))} + "_" + std::get<1>(made.param);
                         });

}  // namespace
}  // namespace cairn::test
