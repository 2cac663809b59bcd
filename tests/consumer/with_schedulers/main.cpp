// SPDX-License-Identifier: BSD-3-Clause
// A program that plans with cairn and moves its data itself. Exit code 0: the plan is the one that Griewank and Walther
// have, and the cheapest over two levels turns each step once, last first.
#include <cairn/schedulers/schedulers.hpp>

#include <variant>

int main() {
  const cairn::Problem small{.steps = 10, .levels = {{.slots = 3}}};
  const bool known =  // 2·10 − C(3 + 1 + 1, 1): two runs of each step at most
      cairn::count_plan(cairn::ScheduleKind::revolve, small).counts.advances == cairn::Count{15};

  const cairn::Problem problem{.steps = 500, .levels = {{.slots = 5}, {.slots = 20, .save_cost = 2, .load_cost = 1.5}}};
  const cairn::Choice choice = cairn::choose_schedule(problem);
  const auto schedule = cairn::make_schedule(choice.kind, problem);
  cairn::Replay on_integers{problem.steps, cairn::slots_of(problem)};
  cairn::Step next = problem.steps;
  bool in_order = true;
  while (const auto action = schedule->next()) {
    on_integers.apply(*action);
    if (const auto* turn = std::get_if<cairn::Turn>(&*action)) in_order = in_order && turn->step == --next;
  }
  return known && in_order && on_integers.finished() && next == 0 ? 0 : 1;
}
