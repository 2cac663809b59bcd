// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/schedule.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/plans.hpp>

namespace cairn {
namespace {

/// Turns `turns` steps and counts how often it is asked.
class OnlyTurns final : public Schedule {
 public:
  explicit OnlyTurns(Step turns) : left_{turns} {}
  std::unique_ptr<Schedule> clone() const override { return std::make_unique<OnlyTurns>(*this); }
  int asked() const { return asked_; }

 protected:
  std::size_t fill(std::span<Action> next) override {
    ++asked_;
    EXPECT_EQ(next.size(), batch_actions);
    std::size_t written = 0;
    while (written < next.size() && left_ > 0) next[written++] = Turn{--left_};
    return written;
  }

 private:
  Step left_;
  int asked_ = 0;
};

TEST(Schedule, HandsOutItsBatchesInOrder) {
  OnlyTurns schedule{100};
  for (Step step = 100; step-- > 0;) EXPECT_EQ(schedule.next(), Action(Turn{step}));
  EXPECT_EQ(schedule.asked(), 4);
}

TEST(Schedule, StaysAtItsEnd) {
  OnlyTurns schedule{1};
  EXPECT_TRUE(schedule.next());
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(Schedule, ClonedMidBatchGoesOnThere) {
  OnlyTurns schedule{50};
  for (int i = 0; i < 7; ++i) schedule.next();
  const auto clone = schedule.clone();
  const auto rest = test::actions_of(schedule);
  EXPECT_EQ(rest.size(), 43u);
  EXPECT_EQ(test::actions_of(*clone), rest);
}

TEST(Schedule, OfAKnownNumberOfStepsIsNotFinished) {
  OnlyTurns schedule{1};
  EXPECT_EQ(test::message_of<std::logic_error>([&] { schedule.finish(3); }),
            "Schedule::finish: this schedule was made for a known number of steps; only online ones end by finish()");
}

}  // namespace
}  // namespace cairn
