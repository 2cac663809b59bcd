// SPDX-License-Identifier: BSD-3-Clause
// A program that plans with cairn and moves its data itself. Exit code 0: the plan is the one that Griewank and Walther
// have.
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

int main() {
  const cairn::Problem problem{.steps = 10, .levels = {{.slots = 3}}, .period = {}};
  const auto schedule = cairn::make_schedule(cairn::ScheduleKind::revolve, problem);
  const cairn::PlanCounts counts = cairn::replay(*schedule, problem.steps, {3});
  return counts.advances == cairn::Count{15} ? 0 : 1;  // 2·10 − C(3 + 1 + 1, 1): two runs of each step at most
}
