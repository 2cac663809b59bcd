// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/duration.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace cairn {
namespace {

std::string refusal(std::string_view text) {
  try {
    seconds_of(text);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(seconds_of("250 ns"), 250e-9);
  EXPECT_EQ(seconds_of("12.5 us"), 12.5e-6);
  EXPECT_EQ(seconds_of("3 ms"), .003);
  EXPECT_EQ(seconds_of("3ms"), .003);
  EXPECT_EQ(seconds_of(" \t0.5  s "), .5);
  EXPECT_EQ(seconds_of("1.5 min"), 90);
  EXPECT_EQ(seconds_of("1e-3 s"), .001);
  EXPECT_EQ(seconds_of("36 h"), 36 * 3600);
  EXPECT_EQ(seconds_of("2 d"), 2 * 86400);
}

TEST(Duration, AddsUpSeveral) {
  EXPECT_EQ(seconds_of("11 h 30 min"), 41400);
  EXPECT_EQ(seconds_of("1h30min15s"), 5415);
  EXPECT_EQ(refusal("1 h 30"), "\"1 h 30\" has no unit; write \"30 ms\" or \"30 s\"");
  EXPECT_EQ(refusal("1 h -3 s"), "\"1 h -3 s\" is no length of time; write one above 0, such as \"3 ms\"");
}

TEST(Duration, WantsAUnit) {
  EXPECT_EQ(refusal("3"), "\"3\" has no unit; write \"3 ms\" or \"3 s\"");
  EXPECT_EQ(refusal("3 4 ms"), "\"3 4 ms\" has no unit; write \"3 ms\" or \"3 s\"");
  EXPECT_EQ(refusal("0.5 "), "\"0.5 \" has no unit; write \"0.5 ms\" or \"0.5 s\"");
}

TEST(Duration, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "  ", "ms", "fast", "3 msec", "3 MS", "3 y", "3,5 ms", "3 ms fast", "- ms", "information"})
    EXPECT_EQ(refusal(text), "\"" + std::string{text} +
                                 "\" is not a time; write numbers, each with one of ns, us, ms, s, min, h, d, such as "
                                 "\"3 ms\" or \"11 h 30 min\"");
  for (const char* text : {"0 s", "-3 ms", "inf s", "nan ms", "1e400 s", "1e308 min", "1e-320 ns"})
    EXPECT_EQ(refusal(text), "\"" + std::string{text} + "\" is no length of time; write one above 0, such as \"3 ms\"");
}

TEST(Duration, IsWrittenInTheUnitThatIsShortest) {
  EXPECT_EQ(duration_text(.003), "3 ms");
  EXPECT_EQ(duration_text(250e-9), "250 ns");
  EXPECT_EQ(duration_text(12.5e-6), "12.5 us");
  EXPECT_EQ(duration_text(90), "90 s");
  EXPECT_EQ(duration_text(6000), "6000 s");
  EXPECT_EQ(duration_text(60000), "60000 s");
  EXPECT_EQ(duration_text(1), "1 s");
}

TEST(Duration, IsReadBackExactly) {
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> exponent{-12, 5};
  for (int i = 0; i < 10'000; ++i) {
    const double seconds = std::pow(10, exponent(random));
    ASSERT_EQ(seconds_of(duration_text(seconds)), seconds) << duration_text(seconds) << ", seed 7";
  }
  for (const double seconds : {std::numeric_limits<double>::max(), std::numeric_limits<double>::min()})
    EXPECT_EQ(seconds_of(duration_text(seconds)), seconds);
}

}  // namespace
}  // namespace cairn
