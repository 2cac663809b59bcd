// SPDX-License-Identifier: BSD-3-Clause
/// A plain schedule for a number of steps that is not known: snapshots sink to slower tiers as they grow old.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace cairn::test {

/// Each x_t is stored at level 0; where a level is full its oldest snapshot moves to the next one, x_0 first of all,
/// and the last level gives its latest up. Turns begin at the nearest snapshot; x_0 comes back to level 0 at the end.
/// Legal, and of no other use. Every level has at least 2 slots. No allocation a step.
class SinkingSchedule final : public Schedule {
 public:
  explicit SinkingSchedule(std::vector<Slots> slots) : slots_{std::move(slots)}, held_(slots_.size()) {
    for (std::size_t k = 0; k < held_.size(); ++k) held_[k].reserve(static_cast<std::size_t>(slots_[k]) + 1);
    ready_.reserve(64);
  }
  std::unique_ptr<Schedule> clone() const override { return std::make_unique<SinkingSchedule>(*this); }
  void finish(Step steps) override {
    finished_ = true;
    ready_.push_back(Turn{steps - 1});
    to_turn_ = steps - 1;
  }

 protected:
  std::size_t fill(std::span<Action> next) override {
    if (taken_ == ready_.size()) {
      ready_.clear();
      taken_ = 0;
      finished_ ? turn() : step();
    }
    const std::size_t count = std::min(next.size(), ready_.size() - taken_);
    std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), count, next.begin());
    taken_ += count;
    return count;
  }

 private:
  static Level level(std::size_t k) { return Level{static_cast<std::int32_t>(k)}; }

  void step() {
    make_room(0);
    ready_.push_back(Takeshot{live_, level(0)});
    held_[0].push_back(live_);
    ready_.push_back(Advance{{live_, live_ + 1}});
    ++live_;
  }
  void make_room(std::size_t k) {
    std::vector<Step>& held = held_[k];
    if (static_cast<Slots>(held.size()) < slots_[k]) return;
    if (k + 1 == held_.size()) {
      ready_.push_back(Discard{held.back(), level(k)});
      held.pop_back();
      return;
    }
    make_room(k + 1);
    ready_.push_back(Move{held.front(), level(k), level(k + 1)});
    held_[k + 1].push_back(held.front());
    held.erase(held.begin());
  }
  void turn() {
    if (to_turn_ == 0) return;
    --to_turn_;
    std::size_t k = 0;
    while (held_[k].empty()) ++k;  // the latest are the fastest
    if (held_[k].back() == 0 && k > 0) {
      ready_.push_back(Move{0, level(k), level(0)});
      held_[k].pop_back();
      held_[0].push_back(0);
      k = 0;
    }
    const Step start = held_[k].back();
    ready_.push_back(Restore{start, level(k)});
    if (start == to_turn_) {
      ready_.push_back(Discard{start, level(k)});
      held_[k].pop_back();
    } else {
      ready_.push_back(Advance{{start, to_turn_}});
    }
    ready_.push_back(Turn{to_turn_});
  }

  std::vector<Slots> slots_;
  std::vector<std::vector<Step>> held_;  // by level, ascending; slower levels hold earlier states
  std::vector<Action> ready_;
  std::size_t taken_ = 0;
  Step live_ = 0;
  Step to_turn_ = 0;  // steps below are still to turn
  bool finished_ = false;
};

}  // namespace cairn::test
