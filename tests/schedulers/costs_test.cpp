// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/costs.hpp>

#include <optional>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

constexpr Level disk{1}, slower{2};

Problem three_levels() {
  return {.steps = 7, .levels = {{.slots = 3}, {.slots = 4}, {.slots = 5, .device = 1}}, .period = 2, .buffers = 3};
}

/// Sums as an executor hands them out: each call adds to what was before.
class Sums {
 public:
  Sums() { sums_.levels.resize(3); }
  Sums& advances(double count, double each) { return add(sums_.advances, count, each); }
  Sums& turns(double count, double each) { return add(sums_.turns, count, each); }
  Sums& copies(double count, double each) { return add(sums_.copies, count, each); }
  Sums& saves(Level level, double count, double each) { return add(at(level).saves, count, each); }
  Sums& loads(Level level, double count, double each) { return add(at(level).loads, count, each); }
  Sums& save_under_way(Level level, std::optional<double> time) {
    at(level).save_under_way = time;
    return *this;
  }
  Sums& load_under_way(Level level, std::optional<double> time) {
    at(level).load_under_way = time;
    return *this;
  }
  operator const Observed&() const { return sums_; }  // NOLINT: that is what it is

 private:
  Sums& add(Observed::Sum& sum, double count, double each) {
    sum.count += count;
    sum.time += count * each;
    return *this;
  }
  Observed::PerLevel& at(Level level) { return sums_.levels[static_cast<std::size_t>(level.rank)]; }
  Observed sums_;
};

Problem::LevelShape on_disk(const Costs& costs) {
  return costs.priced(three_levels()).levels[1];
}

TEST(Costs, AreCutOffWhereNoPlanTakesMore) {
  Costs costs{3};
  Sums run;
  costs.begin(run);
  costs.see(run.advances(100, 1e-12).turns(100, 1e3).copies(10, 1e3).saves(disk, 5, 1e3).loads(disk, 5, 1e3));
  const Problem priced = costs.priced(three_levels());
  for (const double cost :
       {priced.levels[0].save_cost, priced.levels[1].save_cost, priced.levels[1].load_cost, priced.turn_cost})
    EXPECT_EQ(cost, Problem::most_cost);
  EXPECT_NO_THROW(check(priced));
}

TEST(Costs, OfWhichNothingIsKnownAreAStep) {
  const Costs costs{3};
  EXPECT_FALSE(costs.complete());
  EXPECT_FALSE(costs.knows_steps());
  EXPECT_FALSE(costs.step_time());
  const Problem priced = costs.priced(three_levels());
  EXPECT_EQ(priced.levels[0].save_cost, 0);
  EXPECT_EQ(priced.levels[0].load_cost, 0);
  EXPECT_EQ(priced.levels[2].save_cost, 1);
  EXPECT_EQ(priced.levels[2].load_cost, 1);
  EXPECT_EQ(priced.turn_cost, 1);
}

TEST(Costs, LeaveTheRestOfAProblemAsItIs) {
  const Problem problem = three_levels(), priced = Costs{3}.priced(problem);
  EXPECT_EQ(priced.steps, 7);
  EXPECT_EQ(priced.period, 2);
  EXPECT_EQ(priced.buffers, 3);
  EXPECT_EQ(priced.levels[1].slots, 4);
  EXPECT_EQ(priced.levels[2].device, 1U);
}

TEST(Costs, AreCompleteWhereEveryTransferHasAPriceOrATime) {
  EXPECT_TRUE(Costs{1}.complete()) << "RAM alone";
  Costs costs{3};
  costs.give_prices(disk, 2, 3);
  EXPECT_FALSE(costs.complete());
  costs.give_prices(slower, 5, std::nullopt);
  costs.guess_transfers(slower, std::nullopt, .5);
  EXPECT_FALSE(costs.complete()) << "what is a step?";
  costs.guess_step(.1);
  EXPECT_TRUE(costs.complete());
  EXPECT_FALSE(costs.knows_steps()) << "it is guessed";
  Costs by_times{3};
  by_times.guess_step(.1);
  by_times.guess_transfers(disk, 1, 1);
  by_times.guess_transfers(slower, 1, std::nullopt);
  EXPECT_FALSE(by_times.complete());
}

TEST(Costs, ByGuessedTimesAreInGuessedSteps) {
  Costs costs{3};
  costs.guess_step(.5);
  costs.guess_turn(2.5);
  costs.guess_transfers(disk, 2, 3);
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 4);
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 6);
  EXPECT_DOUBLE_EQ(costs.priced(three_levels()).turn_cost, 2.5);
  EXPECT_DOUBLE_EQ(*costs.step_time(), .5);
}

TEST(Costs, ThatAreGivenCountBeforeTimesThatAreGuessed) {
  Costs costs{3};
  costs.guess_step(.5);
  costs.guess_transfers(disk, 2, 3);
  costs.give_prices(disk, 7, std::nullopt);
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 7);
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 6);
}

