// SPDX-License-Identifier: BSD-3-Clause
// Writers of a mapped file, killed at random moments.
#include <cairn/storage/tier_file.hpp>

#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/layouts.hpp>
#include <support/mapped_tier.hpp>
#include <support/snapshots.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using test::MappedTier;
using test::random_snapshot;
using test::some_facts;

/// What x_t is in the runs below: one of a few, with t itself at its beginning.
class Snapshots {
 public:
  explicit Snapshots(const Layout& layout) {
    for (std::uint64_t i = 0; i < count; ++i) some_.push_back(random_snapshot(i, layout));
  }
  const test::Snapshot& at(Step step) {
    test::Snapshot& snapshot = some_[static_cast<std::size_t>(step) % count];
    std::memcpy(snapshot.data(), &step, sizeof step);
    return snapshot;
  }

 private:
  static constexpr std::size_t count = 8;
  std::vector<test::Snapshot> some_;
};

/// Saves and releases until it is killed.
[[noreturn]] void run_until_killed(const std::string& path, const Layout& layout, int ready) {
  Snapshots snapshots{layout};
  MmapTier tier{path, layout, 6, some_facts(), 1};
  for (Step step = 0;; ++step) {
    const Slot slot{step * 5 % 6};
    if (tier.ledger().at(slot).status == SlotStatus::valid) tier.release(slot);
    tier.save(slot, step, snapshots.at(step));
    if (step == 3 && ::write(ready, "r", 1) != 1) ::_exit(1);
  }
}

/// Is probed until it is killed.
[[noreturn]] void probe_until_killed(const std::string& path, const Layout& layout, int ready) {
  test::Snapshot noise = random_snapshot(1, layout);
  MmapTier tier{path, layout, 6, some_facts(), 1};
  for (int probes = 0;; ++probes) {
    tier.probe(Slot{probes % 6}, noise);
    if (probes == 6 && ::write(ready, "r", 1) != 1) ::_exit(1);
  }
}

TEST_F(MappedTier, HoldsNothingWhenItsRunWasKilledAsItProbed) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const ::pid_t child = ::fork();
  if (child == 0) probe_until_killed(path_, test::above_one_piece(), ready[1]);
  ::close(ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1) << "the child ended";
  ::close(ready[0]);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto file = open_mmap_tier_file(path_);
  EXPECT_TRUE(examine(*file, true).empty());
  for (Slot slot{0}; slot.index < 6; ++slot.index) EXPECT_EQ(file->step(slot), -1);
}

TEST_F(MappedTier, HoldsWholeSnapshotsOnlyWhenItsRunWasKilled) {
  constexpr std::uint64_t seed = 3;
  std::mt19937_64 random{seed};
  const Layout layout = test::above_one_piece();
  Snapshots snapshots{layout};
  int whole = 0;
  int cut = 0;
  for (int kill = 0; kill < 20; ++kill) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const ::pid_t child = ::fork();
    if (child == 0) run_until_killed(path_, layout, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1) << "the child ended";
    ::close(ready[0]);
    ::usleep(static_cast<::useconds_t>(random() % 20'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto file = open_mmap_tier_file(path_);
    for (const SlotReport& report : examine(*file, true)) {
      const Step step = file->step(report.slot);
      cut += step < 0;
      if (step < 0) continue;
      test::Snapshot read = test::zero_snapshot(layout);
      file->read(report.slot, read);
      EXPECT_EQ(read, snapshots.at(step)) << "seed " << seed << ", kill " << kill << ", slot " << report.slot.index;
      EXPECT_EQ(report.verdict, Verdict::whole) << report.problem;
      ++whole;
    }
  }
  EXPECT_GT(whole, 0);
  EXPECT_GT(cut, 0) << "no kill came in the middle of a save or release; change the seed";
}

}  // namespace
}  // namespace cairn
