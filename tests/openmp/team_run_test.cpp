// SPDX-License-Identifier: BSD-3-Clause
// Whole sweeps of operators that compute by OpenMP, and of some that do not.
#include "support/configs.hpp"
#include <cairn/core/reversal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

namespace cairn::test {
namespace {

constexpr Step n = 30;
constexpr int team_threads = 3;

/// 2.4 MB in two fields; every step changes every cell, and what it makes of it tells which step it was.
struct Cells {
  static constexpr std::size_t count = 300'000;
  std::vector<std::uint32_t> even = std::vector<std::uint32_t>(count, 1), odd = std::vector<std::uint32_t>(count, 2);
  bool parallel;

  void step(Step t) {
    const auto add = static_cast<std::uint32_t>(t);
#pragma omp parallel for if (parallel) schedule(static)
    for (std::size_t i = 0; i < count; ++i) {
      even[i] = even[i] * 1664525U + odd[i] + add;
      odd[i] ^= even[i] >> 7U;
    }
  }
};

/// Every state that the reverse sweep sees is compared; returns the threads that copied.
int copy_threads_of(bool parallel, std::optional<int> given, ExecutorKind executor = ExecutorKind::asynchronous) {
  int copied_by = 0;
  std::jthread{[&] {  // with no region begun before
    omp_set_num_threads(team_threads);
    Cells cells{.parallel = parallel}, forward{.parallel = false};
    std::vector<Cells> states;
    for (Step t = 0; t < n; forward.step(t++)) states.push_back(forward);
    State state;
    state.add("even", cells.even);
    state.add("odd", cells.odd);
    const TemporaryFolder folder;
    Config with = config(ScheduleKind::multistage, "ram:3 hdf5:6", folder, executor);
    with.copy_threads = given;
    Reversal run{with,
                 state,
                 {.advance =
                      [&](Steps steps) {
                        for (Step t = steps.first; t < steps.last; ++t) cells.step(t);
                      },
                  .reverse =
                      [&](Steps steps) {
                        const Cells& expected = states.at(static_cast<std::size_t>(steps.first));
                        ASSERT_TRUE(cells.even == expected.even && cells.odd == expected.odd) << "x_" << steps.first;
                      }}};
    run.sweep(n);
    copied_by = run.sweep(n).copy_threads;
  }}
      .join();
  return copied_by;
}

TEST(TeamRun, CopiesByTheOperatorsThreads) {
  EXPECT_EQ(copy_threads_of(true, std::nullopt), team_threads);
}

TEST(TeamRun, LeavesOpenMPAloneWhereTheOperatorsDo) {
  EXPECT_LE(copy_threads_of(false, std::nullopt), static_cast<int>(std::thread::hardware_concurrency()));
  EXPECT_NE(copy_threads_of(false, std::nullopt), team_threads) << "its own are 1, 2, 4 or 8";
}

TEST(TeamRun, CopiesByAsManyAsItIsTold) {
  EXPECT_EQ(copy_threads_of(true, 1), 1);
}

TEST(TeamRun, CopiesByOneWhereItIsSequential) {
  EXPECT_EQ(copy_threads_of(true, std::nullopt, ExecutorKind::sequential), 1);
}

}  // namespace
}  // namespace cairn::test