TEST(Costs, ThatAreProbedCountBeforeThoseGivenOnceStepsAreMeasured) {
  Costs costs{3};
  costs.guess_transfers(disk, 2, std::nullopt);
  costs.give_prices(disk, 7, 7);
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 7);
  costs.see(Sums{}.advances(10, .5));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 4);
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 7) << "that is not probed";
}

TEST(Costs, ThatAreMeasuredCountBeforeAllOthers) {
  Costs costs{3};
  costs.guess_step(50);
  costs.guess_turn(50);
  costs.guess_transfers(disk, 50, 50);
  costs.give_prices(disk, 50, 50);
  costs.see(Sums{}.advances(10, .5).turns(4, 1.5).saves(disk, 2, 3).loads(disk, 1, 4));
  EXPECT_TRUE(costs.knows_steps());
  EXPECT_DOUBLE_EQ(*costs.step_time(), .5);
  EXPECT_DOUBLE_EQ(costs.priced(three_levels()).turn_cost, 3);
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 6);
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 8);
  costs.guess_step(50);
  costs.guess_transfers(disk, 50, 50);
  EXPECT_DOUBLE_EQ(*costs.step_time(), .5) << "a guess that comes later";
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 6);
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 8);
}

TEST(Costs, OfTransfersContainTheCopy) {
  Costs costs{3};
  costs.see(Sums{}.advances(10, .5).copies(4, .25).saves(disk, 2, 3).loads(disk, 1, 4));
  const Problem priced = costs.priced(three_levels());
  EXPECT_DOUBLE_EQ(priced.levels[0].save_cost, .5);
  EXPECT_DOUBLE_EQ(priced.levels[0].load_cost, .5);
  EXPECT_DOUBLE_EQ(priced.levels[1].save_cost, 6.5);
  EXPECT_DOUBLE_EQ(priced.levels[1].load_cost, 8.5);
}

TEST(Costs, OfASlowDeviceAreSlowBothWays) {
  Costs costs{3};
  costs.guess_transfers(disk, 2, 3);
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 4, 10));
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 15) << "saves took five times what was guessed";
  costs.see(run.loads(disk, 1, 4));
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 4) << "it is measured now";
}

TEST(Costs, LearnNothingOfWhatWasBefore) {
  Costs costs{3};
  Sums run;
  costs.begin(run.advances(1, 100).saves(disk, 1, 100));
  costs.see(run);
  EXPECT_FALSE(costs.knows_steps());
  costs.see(run.advances(2, 1).saves(disk, 3, 5));
  EXPECT_DOUBLE_EQ(*costs.step_time(), 1);
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 5);
}

TEST(Costs, AreKeptFromSweepToSweep) {
  Costs costs{3};
  costs.see(Sums{}.advances(10, .5).saves(disk, 2, 3));
  costs.begin(Sums{});  // the sums of the next sweep begin with 0
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 6);
  costs.see(Sums{}.advances(10, .5).saves(disk, 2, 3));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 6);
}

TEST(Costs, FollowADeviceThatTurnsSlowAndQuickAgain) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(1000, 1).saves(disk, 1000, 2));
  costs.see(run.saves(disk, 1, 20));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "one may be an accident";
  costs.see(run.saves(disk, 1, 18));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 19) << "two after a thousand others are none";
  for (int i = 0; i < 30; ++i) costs.see(run.saves(disk, 1, 20));
  EXPECT_NEAR(on_disk(costs).save_cost, 20, .1);
  for (int i = 0; i < 2; ++i) costs.see(run.saves(disk, 1, 2));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "and back";
}

TEST(Costs, AreNotMovedByAccidents) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 10, 2));
  for (int i = 0; i < 5; ++i) {
    costs.see(run.saves(disk, 1, 1e6));
    costs.see(run.saves(disk, 1, 2));
  }
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "each is followed by one that is as it was";
  for (int i = 0; i < 5; ++i) {
    costs.see(run.saves(disk, 1, 1e6));
    costs.see(run.saves(disk, 1, 0));
  }
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "they do not say the same";
}

TEST(Costs, FollowATransferUnderWayThatIsLateToo) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 10, 2).loads(disk, 10, 4));
  costs.see(run.saves(disk, 1, 20));
  costs.see(run.save_under_way(disk, 5.9));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "it may still end in time";
  costs.see(run.save_under_way(disk, 6.1));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 20) << "as the one before";
  costs.see(run.save_under_way(disk, 30));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 30) << "at least";
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 4) << "nothing is known of loads";
  costs.see(run.saves(disk, 1, 32).save_under_way(disk, std::nullopt));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 26) << "the mean of two, as if none had been seen under way";
  costs.see(run.load_under_way(disk, 50));
  costs.see(run.loads(disk, 1, 60).load_under_way(disk, std::nullopt));
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 4) << "one";
  costs.see(run.load_under_way(disk, 13));
  EXPECT_DOUBLE_EQ(on_disk(costs).load_cost, 60);
}

