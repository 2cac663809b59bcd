// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/level_walk.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {

LevelWalk::LevelWalk(std::shared_ptr<const LevelPlan> plan) : plan_{std::move(plan)} {
  if (!plan_->costs().free_base()) return;
  const Slots slots = std::min(plan_->costs().levels[0].slots, std::max<Step>(1, plan_->steps() - 1));
  base_.emplace(plan_->steps(), slots, std::vector<Level>(static_cast<std::size_t>(slots), level(0)));
}

void LevelWalk::start(Step first, Step steps) {
  const auto& levels = plan_->costs().levels;
  if (steps > 1 && levels.empty())
    throw std::invalid_argument{"the levels have no slot together; " + std::to_string(steps) +
                                " steps need at least 1"};
  live_ = levels.empty() ? Part{first, steps, 0, 0} : Part{first, steps, levels.size() - 1, levels.back().slots};
}

void LevelWalk::start_stored(Step first, Step steps) {
  const auto& slowest = plan_->costs().levels.back();
  if (base_ && plan_->costs().levels.size() == 1) {
    base_->start_stored(first, steps);
    in_base_ = true;
  } else {
    stack_.push_back({first, steps, plan_->costs().levels.size() - 1, slowest.slots});
  }
}

// Of x_first, which is stored no more, or never was at this level.
void LevelWalk::go_down(const Part& part) {
  const std::size_t k = part.k == 0 ? 0 : part.k - 1;
  live_ = Part{part.first, part.steps, k, part.k == 0 ? 0 : plan_->costs().levels[k].slots};
}

Action* LevelWalk::descend(Action* out) {
  const Part part = *live_;
  live_.reset();
  if (part.steps == 1) {
    *out++ = Turn{part.first};
    return back(out);
  }
  if (part.k == 0 && base_) {
    base_->start(part.first, part.steps);
    in_base_ = true;
    return out;
  }
  if (part.slots > 0 && plan_->keeps(part.k, part.steps, part.slots)) {
    *out++ = Takeshot{part.first, level(part.k)};
    stack_.push_back(part);
    return out;
  }
  go_down(part);
  return out;
}

// From the snapshot on top, which is live.
Action* LevelWalk::go_on(Action* out) {
  Part& top = stack_.back();
  const Step left = top.steps == 1 ? 0 : plan_->split(top.k, top.steps, top.slots);
  if (left == 0) {
    *out++ = Discard{top.first, level(top.k)};
    const Part dropped = top;
    stack_.pop_back();
    go_down(dropped);
    return out;
  }
  *out++ = Advance{{top.first, top.first + left}};
  live_ = Part{top.first + left, top.steps - left, top.k, LevelCosts::less(top.slots)};
  top.steps = left;
  return out;
}

Action* LevelWalk::back(Action* out) {
  if (!stack_.empty()) *out++ = Restore{stack_.back().first, level(stack_.back().k)};
  return out;
}

std::size_t LevelWalk::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  while (end - out >= static_cast<std::ptrdiff_t>(least_room)) {
    if (in_base_) {
      const std::size_t written = base_->fill({out, static_cast<std::size_t>(end - out)});
      out += written;
      if (written > 0) continue;
      in_base_ = false;
      out = back(out);
    } else if (live_) {
      out = descend(out);
    } else if (!stack_.empty()) {
      out = go_on(out);
    } else {
      break;
    }
  }
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
