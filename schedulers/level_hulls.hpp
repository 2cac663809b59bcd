// SPDX-License-Identifier: BSD-3-Clause
/// The recurrences of level_plan.hpp on convex hulls: for any number of steps, with a certificate.
#pragma once

#include <cairn/schedulers/hull.hpp>
#include <cairn/schedulers/level_plan.hpp>

#include <memory>
#include <vector>

namespace cairn {

/// What P̂ of one k and m is made from.
struct StoredHulls {
  const Hull& below;   ///< Â: what it costs to go on without the snapshot
  const Hull& behind;  ///< R̂(·, m−1), of the parts behind the splits
  Cost step;           ///< uf
  Cost load;           ///< r_k
};
/// Iterates `stored` = P̂ to its fixpoint, from above, with `kept` = r_k + (P̂ + uf·id) ⊕ R̂(·, m−1). Adds the vertices
/// visited to `work`; false where they are too many.
bool settle_stored(Hull& stored, Merge& kept, const StoredHulls& given, Hull::Cut cut, std::size_t& work);

/// P and R are replaced by their lower convex hulls P̂ and R̂ in l, from which the recurrence is a merge of segments:
///   P̂(·, m) = hull( min( Â, r_k + (P̂(·, m) + uf·id) ⊕ R̂(·, m−1) ) )     iterated from P̂(·, m−1) to its fixpoint
///   R̂(·, m) = hull( min( Â, w_k + P̂ ) )
/// The raw functions are not convex once a save costs something, so that the hulls lie below them: costs are lower
/// bounds, and the cost of the plan / live_cost of the whole − 1 is a bound on what is lost. It is some 10^-5 for a
/// million steps. Slopes are followed up to S = 16·uf, doubled until the top function reaches all steps; the hulls are
/// those of infinite S then. Parts whose slopes lie above S get a cost of S for each step beyond: a lower bound still.
///
/// Milliseconds and some 10^4 vertices for any number of steps, but where there are a few slots only and very many
/// steps. A decision takes O(log vertices).
///
/// With LevelCosts::least_advances a step is taken as very dear, and splits are moved to those of least advances.
class LevelHulls final : public LevelPlan {
 public:
  /// nullptr where the hulls would have too many vertices: level_splits.hpp plans for that.
  static std::shared_ptr<const LevelHulls> make(const LevelCosts& costs, Step steps);

  Step split(std::size_t k, Step steps, Slots slots) const override;
  bool keeps(std::size_t k, Step steps, Slots slots) const override;
  Cost stored_cost(std::size_t k, Step steps, Slots slots) const override;
  Cost live_cost(std::size_t k, Step steps, Slots slots) const override;
  bool exact() const override { return false; }

  std::size_t vertices() const;                 ///< of all hulls together
  const Hull& whole() const { return whole_; }  ///< R̂ over all levels with all slots
  Hull::Cut cut() const { return cut_; }        ///< n and S
  Cost step() const { return step_; }           ///< uf, as the hulls weigh it

 private:
  struct Row {
    Hull stored;  // P̂
    Hull live;    // R̂
    Merge kept;   // r_k + (P̂ + uf·id) ⊕ R̂(·, m−1): what P costs where x_first is kept
  };
  struct Rows {
    Hull below;           // Â
    std::vector<Row> of;  // m = 1 …; further ones are as the last
  };
  class Builder;

  LevelHulls(LevelCosts costs, Step steps, Cost step) : LevelPlan{std::move(costs), steps}, step_{step} {}
  const Row& at(std::size_t k, Slots slots) const;
  bool formula(std::size_t k) const { return k == 0 && costs().free_base(); }
  Slots with_faster(std::size_t k, Slots slots) const;
  bool may_drop(std::size_t k, Step steps, Slots slots) const;
  Cost at_least(const Hull& hull, Step steps) const;

  Cost step_;  // uf
  std::vector<Rows> levels_;
  Hull whole_;
  Hull::Cut cut_{};
};

}  // namespace cairn
