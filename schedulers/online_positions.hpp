// SPDX-License-Identifier: BSD-3-Clause
/// Where the snapshots of a first sweep lie whose end is not known: greedy eviction.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/binomial_cost.hpp>
#include <cairn/schedulers/gap_costs.hpp>
#include <cairn/schedulers/level_costs.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <vector>

namespace cairn {

/// The stored snapshots p_0 = 0 < p_1 < … are a chain: the oldest on the slowest level, the newest on the fastest. With
/// x_i live, the steps behind them would cost, were the loop to end there,
///   C(i) = Σ_j [ r_k + P_k(p_{j+1} − p_j, c_k − q) ],   p_j being the q-th on its level k, counted from 0, and i the
/// last p_{j+1}: gaps are reversed last first, each with all slots that are free by then. Level 0, where its copies are
/// free, has t(p_{j+1} − p_j, c_0 − q) of binomial.hpp.
///
/// A free slot of level 0 keeps x_i, unless w_0 asks for longer gaps. Where there is none, one of these is chosen, the
/// first of the least:
///   nothing changes;
///   one snapshot but x_0 is dropped, the oldest of each faster level is moved to the next slower one, x_i is kept;
///   the same without a drop, up to the fastest level that has a free slot.
/// Each is weighed by the C(i + 1) that it leads to, for step i will be run before the loop can end, and by its saves:
/// w_0 for x_i, w_k for a move to level k. A level that has a free slot loses no snapshot, nor does a slower one.
///
/// A step costs some ten nanoseconds while the chain stays: only the last gap grows, and it comes last in each sum. A
/// change costs O(snapshots from there on). Of more than 512 snapshots all drops are ranked only once for several
/// changes, one change for every 64 snapshots, and each is taken by what the gaps at its sides lose: a few microseconds
/// a change. Memory: some 150 bytes a snapshot, and a LevelPlan where levels cost.
class OnlinePositions {
 public:
  /// The most actions that one visit() writes.
  static constexpr std::size_t most_actions = limits::tiers + 1;

  /// Levels in order of cost, fastest first, at least one, at most limits::tiers, each with slots.
  /// Some snapshots may be there: such a chain (stored_chain.hpp).
  explicit OnlinePositions(LevelCosts costs, const std::vector<Problem::Stored>& chain = {});

  /// x_i, i = `live`, is live for the first time: writes the actions that the snapshots take, and returns their end.
  /// For i = 0, 1, 2 …, one by one; from a chain that was given on for those behind, or at, its newest.
  Action* visit(Step live, Action* out);

  /// The chain, oldest first.
  std::vector<Problem::Stored> stored() const;

 private:
  /// What can be done at the live states to come: the cost of all gaps but the last, saves included, and the last gap.
  struct Option {
    double fixed;
    Place place;          // of the snapshot before the last gap
    Step start;           // its step
    BinomialCost last;    // the cost of the last gap
    std::size_t dropped;  // index in the chain; `none` where nothing is
    std::size_t moves;    // 1 … moves, the levels that a snapshot is moved to
  };
  /// Of the snapshots up to one of them, the newest excepted.
  struct Sums {
    double kept;       // of their gaps
    double shifted;    // the same, x_0's excepted, each at the place before its own
    double drop;       // by which the best drop among them differs from `shifted` of all, infinite where there is none
    std::size_t best;  // that drop
  };
  /// A drop among very many, with what the gaps at its sides lose, and its price. What snapshots behind it gain by
  /// lying one place nearer to x_0 is left out: next to nothing for so many.
  struct Drop {
    double change;
    Step step;
    bool operator<(const Drop& other) const {  // the better is greater, as heaps want it; of equals the older
      return change != other.change ? change > other.change : step > other.step;
    }
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t most_exact = 512;  // snapshots
  static constexpr std::size_t snapshots_a_change = 64;

  std::size_t levels() const { return costs_.costs().levels.size(); }
  const LevelCosts::One& level(std::size_t k) const { return costs_.costs().levels[k]; }
  bool full(std::size_t k) const { return held_[k] == level(k).slots; }
  std::size_t room() const;
  std::size_t oldest(std::size_t k) const;
  double price(std::size_t moves) const;
  double kept_before(std::size_t j) const { return j == 0 ? 0 : sums_[j - 1].kept; }
  double gap_at(Place place, std::size_t from, std::size_t to);

  bool pays(Step live);
  std::size_t best_option(Step live);
  Action* carry_out(Option& option, Step live, Action* out);
  void weigh();
  void place_all();
  Sums sums_up_to(std::size_t j, std::size_t first_droppable);
  void weigh_options();
  void weigh_move();
  void add_move(double fixed);
  void add_option(double fixed, Place place, std::size_t before, std::size_t dropped, std::size_t moves);

  std::size_t first_droppable() const;
  Place place_of(std::size_t j) const;
  double loss(std::size_t j);
  void rank_drops();
  bool weigh_roughly();
  bool refreshed();
  std::size_t index_of(Step step) const;

  GapCosts costs_;
  std::vector<Step> chain_ = {};    // oldest first
  std::vector<Slots> held_;         // by k
  std::vector<BinomialCost> free_;  // of level 0 if its copies are free: for c_0, c_0 − 1 … slots
  BinomialCost unused_{1};          // for other levels

  bool weighed_ = false;              // are the following of this chain? Else:
  std::vector<Place> places_ = {};    // empty where levels have more snapshots than before
  int weighed_plans_ = 0;             // the plan that gave the sums
  std::vector<Sums> sums_ = {};       // of as many snapshots as the last change has left alone
  std::vector<Option> options_ = {};  // the first: nothing changes

  std::size_t roughly_ = 0;       // changes to come that are weighed by the following
  double kept_ = 0;               // the cost of all gaps but the last
  double move_ = 0;               // by how much a move changes it
  std::vector<Drop> drops_ = {};  // a heap
};

}  // namespace cairn
