// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <table.hpp>

namespace cairn::bench {
namespace {

const Rounds ours{{0.5, 0.02}, {0.4, 0.01}, {1.0, 0.03}};
const Rounds baseline{{0.25, 0.2}, {0.4, 0.1}, {0.25, 0.3}};

Table one_line() {
  Table table;
  table.add(speed_line("hdf5 tier, 5 MB", "save", ours, "O_DIRECT pwrite", baseline, 2'000'000'000, true));
  return table;
}

Machine some_machine() {
  return {.cpu = "a processor",
          .cores = 2,
          .memory = GiB(3),
          .kernel = "Linux 6",
          .compiler = "g++ 12",
          .file_system = "ext4",
          .direct = true,
          .date = "2026-01-31T12:00:00Z",
          .command = "cairn_bench --quick"};
}

TEST(SpeedLine, DividesBytesAndCpuSecondsByTheMedians) {
  const Table table = one_line();
  const Line& line = table.lines().front();
  EXPECT_DOUBLE_EQ(line.ours.value, 4.0);
  EXPECT_DOUBLE_EQ(line.baseline.value, 8.0);
  EXPECT_DOUBLE_EQ(line.ours.cpu_seconds_a_gb.value(), 0.01);
  EXPECT_DOUBLE_EQ(line.baseline.cpu_seconds_a_gb.value(), 0.1);
  EXPECT_DOUBLE_EQ(line.ratio.median, 0.5);
}

TEST(Table, SaysEachGroupOnceAboveItsLines) {
  Table table = one_line();
  table.add(speed_line("hdf5 tier, 5 MB", "load", ours, "O_DIRECT pread", baseline, 2'000'000'000, false));
  EXPECT_EQ(
      table.text(),
      "\nhdf5 tier, 5 MB                                     GB/s    CPU  baseline                             GB/s"
      "    CPU  ratio (least…most)\n"
      "  save                                              4.00  0.010  O_DIRECT pwrite                      8.00"
      "  0.100  0.500 (0.250…1.000)\n"
      "  load                                              4.00         O_DIRECT pread                       8.00"
      "         0.500 (0.250…1.000)\n");
}

TEST(Table, WritesJsonThatHoldsTheSameFiguresAndTheMachine) {
  const auto json = nlohmann::json::parse(one_line().json(some_machine(), 3, true));
  EXPECT_EQ(json["machine"]["cpu"], "a processor");
  EXPECT_EQ(json["command"], "cairn_bench --quick");
  EXPECT_EQ(json["lines"][0]["ours"]["value"], 4.0);
  EXPECT_EQ(json["lines"][0]["baseline"]["cpu_seconds_a_gb"], 0.1);
  EXPECT_EQ(json["lines"][0]["ratio"]["median"], 0.5);
}

TEST(Table, WritesMarkdownWithMachineCommandAndDate) {
  const std::string page = one_line().markdown(some_machine());
  for (const char* part : {"a processor, 2 cores, 3.0 GiB", "ext4, takes O_DIRECT", "2026-01-31T12:00:00Z",
                           "cairn_bench --quick", "| save | 4.00 | 0.010 | O_DIRECT pwrite | 8.00 | 0.100 |"})
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
}

TEST(TextOf, SaysWhereTheFileSystemRefusesDirectRequests) {
  Machine machine = some_machine();
  machine.direct = false;
  EXPECT_NE(text_of(machine).find("ext4, refuses O_DIRECT: requests are buffered on both sides"), std::string::npos);
}

TEST(WithFigures, ReplacesWhatStandsBetweenTheTwoLines) {
  EXPECT_EQ(with_figures("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n", "new\n"),
            "before\n<!-- figures -->\nnew\n<!-- end of figures -->\nafter\n");
}

TEST(WithFigures, AddsTheTwoLinesAtTheEndOfAPageThatHasNone) {
  const std::string page = with_figures("before\n", "new\n");
  EXPECT_EQ(page, "before\n<!-- figures -->\nnew\n<!-- end of figures -->\n");
  EXPECT_EQ(with_figures(page, "newer\n"), "before\n<!-- figures -->\nnewer\n<!-- end of figures -->\n");
}

TEST(WithFigures, LeavesThePlacesOfOthersAlone) {
  const std::string page = with_figures(with_figures("", "micro\n"), "whole\n", "end to end");
  const std::string both =
      "<!-- figures -->\nmicro\n<!-- end of figures -->\n<!-- end to end -->\nwhole\n<!-- end of end to end -->\n";
  EXPECT_EQ(page, both);
  EXPECT_EQ(with_figures(page, "micro\n"), both);
  EXPECT_EQ(with_figures(page, "whole\n", "end to end"), both);
}

}  // namespace
}  // namespace cairn::bench
