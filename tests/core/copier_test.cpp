// SPDX-License-Identifier: BSD-3-Clause
#include "support/copies.hpp"
#include <cairn/core/copier.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

namespace cairn::test {
namespace {

TEST(Copier, CopiesEveryByteByAnyNumberOfThreads) {
  const std::vector<std::size_t> large{5'000'001, 3, 0, 700'000, 262'144, 64};
  const std::vector<std::size_t> small{100, 4096, 9};
  const std::vector<std::size_t> many(70, 50'001);
  for (const int threads : {1, 2, 3, 5, 8})
    for (const std::vector<std::size_t>& sizes : {large, small, many}) {
      std::size_t bytes = 0;
      for (const std::size_t size : sizes) bytes += size;
      Copier copier{threads, sizes.size(), bytes};
      copies_are_right(copier, sizes, 40);
    }
}

TEST(Copier, OneThatWasToldNothingCopiesInTheCallersThread) {
  Copier copier;
  EXPECT_EQ(copier.threads(), 1);
  copies_are_right(copier, {3'000'000, 17}, 3);
}

TEST(Copier, StartsNoThreadForSmallSnapshotsAndNoMoreThanMayWork) {
  EXPECT_EQ((Copier{8, 1, 1'000'000}.threads()), 1);
  EXPECT_EQ((Copier{3, 1, 9'000'000}.threads()), 3);
  EXPECT_EQ((Copier{100, 1, 9'000'000}.threads()), Copier::most_threads);
  EXPECT_EQ((Copier{0, 1, 9'000'000}.threads()), 1);
}

TEST(Copier, ChoosesAmongPowersOfTwoThatItHas) {
  Copier copier{3, 1, 4'000'000};
  copies_are_right(copier, {4'000'000}, 300);
  for (const Copier::Way way : ways) {
    EXPECT_GE(copier.threads(way), 1);
    EXPECT_LE(copier.threads(way), 2) << "4 are not there";
  }
}

TEST(Copier, SumsWhatIsInItsPlaceAlreadyInItsTurn) {
  const Bytes8 first = random_bytes(1'500'000, 1), packed = random_bytes(1'100'000, 2), last = random_bytes(70, 3);
  Bytes8 there(first.size() + last.size());
  Copier copier{2, 3, 3'000'000};
  copier.begin(Copier::Way::out_summed);
  copier.add(there.data(), first.data(), first.size());
  copier.add_to_sum(packed.data(), packed.size());
  copier.add(there.data() + first.size(), last.data(), last.size());
  copier.run();
  const std::vector<std::span<const std::byte>> fields{
      std::as_bytes(std::span{first}), std::as_bytes(std::span{packed}), std::as_bytes(std::span{last})};
  EXPECT_EQ(copier.sum(), checksum_of(fields));
  EXPECT_TRUE(std::equal(first.begin(), first.end(), there.begin()));
}

TEST(Copier, ForgetsWhatAnExceptionLeft) {
  Copier copier{2, 2, 3'000'000};
  Bytes8 gone(10), kept(3'000'000), there(3'000'000);
  copier.begin(Copier::Way::out);
  copier.add(gone.data(), kept.data(), gone.size());
  gone.assign(10, 1);
  copier.begin(Copier::Way::out);
  kept.assign(kept.size(), 2);
  copier.add(there.data(), kept.data(), kept.size());
  copier.run();
  EXPECT_EQ(there, kept);
  EXPECT_EQ(gone, Bytes8(10, 1));
}

TEST(Copier, LeavesAThreadThatIsTiedToOneProcessorAlone) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(copy_threads_here(), CPU_COUNT(&before));
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  const int threads = copy_threads_here();
  ::sched_setaffinity(0, sizeof before, &before);
  EXPECT_EQ(threads, 1);
}

}  // namespace
}  // namespace cairn::test
