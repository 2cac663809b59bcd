// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/least_splits.hpp>
#include <cairn/schedulers/level_hulls.hpp>

#include <algorithm>
#include <bit>
#include <cassert>

namespace cairn {
namespace {

constexpr Cost first_slope = 16;               // S, in steps a step
constexpr Cost most_cost = Cost{1} << 61;      // of a plan
constexpr Step most_repetitions = 4000;        // of a step, in a plan that hulls are made for
constexpr std::size_t most_work = 80'000'000;  // vertices visited while building: about a second

Cost dearest(const LevelCosts& costs) {
  Cost most = costs.step;
  for (const auto& level : costs.levels) most = std::max({most, level.save, level.load});
  return most;
}

// uf·t(·, c): its vertices lie at β(c, r).
Hull binomial_hull(Slots slots, Cost step, Hull::Cut cut) {
  std::vector<Hull::Vertex> points{{1, 0}};
  for (Step r = 1; points.back().x < cut.steps && r * step <= cut.slope; ++r) {
    const auto x =
        static_cast<Step>(std::min<std::uint64_t>(beta(slots, r).value(), static_cast<std::uint64_t>(cut.steps)));
    points.push_back({x, points.back().y + (x - points.back().x) * r * step});
  }
  return Hull{points, cut};
}

// Are they the same up to x = `steps`? Where slots are many, the last vertex may go on along its line for ever.
bool same_up_to(Step steps, const Hull& a, const Hull& b) {
  if (a == b) return true;
  const auto& p = a.vertices();
  const auto& q = b.vertices();
  if (p.size() != q.size() || p.size() < 2 || std::min(p.back().x, q.back().x) < steps) return false;
  if (!std::equal(p.begin(), p.end() - 1, q.begin())) return false;
  __extension__ typedef __int128 Wide;
  const Hull::Vertex& from = p.end()[-2];
  return static_cast<Wide>(p.back().y - from.y) * (q.back().x - from.x) ==
         static_cast<Wide>(q.back().y - from.y) * (p.back().x - from.x);
}

}  // namespace

bool settle_stored(Hull& stored, Merge& kept, const StoredHulls& given, Hull::Cut cut, std::size_t& work) {
  for (bool changed = true; changed;) {
    kept = Merge{stored, given.step, given.behind, given.load, cut};
    Hull next = lower(given.below, Hull{kept.vertices(), cut}, cut);
    work += next.vertices().size() + kept.vertices().size();
    if (work > most_work) return false;
    changed = next != stored;
    stored = std::move(next);
  }
  return true;
}

/// Fills the hulls for one S.
class LevelHulls::Builder {
 public:
  Builder(LevelHulls& made, Cost slope) : made_{made}, cut_{made.steps(), slope} {}

  /// false: too much work.
  bool build() {
    const auto& levels = made_.costs().levels;
    made_.levels_.assign(levels.size(), {});
    Hull below = base();
    for (std::size_t k = 0; k < levels.size(); ++k) {
      if (made_.formula(k)) continue;
      Rows& rows = made_.levels_[k];
      rows.below = below;
      if (!(levels[k].slots == LevelCosts::unlimited ? unlimited_row(k, rows) : rows_of(k, rows))) return false;
      below = rows.of.back().live;
    }
    reached_ = below.last() >= made_.steps();
    made_.whole_ = std::move(below);
    made_.cut_ = cut_;
    return true;
  }
  bool reached() const { return reached_; }

 private:
  // A of the slowest level that is a formula; else of a single step.
  Hull base() const {
    if (!made_.costs().free_base()) return Hull{{{1, 0}}, cut_};
    return binomial_hull(made_.costs().levels[0].slots, made_.step_, cut_);
  }

  bool rows_of(std::size_t k, Rows& rows) {
    const Slots most = std::min(made_.costs().levels[k].slots, made_.steps());
    for (Slots m = 1; m <= most; ++m) {
      const Hull& start = m == 1 ? rows.below : rows.of.back().stored;
      const Hull& behind = m == 1 ? rows.below : rows.of.back().live;
      Row row{.stored = start, .live = {}, .kept = {}};
      if (!settle(k, rows.below, behind, row)) return false;
      row.live = live(k, rows.below, row.stored);
      const bool same = m > 1 && same_up_to(cut_.steps, row.stored, rows.of.back().stored) &&
                        same_up_to(cut_.steps, row.live, rows.of.back().live);
      rows.of.push_back(std::move(row));
      if (same) break;
    }
    return true;
  }

  // One row whose right parts are of the same row.
  bool unlimited_row(std::size_t k, Rows& rows) {
    Row row{.stored = rows.below, .live = rows.below, .kept = {}};
    for (bool changed = true; changed;) {
      const Hull before = row.live;
      if (!settle(k, rows.below, before, row)) return false;
      row.live = live(k, rows.below, row.stored);
      changed = !same_up_to(cut_.steps, row.live, before);
    }
    rows.of.push_back(std::move(row));
    return true;
  }

