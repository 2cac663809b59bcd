// SPDX-License-Identifier: BSD-3-Clause
#include <end_to_end_table.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cairn::bench {
namespace {

CaseFigures some_figures() {
  const RunCosts costs{.step_seconds = 0.0025, .turn = 2, .copy_out = 0.25, .copy_in = 0.5, .save = 3.25, .load = 2.5};
  CaseFigures figures{.model = "built-in model, 801 x 401 cells, n = 1000",
                      .name = "built-in",
                      .means = {.steps = 1000, .buffers = 10, .slots = 1001},
                      .buffer = Bytes{5'200'000},
                      .planned = costs,
                      .plain_planned = costs,
                      .measured = costs,
                      .plain_measured = costs,
                      .measured_alone = costs.with_copies(0.75, 1),
                      .distance = 3};
  figures.ways.push_back({.name = "overlap",
                          .schedule = "overlap: intervals of 3.0 steps on level 1",
                          .asynchronous = true,
                          .rounds = {{1.0, 2.0}, {3.0, 2.0}, {2.0, 2.0}},
                          .ratio = Spread{.median = 1.8, .least = 1.7, .most = 1.9},
                          .predicted_ratio = 2.0,
                          .step_seconds = .00125,
                          .recomputed = 0.66,
                          .stall = 0.005,
                          .copy = 0.1,
                          .other = 0.02,
                          .against = WayFigures::Against{.predicted = {.median = 1.01, .least = 0.99, .most = 1.03},
                                                         .least = 1.2,
                                                         .proved = 1.25,
                                                         .with_copies = 1.02}});
  figures.ways.push_back({.name = "store_all", .left_out = "needs 5.2 GB of RAM"});
  figures.hash = 0xabc;
  return figures;
}

TEST(EndToEndText, HasALineForEachWayAndSaysWhyOneIsMissing) {
  const std::string text = text_of(some_figures());
  for (const char* part :
       {"RAM 10 buffers of 5.20 MB (0.052 GB), file 1001 slots, verify disk", "turn (ub) 2.00", "write (W) 3.00",
        "; by one thread: copy out 0.75, copy in 1.00\n", "read (R) 2.00; D* 3.00",
        "\noverlap                          2.000         1.800 (1.700…1.900)     2.000  0.900",
        "1.250      0.660    0.50  10.00    2.00", "1.010 (0.990…1.030)   1.200   1.250              1.020\n",
        "store_all                      not run: needs 5.2 GB of RAM\n",
        "All gradients are bitwise equal (0000000000000abc)."})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(EndToEndText, SaysWhatItTakesToLoseNothing) {
  CaseFigures figures = some_figures();
  EXPECT_EQ(text_of(figures).find("times as long as overlap"), std::string::npos) << "nothing was compared";
  figures.safety = Spread{.median = 1.03, .least = .99, .most = 1.05};
  EXPECT_NE(text_of(figures).find("\noverlap, checksums and keep: 1.030 (0.990…1.050) times as long as overlap\n"),
            std::string::npos);
}

TEST(EndToEndText, NamesTheWaysOfAnotherGradient) {
  CaseFigures figures = some_figures();
  figures.other_gradients = {"overlap", "auto"};
  EXPECT_NE(text_of(figures).find("NOT the baseline's gradient: overlap, auto\n"), std::string::npos);
}

TEST(EndToEndMarkdown, HasATableForEachCase) {
  Machine machine;
  machine.cpu = "a processor";
  const std::string page = markdown_of(machine, {some_figures(), some_figures()});
  std::size_t tables = 0;
  for (std::size_t at = 0;
       (at = page.find("| overlap | 2.000 | 1.800 (1.700…1.900) | 2.000 | 0.900 |", at)) != std::string::npos; ++at)
    ++tables;
  EXPECT_EQ(tables, 2U) << page;
  EXPECT_NE(page.find("a processor"), std::string::npos);
  EXPECT_NE(page.find("| store_all | not run: needs 5.2 GB of RAM |"), std::string::npos);
}

TEST(EndToEndJson, HoldsTheSameFigures) {
  const auto json = nlohmann::json::parse(json_of(Machine{}, {some_figures()}, 3, false));
  const auto& one = json["cases"][0];
  EXPECT_EQ(one["measured"]["write"], 3.0);
  EXPECT_EQ(one["measured_alone"]["copy_out"], 0.75);
  EXPECT_EQ(one["ram_bytes"], 52'000'000);
  EXPECT_EQ(one["store_all_bytes"], 5'200'000'000);
  EXPECT_EQ(one["gradients_equal"], true);
  EXPECT_EQ(one["ways"][0]["seconds"], 2.0);
  EXPECT_EQ(one["ways"][0]["rounds"], (std::vector<double>{1, 3, 2}));
  EXPECT_EQ(one["ways"][0]["against"]["lower_bound_with_copies"], 1.02);
  EXPECT_EQ(one["ways"][1]["left_out"], "needs 5.2 GB of RAM");
}

}  // namespace
}  // namespace cairn::bench
