// SPDX-License-Identifier: BSD-3-Clause
/// Greedy eviction as its sentences say, everything from scratch at every step.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/level_costs.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <support/level_plans.hpp>

namespace cairn::test {

/// The plain twin of OnlinePositions, for levels whose saves at level 0 ask for no gaps. O(snapshots²) a step.
class PlainOnline {
 public:
  /// For live states up to x_steps.
  PlainOnline(const LevelCosts& costs, Step steps) : costs_{costs}, recurrence_{costs, steps + 1} {}

  /// What is done at x_live.
  std::vector<Action> visit(Step live) {
    Choice best{chain_, {}, cost(chain_, live + 1)};
    if (held(chain_, 0) < costs_.levels[0].slots) {
      best = taken(chain_, live, {}, 0);
    } else {
      for (const Choice& choice : choices(live))
        if (choice.cost < best.cost) best = choice;
    }
    chain_ = best.chain;
    return best.actions;
  }

  struct Held {
    Step step;
    std::size_t k;
  };
  const std::vector<Held>& chain() const { return chain_; }

  /// C(end): what it costs to reverse the steps before x_end, which is live.
  Cost cost(const std::vector<Held>& chain, Step end) const {
    Cost sum = 0;
    std::vector<Slots> older(costs_.levels.size(), 0);
    for (std::size_t j = 0; j < chain.size(); ++j) {
      const auto [step, k] = chain[j];
      const Step gap = (j + 1 < chain.size() ? chain[j + 1].step : end) - step;
      if (gap > 0) sum += costs_.levels[k].load + recurrence_.stored_cost(k, gap, costs_.levels[k].slots - older[k]);
      ++older[k];
    }
    return sum;
  }

 private:
  struct Choice {
    std::vector<Held> chain;
    std::vector<Action> actions;
    Cost cost;
  };

  static Slots held(const std::vector<Held>& chain, std::size_t k) {
    return std::count_if(chain.begin(), chain.end(), [k](const Held& one) { return one.k == k; });
  }

  // Every drop, oldest first, then the one without.
  std::vector<Choice> choices(Step live) const {
    std::size_t room = 0;
    while (room < costs_.levels.size() && held(chain_, room) == costs_.levels[room].slots) ++room;
    std::vector<Choice> all;
    for (std::size_t j = 1; j < chain_.size(); ++j) {
      if (chain_[j].k >= room) continue;
      auto chain = chain_;
      chain.erase(chain.begin() + static_cast<std::ptrdiff_t>(j));
      all.push_back(moved(chain, live, {Discard{chain_[j].step, costs_.levels[chain_[j].k].level}}, chain_[j].k));
    }
    if (room < costs_.levels.size()) all.push_back(moved(chain_, live, {}, room));
    return all;
  }

  // Level `room` has a free slot: the oldest of each faster level goes to the next slower one.
  Choice moved(std::vector<Held> chain, Step live, std::vector<Action> actions, std::size_t room) const {
    Cost price = 0;
    for (std::size_t k = room; k > 0; --k) {
      for (Held& one : chain) {
        if (one.k != k - 1) continue;
        actions.push_back(Move{one.step, costs_.levels[k - 1].level, costs_.levels[k].level});
        one.k = k;
        break;
      }
      price += costs_.levels[k].save;
    }
    return taken(std::move(chain), live, std::move(actions), price);
  }

  Choice taken(std::vector<Held> chain, Step live, std::vector<Action> actions, Cost price) const {
    chain.push_back({live, 0});
    actions.push_back(Takeshot{live, costs_.levels[0].level});
    const Cost all = cost(chain, live + 1) + price + costs_.levels[0].save;
    return {std::move(chain), std::move(actions), all};
  }

  LevelCosts costs_;
  PlainRecurrence recurrence_;
  std::vector<Held> chain_ = {};  // oldest first
};

}  // namespace cairn::test
