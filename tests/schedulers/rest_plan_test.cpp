// SPDX-License-Identifier: BSD-3-Clause
#include "support/overlap_oracle.hpp"
#include "support/overlap_shapes.hpp"
#include "support/plans.hpp"
#include "support/standings.hpp"
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/rest_plan.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr double rounding = 1e-6;
constexpr Level ram{0}, disk{1};

OverlapShape drawn_shape(std::mt19937& random, int most_steps, int i) {
  OverlapShape shape = random_shape(random, most_steps, i % 2 == 0 ? 2 : 3);
  ++shape.steps;
  if (i % 3 == 0) shape.machine.copy_out = shape.machine.copy_in = .25;
  return shape;
}

/// Its schedule; nullptr where there is none that fits.
std::unique_ptr<Schedule> made(const RestPlan& plan, Gauge gauge) {
  try {
    return plan.make(std::move(gauge));
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
}

/// Replays all plans for this standing. Returns how many there are.
int expect_legal(const OverlapShape& shape, const Standing& standing, std::mt19937& random) {
  int legal = 0;
  for (const RestPlan& plan : rest_plans(shape, standing)) {
    const auto schedule = made(plan, [&](Level) { return random() % 4; });
    if (!schedule) continue;
    ++legal;
    EXPECT_NO_THROW(replay_from(standing, shape, *schedule))
        << plan.text << ": " << text_of(shape) << "; " << text_of(standing);
  }
  return legal;
}

TEST(RestPlan, OfAReverseSweepIsLegalFromAnyStanding) {
  constexpr unsigned seed = 20260470;
  std::mt19937 random{seed};
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    const OverlapShape shape = drawn_shape(random, 120, i);
    const Standing standing = DrawnStandings{shape, random}.in_reverse_sweep();
    EXPECT_GE(expect_legal(shape, standing, random), 1) << text_of(standing) << ", seed " << seed << ", case " << i;
  }
}

TEST(RestPlan, OfAFirstSweepIsLegalFromAnyStanding) {
  constexpr unsigned seed = 20260471;
  std::mt19937 random{seed};
  int legal = 0;
  for (int i = 0; i < 150 && !HasFailure(); ++i) {
    const OverlapShape shape = drawn_shape(random, 60, i);
    const Standing standing = DrawnStandings{shape, random}.in_first_sweep();
    if (expect_legal(shape, standing, random) > 0) ++legal;
  }
  EXPECT_GE(legal, 100) << "of 150; there is none where RAM is full and slow slots are, too";
}

/// Steps that must be run, and turns; were storage for nothing.
double least_work(const OverlapShape& shape, const Standing& standing) {
  const Step end = standing.live.value_or(standing.to_turn);  // what lies before was run, and may be stored
  std::set<Step> there;
  for (const auto& one : standing.stored)
    if (one.step < end) there.insert(one.step);
  const Step missing = end - static_cast<Step>(there.size());
  const Step ahead = standing.live ? standing.to_turn - 1 - *standing.live : 0;
  return static_cast<double>(missing + ahead) + static_cast<double>(standing.to_turn) * shape.machine.turn_cost;
}

TEST(RestPlan, TakesTheBestOfItsCandidatesAndNotLessThanTheWorkThatIsLeft) {
  constexpr unsigned seed = 20260472;
  std::mt19937 random{seed};
  for (int i = 0; i < 160; ++i) {
    const OverlapShape shape = drawn_shape(random, i % 4 == 0 ? 60 : 200, i);
    DrawnStandings standings{shape, random};
    const Standing standing = i % 4 == 0 ? standings.in_first_sweep() : standings.in_reverse_sweep();
    SCOPED_TRACE(text_of(shape) + "; " + text_of(standing) + ", seed " + std::to_string(seed) + ", case " +
                 std::to_string(i));
    double best = std::numeric_limits<double>::infinity();
    for (const RestPlan& plan : rest_plans(shape, standing)) {
      try {
        best = std::min(best, time_rest(shape, standing, plan));
      } catch (const std::logic_error&) {  // it does not fit
      }
    }
    if (std::isinf(best)) {
      EXPECT_THROW(plan_rest(shape, standing), std::invalid_argument);
      continue;
    }
    const RestPlan plan = plan_rest(shape, standing);
    EXPECT_DOUBLE_EQ(plan.makespan, best);
    EXPECT_DOUBLE_EQ(plan.makespan, time_rest(shape, standing, plan)) << "what it says is what it takes";
    EXPECT_GE(plan.makespan, least_work(shape, standing) - rounding);
    EXPECT_FALSE(plan.text.empty());
  }
}

