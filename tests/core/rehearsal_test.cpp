// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/rehearsal.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

struct Pendulum {
  double angle = 1, speed = 0, hidden = 0;
  State state() {
    State state;
    state.add("angle", angle).add("speed", speed);
    return state;
  }
};

std::string rehearsed(Pendulum& p, const Operators& operators, const std::function<void()>& spoil) {
  const State state = p.state();
  const Layout layout{state.fields()};
  Pool pool{1, layout.buffer_bytes()};
  pool.touch(1);
  try {
    Rehearsal{state, layout, operators}.run(4, spoil, pool.take());
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "complete";
}

TEST(Rehearsal, PassesWhereTheStateIsAllThatTheOperatorReads) {
  Pendulum p;
  const Operators operators{.advance =
                                [&](Steps s) {
                                  for (Step t = s.first; t < s.last; ++t) p.angle += .1 * (p.speed -= p.angle);
                                },
                            .reverse = [](Steps) {}};
  EXPECT_EQ(rehearsed(p, operators, [&] { p.hidden = 7; }), "complete");
  EXPECT_EQ(p.angle, 1) << "x_0 is live again";
}

TEST(Rehearsal, FindsWhatTheSpoilingChanges) {
  Pendulum p;
  const Operators operators{.advance = [&](Steps s) { p.speed += p.hidden * static_cast<double>(s.size()); },
                            .reverse = [](Steps) {}};
  EXPECT_EQ(rehearsed(p, operators, {}), "complete") << "unspoiled, it hides";
  EXPECT_NE(rehearsed(p, operators, [&] { p.hidden = 7; }).find("field \"speed\" differs after 4 steps"),
            std::string::npos);
  EXPECT_EQ(p.speed, 0) << "x_0 is live also after a failure";
}

TEST(Rehearsal, SaysThatItsStepsRunAgain) {
  Pendulum p;
  std::vector<Steps> seen;
  rehearsed(p, {.advance = [&](Steps s) { seen.push_back(s); }, .reverse = [](Steps) {}}, {});
  EXPECT_EQ(seen, (std::vector<Steps>{{0, 4, true}, {0, 4, true}}));
}

}  // namespace
}  // namespace cairn
