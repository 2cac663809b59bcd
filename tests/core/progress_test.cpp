// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/progress.hpp>

#include <sstream>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(TerminalBar, RewritesOneLineAndEndsItWhenNothingIsLeft) {
  std::ostringstream out;
  const ProgressCallback bar = terminal_bar(out);
  bar({.phase = Progress::Phase::forward,
       .done = 500,
       .left = 500,
       .elapsed_seconds = 4,
       .left_seconds = 3675,
       .stall_share = .015});
  EXPECT_EQ(out.str(), "\rforward [###############...............] 500/1000  1:01:15 left  stalled 1.5 %  ");
  out.str("");
  bar({.phase = Progress::Phase::reverse, .done = 1000, .left = 0, .elapsed_seconds = 4});
  EXPECT_EQ(out.str(), "\rreverse [##############################] 1000/1000  0:00 left  stalled 0.0 %  \n");
}

TEST(TerminalBar, ShowsThePaceWhereNobodyKnowsWhatIsLeft) {
  std::ostringstream out;
  terminal_bar(out)(
      {.phase = Progress::Phase::forward, .done = 500, .left = {}, .elapsed_seconds = 65, .stall_share = .015});
  EXPECT_EQ(out.str(), "\rforward 500 steps in 1:05  7.7 a second  stalled 1.5 %  ");
  out.str("");
  terminal_bar(out)({.phase = Progress::Phase::forward});
  EXPECT_EQ(out.str(), "\rforward 0 steps in 0:00  0.0 a second  stalled 0.0 %  ");
}

TEST(TerminalBar, StandsForNoStepsAtAll) {
  std::ostringstream out;
  terminal_bar(out)({.phase = Progress::Phase::forward, .left = 0});
  EXPECT_EQ(out.str().back(), '\n');
}

}  // namespace
}  // namespace cairn
