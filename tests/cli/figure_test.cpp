// SPDX-License-Identifier: BSD-3-Clause
#include "figure.hpp"

#include "numbers.hpp"
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <cstddef>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::tool {
namespace {

const std::vector<std::string> two_names{"ram", "disk"};

Problem two_levels(Step steps) {
  return {.steps = steps, .levels = {{.slots = 3}, {.slots = 4, .save_cost = 2, .load_cost = 1.5}}, .turn_cost = .5};
}

std::string figure(ScheduleKind kind, const Problem& problem, std::string_view title = "a plan") {
  return figure_of(*make_schedule(kind, problem), problem, two_names, title);
}

std::size_t times(const std::string& svg, const std::string& pattern) {
  const std::regex regex{pattern};
  return static_cast<std::size_t>(std::distance(std::sregex_iterator{svg.begin(), svg.end(), regex}, {}));
}

// Does every tag that opens close in order? Enough of XML for documents without comments.
bool is_balanced(const std::string& svg) {
  std::vector<std::string> open;
  const std::regex tag{R"(<(/?)([a-z]+)[^>]*?(/?)>)"};
  for (auto it = std::sregex_iterator{svg.begin(), svg.end(), tag}; it != std::sregex_iterator{}; ++it) {
    const auto& match = *it;
    if (match[3].length() > 0) continue;
    if (match[1].length() == 0) {
      open.push_back(match[2]);
    } else {
      if (open.empty() || open.back() != match[2]) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(Figure, HasABarForEachTakeshotAndAMarkForEachAccessOfEveryKindOfSchedule) {
  for (const ScheduleKind kind : schedule_kinds()) {
    Problem problem = two_levels(8);
    if (kind == ScheduleKind::disk_revolve) problem.levels[1].slots = 8;
    const std::string svg = figure(kind, problem);
    const PlanCounts counts = replay(*make_schedule(kind, problem), problem);
    std::size_t takeshots = 0;
    std::size_t restores = 0;
    for (std::size_t k = 0; k < counts.levels.size(); ++k) {
      const auto& level = counts.levels[k];
      const auto kept = (level.takeshots + level.moves).value();
      EXPECT_EQ(times(svg, fmt::format("<rect class=\"l{}\"[^>]*><title>", k)), kept)
          << name_of(kind) << " level " << k;
      takeshots += kept;
      restores += level.restores.value();
    }
    EXPECT_EQ(times(svg, "<circle class=\"save\""), takeshots + 1) << name_of(kind) << ": one of them in the legend";
    EXPECT_EQ(times(svg, "<circle class=\"load\""), restores + 1) << name_of(kind);
    EXPECT_TRUE(is_balanced(svg)) << name_of(kind);
  }
}

TEST(Figure, EndsAtTheCostOfThePlan) {
  const Problem problem = two_levels(25);
  const double cost = cost_of(replay(*make_schedule(ScheduleKind::periodic, problem), problem), {0, 2}, {0, 1.5}, .5);
  EXPECT_NE(figure(ScheduleKind::periodic, problem).find(fmt::format("cost {} forward steps<", text_of_cost(cost))),
            std::string::npos);
}

TEST(Figure, ShowsAPlanOfThreeStepsAsItIs) {
  // takeshot 0, advance 0 1, takeshot 1, advance 1 2, turn 2; x_1 is restored at time 4 and turned, x_0 at 5
  const Problem problem{.steps = 3, .levels = {{.slots = 2}, {.slots = 0}}};
  const std::string svg = figure(ScheduleKind::revolve, problem);
  EXPECT_NE(svg.find("<title>x_0 at ram, 0 to 4</title>"), std::string::npos) << svg;
  EXPECT_NE(svg.find("<title>x_1 at ram, 1 to 3</title>"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">2 advances and 3 turns; cost 5 forward steps<"), std::string::npos) << svg;
  EXPECT_NE(svg.find("ram: 2 slots, at most 2 in use; 2 takeshots, 2 restores"), std::string::npos) << svg;
}

TEST(Figure, IsTheSameForTheSamePlan) {
  EXPECT_EQ(figure(ScheduleKind::periodic, two_levels(30)), figure(ScheduleKind::periodic, two_levels(30)));
}

TEST(Figure, ShowsWhatIsStoredFromTheStart) {
  Problem problem = two_levels(12);
  problem.stored = {{0, Level{1}}, {6, Level{0}}};
  const std::string svg = figure(ScheduleKind::hrevolve, problem);
  const PlanCounts counts = replay(*make_schedule(ScheduleKind::hrevolve, problem), problem);
  const auto takeshots = (counts.levels[0].takeshots + counts.levels[1].takeshots).value();
  EXPECT_EQ(times(svg, "<title>x_"), takeshots + 2);
  EXPECT_EQ(times(svg, "<circle class=\"save\""), takeshots + 1) << "what is stored was taken before";
  EXPECT_EQ(times(svg, "<title>x_0 at disk, 0 to "), 1u);
  EXPECT_GE(times(svg, "<title>x_6 at ram, 0 to "), 1u);
}

TEST(Figure, EscapesTitleAndNames) {
  const Problem problem{.steps = 2, .levels = {{.slots = 1}}};
  const std::string svg =
      figure_of(*make_schedule(ScheduleKind::revolve, problem), problem, {"a<b>&\"c\""}, "x < y & \"z\"");
  EXPECT_NE(svg.find("a&lt;b&gt;&amp;&quot;c&quot;: 1 slot,"), std::string::npos);
  EXPECT_NE(svg.find("<title>x &lt; y &amp; &quot;z&quot;</title>"), std::string::npos);
  EXPECT_TRUE(is_balanced(svg));
}

TEST(Figure, DrawsOneStepWithoutAnyCost) {
  const Problem problem{.steps = 1, .levels = {{.slots = 1}}, .turn_cost = 0};
  const std::string svg = figure_of(*make_schedule(ScheduleKind::revolve, problem), problem, {"ram"}, "one");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_TRUE(is_balanced(svg));
}

std::string refusal(const Problem& problem, const std::vector<std::string>& names) {
  const Problem small = two_levels(2);
  try {
    figure_of(*make_schedule(ScheduleKind::revolve, small), problem, names, "");
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "nothing thrown";
}

TEST(Figure, RefusesWhatItCannotShow) {
  EXPECT_EQ(refusal(two_levels(301), two_names), "figure: 301 steps are too many to draw; give at most 300");
  EXPECT_EQ(refusal(two_levels(0), two_names), "figure: the number of steps is not known; give --steps");
  EXPECT_EQ(refusal(two_levels(2), {"ram"}), "figure: 1 names for 2 levels; give one each");
  Problem far = two_levels(2);
  far.stored = {{0, Level{0}}, {1'000'000, Level{0}}};
  EXPECT_EQ(refusal(far, two_names), "figure: 1000000 steps are too many to draw; give at most 300");
}

TEST(Figure, RefusesAPlanOfOtherSteps) {
  const Problem shorter = two_levels(5);
  const Problem longer = two_levels(9);
  EXPECT_THROW(figure_of(*make_schedule(ScheduleKind::revolve, shorter), longer, two_names, ""), IllegalAction);
}

}  // namespace
}  // namespace cairn::tool
