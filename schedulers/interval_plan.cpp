// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/interval_plan.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

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
  if (shape.live < 0 || shape.live >= shape.steps)
    throw std::invalid_argument{"x_" + std::to_string(shape.live) + " is live; it must be one of x_0 to x_" +
                                std::to_string(shape.steps - 1)};
  const bool goes_on = shape.live > 0 || !shape.kept.empty();
  if (goes_on && (shape.kept.empty() || shape.kept.front().step != 0 || shape.kept.back().step >= shape.live))
    throw std::invalid_argument{"a sweep that goes on keeps x_0 and none from x_" + std::to_string(shape.live) + " on"};
  if (std::ranges::adjacent_find(shape.kept, std::ranges::greater_equal{}, &Problem::Stored::step) != shape.kept.end())
    throw std::invalid_argument{"the snapshots of a sweep that goes on do not ascend"};
  if (!(shape.period >= 1) || !std::isfinite(shape.period))
    throw std::invalid_argument{"period is " + std::to_string(shape.period) + "; it must be at least 1 step"};
  return shape;
}

}  // namespace

IntervalPlan::IntervalPlan(Shape shape)
    : shape_{checked(std::move(shape))}, kept_{std::move(shape_.kept)}, live_{shape_.live} {
  for (const Problem::Stored& one : kept_) {
    slow_kept_ += one.level == shape_.slow ? 1 : 0;
    ram_kept_ += one.level == Level{0} ? 1 : 0;
  }
  slow_kept_ += std::ranges::count(shape_.useless, shape_.slow, &Problem::Stored::level);
  if (!kept_.empty()) due_ = static_cast<double>(kept_.back().step) + shape_.period;
}

std::unique_ptr<Schedule> IntervalPlan::clone() const {
  if (forward_ && shape_.gauge)
    throw std::logic_error{"a schedule that watches storage cannot be cloned before its reverse sweep has begun"};
  return std::make_unique<IntervalPlan>(*this);
}

bool IntervalPlan::may_keep() const {
  if (slow_kept_ >= shape_.slow_slots) return false;
  if (live_ == 0) return true;  // x_0 is kept whatever the device does: nothing else leads back to it
  if (static_cast<double>(live_) < due_) return false;
  return !shape_.gauge || shape_.gauge(shape_.slow) <= shape_.most_under_way;
}

Action* IntervalPlan::sweep_forward(Action* out, const Action* end) {
  const Step from = std::max<Step>(shape_.live, shape_.steps - shape_.tail);
  const Step tail_from = shape_.slow_slots > 0 ? from : shape_.live;
  while (live_ < tail_from && end - out >= 2) {
    if (may_keep()) {
      kept_.push_back({live_, shape_.slow});
      ++slow_kept_;
      *out++ = Takeshot{live_, shape_.slow};
      due_ = std::max(due_, static_cast<double>(live_) - shape_.period) + shape_.period;
    }
    const bool full = slow_kept_ >= shape_.slow_slots;
    const Step next = full ? tail_from : std::max(live_ + 1, static_cast<Step>(std::ceil(due_)));
    *out++ = Advance{{live_, std::min(next, tail_from)}};
    live_ = std::min(next, tail_from);
    if (shape_.gauge) return out;  // its next answer is of then
  }
  if (live_ < tail_from) return out;
  forward_ = false;
  const Slots useless = std::ranges::count(shape_.useless, Level{0}, &Problem::Stored::level);
  tail_.emplace(shape_.steps - live_, std::max<Slots>(1, shape_.tail_slots - ram_kept_ - useless));
  tail_->start(live_, shape_.steps - live_);
  return out;
}

std::size_t IntervalPlan::fill(std::span<Action> next) {
  if (forward_) {
    Action* const out = sweep_forward(next.data(), next.data() + next.size());
    if (forward_ || out != next.data()) return static_cast<std::size_t>(out - next.data());
  }
  if (tail_) {
    if (const std::size_t written = tail_->fill(next)) return written;
    tail_.reset();
    if (!kept_.empty())
      intervals_.emplace(StoredIntervals::Shape{.steps = live_,
                                                .stored = std::move(kept_),
                                                .useless = shape_.useless,
                                                .slots = shape_.slots,
                                                .ram_slots = ram_kept_ + 1,
                                                .inside = shape_.inside});
  }
  return intervals_ ? intervals_->fill(next) : 0;
}

}  // namespace cairn
