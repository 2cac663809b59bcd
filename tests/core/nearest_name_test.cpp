// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/nearest_name.hpp>

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 3> names{"capacity", "path", "kind"};

TEST(NearestName, IsTheOneWithTheFewestLettersToChange) {
  EXPECT_EQ(nearest_to("capcity", names), "; the nearest is \"capacity\"");    // a letter less
  EXPECT_EQ(nearest_to("capaccity", names), "; the nearest is \"capacity\"");  // one more
  EXPECT_EQ(nearest_to("bath", names), "; the nearest is \"path\"");           // another
}

TEST(NearestName, IsNoneWhereMoreThanAThirdWouldChange) {
  EXPECT_EQ(nearest_to("verbosity", names), "");
  EXPECT_EQ(nearest_to("every", names), "");
}

}  // namespace
}  // namespace cairn
