// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/online.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

Problem checked(const Online::Shape& shape) {
  Problem problem{.steps = shape.steps.value_or(0), .levels = shape.levels, .stored = shape.stored, .live = shape.live};
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

std::vector<std::size_t> ranks_of(const LevelCosts& costs, std::size_t levels) {
  std::vector<std::size_t> ranks(levels, 0);
  for (std::size_t k = 0; k < costs.levels.size(); ++k) ranks[static_cast<std::size_t>(costs.levels[k].level.rank)] = k;
  return ranks;
}

std::vector<Slots> slots_of(const Online::Shape& shape) {
  return cairn::slots_of(Problem{.levels = shape.levels});
}

}  // namespace

Online::Online(Shape shape) : Online{shape, in_order_of_cost(shape)} {}

Online::Online(const Shape& shape, LevelCosts costs)
    : Online{shape, costs, stored_chain(shape.stored, ranks_of(costs, shape.levels.size()), slots_of(shape))} {}

Online::Online(const Shape& shape, LevelCosts costs, StoredChain stored)
    : levels_{shape.levels},
      steps_{shape.steps},
      positions_{std::move(costs), stored.chain},
      first_{std::move(stored.actions)},
      live_{stored.chain.empty() ? 0 : shape.live} {
  std::ranges::reverse(first_);
}

Online::Online(const Online& other)
    : Schedule{other},
      levels_{other.levels_},
      steps_{other.steps_},
      positions_{other.positions_},
      first_{other.first_},
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
  if (!first_.empty()) return hand_out(first_, next);
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
