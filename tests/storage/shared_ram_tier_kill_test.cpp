// SPDX-License-Identifier: BSD-3-Clause
// Runs with shared memory, killed at random moments.
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/layouts.hpp>
#include <support/shared_name.hpp>
#include <support/shared_run.hpp>
#include <support/snapshots.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using test::SharedRun;

constexpr Slots slots = 5;
constexpr Slots buffers = slots + 2;  // two for other uses

/// What x_t is in the runs below: one of a few, with t itself at its beginning.
class Snapshots {
 public:
  explicit Snapshots(const Layout& layout) {
    for (std::uint64_t i = 0; i < count; ++i) some_.push_back(test::random_snapshot(i, layout));
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

/// Adopts, saves, lends and releases as fast as it can, and uses free buffers for other things, until it is killed.
[[noreturn]] void work_until_killed(SharedRun& run, const Layout& layout, Step first, int ready) {
  Snapshots snapshots{layout};
  std::mt19937_64 random{static_cast<std::uint64_t>(first)};
  if (run.tier.reopened()) run.take_over();
  run.pool.touch(buffers);
  for (Step step = first;; ++step) {
    const Slot slot{static_cast<std::int64_t>(random() % slots)};
    const Ledger::Stored held = run.tier.ledger().at(slot);
    if (held.status == SlotStatus::valid && random() % 2 == 0)
      run.tier.release(slot);
    else if (held.status == SlotStatus::valid)
      std::memset(run.tier.lend(slot, held.step).bytes().data(), 0xEE, 4096);
    if (random() % 4 == 0) {
      run.tier.save(slot, step, snapshots.at(step));
    } else {
      Pool::Buffer buffer = run.pool.take();
      std::memcpy(buffer.bytes().data(), snapshots.at(step).data(), buffer.bytes().size());
      run.tier.adopt(slot, step, std::move(buffer));
    }
    if (step == first + slots && ::write(ready, "r", 1) != 1) ::_exit(1);
  }
}

/// Starts a process that does that, and kills it some microseconds after it is under way.
template <class Start>
void work_and_be_killed(const Layout& layout, Step first, ::useconds_t after, const Start& start) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const ::pid_t child = ::fork();
  if (child == 0) {
    SharedRun run = start();
    work_until_killed(run, layout, first, ready[1]);
  }
  ::close(ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1) << "the child ended";
  ::close(ready[0]);
  ::usleep(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

class KilledSharedRuns : public testing::TestWithParam<Layout (*)()> {
 protected:
  /// Every claimed snapshot, compared with the truth; how many there are.
  int whole(Snapshots& snapshots) {
    int count = 0;
    const auto file = open_tier_file(name_.path());
    for (const SlotReport& report : examine(*file, true)) {
      const Step step = file->step(report.slot);
      unfinished_ += step < 0 && report.status != SlotStatus::released;
      EXPECT_NE(report.verdict, Verdict::bad) << report.problem;
      if (step < 0) continue;
      EXPECT_EQ(report.verdict, Verdict::whole);
      test::Snapshot read = test::zero_snapshot(layout_);
      file->read(report.slot, read);
      EXPECT_EQ(read, snapshots.at(step)) << "buffer " << report.slot.index;
      ++count;
    }
    return count;
  }

  test::SharedName name_;
  Layout layout_ = GetParam()();
  int unfinished_ = 0;  // rows of saves and releases that a kill cut short
};

TEST_P(KilledSharedRuns, LeaveWholeSnapshotsAndAFreeLock) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random{seed};
  Snapshots snapshots{layout_};
  int found = 0;
  for (int kill = 0; kill < 50; ++kill) {
    const auto begin = [&] { return SharedRun::begun(name_, layout_, buffers, slots); };
    work_and_be_killed(layout_, 0, static_cast<::useconds_t>(random() % 5'000), begin);
    found += whole(snapshots);
    const std::vector<FoundArea> areas = shared_areas();
    const auto area = std::ranges::find(areas, static_cast<const std::string&>(name_), &FoundArea::name);
    ASSERT_NE(area, areas.end());
    EXPECT_FALSE(area->in_use) << "the lock goes with the process";
    remove_shared_area(name_);
  }
  EXPECT_GT(found, 0);
  EXPECT_GT(unfinished_, 0) << "no kill came in the middle of a save or release";
}

TEST_P(KilledSharedRuns, AreTakenOverByTheNextProcessAgainAndAgain) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random{seed};
  Snapshots snapshots{layout_};
  SharedRun::begun(name_, layout_, buffers, slots);
  Slots kept = 0;
  Slots back = 0;
  for (int kill = 0; kill < 50; ++kill) {
    const auto go_on = [&] { return SharedRun::resumed(name_, layout_, slots); };
    work_and_be_killed(layout_, kill * Step{1'000'000}, static_cast<::useconds_t>(random() % 3'000), go_on);
    const int whole_before = whole(snapshots);
    SharedRun run = SharedRun::resumed(name_, layout_, slots);
    const Tier::TakenOver taken = run.take_over();
    EXPECT_GE(taken.kept, whole_before);
    EXPECT_EQ(whole(snapshots), taken.kept + taken.brought_back);
    for (Slot slot{0}; slot.index < slots; ++slot.index) {
      const Ledger::Stored& held = run.tier.ledger().at(slot);
      if (held.status != SlotStatus::valid) continue;
      EXPECT_TRUE(std::ranges::equal(run.tier.view(slot, held.step), snapshots.at(held.step)));
    }
    kept += taken.kept;
    back += taken.brought_back;
  }
  EXPECT_GT(kept, 0);
  RecordProperty("brought_back", std::to_string(back));
}

INSTANTIATE_TEST_SUITE_P(Layouts, KilledSharedRuns,
                         testing::Values(&test::small_fields, &test::mixed_fields, &test::above_one_piece));

}  // namespace
}  // namespace cairn
