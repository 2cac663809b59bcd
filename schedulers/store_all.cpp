// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/store_all.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

void check_steps(Step steps) {
  const std::string is = "steps is " + std::to_string(steps);
  if (steps < 1) throw std::invalid_argument{is + "; there must be at least 1"};
  if (steps > limits::steps)
    throw std::invalid_argument{is + "; at most " + std::to_string(limits::steps) + " are supported"};
}

}  // namespace

StoreAll::StoreAll(const Shape& shape) : steps_{shape.steps}, to_turn_{shape.steps} {
  check_steps(steps_);
  Step unkept = steps_ - 1;
  for (const Slots slots : shape.slots) {
    if (slots < 0)
      throw std::invalid_argument{"level " + std::to_string(first_kept_.size()) + " has " + std::to_string(slots) +
                                  " slots; there must be 0 or more"};
    unkept -= std::min(unkept, slots);
    first_kept_.push_back(unkept);
  }
  if (unkept > 0)
    throw std::invalid_argument{"store_all needs " + std::to_string(steps_ - 1) + " slots for " +
                                std::to_string(steps_) + " steps; the levels have " +
                                std::to_string(steps_ - 1 - unkept) + " together"};
}

std::unique_ptr<Schedule> StoreAll::clone() const {
  return std::make_unique<StoreAll>(*this);
}

// Steps are asked for in order, up and down again: the level is the last one or near it.
Level StoreAll::level_of(Step step) {
  while (level_ > 0 && step >= first_kept_[level_ - 1]) --level_;
  while (step < first_kept_[level_]) ++level_;
  return Level{static_cast<std::int32_t>(level_)};
}

Action* StoreAll::keep(Action* out) {
  *out++ = Takeshot{live_, level_of(live_)};
  *out++ = Advance{{live_, live_ + 1}};
  ++live_;
  return out;
}

Action* StoreAll::turn(Action* out) {
  const Step step = --to_turn_;
  if (step < steps_ - 1) {
    const Level level = level_of(step);
    *out++ = Restore{step, level};
    *out++ = Discard{step, level};
  }
  *out++ = Turn{step};
  return out;
}

std::size_t StoreAll::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  while (live_ < steps_ - 1 && end - out >= 2) out = keep(out);
  while (live_ == steps_ - 1 && to_turn_ > 0 && end - out >= 3) out = turn(out);
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