/// What is stored where, by bits.
SearchOfAllOverlaps::Start start_of(const Standing& standing) {
  SearchOfAllOverlaps::Start start{.left = static_cast<int>(standing.to_turn)};
  if (standing.live) start.live = static_cast<int>(*standing.live);
  for (const auto& [step, level] : standing.stored) (level == ram ? start.held : start.stored) |= 1U << step;
  return start;
}

struct Closeness {
  int cases = 0, at_it = 0, within_a_step = 0;
};

Closeness against_the_optimum(unsigned seed, bool first_sweep) {
  std::mt19937 random{seed};
  Closeness seen;
  for (int i = 0; i < 250; ++i) {
    const WholeOverlap problem = random_overlap(random, {.steps = 7, .buffers = 4});
    const OverlapShape shape = shape_of(problem);
    DrawnStandings standings{shape, random};
    const Standing standing = first_sweep ? standings.in_first_sweep() : standings.in_reverse_sweep();
    double ours = 0;
    try {
      ours = plan_rest(shape, standing).makespan;
    } catch (const std::invalid_argument&) {
      EXPECT_TRUE(first_sweep) << problem << ", " << text_of(standing);
      continue;
    }
    const double best = least_makespan(problem, start_of(standing));
    EXPECT_GE(ours, best - rounding) << problem << ", " << text_of(standing) << ", seed " << seed << ", case " << i;
    ++seen.cases;
    if (ours <= best + rounding) ++seen.at_it;
    if (ours <= best + 1 + rounding) ++seen.within_a_step;
  }
  return seen;
}

TEST(RestPlan, OfAReverseSweepLiesAtTheOptimumOrAStepAboveInMostSmallCases) {
  const Closeness seen = against_the_optimum(20260473, false);
  EXPECT_GE(seen.at_it, seen.cases * 8 / 10) << seen.at_it << " of " << seen.cases;
  EXPECT_GE(seen.within_a_step, seen.cases * 9 / 10) << seen.within_a_step << " of " << seen.cases;
}

TEST(RestPlan, OfAFirstSweepLiesAtTheOptimumOrAStepAboveInMostSmallCases) {
  const Closeness seen = against_the_optimum(20260474, true);
  EXPECT_GE(seen.cases, 150);
  EXPECT_GE(seen.at_it, seen.cases * 5 / 10) << seen.at_it << " of " << seen.cases;
  EXPECT_GE(seen.within_a_step, seen.cases * 8 / 10) << seen.within_a_step << " of " << seen.cases;
}

/// Stops a plan after so many turns.
struct Stopped {
  Standing standing;
  std::unique_ptr<Schedule> rest;
};

Stopped after_turns(std::unique_ptr<Schedule> plan, Step turns, Step steps) {
  Stock stock;
  Step turned = 0;
  while (turned < turns) {
    const Action action = *plan->next();
    stock.note(action);
    turned += std::holds_alternative<Turn>(action) ? 1 : 0;
  }
  return {{.to_turn = steps - turns, .live = {}, .stored = stock.stored()}, std::move(plan)};
}

TEST(RestPlan, IsNeverWorseThanThePlanOfIntervalsThatItReplaces) {
  constexpr unsigned seed = 20260475;
  std::mt19937 random{seed};
  for (int i = 0; i < 150; ++i) {
    OverlapShape shape = random_shape(random, 300);
    shape.steps += 10;
    const Slots slots = std::max<Slots>(1, shape.machine.buffers - static_cast<Slots>(random() % 3));
    const auto from_to = [&](Step least, Step most) { return std::uniform_int_distribution{least, most}(random); };
    const IntervalPlan::Shape intervals{.steps = shape.steps,
                                        .period = static_cast<double>(from_to(2, 30)) / 2,
                                        .tail = from_to(1, 12),
                                        .slots = slots,
                                        .tail_slots = slots,
                                        .slow_slots = shape.slots[1]};
    const Stopped stopped =
        after_turns(std::make_unique<IntervalPlan>(intervals), from_to(1, shape.steps - 1), shape.steps);
    double as_it_is = 0;
    try {
      as_it_is = time_rest(shape, stopped.standing, *stopped.rest);
    } catch (const std::logic_error&) {  // RAM is full, and it reads from disk
      continue;
    }
    EXPECT_LE(plan_rest(shape, stopped.standing).makespan, as_it_is + rounding)
        << text_of(shape) << "; " << text_of(stopped.standing) << ", seed " << seed << ", case " << i;
  }
}

