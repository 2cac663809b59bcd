// SPDX-License-Identifier: BSD-3-Clause
// Processes that open a file again, take it over and save into it are killed, one after another, at any moment.
#include <cairn/storage/tier_file.hpp>

#include <atomic>
#include <csignal>
#include <new>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <support/file_tiers.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using namespace test;
constexpr Slots slots = 4;

/// What a process had done when it was killed, told in memory that outlives it.
struct Journal {
  std::atomic<Step> next = 0;            // the next step to be saved
  std::atomic<Step> settled[slots];      // save() had returned for it in this slot; −1: none, or being overwritten
  std::atomic<std::uint64_t> saves = 0;  // of this process
};

class SharedJournal {
 public:
  SharedJournal()
      : memory_{::mmap(nullptr, sizeof(Journal), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)} {
    if (memory_ == MAP_FAILED) throw std::runtime_error{"no shared memory"};
    new (memory_) Journal;
    for (std::atomic<Step>& step : (*this)->settled) step = -1;
  }
  SharedJournal(const SharedJournal&) = delete;
  ~SharedJournal() { ::munmap(memory_, sizeof(Journal)); }
  Journal* operator->() const { return static_cast<Journal*>(memory_); }

 private:
  void* memory_;
};

class KilledTakeovers : public testing::TestWithParam<std::string> {
 protected:
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), layout); }

  /// Saves and releases at random until it is killed. Released slots are used again, or not.
  [[noreturn]] void run_until_killed(std::uint64_t seed) const {
    try {
      std::mt19937_64 random{seed};
      const FileTier tier = home.resume(layout);
      while (true) {
        const Slot slot{static_cast<std::int64_t>(random() % slots)};
        if (tier->ledger().at(slot).status == SlotStatus::valid) {
          tier->release(slot);
          continue;
        }
        const Step step = journal->next++;
        const Snapshot saved = content(step);
        journal->settled[slot.index] = -1;
        tier->save(slot, step, saved);
        journal->settled[slot.index] = step;
        ++journal->saves;
      }
    } catch (...) {
    }
    ::_exit(1);
  }

  void wait_for_a_save() const {
    for (int looks = 0; looks < 100'000 && journal->saves == 0; ++looks) ::usleep(200);  // 20 s of a slow machine
  }

  void kill_one(std::uint64_t seed) const {
    journal->saves = 0;
    const ::pid_t child = ::fork();
    if (child == 0) run_until_killed(seed);
    if (seed % 2 == 0) wait_for_a_save();  // else it is killed while it opens the file and takes it over
    ::usleep(static_cast<unsigned>(std::mt19937_64{seed}() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the process ended by itself";
  }

  /// Opens the file again: all that was settled is there, and whatever is there is what was saved.
  void expect_all_there() const {
    for (const SlotReport& report : examine(*open_tier_file(home.path), true))
      EXPECT_NE(report.verdict, Verdict::bad) << report.problem;
    const FileTier tier = home.resume(layout);
    for (Slot slot{0}; slot.index < slots; ++slot.index) {
      const Ledger::Stored& held = tier->ledger().at(slot);
      if (const Step settled = journal->settled[slot.index]; settled >= 0) {
        EXPECT_EQ(held.status, SlotStatus::valid) << "slot " << slot.index << ", step " << settled;
        EXPECT_EQ(held.step, settled) << "slot " << slot.index;
      }
      if (held.status == SlotStatus::valid) {
        EXPECT_EQ(loaded(*tier, slot, held.step), content(held.step)) << slot.index;
        journal->settled[slot.index] = held.step;
      }
    }
  }

  FileTierHome home{GetParam()};
  Layout layout = above_one_piece();
  SharedJournal journal;
};

TEST_P(KilledTakeovers, LoseNoSnapshotThatSaveHadReturnedFor) {
  home.make(layout, slots).record->put_identity("{}");
  std::uint64_t saves = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    kill_one(seed);
    expect_all_there();
    saves += journal->saves;
    if (HasFailure()) return;
  }
  EXPECT_GT(saves, 0U);
}

INSTANTIATE_TEST_SUITE_P(Tiers, KilledTakeovers, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn
