// SPDX-License-Identifier: BSD-3-Clause
#include "numbers.hpp"

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::tool {
namespace {

template <typename Read>
std::string refusal(Read read) {
  try {
    read();
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}

TEST(Numbers, AreReadWholeOrRefused) {
  EXPECT_EQ(whole_number("--steps", "1099511627776"), 1099511627776);
  EXPECT_EQ(whole_number("--steps", "-3"), -3);
  for (const std::string text : {"", "1e6", "1000000000000000000000", "7 ", "0x10", "3.0"})
    EXPECT_EQ(refusal([&] { whole_number("--steps", text); }),
              "--steps: \"" + text + "\" is not a whole number; write digits only, such as 1000000");
}

TEST(Numbers, AreReadOneForEachLevel) {
  EXPECT_EQ(slot_numbers("--slots", "10,20"), (std::vector<Slots>{10, 20}));
  EXPECT_EQ(refusal([] { slot_numbers("--slots", "10,"); }),
            "--slots: \"\" is not a whole number; write digits only, such as 1000000");
  EXPECT_EQ(costs("--save-cost", "0,2.5", 2), (std::vector<double>{0, 2.5}));
  EXPECT_EQ(refusal([] { costs("--save-cost", "1", 2); }),
            "--save-cost: 1 number for 2 levels; give one for each, such as 0,2");
  EXPECT_EQ(refusal([] { costs("--load-cost", "1,2", 1); }),
            "--load-cost: 2 numbers for 1 level; give one for each, such as 0");
  for (const std::string text : {"", "-1", "nan", "inf", "2x"})
    EXPECT_EQ(refusal([&] { cost("--turn-cost", text); }),
              "--turn-cost: \"" + text + "\" is no cost; give a number of forward steps, 0 or more");
}

TEST(Numbers, AreWrittenForPeople) {
  EXPECT_EQ(text_of(Count{12}), "12");
  EXPECT_EQ(text_of(std::numeric_limits<Count>::max()), "more than 2^64");
  EXPECT_EQ(text_of_cost(12.0), "12");
  EXPECT_EQ(text_of_cost(12.5), "12.5");
  EXPECT_EQ(text_of_cost(std::numeric_limits<double>::infinity()), "more than 2^64");
}

}  // namespace
}  // namespace cairn::tool
