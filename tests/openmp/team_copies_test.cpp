// SPDX-License-Identifier: BSD-3-Clause
// Copies by the operators' team.
#include "support/copies.hpp"
#include <cairn/core/copier.hpp>
#include <cairn/core/team.hpp>

#include <atomic>
#include <cstddef>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

namespace cairn::test {
namespace {

/// A team of so many threads, of the calling thread.
Team team_of(int threads) {
  omp_set_num_threads(threads);
  std::atomic<int> there = 0;  // an empty region is none: compilers leave it out
#pragma omp parallel
  ++there;
  EXPECT_EQ(there, threads);
  return Team::of_this_thread();
}

TEST(TeamCopies, AreRightForFieldsOfAnySizeAndNumber) {
  const std::vector<std::size_t> large{5'000'001, 3, 0, 700'000, 262'144, 64};
  const std::vector<std::size_t> many(70, 50'001);
  const std::vector<std::size_t> one{2'097'152};
  for (const int threads : {2, 3, 5, 16})
    for (const std::vector<std::size_t>& sizes : {large, many, one}) {
      Copier copier{1, sizes.size(), std::reduce(sizes.begin(), sizes.end())};
      copier.join(team_of(threads));
      EXPECT_EQ(copier.threads(), threads);
      EXPECT_EQ(copier.threads(Copier::Way::in_summed), threads);
      copies_are_right(copier, sizes, 12);
    }
}

TEST(TeamCopies, AreRightWhateverBecameOfTheTeam) {
  const std::vector<std::size_t> sizes{1'500'000, 900'000, 4096};
  Copier copier{1, sizes.size(), 3'000'000};
  copier.join(team_of(4));
  for (const int threads : {2, 7, 1, 4}) {
    omp_set_num_threads(threads);
    copies_are_right(copier, sizes, 4);
  }
#pragma omp parallel
#pragma omp single
  copies_are_right(copier, sizes, 4);  // a region within a region has one thread
}

TEST(TeamCopies, OfFewBytesAreTheCallersAlone) {
  Copier copier{1, 2, 200'000};
  copier.join(team_of(4));
  copies_are_right(copier, {100'000, 100'000}, 8);
}

TEST(TeamCopies, GoOnAsBeforeWhereThereIsNoTeam) {
  Copier copier{2, 1, 3'000'000};
  copier.join(Team{});
  EXPECT_EQ(copier.threads(), 2);
  copies_are_right(copier, {3'000'000}, 8);
}

}  // namespace
}  // namespace cairn::test
