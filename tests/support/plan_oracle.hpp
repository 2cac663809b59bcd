// SPDX-License-Identifier: BSD-3-Clause
/// The least cost of any plan over levels, found by search: slow, obvious, knows no formula of a schedule.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <vector>

namespace cairn::test {

/// A problem in whole units of cost, so that sums are exact: with `unit` = 10 all prices are in tenths of a step.
struct WholeProblem {
  struct One {
    int slots = 0;
    std::int64_t save = 0;
    std::int64_t load = 0;
  };
  int steps = 1;
  std::vector<One> levels = {};
  std::int64_t turn = 0;
  std::int64_t unit = 1;                     ///< the cost of one forward step
  std::vector<Problem::Stored> stored = {};  ///< empty: x_0 is live

  /// The same for make_schedule().
  Problem problem() const {
    const auto in_steps = [&](std::int64_t cost) { return static_cast<double>(cost) / static_cast<double>(unit); };
    Problem same{.steps = steps, .turn_cost = in_steps(turn), .stored = stored};
    for (const One& level : levels)
      same.levels.push_back(
          {.slots = level.slots, .save_cost = in_steps(level.save), .load_cost = in_steps(level.load)});
    return same;
  }
};

/// For messages: "9 steps, levels 1:0/0 2:13/5, turn 10, unit 10, stored 3:0".
inline std::ostream& operator<<(std::ostream& out, const WholeProblem& problem) {
  out << problem.steps << " steps, levels";
  for (const auto& level : problem.levels) out << ' ' << level.slots << ':' << level.save << '/' << level.load;
  out << ", turn " << problem.turn << ", unit " << problem.unit;
  if (!problem.stored.empty()) out << ", stored";
  for (const auto& [step, level] : problem.stored) out << ' ' << step << ':' << level.rank;
  return out;
}

/// What random_problem() may draw; prices in tenths of a step.
struct RandomShape {
  int steps = 9;           ///< at most; 2 at least
  int levels = 3;          ///< at most
  int slots = 2;           ///< at most, of one level; half as many, rounded up, of three
  int price = 40;          ///< at most, above the level before where ordered
  bool ordered = true;     ///< saves and loads rise from level to level
  bool free_base = false;  ///< level 0 costs nothing
};

inline WholeProblem random_problem(std::mt19937& random, const RandomShape& shape) {
  const auto from_to = [&](int least, int most) { return std::uniform_int_distribution<int>{least, most}(random); };
  WholeProblem problem{.steps = from_to(2, shape.steps), .turn = from_to(0, 20), .unit = 10};
  const int levels = from_to(1, shape.levels);
  for (int k = 0; k < levels; ++k) {
    WholeProblem::One level{.slots = from_to(1, levels > 2 ? (shape.slots + 1) / 2 : shape.slots),
                            .save = from_to(0, shape.price),
                            .load = from_to(0, shape.price)};
    if (k == 0 && shape.free_base) level.save = level.load = 0;
    if (k > 0 && shape.ordered) {
      level.save += problem.levels.back().save;
      level.load += problem.levels.back().load;
    }
    problem.levels.push_back(level);
  }
  return problem;
}

/// Stores x_0 and others, each at a level that has room; now and then one twice, or one behind the last step.
inline void store_at_random(WholeProblem& problem, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return random() % end; };
  std::vector<int> room;
  for (const auto& level : problem.levels) room.push_back(level.slots);
  std::int64_t step = 0;
  for (int tries = 0; tries < 8; ++tries) {
    const std::size_t k = below(room.size());
    const Problem::Stored one{step, Level{static_cast<std::int32_t>(k)}};
    if (room[k] == 0 || std::find(problem.stored.begin(), problem.stored.end(), one) != problem.stored.end()) continue;
    --room[k];
    problem.stored.push_back(one);
    if (below(4) == 0) return;
    step = static_cast<std::int64_t>(below(static_cast<std::size_t>(problem.steps) + 1));
  }
}

/// The sets of at most `slots` steps below `steps`, as bits; and the number of each.
class SmallSets {
 public:
  SmallSets(int steps, int slots) : numbers_(std::size_t{1} << steps) {
    for (std::uint32_t set = 0; set < numbers_.size(); ++set)
      if (std::popcount(set) <= slots) {
        numbers_[set] = static_cast<std::uint32_t>(sets_.size());
        sets_.push_back(set);
      }
  }
  std::size_t size() const { return sets_.size(); }
  std::uint32_t set(std::size_t number) const { return sets_[number]; }
  std::size_t number(std::uint32_t set) const { return numbers_[set]; }

