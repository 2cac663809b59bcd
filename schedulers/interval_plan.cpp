// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/interval_plan.hpp>
#include <cairn/schedulers/shifted.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t most_saves_under_way = 1;

void check(const char* name, std::int64_t value, std::int64_t least) {
  if (value < least)
    throw std::invalid_argument{std::string{name} + " is " + std::to_string(value) + "; it must be at least " +
                                std::to_string(least)};
}

IntervalPlan::Shape checked(IntervalPlan::Shape shape) {
  check("steps", shape.steps, 1);
  check("tail", shape.tail, 1);
  check("slots", shape.slots, 1);
  check("tail_slots", shape.tail_slots, 1);
  check("slow_slots", shape.slow_slots, 0);
  if (shape.steps > limits::steps)
    throw std::invalid_argument{"steps is " + std::to_string(shape.steps) + "; at most " +
                                std::to_string(limits::steps) + " are supported"};
  if (!(shape.period >= 1) || !std::isfinite(shape.period))
    throw std::invalid_argument{"period is " + std::to_string(shape.period) + "; it must be at least 1 step"};
  return shape;
}

}  // namespace

IntervalPlan::IntervalPlan(Shape shape) : shape_{checked(std::move(shape))} {}

IntervalPlan::IntervalPlan(const IntervalPlan& other)
    : Schedule{other},
      shape_{other.shape_},
      kept_{other.kept_},
      live_{other.live_},
      due_{other.due_},
      forward_{other.forward_},
      walk_{other.walk_},
      longest_{other.longest_},
      start_{other.start_},
      inside_{other.inside_ ? other.inside_->clone() : nullptr} {}

std::unique_ptr<Schedule> IntervalPlan::clone() const {
  if (forward_ && shape_.gauge)
    throw std::logic_error{"a schedule that watches storage cannot be cloned before its reverse sweep has begun"};
  return std::make_unique<IntervalPlan>(*this);
}

bool IntervalPlan::may_keep() const {
  if (static_cast<Slots>(kept_.size()) >= shape_.slow_slots) return false;
  if (live_ == 0) return true;  // x_0 is kept whatever the device does: nothing else leads back to it
  if (static_cast<double>(live_) < due_) return false;
  return !shape_.gauge || shape_.gauge(shape_.slow) <= most_saves_under_way;
}

Action* IntervalPlan::sweep_forward(Action* out, const Action* end) {
  const Step tail_from = shape_.slow_slots > 0 ? std::max<Step>(0, shape_.steps - shape_.tail) : 0;
  while (live_ < tail_from && end - out >= 2) {
    if (may_keep()) {
      kept_.push_back(live_);
      *out++ = Takeshot{live_, shape_.slow};
      due_ = std::max(due_, static_cast<double>(live_) - shape_.period) + shape_.period;
    }
    const bool full = static_cast<Slots>(kept_.size()) >= shape_.slow_slots;
    const Step next = full ? tail_from : std::max(live_ + 1, static_cast<Step>(std::ceil(due_)));
    *out++ = Advance{{live_, std::min(next, tail_from)}};
    live_ = std::min(next, tail_from);
    if (shape_.gauge) return out;  // its next answer is of then
  }
  if (live_ < tail_from) return out;
  forward_ = false;
  start_ = live_;
  walk_.emplace(shape_.steps - live_, shape_.tail_slots);
  walk_->start(start_, shape_.steps - live_);
  longest_ = 0;
  return out;
}

std::size_t IntervalPlan::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  if (forward_) {
    out = sweep_forward(out, end);
    if (forward_ || out != next.data()) return static_cast<std::size_t>(out - next.data());
  }
  while (end - out >= static_cast<std::ptrdiff_t>(BinomialWalk::least_room)) {
    if (inside_) {
      if (const std::optional<Action> action = inside_->next())
        *out++ = shifted(*action, start_);
      else
        inside_.reset();
    } else if (const std::size_t written = walk_->fill({out, static_cast<std::size_t>(end - out)})) {
      out += written;
    } else if (kept_.empty()) {
      break;
    } else {
      out = open_interval(out);
    }
  }
  return static_cast<std::size_t>(out - next.data());
}

Action* IntervalPlan::open_interval(Action* out) {
  const Step steps = start_ - kept_.back();
  start_ = kept_.back();
  kept_.pop_back();
  if (shape_.inside) {
    Problem problem = *shape_.inside;
    problem.steps = steps;
    problem.stored = {{0, shape_.slow}};
    inside_ = make_schedule(ScheduleKind::hrevolve, problem);
    return out;
  }
  if (steps > longest_) {
    walk_.emplace(steps, shape_.slots);
    longest_ = steps;
  }
  *out++ = Restore{start_, shape_.slow};
  *out++ = Discard{start_, shape_.slow};
  walk_->start(start_, steps);
  return out;
}

}  // namespace cairn
