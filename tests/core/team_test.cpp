// SPDX-License-Identifier: BSD-3-Clause
// This program has no OpenMP; for one that has, see tests/openmp.
#include <cairn/core/team.hpp>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Team, IsNoneWhereTheProgramHasNoOpenMP) {
  const Team team = Team::of_this_thread();
  EXPECT_FALSE(team);
  EXPECT_EQ(team.threads(), 1);
}

}  // namespace
}  // namespace cairn
