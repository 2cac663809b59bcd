// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/reserved_runs.hpp>

#include <cerrno>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Asked = std::vector<std::pair<Slots, Slots>>;  // first slot, slots

TEST(ReservedRuns, AskOnceForEachRunAndLessForTheLast) {
  ReservedRuns runs{10, MiB(16)};  // 4 slots a run
  Asked asked;
  const auto reserve = [&](Slot first, Slots slots) { asked.emplace_back(first.index, slots); };
  for (const Slots slot : {1, 0, 3, 9, 8, 4, 1}) runs.before_use(Slot{slot}, reserve);
  EXPECT_EQ(asked, (Asked{{0, 4}, {8, 2}, {4, 4}}));
}

TEST(ReservedRuns, AskForOneSlotWhereARunIsMoreThanThereIs) {
  ReservedRuns runs{10, MiB(16)};
  Asked asked;
  const auto reserve = [&](Slot first, Slots slots) {
    asked.emplace_back(first.index, slots);
    if (slots > 1) throw FileError{"the test's full disk", ENOSPC};
  };
  runs.before_use(Slot{5}, reserve);
  runs.before_use(Slot{6}, reserve);
  EXPECT_EQ(asked, (Asked{{4, 4}, {5, 1}, {4, 4}, {6, 1}}));
}

TEST(ReservedRuns, PassOnEveryOtherFailure) {
  ReservedRuns runs{10, MiB(16)};
  const auto broken = [](Slot, Slots) { throw FileError{"the test's broken disk", EIO}; };
  EXPECT_THROW(runs.before_use(Slot{0}, broken), FileError);
  ReservedRuns large{10, GiB(1)};  // a slot a run
  const auto full = [](Slot, Slots) { throw FileError{"the test's full disk", ENOSPC}; };
  EXPECT_THROW(large.before_use(Slot{0}, full), FileError);
}

}  // namespace
}  // namespace cairn
