// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/binomial_walk.hpp>

#include <cassert>
#include <utility>

namespace cairn {

BinomialWalk::BinomialWalk(Step steps, Slots slots, const std::vector<Level>& levels) {
  auto plan = std::make_shared<Plan>(Plan{SplitTable{steps, slots}, levels});
  stack_.resize(static_cast<std::size_t>(plan->splits.slots()));
  plan->levels.resize(stack_.size(), Level{0});
  plan_ = std::move(plan);
}

void BinomialWalk::start(Step first, Step steps) {
  assert(depth_ == 0 && unkept_.steps == 0 && "the last interval is not yet turned");
  unkept_ = {first, steps, repetitions(steps, plan_->splits.slots())};
}

void BinomialWalk::start_stored(Step first, Step steps) {
  start(first, steps);
  stack_[depth_++] = std::exchange(unkept_, {});
}

// The last step that is reversed from the snapshot on top.
inline Action* BinomialWalk::turn_kept(Action* out) {
  const Step step = stack_[--depth_].first;
  *out++ = Discard{step, level(depth_)};
  *out++ = Turn{step};
  if (depth_ > 0) *out++ = Restore{stack_[depth_ - 1].first, level(depth_ - 1)};
  return out;
}

// From the snapshot on top, which is live: the part behind the split is kept, or turned where it is a single step.
inline Action* BinomialWalk::descend(Action* out) {
  Frame& top = stack_[depth_ - 1];
  const Slots slots = static_cast<Slots>(stack_.size() - depth_ + 1);
  const Step left = plan_->splits.split(top.steps, slots, top.repetitions);
  const Frame right{top.first + left, top.steps - left, top.repetitions};
  top.steps = left;
  --top.repetitions;
  *out++ = Advance{{top.first, right.first}};
  if (right.steps > 1) {
    *out++ = Takeshot{right.first, level(depth_)};
    stack_[depth_++] = right;
  } else {
    *out++ = Turn{right.first};
    *out++ = Restore{top.first, level(depth_ - 1)};
  }
  return out;
}

std::size_t BinomialWalk::fill(std::span<Action> next) {
  assert(next.size() >= least_room);
  Action* out = next.data();
  if (unkept_.steps == 1) {
    *out++ = Turn{unkept_.first};
  } else if (unkept_.steps > 1) {
    *out++ = Takeshot{unkept_.first, level(0)};
    stack_[depth_++] = unkept_;
  }
  unkept_.steps = 0;
  const Action* const last_start = next.data() + next.size() - least_room;
  while (depth_ > 0 && out <= last_start) out = stack_[depth_ - 1].steps == 1 ? turn_kept(out) : descend(out);
  return static_cast<std::size_t>(out - next.data());
}

}  // namespace cairn
