// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/periodic.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cairn {
namespace {

Periodic::Shape checked(Periodic::Shape shape) {
  if (shape.period < 1)
    throw std::invalid_argument{"period is " + std::to_string(shape.period) + "; it must be at least 1 step"};
  if (shape.last.rank < 1)
    throw std::invalid_argument{"last is level " + std::to_string(shape.last.rank) +
                                "; it must be slower than level 0, where the intervals are turned"};
  if (shape.steps >= 1) shape.period = std::min(shape.period, shape.steps);
  return shape;
}

}  // namespace

Periodic::Periodic(Shape shape)
    : walk_{std::min(checked(shape).period, shape.steps), shape.slots},
      period_{checked(shape).period},
      last_start_{(shape.steps - 1) / period_ * period_},
      last_steps_{shape.steps - last_start_},
      last_{shape.last} {
  if (shape.steps > limits::steps)
    throw std::invalid_argument{"steps is " + std::to_string(shape.steps) + "; at most " +
                                std::to_string(limits::steps) + " are supported"};
}

std::unique_ptr<Schedule> Periodic::clone() const {
  return std::make_unique<Periodic>(*this);
}

Action* Periodic::sweep_forward(Action* out, const Action* end) {
  for (; start_ < last_start_ && end - out >= 2; start_ += period_) {
    *out++ = Takeshot{start_, last_};
    *out++ = Advance{{start_, start_ + period_}};
  }
  if (start_ == last_start_) {
    walk_.start(start_, last_steps_);
    forward_ = false;
  }
  return out;
}

std::size_t Periodic::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  if (forward_) out = sweep_forward(out, end);
  while (!forward_ && end - out >= static_cast<std::ptrdiff_t>(BinomialWalk::least_room)) {
    const std::size_t written = walk_.fill({out, static_cast<std::size_t>(end - out)});
    out += written;
    if (written > 0) continue;
    if (start_ == 0) break;
    start_ -= period_;
    *out++ = Restore{start_, last_};
    *out++ = Discard{start_, last_};
    walk_.start(start_, period_);
  }
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