 private:
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> sets_;
};

/// Dijkstra's search over (live state or none, steps left to turn, the set that each level holds). Ways on: advance one
/// step, takeshot, restore, turn; move to a level that is not cheaper to read: the cost model takes nothing for reading
/// the source of a move, so that a plan could read a slow level for nothing otherwise. A discard costs nothing and is
/// made where it must be, to replace a snapshot at a full level. What lies behind the steps left is of no use and is
/// dropped. For n ≤ 9 and few slots.
class SearchOfAllPlans {
 public:
  explicit SearchOfAllPlans(const WholeProblem& problem) : problem_{problem} {
    for (const auto& level : problem.levels) {
      sets_.emplace_back(problem.steps, std::min(level.slots, problem.steps));
      places_ *= sets_.back().size();
    }
    least_.assign(places_ * lives() * static_cast<std::size_t>(problem.steps + 1), unreached);
  }

  /// nullopt where no plan can turn all steps.
  std::optional<std::int64_t> least_cost() {
    reach(start(), 0);
    while (!open_.empty()) {
      const auto nearest = open_.begin();
      if (nearest->second.empty()) {
        open_.erase(nearest);
        continue;
      }
      const std::int64_t cost = nearest->first;
      const Place at = nearest->second.back();
      nearest->second.pop_back();
      if (least_[number(at)] != cost) continue;
      if (at.left == 0) return cost;
      go_on(at, cost);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::int64_t unreached = std::numeric_limits<std::int64_t>::max();
  static constexpr int none = -1;
  static constexpr std::size_t most_levels = 4;
  struct Place {
    int live = none;
    int left = 0;
    std::array<std::uint32_t, most_levels> held{};
  };

  std::size_t lives() const { return static_cast<std::size_t>(problem_.steps) + 1; }

  Place start() const {
    Place start{.live = problem_.stored.empty() ? 0 : none, .left = problem_.steps};
    for (const auto& [step, level] : problem_.stored)
      if (step < problem_.steps) start.held[static_cast<std::size_t>(level.rank)] |= 1u << step;
    return start;
  }

  std::size_t number(const Place& at) const {
    std::size_t number = static_cast<std::size_t>(at.left) * lives() + static_cast<std::size_t>(at.live + 1);
    for (std::size_t k = 0; k < sets_.size(); ++k) number = number * sets_[k].size() + sets_[k].number(at.held[k]);
    return number;
  }

  void reach(const Place& at, std::int64_t cost) {
    std::int64_t& least = least_[number(at)];
    if (cost >= least) return;
    least = cost;
    open_[cost].push_back(at);
  }

  void go_on(const Place& at, std::int64_t cost) {
    if (at.live == at.left - 1) turn(at, cost);
    if (at.live != none && at.live < at.left - 1) {
      Place next = at;
      ++next.live;
      reach(next, cost + problem_.unit);
    }
    for (std::size_t k = 0; k < sets_.size(); ++k) {
      if (at.live != none) put(at, at.live, k, cost);
      for (int step = 0; step < at.left; ++step)
        if (at.held[k] >> step & 1) leave(at, step, k, cost);
    }
  }

  void turn(Place at, std::int64_t cost) {
    --at.left;
    at.live = none;
    for (auto& held : at.held) held &= (1u << at.left) - 1;
    reach(at, cost + problem_.turn);
  }

  // x_step, held at level k, becomes live or goes to another level.
  void leave(const Place& at, int step, std::size_t k, std::int64_t cost) {
    Place restored = at;
    restored.live = step;
    reach(restored, cost + problem_.levels[k].load);
    Place without = at;
    without.held[k] &= ~(1u << step);
    for (std::size_t to = 0; to < sets_.size(); ++to)
      if (to != k && problem_.levels[to].load >= problem_.levels[k].load) put(without, step, to, cost);
  }

  // x_step is put into a free slot of level k, or into that of any other snapshot.
  void put(const Place& at, int step, std::size_t k, std::int64_t cost) {
    if (at.held[k] >> step & 1 || problem_.levels[k].slots == 0) return;
    cost += problem_.levels[k].save;
    Place next = at;
    next.held[k] |= 1u << step;
    if (std::popcount(at.held[k]) < problem_.levels[k].slots) return reach(next, cost);
    for (int other = 0; other < at.left; ++other)
      if (at.held[k] >> other & 1) {
        Place replaced = next;
        replaced.held[k] &= ~(1u << other);
        reach(replaced, cost);
      }
  }

  WholeProblem problem_;
  std::vector<SmallSets> sets_;
  std::size_t places_ = 1;
  std::vector<std::int64_t> least_;
  std::map<std::int64_t, std::vector<Place>> open_;
};

/// The least cost by search; nullopt where there is no plan.
inline std::optional<std::int64_t> searched_cost(const WholeProblem& problem) {
  return SearchOfAllPlans{problem}.least_cost();
}

/// The optimum of all plans that use their snapshots as a stack, for more steps than the search can do (n ≤ 30). With
/// v the free slots of each level:
///   R(l, v)    = min_b  w_b + P(l, v − e_b, b)                                    x_first is live, stored nowhere
///   P(l, v, a) = min( R(l, v + e_a), min_j  j·uf + R(l−j, v) + r_a + P(j, v, a) )  x_first is live and stored at a
/// As w ≥ 0, a way from R(l, v) through P(l, ·) back to R(l, v) is of no use: R takes the second part of P alone.
class StackOfLevels {
 public:
  /// `problem.stored` must be empty.
  explicit StackOfLevels(const WholeProblem& problem) : problem_{problem} {
    for (const auto& level : problem.levels) frees_ *= width(level);
    live_.resize(index(problem.steps) + 1, std::vector<std::int64_t>(frees_, impossible));
    kept_.resize(problem.levels.size(), live_);
    for (int l = 1; l <= problem.steps; ++l) tabulate(l);
  }

  /// For `steps` of the problem's and all slots.
  std::optional<std::int64_t> least_cost(int steps) const {
    const std::int64_t cost = live_[index(steps)][frees_ - 1];
    if (cost >= impossible) return std::nullopt;
    return cost + steps * problem_.turn;
  }

 private:
  static constexpr std::int64_t impossible = std::numeric_limits<std::int64_t>::max() / 8;
  static std::size_t index(int number) { return static_cast<std::size_t>(number); }
  static std::size_t width(const WholeProblem::One& level) { return index(level.slots) + 1; }

  std::size_t weight(std::size_t level) const {  // of one slot of the level in the number of a v
    std::size_t weight = 1;
    for (std::size_t k = 0; k < level; ++k) weight *= width(problem_.levels[k]);
    return weight;
  }
  bool has_free(std::size_t v, std::size_t level) const {
    return v / weight(level) % width(problem_.levels[level]) != 0;
  }
  bool has_used(std::size_t v, std::size_t level) const {
    return v / weight(level) % width(problem_.levels[level]) != index(problem_.levels[level].slots);
  }

  void tabulate(int l) {
    for (std::size_t a = 0; a < kept_.size(); ++a)
      for (std::size_t v = 0; v < frees_; ++v) kept_[a][index(l)][v] = best_split(l, v, a);
    for (std::size_t v = 0; v < frees_; ++v)
      for (std::size_t b = 0; b < kept_.size(); ++b)
        if (has_free(v, b))
          live_[index(l)][v] =
              std::min(live_[index(l)][v], problem_.levels[b].save + kept_[b][index(l)][v - weight(b)]);
    if (l == 1) std::fill(live_[1].begin(), live_[1].end(), 0);
    for (std::size_t a = 0; a < kept_.size(); ++a)
      for (std::size_t v = 0; v < frees_; ++v)
        if (has_used(v, a)) kept_[a][index(l)][v] = std::min(kept_[a][index(l)][v], live_[index(l)][v + weight(a)]);
  }

  std::int64_t best_split(int l, std::size_t v, std::size_t a) const {
    if (l == 1) return 0;
    std::int64_t best = impossible;
    for (int j = 1; j < l; ++j)
      best =
          std::min(best, j * problem_.unit + live_[index(l - j)][v] + problem_.levels[a].load + kept_[a][index(j)][v]);
    return best;
  }

  WholeProblem problem_;
  std::size_t frees_ = 1;
  std::vector<std::vector<std::int64_t>> live_;               // R by l and v
  std::vector<std::vector<std::vector<std::int64_t>>> kept_;  // P by a, l and v
};

}  // namespace cairn::test
