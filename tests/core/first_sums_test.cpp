// SPDX-License-Identifier: BSD-3-Clause
// The class by itself; whole runs are in verify_replay_test.cpp.
#include <cairn/core/first_sums.hpp>

#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace cairn {
namespace {

Checksum sum(std::uint64_t number) {
  Checksum sum{};
  std::memcpy(sum.data(), &number, sizeof number);
  return sum;
}

std::optional<NotDeterministic> thrown_by(const std::function<void()>& call) {
  try {
    call();
    return std::nullopt;
  } catch (const NotDeterministic& error) {
    return error;
  }
}

TEST(FirstSums, LookAtEveryStateAtFirstAndAtFewerFartherOn) {
  const FirstSums sums;
  Step due = 0;
  for (Step step = 0; step <= 300'000; ++step) {
    const Step spacing = step <= 65'536 ? 1 : step <= 131'072 ? 2 : step <= 262'144 ? 4 : 8;
    ASSERT_EQ(sums.is_due(step), step % spacing == 0) << step;
    if (!sums.is_due(step)) continue;
    for (Step before = due; before < step; ++before) ASSERT_EQ(sums.next_due(before), step) << before;
    due = step;
  }
}

TEST(FirstSums, LookAtFewOfManySteps) {
  const FirstSums sums;
  Step looks = 0;
  for (Step step = 0; step < limits::steps; step = sums.next_due(step)) ++looks;
  EXPECT_EQ(looks, 65'536 + 24 * 32'768) << "2^16 and 2^15 for each time that their number doubles";
}

TEST(FirstSums, CountWhatIsTheSameAgain) {
  FirstSums sums;
  sums.begin();
  for (Step step = 1; step <= 5; ++step) sums.see(step, sum(static_cast<std::uint64_t>(step)));
  EXPECT_EQ(sums.compared(), Count{0});
  sums.restored(2);
  for (Step step = 3; step <= 5; ++step) sums.see(step, sum(static_cast<std::uint64_t>(step)));
  EXPECT_EQ(sums.compared(), Count{3});
  sums.begin();
  EXPECT_EQ(sums.compared(), Count{0});
  EXPECT_NO_THROW(sums.see(3, sum(7))) << "another sweep has other states";
}

TEST(FirstSums, NameTheStepThatMadeAnotherState) {
  FirstSums sums;
  for (Step step = 1; step <= 5; ++step) sums.see(step, sum(1));
  sums.restored(2);
  sums.see(3, sum(1));
  const auto error = thrown_by([&] { sums.see(4, sum(2)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->steps(), (Steps{3, 4}));
  EXPECT_STREQ(
      error->what(),
      "verify: replay: step 3 is not deterministic: run again from the x_3 that it was, another x_4 came out, "
      "checksum 02000000000000000000000000000000 instead of 01000000000000000000000000000000; the same bits "
      "are right, whenever advance() is run: sums in a fixed order, fixed seeds, as many threads each time, "
      "and the State must hold all that it reads and changes (Reversal::rehearse() tells which field differs)");
}

TEST(FirstSums, NameAllStepsSinceTheLastStateThatWasTheSame) {
  FirstSums sums;
  for (Step step = 0; step < 66'000; step = sums.next_due(step)) sums.see(sums.next_due(step), sum(1));
  sums.restored(65'990);
  sums.see(65'992, sum(1));
  sums.see(65'993, sum(9));  // a snapshot, never seen before: nobody knows whether it is as it was
  const auto error = thrown_by([&] { sums.see(65'994, sum(2)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->steps(), (Steps{65'992, 65'994}));
  EXPECT_EQ(std::string{error->what()}.find("verify: replay: one of the steps 65992 to 65993 is not deterministic: run "
                                            "again from the x_65992 that it was, another x_65994 came out"),
            0U)
      << error->what();
}

TEST(FirstSums, AreForgottenWithTheirSteps) {
  FirstSums sums;
  for (Step step = 1; step <= 5; ++step) sums.see(step, sum(1));
  sums.turned(4);
  EXPECT_NO_THROW(sums.see(5, sum(2)));
  EXPECT_NO_THROW(sums.see(4, sum(2)));
  EXPECT_TRUE(thrown_by([&] { sums.see(3, sum(2)); }));
}

TEST(FirstSums, KnowThoseOfAnEarlierProcess) {
  FirstSums sums;
  sums.begin();
  sums.know(30, sum(3));
  sums.know(10, sum(1));
  sums.know(10, sum(2));  // on another tier, the same or not: load() says
  sums.restored(9);
  EXPECT_NO_THROW(sums.see(10, sum(1)));
  EXPECT_EQ(sums.compared(), Count{1});
  sums.see(11, sum(5));
  EXPECT_TRUE(thrown_by([&] { sums.see(30, sum(1)); }));
}

TEST(FirstSums, BlameNoStepAloneOfWhatAnEarlierProcessRan) {
  FirstSums sums;
  sums.begin();
  sums.know(12, sum(1));
  sums.ran_before(20);
  sums.restored(9);
  for (const Step step : {10, 11}) sums.see(step, sum(1));  // as they were, or not
  const auto error = thrown_by([&] { sums.see(12, sum(2)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->steps(), (Steps{9, 12}));
}

TEST(FirstSums, KnowWhichStateWasSeenLast) {
  FirstSums sums;
  EXPECT_TRUE(sums.has_seen(0)) << "x_0 is where it begins";
  sums.see(1, sum(1));
  EXPECT_TRUE(sums.has_seen(1));
  sums.restored(0);
  EXPECT_TRUE(sums.has_seen(0));
  EXPECT_FALSE(sums.has_seen(1));
}

}  // namespace
}  // namespace cairn