  // P̂ to its fixpoint.
  bool settle(std::size_t k, const Hull& below, const Hull& behind, Row& row) {
    return settle_stored(row.stored, row.kept,
                         {.below = below, .behind = behind, .step = made_.step_, .load = made_.costs().levels[k].load},
                         cut_, work_);
  }

  Hull live(std::size_t k, const Hull& below, const Hull& stored) const {
    std::vector<Hull::Vertex> points{{1, 0}};
    for (const Hull::Vertex& vertex : stored.vertices())
      if (vertex.x > 1) points.push_back({vertex.x, vertex.y + made_.costs().levels[k].save});
    return lower(below, Hull{points, cut_}, cut_);
  }

  LevelHulls& made_;
  Hull::Cut cut_;
  std::size_t work_ = 0;
  bool reached_ = false;
};

std::shared_ptr<const LevelHulls> LevelHulls::make(const LevelCosts& costs, Step steps) {
  const Slots slots = costs.all_slots();
  if (slots == 0 || repetitions(steps, slots) > most_repetitions) return nullptr;
  Cost step = costs.step;
  if (costs.least_advances) {  // an advance weighs more than the storage that it could save, as far as numbers go
    const Cost room = most_cost / steps / (4 * first_slope) / step;
    step *= std::clamp<Cost>(static_cast<Cost>(std::bit_floor(static_cast<std::uint64_t>(std::max<Cost>(room, 1)))), 1,
                             Cost{1} << 24);
  }
  std::shared_ptr<LevelHulls> made{new LevelHulls{costs, steps, step}};
  for (Cost slope = first_slope * step + dearest(costs); slope < most_cost / steps; slope *= 2) {
    Builder builder{*made, slope};
    if (!builder.build()) return nullptr;
    if (builder.reached()) return made;
  }
  return nullptr;
}

const LevelHulls::Row& LevelHulls::at(std::size_t k, Slots slots) const {
  const auto& rows = levels_[k].of;
  return rows[std::min(rows.size(), static_cast<std::size_t>(slots)) - 1];
}

Slots LevelHulls::with_faster(std::size_t k, Slots slots) const {
  Slots all = slots;
  for (std::size_t i = 0; i < k; ++i) all = std::min(LevelCosts::unlimited, all + costs().levels[i].slots);
  return all;
}

bool LevelHulls::may_drop(std::size_t k, Step steps, Slots slots) const {
  if (!costs().least_advances) return true;
  const Slots faster = with_faster(k, 0);
  return faster > 0 && least_advances(steps, faster) == least_advances(steps, with_faster(k, slots));
}

Step LevelHulls::split(std::size_t k, Step steps, Slots slots) const {
  if (formula(k)) return cairn::split(steps, slots);
  const Row& row = at(k, slots);
  const Cost kept = row.kept.at(steps);
  if (may_drop(k, steps, slots) && levels_[k].below.at(steps) <= kept) return 0;
  const Step j = kept == impossible ? cairn::split(steps, with_faster(k, slots)) : row.kept.part(steps);
  if (!costs().least_advances) return j;
  const LeastSplits least = least_splits(steps, with_faster(k, slots));
  return std::clamp(j, least.first, least.last);
}

bool LevelHulls::keeps(std::size_t k, Step steps, Slots slots) const {
  if (formula(k) || !may_drop(k, steps, slots)) return true;
  const Cost below = levels_[k].below.at(steps);
  if (below == impossible) return true;
  const Cost kept = at(k, slots).kept.at(steps);
  return kept != impossible && kept + costs().levels[k].save < below;
}

// Beyond the last vertex each step costs more than S.
Cost LevelHulls::at_least(const Hull& hull, Step steps) const {
  if (steps <= hull.last()) return hull.at(steps);
  return hull.vertices().back().y + (steps - hull.last()) * cut_.slope;
}

Cost LevelHulls::stored_cost(std::size_t k, Step steps, Slots slots) const {
  if (formula(k)) return step_ * static_cast<Cost>(least_advances(steps, slots).value());
  return at_least(at(k, slots).stored, steps);
}

Cost LevelHulls::live_cost(std::size_t k, Step steps, Slots slots) const {
  if (steps == 1) return 0;
  if (slots == 0) return k == 0 ? impossible : live_cost(k - 1, steps, costs().levels[k - 1].slots);
  if (formula(k)) return stored_cost(k, steps, slots);
  return at_least(at(k, slots).live, steps);
}

std::size_t LevelHulls::vertices() const {
  std::size_t sum = 0;
  for (const Rows& rows : levels_)
    for (const Row& row : rows.of) sum += row.stored.vertices().size() + row.live.vertices().size();
  return sum;
}

}  // namespace cairn
