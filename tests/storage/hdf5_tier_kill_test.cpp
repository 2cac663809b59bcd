// SPDX-License-Identifier: BSD-3-Clause
#include "support/hdf5_reading.hpp"
#include "support/layouts.hpp"
#include "support/snapshots.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <csignal>
#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using namespace test;

const RunFacts facts = facts_of_this_process("multistage", "schedule: auto\n");

/// Saves and releases at random until it is killed; the snapshot of a step is that of the seed of this number.
[[noreturn]] void run_until_killed(const std::string& path, const Layout& layout, std::uint64_t seed, int started) {
  try {
    std::mt19937_64 random{seed};
    Hdf5Tier tier{path, layout, 4, facts, 1};
    for (Step step = 0;; ++step) {
      const Slot slot{static_cast<std::int64_t>(random() % 4)};
      if (tier.ledger().at(slot).status == SlotStatus::valid) tier.release(slot);
      tier.save(slot, step, random_snapshot(static_cast<std::uint64_t>(step % 16), layout));
      if (step == 0 && ::write(started, "s", 1) != 1) break;
    }
  } catch (...) {
  }
  ::_exit(1);
}

/// How many snapshots the file holds after a run that was killed some time after its first save; all of them whole.
Slots whole_snapshots_after_a_kill(const std::string& path, const Layout& layout, std::uint64_t seed) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error{"pipe"};
  const ::pid_t child = ::fork();
  if (child == 0) run_until_killed(path, layout, seed, ends[1]);
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1) << "the child could not save";
  ::close(ends[0]);
  ::usleep(static_cast<unsigned>(std::mt19937_64{seed}() % 20'000));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));

  Slots whole = 0;
  const auto file = open_hdf5_tier_file(path);
  const H5File by_library = open_by_library(path);
  for (Slot slot{0}; slot.index < file->slots(); ++slot.index) {
    const Step step = file->step(slot);
    if (step < 0) continue;
    const LedgerRow row = file->row(slot);
    const Snapshot expected = random_snapshot(static_cast<std::uint64_t>(step % 16), layout);
    EXPECT_TRUE(row.intact() && row.status == SlotStatus::valid && row.step == step);
    EXPECT_EQ(read_by_library(by_library, layout, slot), expected);
    EXPECT_EQ(checksum_of(layout, expected), row.checksum);
    ++whole;
  }
  for (const SlotReport& report : examine(*file, true)) EXPECT_NE(report.verdict, Verdict::bad) << report.problem;
  return whole;
}

/// Is probed until it is killed.
[[noreturn]] void probe_until_killed(const std::string& path, const Layout& layout, int started) {
  try {
    Snapshot noise = random_snapshot(1, layout);
    Hdf5Tier tier{path, layout, 4, facts, 1};
    for (int probes = 0;; ++probes) {
      tier.probe(Slot{probes % 4}, noise);
      if (probes == 4 && ::write(started, "s", 1) != 1) break;
    }
  } catch (...) {
  }
  ::_exit(1);
}

TEST(Hdf5TierKill, AKillDuringAProbeLeavesNothingThatLooksLikeASnapshot) {
  const TemporaryFolder folder;
  const std::string path = folder / "run.h5";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const ::pid_t child = ::fork();
  if (child == 0) probe_until_killed(path, above_one_piece(), ends[1]);
  ::close(ends[1]);
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1) << "the child could not probe";
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto file = open_hdf5_tier_file(path);
  EXPECT_TRUE(examine(*file, true).empty());
  const auto step = values_by_library<Step>(open_by_library(path), "checkpoints/step", H5T_NATIVE_INT64);
  EXPECT_EQ(step, (std::vector<Step>(4, -1)));
}

TEST(Hdf5TierKill, AKillAtAnyMomentLeavesWholeSnapshotsAndAReadableFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "run.h5";
  const Layout layout = above_one_piece();
  Slots whole = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    whole += whole_snapshots_after_a_kill(path, layout, seed);
  }
  EXPECT_GT(whole, 0);
}

}  // namespace
}  // namespace cairn
