// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/cpu_list.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

std::string refusal(std::string_view text) {
  try {
    cpus_of(text);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "accepted";
}

TEST(CpuList, IsNumbersAndRanges) {
  EXPECT_EQ(cpus_of("2-3,5"), (std::vector{2, 3, 5}));
  EXPECT_EQ(cpus_of("7"), (std::vector{7}));
  EXPECT_EQ(cpus_of(" 4 - 6 , 0 "), (std::vector{4, 5, 6, 0}));
  EXPECT_EQ(cpus_of("3-3"), (std::vector{3}));
  EXPECT_EQ(cpus_of("0-8191").size(), 8192U);
}

TEST(CpuList, RefusesWhatIsNoList) {
  for (const char* text : {"", ",", "2,", ",2", "2,,3", "two", "2.5", "-2", "2-", "2-3-4", "2 3", "99999999999"})
    EXPECT_EQ(refusal(text), "\"" + std::string{text} + "\" is no list of processors; write [2, 3, 5] or \"2-3,5\"");
  EXPECT_EQ(refusal("3-2"), "\"3-2\" has a range that ends before it begins; write [2, 3, 5] or \"2-3,5\"");
  EXPECT_EQ(refusal("0-2000000000"), "2000000000 is no number of a processor; give 0 to 8191");
}

TEST(CpuList, HasEachProcessorOnceAndWithinTheLimit) {
  EXPECT_EQ(problem_of_cpus({}), "");
  EXPECT_EQ(problem_of_cpus({8191, 0, 5}), "");
  EXPECT_EQ(problem_of_cpus({5, 0, 5}), "processor 5 is given twice; give each once");
  EXPECT_EQ(problem_of_cpus({0, -1}), "-1 is no number of a processor; give 0 to 8191");
  EXPECT_EQ(problem_of_cpus({0, 8192}), "8192 is no number of a processor; give 0 to 8191");
}

}  // namespace
}  // namespace cairn
