// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/overlap_online.hpp>
#include <cairn/schedulers/rest_plan.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr Step most_steps_of_all_plans = 100'000;  // beyond, a few of them; a simulation takes about 1 µs a step
constexpr Step most_steps_of_short_runs = 500;     // where storage is hidden no other is worth its time in longer ones
constexpr std::size_t plans_of_long_runs = 3;      // the first: all snapshots, with s−1, s−2 and s slots

// RAM, or not.
std::vector<std::size_t> ranks_of(const OverlapShape& shape) {
  std::vector<std::size_t> ranks(shape.slots.size(), 1);
  if (!ranks.empty()) ranks.front() = 0;
  return ranks;
}

}  // namespace

OverlapOnline::OverlapOnline(OverlapShape shape, Gauge gauge, const std::vector<Problem::Stored>& stored, Step live)
    : OverlapOnline{shape, std::move(gauge), stored_chain(stored, ranks_of(shape), shape.slots), live} {}

OverlapOnline::OverlapOnline(OverlapShape shape, Gauge gauge, StoredChain stored, Step live)
    : shape_{std::move(shape)},
      positions_{shape_, std::move(gauge), stored.chain},
      first_{std::move(stored.actions)},
      live_{stored.chain.empty() ? 0 : live} {
  std::ranges::reverse(first_);
}

OverlapOnline::OverlapOnline(const OverlapOnline& other)
    : Schedule{other},
      shape_{other.shape_},
      positions_{other.positions_},
      first_{other.first_},
      live_{other.live_},
      ended_{other.ended_},
      turned_first_{other.turned_first_},
      rest_{other.rest_ ? other.rest_->clone() : nullptr} {}

std::unique_ptr<Schedule> OverlapOnline::clone() const {
  if (!ended_)
    throw std::logic_error{"a schedule that watches storage cannot be cloned before its reverse sweep has begun"};
  return std::unique_ptr<Schedule>{new OverlapOnline{*this}};
}

void OverlapOnline::finish(Step steps) {
  if (ended_)
    throw std::logic_error{"OverlapOnline::finish: the number of steps is known already, it is " +
                           std::to_string(live_ + 1)};
  if (steps != live_ + 1)
    throw std::logic_error{"OverlapOnline::finish: x_" + std::to_string(live_) +
                           " is live, so that the loop ends with " + std::to_string(live_ + 1) +
                           (live_ == 0 ? " step" : " steps") + " to turn, not " + std::to_string(steps)};
  ended_ = true;
}

std::size_t OverlapOnline::fill(std::span<Action> next) {
  if (!first_.empty()) return hand_out(first_, next);
  if (ended_) return fill_reverse(next);
  Action* out = positions_.visit(live_, next.data());
  *out++ = Advance{{live_, live_ + 1}};
  ++live_;
  return static_cast<std::size_t>(out - next.data());
}

std::size_t OverlapOnline::fill_reverse(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  if (!turned_first_) {
    *out++ = Turn{live_};
    turned_first_ = true;
    if (live_ > 0) rest_ = plan_the_rest();
  }
  while (rest_ && out < end) {
    const auto action = rest_->next();
    if (!action) break;
    *out++ = *action;
  }
  return static_cast<std::size_t>(out - next.data());
}

std::unique_ptr<Schedule> OverlapOnline::plan_the_rest() {
  shape_.steps = live_;
  const Standing standing{.to_turn = live_, .live = {}, .stored = positions_.stored()};
  const bool all = live_ <= (hides_storage(shape_) ? most_steps_of_short_runs : most_steps_of_all_plans);
  if (all) return plan_rest(shape_, standing).make({});
  std::vector<RestPlan> plans = rest_plans(shape_, standing);
  plans.resize(std::min(plans.size(), plans_of_long_runs));
  for (RestPlan& plan : plans) {
    try {
      plan.makespan = time_rest(shape_, standing, plan);
    } catch (const std::logic_error&) {  // it has too few slots, or would wait for ever: no plan
      plan.makespan = std::numeric_limits<double>::infinity();
    }
  }
  return std::ranges::min_element(plans, {}, &RestPlan::makespan)->make({});
}

}  // namespace cairn