TEST(RestPlan, AfterTheFirstStepsCostsNoMoreThanToBeginAgain) {
  constexpr unsigned seed = 20260476;
  std::mt19937 random{seed};
  for (int i = 0; i < 40; ++i) {
    OverlapShape shape = drawn_shape(random, 200, i);
    const Step live = std::min<Step>(shape.steps - 1, 1 + i % 5);
    const Standing standing{.to_turn = shape.steps, .live = live, .stored = {{0, ram}}};
    const OverlapPlan known = plan_overlap(shape);
    const double rest = plan_rest(shape, standing, known).makespan;
    EXPECT_LE(rest, shape.machine.copy_in + known.makespan + rounding) << text_of(shape) << ", case " << i;
    if (shape.slots.size() == 2) {
      EXPECT_GE(shape.machine.copy_out + static_cast<double>(live) + rest,
                makespan_bound(bounded(shape)).makespan - rounding)
          << text_of(shape) << ", seed " << seed << ", case " << i;
    }
  }
}

TEST(RestPlan, GoesOnWithTheSweepWhereThatIsHidden) {
  // D* = 2: all is hidden; x_0 goes to disk, or stays, and nothing is run twice for the sake of the first steps.
  const OverlapShape shape = two_levels(500, 10, 2, 2);
  const Standing standing{.to_turn = 500, .live = 4, .stored = {{0, ram}}};
  const OverlapPlan known = plan_overlap(shape);
  EXPECT_LE(plan_rest(shape, standing, known).makespan, known.makespan - 4 + 2);
  EXPECT_LE(plan_rest(shape, standing).makespan, known.makespan - 4 + 2) << "and where it is not known before";
}

TEST(RestPlan, MovesWhatLiesInRamToDiskForTheStepsToCome) {
  const OverlapShape shape = two_levels(500, 10, 2, 2);
  const Standing standing{.to_turn = 500, .live = 20, .stored = {{0, ram}, {10, ram}}};
  std::vector<std::string> begins;
  for (const RestPlan& plan : rest_plans(shape, standing))
    begins.push_back(written(actions_of(*plan.make([](Level) { return 0U; }), 2)));
  EXPECT_TRUE(std::ranges::count(begins, "move 0 0 1, move 10 0 1")) << begins.front();
  OverlapShape full = shape;
  full.slots[1] = 1;
  for (const RestPlan& plan : rest_plans(full, standing))
    EXPECT_FALSE(written(actions_of(*plan.make([](Level) { return 0U; }), 2)).starts_with("move")) << plan.text;
}

TEST(RestPlan, UsesTheRamThatSnapshotsLeaveInAFirstSweep) {
  // Two snapshots stay in RAM, for disk has no room; of 10 buffers 8 are left for the steps to come.
  const OverlapShape shape = two_levels(40, 10, .5, .5, 1, 1);
  const Standing standing{.to_turn = 40, .live = 20, .stored = {{0, ram}, {10, ram}}};
  const RestPlan plan = plan_rest(shape, standing);
  EXPECT_GE(replay_from(standing, shape, *plan.make([](Level) { return 0U; })).levels[0].peak, 9) << plan.text;
}

TEST(RestPlan, NeverPlansMoreSnapshotsThanKeepUpWithTheTurns) {
  // A load takes 100 steps and each of 10 snapshots 10 steps apart would wait for it: turned from few of them.
  const OverlapShape shape = two_levels(100, 60, 100, 100);
  Standing standing{.to_turn = 100, .live = {}, .stored = {}};
  for (Step step = 0; step < 100; step += 10) standing.stored.push_back({step, disk});
  const RestPlan plan = plan_rest(shape, standing);
  EXPECT_LT(plan.makespan, 500) << "all ten take more than a thousand";
  EXPECT_LE(replay_from(standing, shape, *plan.make({})).levels[1].restores, Count{3}) << plan.text;
}

/// Applies what a run carries out to a Replay.
class Checked {
 public:
  explicit Checked(const OverlapShape& shape, std::vector<Slots> slots) : replay_{shape.steps, std::move(slots)} {}

