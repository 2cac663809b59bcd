// SPDX-License-Identifier: BSD-3-Clause
/// Where the snapshots of a first sweep lie whose end is not known, while storage works beside the operators.
#pragma once

#include <cairn/schedulers/action.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/overlap.hpp>

#include <compare>
#include <cstddef>
#include <optional>
#include <vector>

namespace cairn {

/// The stored snapshots are a chain p_0 = 0 < p_1 < …: the newest in RAM, the older ones on slow levels, where each was
/// moved from its buffer without a copy. With W_k, R_k the times to save to and load from level k and ub that of a
/// turn, the distance to be kept there is, on average,
///   D_k = max(1, (R_k+1)/(1+ub)), without a gauge max(1, W_k, (R_k+1)/(1+ub)):
/// then loads keep up with the turns. With a gauge the device itself sees to it that saves keep up with the steps.
///
/// At the live x_i, at least the least D_k behind the newest, the first of these that is possible is done:
///   RAM has room (s−3 of its s buffers, at least one, are for the newest): x_i is kept there;
///   the oldest in RAM is moved to the fastest level with a free slot, if it is D_k away from what was moved there last
///   and at most one save to that level is under way; x_i is kept;
///   that snapshot is dropped whose loss is least, x_0 excepted, unless x_i's would be less, were it followed by a gap
///   as long as the one before it; x_i is kept. From RAM always, from a slow level where the oldest in RAM can take its
///   place.
/// The loss of a snapshot between gaps of a and b steps is t(a+b, s−1) − t(a, s−1) − t(b, s−1), t of binomial.hpp; of
/// equals the shortest a + b. So all gaps are about as long as each other, whenever the loop ends.
///
/// Nothing is moved to a level before the loop has run for W_k: what ends sooner is turned from RAM. A takeshot never
/// waits for a save. A step costs some nanoseconds, a drop O(snapshots). Memory: 16 bytes a snapshot.
class SpreadPositions {
 public:
  /// The most actions that one visit() writes.
  static constexpr std::size_t most_actions = 3;

  /// Throws std::invalid_argument where level 0 is not RAM, has fewer than 2 buffers, or no slower level has a slot.
  /// Some snapshots may be there: a chain as above (stored_chain.hpp).
  SpreadPositions(const OverlapShape& shape, Gauge gauge, const std::vector<Problem::Stored>& chain = {});

  /// x_i, i = `live`, is live for the first time: writes the actions that the snapshots take, and returns their end.
  /// For i = 0, 1, 2 …, one by one; from a chain that was given on for those behind, or at, its newest.
  Action* visit(Step live, Action* out);

  /// The chain, oldest first.
  const std::vector<Problem::Stored>& stored() const { return chain_; }

 private:
  struct Loss {
    double advances;
    Step steps;  // of the gap that is left
    auto operator<=>(const Loss&) const = default;
  };
  struct SlowLevel {
    Level level;
    double distance;                       // D_k
    double due = 0;                        // where the next one may be
    Step first;                            // no move before x_first is live
    Slots free;                            // slots
    std::optional<std::size_t> best = {};  // of its snapshots, by loss; where `known`
    bool known = false;
  };

  Slots in_ram() const { return static_cast<Slots>(chain_.size() - slow_); }
  Loss loss(Step before, Step behind) const;
  Loss loss_of(std::size_t j, Step live) const;
  bool may_move(const SlowLevel& to, Step live) const;
  void begin_with(const std::vector<Problem::Stored>& chain);
  Action* keep(Step live, Action* out);
  Action* move_oldest(SlowLevel& to, Action* out);
  Action* drop(std::size_t j, Action* out);
  Action* make_room(Step live, Action* out);
  std::optional<std::size_t> best_on(SlowLevel& level, Step live);

  std::vector<SlowLevel> levels_;  // fastest first, those with slots
  Gauge gauge_;
  Slots buffers_;
  Slots most_in_ram_;
  double distance_;  // the least of all levels
  double due_ = 0;   // where the next snapshot may be
  std::vector<Problem::Stored> chain_ = {};
  std::size_t slow_ = 0;  // so many of the chain lie on slow levels
};

}  // namespace cairn
