// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/online_positions.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace cairn {

OnlinePositions::OnlinePositions(LevelCosts costs, const std::vector<Problem::Stored>& chain)
    : costs_{std::move(costs)}, held_(levels(), 0) {
  for (const Problem::Stored& one : chain) {
    chain_.push_back(one.step);
    for (std::size_t k = 0; k < levels(); ++k) held_[k] += level(k).level == one.level;
  }
}

std::vector<Problem::Stored> OnlinePositions::stored() const {
  std::vector<Problem::Stored> all;
  std::size_t j = 0;
  for (std::size_t k = levels(); k-- > 0;)
    for (Slots q = 0; q < held_[k]; ++q) all.push_back({chain_[j++], level(k).level});
  return all;
}

Action* OnlinePositions::visit(Step live, Action* out) {
  if (!chain_.empty() && chain_.back() == live) return out;
  if (!full(0)) {
    if (!pays(live)) return out;
    chain_.push_back(live);
    ++held_[0];
    places_.clear();
    weighed_ = false;
    *out++ = Takeshot{live, level(0).level};
    return out;
  }
  if (!weighed_) weigh();
  const std::size_t best = best_option(live);
  return best == 0 ? out : carry_out(options_[best], live, out);
}

// Is x_live worth a free slot? A gap of l steps costs w_0 + r_0 + P_0(l) with the snapshot at its end: it has the right
// length where another step would cost at least what its steps cost on average.
bool OnlinePositions::pays(Step live) {
  if (level(0).save == 0 || chain_.empty()) return true;
  const Place place{0, level(0).slots - held_[0] + 1};
  const Step steps = live - chain_.back();
  const double more = costs_.reversed(place, steps + 1, unused_) - costs_.reversed(place, steps, unused_);
  const double average = costs_.reversed(place, steps, unused_) + static_cast<double>(level(0).save);
  return more * static_cast<double>(steps) >= average;
}

// The first of the least at x_live.
std::size_t OnlinePositions::best_option(Step live) {
  for (;;) {
    const int plans = costs_.plans();
    std::size_t best = 0;
    double least = 0;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      Option& option = options_[i];
      const Step end = i == 0 ? live + 1 : live;  // the snapshots of all others include x_live
      const double cost = option.fixed + costs_.reversed(option.place, end - option.start, option.last);
      if (i > 0 && cost >= least) continue;
      best = i;
      least = cost;
    }
    if (plans == costs_.plans()) return best;
    weigh();
  }
}

Action* OnlinePositions::carry_out(Option& option, Step live, Action* out) {
  kept_ = option.fixed - price(option.moves) + costs_.reversed(option.place, live - option.start, option.last);
  if (option.dropped != none) *out++ = Discard{chain_[option.dropped], level(option.moves).level};
  for (std::size_t k = option.moves; k > 0; --k)
    *out++ = Move{chain_[oldest(k - 1)], level(k - 1).level, level(k).level};
  *out++ = Takeshot{live, level(0).level};
  if (option.dropped == none) {
    ++held_[option.moves];
    places_.clear();
  } else {
    sums_.resize(std::min(sums_.size(), option.dropped - 1));
    chain_.erase(chain_.begin() + static_cast<std::ptrdiff_t>(option.dropped));
  }
  chain_.push_back(live);
  weighed_ = false;
  return out;
}

// The fastest level that has a free slot; levels() where none has.
std::size_t OnlinePositions::room() const {
  std::size_t k = 0;
  while (k < levels() && full(k)) ++k;
  return k;
}

// The index in the chain of the first snapshot on level k.
std::size_t OnlinePositions::oldest(std::size_t k) const {
  const auto slower = held_.begin() + static_cast<std::ptrdiff_t>(k) + 1;
  return static_cast<std::size_t>(std::accumulate(slower, held_.end(), Slots{0}));
}

// What x_i costs, its own gap of one step included, and one move to each of the levels 1 … moves.
double OnlinePositions::price(std::size_t moves) const {
  auto sum = static_cast<double>(level(0).load);
  for (std::size_t k = 0; k <= moves; ++k) sum += static_cast<double>(level(k).save);
  return sum;
}

// The gap between two snapshots of the chain, its start lying at `place`.
double OnlinePositions::gap_at(Place place, std::size_t from, std::size_t to) {
  const auto older = static_cast<std::size_t>(level(place.k).slots - place.slots);
  return costs_.reversed(place, chain_[to] - chain_[from], place.k == 0 ? free_[older] : unused_);
}

void OnlinePositions::weigh() {
  weighed_ = true;
  if (roughly_ > 0 && weigh_roughly()) return;
  if (places_.empty()) place_all();
  for (int plans = -1; plans != costs_.plans();) {  // a longer gap may renew the plan midway
    plans = costs_.plans();
    if (plans != weighed_plans_) sums_.clear();
    weighed_plans_ = plans;
    const std::size_t first = first_droppable();
    while (sums_.size() + 1 < chain_.size()) sums_.push_back(sums_up_to(sums_.size(), first));
    weigh_options();
  }
  roughly_ = chain_.size() <= most_exact ? 0 : chain_.size() / snapshots_a_change;
  if (roughly_ > 0) rank_drops();
}

