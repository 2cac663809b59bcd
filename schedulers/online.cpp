// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/online.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

Problem checked(const Online::Shape& shape) {
  Problem problem{.steps = shape.steps.value_or(1), .levels = shape.levels, .stored = {}};
  check(problem);
  if (shape.steps && *shape.steps < 1) throw std::invalid_argument{"steps is 0; there must be at least 1"};
  if (std::all_of(shape.levels.begin(), shape.levels.end(), [](const auto& level) { return level.slots == 0; }))
    throw std::invalid_argument{"the levels have no slot together; online needs at least 1"};
  return problem;
}

// Fastest first by save and load cost: the snapshots grow older towards the slower levels.
LevelCosts in_order_of_cost(const Online::Shape& shape) {
  Problem problem = checked(shape);
  problem.steps = 0;  // the same units, known or not
  LevelCosts costs = priced(problem);
  std::stable_sort(costs.levels.begin(), costs.levels.end(), [](const auto& a, const auto& b) {
    return std::pair{a.save, a.load} < std::pair{b.save, b.load};
  });
  return costs;
}

}  // namespace

Online::Online(Shape shape) : levels_{shape.levels}, steps_{shape.steps}, positions_{in_order_of_cost(shape)} {}

Online::Online(const Online& other)
    : Schedule{other},
      levels_{other.levels_},
      steps_{other.steps_},
      positions_{other.positions_},
      live_{other.live_},
      turned_first_{other.turned_first_},
      rest_{other.rest_ ? other.rest_->clone() : nullptr} {}

std::unique_ptr<Schedule> Online::clone() const {
  return std::unique_ptr<Schedule>{new Online{*this}};
}

void Online::finish(Step steps) {
  if (steps_)
    throw std::logic_error{"Online::finish: the number of steps is known already, it is " + std::to_string(*steps_)};
  if (steps != live_ + 1)
    throw std::logic_error{"Online::finish: x_" + std::to_string(live_) + " is live, so that the loop ends with " +
                           std::to_string(live_ + 1) + (live_ == 0 ? " step" : " steps") + " to turn, not " +
                           std::to_string(steps)};
  steps_ = steps;
}

std::size_t Online::fill(std::span<Action> next) {
  if (steps_ && live_ + 1 == *steps_) return fill_reverse(next);
  Action* out = positions_.visit(live_, next.data());
  *out++ = Advance{{live_, live_ + 1}};
  ++live_;
  return static_cast<std::size_t>(out - next.data());
}

std::size_t Online::fill_reverse(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  if (!turned_first_) {
    *out++ = Turn{live_};
    turned_first_ = true;
    if (live_ > 0)
      rest_ = make_schedule(ScheduleKind::hrevolve,
                            Problem{.steps = live_, .levels = levels_, .stored = positions_.stored()});
  }
  while (rest_ && out < end) {
    const auto action = rest_->next();
    if (!action) break;
    *out++ = *action;
  }
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
