// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/interval_plan.hpp>
#include <cairn/schedulers/nested_intervals.hpp>
#include <cairn/schedulers/shifted.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t most_saves_under_way = 1;

void check(const std::string& name, std::int64_t value, std::int64_t least) {
  if (value < least)
    throw std::invalid_argument{name + " is " + std::to_string(value) + "; it must be at least " +
                                std::to_string(least)};
}

void check(const std::string& name, const NestedIntervals::Tier& tier) {
  check(name + ".slots", tier.slots, 1);
  check(name + ".level", tier.level.rank, 1);
  if (!(tier.period >= 1) || !std::isfinite(tier.period))
    throw std::invalid_argument{name + ".period is " + std::to_string(tier.period) + "; it must be at least 1 step"};
}

NestedIntervals::Shape checked(NestedIntervals::Shape shape) {
  check("steps", shape.steps, 1);
  check("fast", shape.fast);
  check("slow", shape.slow);
  check("last_part", shape.last_part, 0);
  check("longest_from_ram", shape.longest_from_ram, 0);
  check("tail", shape.tail, 1);
  check("slots", shape.slots, 1);
  check("tail_slots", shape.tail_slots, 1);
  if (shape.fast.level == shape.slow.level)
    throw std::invalid_argument{"fast.level and slow.level are both " + std::to_string(shape.fast.level.rank) +
                                "; give two levels"};
  if (shape.steps > limits::steps)
    throw std::invalid_argument{"steps is " + std::to_string(shape.steps) + "; at most " +
                                std::to_string(limits::steps) + " are supported"};
  return shape;
}

}  // namespace

NestedIntervals::NestedIntervals(Shape shape)
    : shape_{checked(std::move(shape))}, tail_from_{std::max<Step>(0, shape_.steps - shape_.tail)} {
  const Step fast_from = std::clamp<Step>(shape_.steps - shape_.last_part, 0, tail_from_);
  slow_ = {.tier = shape_.slow, .from = 0, .to = shape_.both ? tail_from_ : fast_from, .due = 0};
  fast_ = {.tier = shape_.fast, .from = fast_from, .to = tail_from_, .due = static_cast<double>(fast_from)};
}

NestedIntervals::NestedIntervals(const NestedIntervals& other)
    : Schedule{other},
      shape_{other.shape_},
      tail_from_{other.tail_from_},
      slow_{other.slow_},
      fast_{other.fast_},
      kept_{other.kept_},
      live_{other.live_},
      forward_{other.forward_},
      walk_{other.walk_},
      interval_walk_{other.interval_walk_},
      longest_{other.longest_},
      start_{other.start_},
      inner_{other.inner_ ? other.inner_->clone() : nullptr} {}

std::unique_ptr<Schedule> NestedIntervals::clone() const {
  if (forward_ && shape_.gauge)
    throw std::logic_error{"a schedule that watches storage cannot be cloned before its reverse sweep has begun"};
  return std::make_unique<NestedIntervals>(*this);
}

bool NestedIntervals::may_keep(const Keeper& keeper) const {
  if (live_ < keeper.from || live_ >= keeper.to || keeper.kept >= keeper.tier.slots) return false;
  if (live_ == 0) return true;  // x_0 is kept whatever the device does: nothing else leads back to it
  if (static_cast<double>(live_) < keeper.due) return false;
  return !shape_.gauge || shape_.gauge(keeper.tier.level) <= most_saves_under_way;
}

// The slow level first: it is due less often, and waits for the next step where the other goes first.
NestedIntervals::Keeper* NestedIntervals::keeper() {
  for (Keeper* each : {&slow_, &fast_})
    if (may_keep(*each)) return each;
  return nullptr;
}

Step NestedIntervals::next_stop() const {
  Step next = tail_from_;
  for (const Keeper& each : {slow_, fast_}) {
    if (each.kept >= each.tier.slots) continue;
    const Step due = std::max({live_ + 1, each.from, static_cast<Step>(std::ceil(each.due))});
    if (due < each.to) next = std::min(next, due);
  }
  return next;
}

Action* NestedIntervals::sweep_forward(Action* out, const Action* end) {
  while (live_ < tail_from_ && end - out >= 2) {
    if (Keeper* const by = keeper()) {
      kept_.push_back({live_, by == &fast_});
      ++by->kept;
      by->due = std::max(by->due, static_cast<double>(live_) - by->tier.period) + by->tier.period;
      *out++ = Takeshot{live_, by->tier.level};
    }
    const Step next = next_stop();
    *out++ = Advance{{live_, next}};
    live_ = next;
    if (shape_.gauge) return out;  // its next answer is of then
  }
  if (live_ < tail_from_) return out;
  forward_ = false;
  start_ = live_;
  walk_.emplace(shape_.steps - live_, shape_.tail_slots);
  walk_->start(start_, shape_.steps - live_);
  return out;
}

std::size_t NestedIntervals::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  if (forward_) {
    out = sweep_forward(out, end);
    if (forward_ || out != next.data()) return static_cast<std::size_t>(out - next.data());
  }
  while (end - out >= static_cast<std::ptrdiff_t>(BinomialWalk::least_room)) {
    if (inner_) {
      if (const std::optional<Action> action = inner_->next())
        *out++ = shifted(*action, start_);
      else
        inner_.reset();
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

Action* NestedIntervals::open_interval(Action* out) {
  const Kept last = kept_.back();
  const Step steps = start_ - last.step;
  kept_.pop_back();
  start_ = last.step;
  Keeper& by = last.fast ? fast_ : slow_;
  --by.kept;
  *out++ = Restore{start_, by.tier.level};
  *out++ = Discard{start_, by.tier.level};
  if (!last.fast && steps > shape_.longest_from_ram) {
    sweep_again(steps);
    return out;
  }
  if (!interval_walk_ || steps > longest_) {
    longest_ = std::max(longest_, steps);
    walk_.emplace(longest_, shape_.slots);
    interval_walk_ = true;
  }
  walk_->start(start_, steps);
  return out;
}

// By the slots of the fast level that are free, spread over the interval where they are few.
void NestedIntervals::sweep_again(Step steps) {
  const Slots slots = fast_.tier.slots - fast_.kept;
  const auto spread = static_cast<double>(steps - shape_.tail) / static_cast<double>(std::max<Slots>(1, slots));
  inner_ = std::make_unique<IntervalPlan>(IntervalPlan::Shape{.steps = steps,
                                                              .period = std::max(fast_.tier.period, spread),
                                                              .tail = shape_.tail,
                                                              .slots = shape_.slots,
                                                              .tail_slots = shape_.tail_slots,
                                                              .slow_slots = slots,
                                                              .slow = fast_.tier.level});
}

}  // namespace cairn
