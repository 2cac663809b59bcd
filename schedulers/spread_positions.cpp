// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/spread_positions.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr Level ram{0};
constexpr Slots buffers_of_saves = 3;      // and of the next takeshot
constexpr std::size_t most_under_way = 1;  // to a level, when one more is asked for

// On average one in D steps, D a real number; what was missed is not made up for.
double next_due(double due, Step kept, double distance) {
  return std::max(due, static_cast<double>(kept) - distance) + distance;
}

}  // namespace

SpreadPositions::SpreadPositions(const OverlapShape& shape, Gauge gauge, const std::vector<Problem::Stored>& chain)
    : gauge_{std::move(gauge)},
      buffers_{shape.machine.buffers},
      most_in_ram_{std::max<Slots>(1, buffers_ - buffers_of_saves)},
      distance_{std::numeric_limits<double>::infinity()} {
  if (!shape.machine.ram || shape.slots.size() != shape.machine.levels.size())
    throw std::invalid_argument{"snapshots are spread over levels of which the first is RAM, each with its slots"};
  if (buffers_ < 2) throw std::invalid_argument{"overlap has " + std::to_string(buffers_) + " buffers; 2 are needed"};
  for (std::size_t k = 1; k < shape.slots.size(); ++k) {
    if (shape.slots[k] < 1) continue;
    const auto& speed = shape.machine.levels[k];
    const double distance = std::max(1.0, (speed.load + 1) / (1 + shape.machine.turn_cost));
    const double with_saves = std::max(distance, speed.save);
    levels_.push_back({.level = Level{static_cast<std::int32_t>(k)},
                       .distance = gauge_ ? distance : with_saves,
                       .first = static_cast<Step>(std::min(speed.save, static_cast<double>(limits::steps))),
                       .free = shape.slots[k]});
    distance_ = std::min(distance_, levels_.back().distance);
  }
  if (levels_.empty()) throw std::invalid_argument{"overlap has no slot on a slower level; online needs none"};
  begin_with(chain);
}

void SpreadPositions::begin_with(const std::vector<Problem::Stored>& chain) {
  chain_ = chain;
  for (const Problem::Stored& one : chain_) {
    due_ = next_due(due_, one.step, distance_);
    for (SlowLevel& level : levels_) {
      if (level.level != one.level) continue;
      ++slow_;
      --level.free;
      level.due = next_due(level.due, one.step, level.distance);
    }
  }
}

Action* SpreadPositions::visit(Step live, Action* out) {
  if (static_cast<double>(live) < due_ || (!chain_.empty() && chain_.back().step == live)) return out;
  if (in_ram() < most_in_ram_) return keep(live, out);
  for (SlowLevel& level : levels_)
    if (level.free > 0 && may_move(level, live)) return keep(live, move_oldest(level, out));
  return make_room(live, out);
}

Action* SpreadPositions::keep(Step live, Action* out) {
  chain_.push_back({live, ram});
  due_ = next_due(due_, live, distance_);
  *out++ = Takeshot{live, ram};
  return out;
}

// Could the oldest in RAM go to that level, and x_live to its buffer, without a wait?
bool SpreadPositions::may_move(const SlowLevel& to, Step live) const {
  if (live < to.first || static_cast<double>(chain_[slow_].step) < to.due) return false;
  if (!gauge_) return true;
  if (gauge_(to.level) > most_under_way) return false;
  Slots under_way = 0;
  for (const SlowLevel& level : levels_) under_way += static_cast<Slots>(gauge_(level.level));
  return most_in_ram_ + under_way < buffers_;
}

Action* SpreadPositions::move_oldest(SlowLevel& to, Action* out) {
  Problem::Stored& oldest = chain_[slow_++];
  *out++ = Move{oldest.step, ram, to.level};
  oldest.level = to.level;
  --to.free;
  to.due = next_due(to.due, oldest.step, to.distance);
  for (SlowLevel& level : levels_) level.known = false;
  return out;
}

SpreadPositions::Loss SpreadPositions::loss(Step before, Step behind) const {
  const auto advances = [this](Step steps) {
    return static_cast<double>(least_advances(steps, std::max<Slots>(1, buffers_ - 1)).value());
  };
  return {advances(before + behind) - advances(before) - advances(behind), before + behind};
}

SpreadPositions::Loss SpreadPositions::loss_of(std::size_t j, Step live) const {
  const Step behind = j + 1 < chain_.size() ? chain_[j + 1].step : live;
  return loss(chain_[j].step - chain_[j - 1].step, behind - chain_[j].step);
}

std::optional<std::size_t> SpreadPositions::best_on(SlowLevel& level, Step live) {
  if (std::exchange(level.known, true)) return level.best;
  level.best.reset();
  std::optional<Loss> least;
  for (std::size_t j = 1; j < slow_; ++j) {
    if (chain_[j].level != level.level) continue;
    const Loss loss = loss_of(j, live);
    if (least && !(loss < *least)) continue;
    least = loss;
    level.best = j;
  }
  return level.best;
}

Action* SpreadPositions::make_room(Step live, Action* out) {
  const Step gap = live - chain_.back().step;
  Loss least = loss(gap, gap);
  std::optional<std::size_t> dropped;
  SlowLevel* to = nullptr;
  const auto weigh = [&](std::size_t j, SlowLevel* place) {
    const Loss loss = loss_of(j, live);
    if (dropped ? loss >= least : loss > least) return;
    least = loss;
    dropped = j;
    to = place;
  };
  for (std::size_t j = std::max<std::size_t>(1, slow_); j < chain_.size(); ++j) weigh(j, nullptr);
  for (SlowLevel& level : levels_)
    if (const auto j = best_on(level, live); j && level.free == 0 && may_move(level, live)) weigh(*j, &level);
  if (!dropped) return out;
  out = drop(*dropped, out);
  if (to) out = move_oldest(*to, out);
  return keep(live, out);
}

Action* SpreadPositions::drop(std::size_t j, Action* out) {
  *out++ = Discard{chain_[j].step, chain_[j].level};
  if (j < slow_) {
    --slow_;
    for (SlowLevel& level : levels_) {
      if (level.level == chain_[j].level) ++level.free;
      level.known = false;
    }
  } else if (j == slow_) {
    for (SlowLevel& level : levels_) level.known = false;  // the gap behind the newest of them is another
  }
  chain_.erase(chain_.begin() + static_cast<std::ptrdiff_t>(j));
  return out;
}

}  // namespace cairn
