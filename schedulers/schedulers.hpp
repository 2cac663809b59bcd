// SPDX-License-Identifier: BSD-3-Clause
/// Schedules alone, for those who move their own data: `find_package(cairn COMPONENTS schedulers)` and
/// `cairn::schedulers` need no other library.
///
///   Problem problem{.steps = n, .levels = {{.slots = 10}, {.slots = 200, .save_cost = 2, .load_cost = 1.5}}};
///   const Choice choice = choose_schedule(problem);                      // choose.hpp: the cheapest, and why
///   const Counted counted = count_plan(choice.kind, problem);            // plan_counts.hpp: what it does and costs
///   const auto schedule = make_schedule(choice.kind, problem);           // make_schedule.hpp: by name, or this kind
///   while (const auto action = schedule->next()) std::visit(..., *action);   // schedule.hpp, action.hpp
///
/// replay.hpp carries plans out on integers and checks each action; it is the place to see what each action means.
#pragma once

#include <cairn/schedulers/action.hpp>         // IWYU pragma: export
#include <cairn/schedulers/choose.hpp>         // IWYU pragma: export
#include <cairn/schedulers/make_schedule.hpp>  // IWYU pragma: export
#include <cairn/schedulers/plan_counts.hpp>    // IWYU pragma: export
#include <cairn/schedulers/replay.hpp>         // IWYU pragma: export
#include <cairn/schedulers/schedule.hpp>       // IWYU pragma: export