TEST(Costs, AreNotMovedByOneTransferUnderWayHoweverLate) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 10, 2));
  for (double time = 1; time < 1e6; time *= 2) {
    costs.see(run.save_under_way(disk, time));
    EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << time;
  }
  costs.see(run.saves(disk, 1, 1e6).save_under_way(disk, .5));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "it has ended, and the next is in time";
  costs.see(run.saves(disk, 1, 2).save_under_way(disk, 1e6));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 2) << "one in time between two that are late";
}

TEST(Costs, AreAsTheyWereWhereATransferUnderWayEndsInTimeAfterAll) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 10, 8));
  costs.see(run.saves(disk, 1, 80));
  costs.see(run.save_under_way(disk, 25));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 80);
  costs.see(run.saves(disk, 2, 8).save_under_way(disk, std::nullopt));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 8) << "the mean of it and the one behind it";
}

TEST(Costs, FollowManyAtOnce) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 1000, 2));
  costs.see(run.saves(disk, 16, 20));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 20);
}

TEST(Costs, FollowADeviceThatGoesOnBeingOffAndNotOneThatVaries) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(10, 1).saves(disk, 1000, 2));
  for (int i = 0; i < 100; ++i) costs.see(run.saves(disk, 3, i % 2 == 0 ? 3 : 1.2));
  EXPECT_NEAR(on_disk(costs).save_cost, 2.05, .05) << "it varies: the mean";
  const double before = on_disk(costs).save_cost;
  for (int i = 0; i < 15; ++i) costs.see(run.saves(disk, 1, 4));
  EXPECT_NEAR(on_disk(costs).save_cost, before, .1) << "15 looks may be an accident";
  costs.see(run.saves(disk, 1, 4));
  EXPECT_DOUBLE_EQ(on_disk(costs).save_cost, 4);
}

TEST(Costs, OfOperatorsAreTheMeanOfManyForTheyShareTheProcessors) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(1000, 1).turns(500, 2));
  for (int i = 0; i < 20; ++i) costs.see(run.advances(1, 2));  // the machine is busy for a moment
  EXPECT_NEAR(*costs.step_time(), 1, .05);
  EXPECT_NEAR(costs.priced(three_levels()).turn_cost, 2, .1) << "no ratio jumps";
  costs.see(run.advances(1, 1));
  for (int i = 0; i < 15; ++i) costs.see(run.advances(1, 20));
  EXPECT_NEAR(*costs.step_time(), 1, .05) << "nor by what is far off …";
  costs.see(run.advances(1, 20));
  EXPECT_DOUBLE_EQ(*costs.step_time(), 20) << "… before it has gone on";
}

TEST(Costs, FollowWhatDrifts) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(1000, 1).saves(disk, 1000, 2));
  costs.see(run.saves(disk, 1, 2.2));
  EXPECT_GT(on_disk(costs).save_cost, 2);
  EXPECT_LT(on_disk(costs).save_cost, 2.2);
  for (int i = 0; i < 5000; ++i) costs.see(run.advances(1, 1.6).saves(disk, 1, 2.2));
  EXPECT_NEAR(*costs.step_time(), 1.6, 1e-3);
  EXPECT_NEAR(on_disk(costs).save_cost, 2.2 / 1.6, 1e-3);
}

TEST(Costs, AreTheMeanOfFewWhereNoMoreAreKnown) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(4, 2));
  costs.see(run.advances(12, 1));
  EXPECT_DOUBLE_EQ(*costs.step_time(), 20. / 16);
}

TEST(Costs, ThatWereMeasuredAsNothingCanGrow) {
  Costs costs{3};
  Sums run;
  costs.see(run.advances(1, 1).turns(1, 0).saves(disk, 1, 0).copies(1, 0));
  EXPECT_EQ(costs.priced(three_levels()).turn_cost, 0);
  EXPECT_EQ(on_disk(costs).save_cost, 0);
  for (int i = 0; i < 20; ++i) costs.see(run.turns(1, 2).saves(disk, 1, 5));
  EXPECT_NEAR(costs.priced(three_levels()).turn_cost, 2, .01);
  EXPECT_NEAR(on_disk(costs).save_cost, 5, .01);
}

TEST(Costs, InStepsThatTakeNoTimeAreThoseGiven) {
  Costs costs{3};
  costs.give_prices(disk, 3, std::nullopt);
  costs.see(Sums{}.advances(10, 0).turns(1, 1).saves(disk, 1, 1).loads(disk, 1, 1));
  EXPECT_EQ(on_disk(costs).save_cost, 3);
  EXPECT_EQ(on_disk(costs).load_cost, 1);
  EXPECT_EQ(costs.priced(three_levels()).turn_cost, 1);
}

}  // namespace
}  // namespace cairn::test