void OnlinePositions::place_all() {
  sums_.clear();
  for (std::size_t k = levels(); k-- > 0;)
    for (Slots q = 0; q < held_[k]; ++q) places_.push_back({k, level(k).slots - q});
  while (free_.size() < static_cast<std::size_t>(held_[0]))
    free_.emplace_back(level(0).slots - static_cast<Slots>(free_.size()));
}

// Those of x_j, which is not the newest, on top of those of the snapshots before.
OnlinePositions::Sums OnlinePositions::sums_up_to(std::size_t j, std::size_t first_droppable) {
  Sums sums = j == 0 ? Sums{0, 0, std::numeric_limits<double>::infinity(), none} : sums_[j - 1];
  if (j > 0) sums.shifted += gap_at(places_[j - 1], j, j + 1);
  sums.kept += gap_at(places_[j], j, j + 1);
  if (j < first_droppable) return sums;
  const double drop = kept_before(j - 1) + gap_at(places_[j - 1], j - 1, j + 1) - sums.shifted + price(places_[j].k);
  if (drop < sums.drop) {
    sums.drop = drop;
    sums.best = j;
  }
  return sums;
}

void OnlinePositions::weigh_options() {
  const std::size_t last = chain_.size() - 1;
  options_.clear();
  add_option(kept_before(last), places_[last], last, none, 0);
  if (last > 0) {
    const Sums& sums = sums_[last - 1];
    if (sums.best != none)
      add_option(sums.drop + sums.shifted, places_[last - 1], last, sums.best, places_[sums.best].k);
    add_option(kept_before(last - 1) + price(0), places_[last - 1], last - 1, last, 0);
  }
  if (room() < levels()) weigh_move();
}

// One snapshot more is kept: the oldest of each level below the one with room moves to the next.
void OnlinePositions::weigh_move() {
  const std::size_t last = chain_.size() - 1;
  const std::size_t to = room();
  const std::size_t moved = oldest(to - 1);
  const Place place{to, level(to).slots - held_[to]};
  double fixed = kept_before(moved) + price(to);
  if (moved != last) fixed += gap_at(place, moved, moved + 1) + sums_[last - 1].shifted - sums_[moved].shifted;
  move_ = fixed - kept_before(last);
  add_move(fixed);
}

// The last gap lies at another place then.
void OnlinePositions::add_move(double fixed) {
  const std::size_t last = chain_.size() - 1;
  const std::size_t to = room();
  const bool last_moves = oldest(to - 1) == last;
  add_option(fixed, last_moves ? Place{to, level(to).slots - held_[to]} : place_of(last - 1), last, none, to);
}

void OnlinePositions::add_option(double fixed, Place place, std::size_t before, std::size_t dropped,
                                 std::size_t moves) {
  options_.push_back({fixed, place, chain_[before], BinomialCost{place.slots}, dropped, moves});
}

// x_0 stays, and so do the snapshots on levels with room and slower ones.
std::size_t OnlinePositions::first_droppable() const {
  return std::max<std::size_t>(1, oldest(room() - 1));
}

// places_[j], whatever has changed since.
Place OnlinePositions::place_of(std::size_t j) const {
  std::size_t k = levels() - 1;
  for (; j >= static_cast<std::size_t>(held_[k]); --k) j -= static_cast<std::size_t>(held_[k]);
  return {k, level(k).slots - static_cast<Slots>(j)};
}

// What dropping x_j adds to its own gap and the one before.
double OnlinePositions::loss(std::size_t j) {
  const Place before = place_of(j - 1);
  return gap_at(before, j - 1, j + 1) - gap_at(before, j - 1, j) - gap_at(place_of(j), j, j + 1);
}

// All drops but that of the newest, as a heap with the best in front.
void OnlinePositions::rank_drops() {
  drops_.clear();
  for (std::size_t j = first_droppable(); j + 1 < chain_.size(); ++j)
    drops_.push_back({loss(j) + price(places_[j].k), chain_[j]});
  std::make_heap(drops_.begin(), drops_.end());
}

// The options by what rank_drops() found, but with the loss of the best drop as it is now. false: weigh all anew.
bool OnlinePositions::weigh_roughly() {
  const int plans = costs_.plans();
  --roughly_;
  while (!drops_.empty() && !refreshed()) continue;
  if (drops_.empty() || plans != weighed_plans_ || plans != costs_.plans()) return roughly_ = 0, false;
  const std::size_t last = chain_.size() - 1;
  const auto dropped = index_of(drops_.front().step);
  options_.clear();
  add_option(kept_, place_of(last), last, none, 0);
  add_option(kept_ + drops_.front().change, place_of(last - 1), last, dropped, place_of(dropped).k);
  if (room() < levels()) add_move(kept_ + move_);
  return true;
}

// Is the first drop still the best? Else another is first now.
bool OnlinePositions::refreshed() {
  Drop& first = drops_.front();
  const std::size_t j = index_of(first.step);
  const bool there = j < chain_.size() && chain_[j] == first.step;
  const double change = there ? loss(j) + price(place_of(j).k) : 0;
  if (there && change <= first.change) {
    first.change = change;
    return true;
  }
  std::pop_heap(drops_.begin(), drops_.end());
  if (there) {
    drops_.back().change = change;
    std::push_heap(drops_.begin(), drops_.end());
  } else {
    drops_.pop_back();
  }
  return false;
}

std::size_t OnlinePositions::index_of(Step step) const {
  return static_cast<std::size_t>(std::lower_bound(chain_.begin(), chain_.end(), step) - chain_.begin());
}

}  // namespace cairn
