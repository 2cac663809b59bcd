// SPDX-License-Identifier: BSD-3-Clause
/// What tests ask of plans: their actions, their counts; and the message of an exception.
#pragma once

#include <cairn/schedulers/replay.hpp>
#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace cairn::test {

/// The rest of a plan, at most `most` actions of it.
inline std::vector<Action> actions_of(Schedule& schedule, std::size_t most = std::numeric_limits<std::size_t>::max()) {
  std::vector<Action> actions;
  while (actions.size() < most) {
    const auto action = schedule.next();
    if (!action) break;
    actions.push_back(*action);
  }
  return actions;
}

/// A plan as `cairn plan --actions` prints it, one line.
inline std::string written(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) text += (text.empty() ? "" : ", ") + to_string(action);
  return text;
}

/// replay() of a schedule that is made in place.
template <typename AnySchedule>
PlanCounts counts_of(AnySchedule schedule, Step steps, std::vector<Slots> slots) {
  return replay(schedule, steps, std::move(slots));
}

/// The text of the E that `doing` throws; "nothing is thrown" where it ends. Other exceptions pass.
template <typename E, typename Doing>
std::string message_of(Doing doing) {
  try {
    doing();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing is thrown";
}

}  // namespace cairn::test