  void note(const Action& action) {
    flush();
    if (const auto* advance = std::get_if<Advance>(&action))
      pending_ = *advance;
    else
      replay_.apply(action);
  }
  /// The run stands there, perhaps amid an advance.
  void expect(const Standing& standing) {
    if (pending_ && standing.live && *standing.live < pending_->steps.last) {
      replay_.apply(Advance{{pending_->steps.first, *standing.live}});
      pending_->steps.first = *standing.live;
    } else {
      flush();
    }
    EXPECT_EQ(replay_.live(), standing.live);
    for (const auto& [step, level] : standing.stored) EXPECT_TRUE(replay_.holds(step, level)) << step;
  }
  /// Another plan goes on from there.
  void drop_the_rest() { pending_.reset(); }
  bool finished() const { return replay_.finished(); }

 private:
  void flush() {
    if (pending_) replay_.apply(*std::exchange(pending_, std::nullopt));
  }
  Replay replay_;
  std::optional<Advance> pending_;
};

/// Hands out what another plan does, and has it checked; its clones alone are not.
class CheckedPlan final : public Schedule {
 public:
  CheckedPlan(std::unique_ptr<Schedule> plan, Checked& by) : plan_{std::move(plan)}, by_{by} {}
  std::unique_ptr<Schedule> clone() const override { return plan_->clone(); }

 protected:
  std::size_t fill(std::span<Action> next) override {
    const std::optional<Action> action = plan_->next();
    if (!action) return 0;
    by_.note(next.front() = *action);
    return 1;
  }

 private:
  std::unique_ptr<Schedule> plan_;
  Checked& by_;
};

/// Takes one of the plans that fit, whichever, again and again.
class Fickle final : public Planner {
 public:
  Fickle(const OverlapShape& shape, Simulation& simulation, Checked& checked, std::mt19937& random)
      : shape_{shape}, simulation_{simulation}, checked_{checked}, random_{random} {}
  bool is_due(bool) override { return random_() % 10 == 0; }
  std::unique_ptr<Schedule> plan_anew(const Standing& standing, const Schedule&) override {
    checked_.expect(standing);
    Standing now = standing;
    if (now.live) now.to_turn = shape_.steps;
    std::vector<RestPlan> plans = rest_plans(shape_, now);
    std::erase_if(plans, [&](const RestPlan& plan) {
      try {
        return static_cast<void>(time_rest(shape_, now, plan)), false;
      } catch (const std::logic_error&) {
        return true;
      }
    });
    if (plans.empty()) return nullptr;
    checked_.drop_the_rest();
    return std::make_unique<CheckedPlan>(plans[random_() % plans.size()].make(simulation_.gauge()), checked_);
  }

 private:
  const OverlapShape& shape_;
  Simulation& simulation_;
  Checked& checked_;
  std::mt19937& random_;
};

TEST(RestPlan, MayReplaceThePresentOneAgainAndAgain) {
  constexpr unsigned seed = 20260477;
  std::mt19937 random{seed};
  std::uint64_t plans = 0;
  for (int i = 0; i < 80; ++i) {
    const OverlapShape shape = drawn_shape(random, 60, i);
    SCOPED_TRACE(text_of(shape) + ", seed " + std::to_string(seed) + ", case " + std::to_string(i));
    std::vector<Slots> slots = shape.slots;
    slots[0] = shape.machine.buffers;
    Checked checked{shape, slots};
    Simulation simulation{shape.machine};
    Fickle planner{shape, simulation, checked, random};
    auto first = std::make_unique<CheckedPlan>(make_overlap(shape, plan_overlap(shape), simulation.gauge()), checked);
    ASSERT_NO_THROW(plans += simulation.run(std::move(first), planner).plans.value());
    EXPECT_TRUE(checked.finished());
  }
  EXPECT_GE(plans, 300U);
}

TEST(RestPlan, ThatNothingFitsIsRefused) {
  const OverlapShape shape = two_levels(9, 2, 1, 1, 1, 1);
  EXPECT_EQ(message_of<std::invalid_argument>([&] {
              plan_rest(shape, {.to_turn = 9, .live = 5, .stored = {{0, disk}, {1, ram}, {3, ram}}});
            }),
            "no plan for the rest of the run fits the slots");
}

}  // namespace
}  // namespace cairn::test
