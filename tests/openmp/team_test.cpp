// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/team.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

namespace cairn {
namespace {

/// In a thread that has begun no parallel region yet.
template <class Body>
void in_a_new_thread(Body body) {
  std::jthread{[&] {
    omp_set_num_threads(3);
    body();
  }}.join();
}

void begin_a_region() {
  std::atomic<int> threads = 0;  // an empty region is none: compilers leave it out
#pragma omp parallel
  ++threads;
  EXPECT_GE(threads, 1);
}

TEST(Team, IsThatOfAThreadThatComputesWithOne) {
  in_a_new_thread([] {
    begin_a_region();
    const Team team = Team::of_this_thread();
    EXPECT_TRUE(team);
    EXPECT_EQ(team.threads(), 3);
  });
}

TEST(Team, IsNoneWhereThreadsWouldStartForIt) {
  in_a_new_thread([] { EXPECT_FALSE(Team::of_this_thread()); });
}

TEST(Team, IsNoneOfOneThread) {
  in_a_new_thread([] {
    omp_set_num_threads(1);
    begin_a_region();
    EXPECT_FALSE(Team::of_this_thread());
  });
}

TEST(Team, IsNoneWithinAParallelRegion) {
  in_a_new_thread([] {
    std::atomic<int> teams = 0;
#pragma omp parallel
    if (Team::of_this_thread()) ++teams;
    EXPECT_EQ(teams, 0);
  });
}

TEST(Team, RunsOnceOnEachOfItsThreads) {
  in_a_new_thread([] {
    begin_a_region();
    const Team team = Team::of_this_thread();
    for (const int threads : {3, 5, 2, 1}) {
      omp_set_num_threads(threads);
      std::vector<std::atomic<int>> ran(static_cast<std::size_t>(threads));
      const std::thread::id caller = std::this_thread::get_id();
      std::atomic<bool> first_is_the_caller = false;
      auto body = [&](int thread, int of) {
        EXPECT_EQ(of, threads);
        ++ran.at(static_cast<std::size_t>(thread));
        if (thread == 0) first_is_the_caller = std::this_thread::get_id() == caller;
      };
      team.run(body);
      for (const std::atomic<int>& times : ran) EXPECT_EQ(times, 1);
      EXPECT_TRUE(first_is_the_caller);
    }
  });
}

}  // namespace
}  // namespace cairn
