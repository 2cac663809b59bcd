// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/stored_chain.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn {
namespace {

using Stored = Problem::Stored;

constexpr std::size_t none = ~std::size_t{0};

/// Of snapshots in order of steps, x_0 not among them: the longest chain, as indices.
std::vector<std::size_t> longest(const std::vector<Stored>& stored, const std::vector<std::size_t>& ranks) {
  struct Best {
    std::size_t length = 0;
    std::size_t last = none;  // its newest
  };
  const std::size_t rank_count = ranks.empty() ? 0 : *std::ranges::max_element(ranks) + 1;
  std::vector<Best> ending(rank_count);  // by the rank of the newest
  std::vector<std::size_t> before(stored.size(), none);
  for (std::size_t first = 0, last = 0; first < stored.size(); first = last) {
    while (last < stored.size() && stored[last].step == stored[first].step) ++last;
    const std::vector<Best> older = ending;  // copies of one state are not of one chain
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t rank = ranks[static_cast<std::size_t>(stored[i].level.rank)];
      Best best;
      for (std::size_t slower = rank; slower < rank_count; ++slower)
        if (older[slower].length > best.length) best = older[slower];
      before[i] = best.last;
      if (best.length + 1 > ending[rank].length) ending[rank] = {best.length + 1, i};
    }
  }
  Best best;
  for (const Best& each : ending)
    if (each.length > best.length) best = each;
  std::vector<std::size_t> chain;
  for (std::size_t i = best.last; i != none; i = before[i]) chain.push_back(i);
  std::ranges::reverse(chain);
  return chain;
}

/// x_0 goes to the front of the chain.
class WithStart {
 public:
  WithStart(StoredChain& made, const std::vector<std::size_t>& ranks, std::vector<Slots> free)
      : made_{made}, ranks_{ranks}, free_{std::move(free)} {}

  void put(const std::vector<Level>& copies) {
    const std::size_t top = made_.chain.empty() ? 0 : rank(made_.chain.front().level);
    const Level copy = *std::ranges::max_element(copies, {}, [this](Level level) { return rank(level); });
    for (const Level level : copies)
      if (level != copy) made_.actions.push_back(Discard{0, level});
    if (rank(copy) >= top) return place(copy);
    const Level to = room(top);
    made_.actions.push_back(Move{0, copy, to});
    place(to);
  }

 private:
  std::size_t rank(Level level) const { return ranks_[static_cast<std::size_t>(level.rank)]; }
  void place(Level level) { made_.chain.insert(made_.chain.begin(), {0, level}); }
  std::optional<Level> with_room(std::size_t top) const {
    for (Level level{0}; static_cast<std::size_t>(level.rank) < ranks_.size(); ++level.rank)
      if (rank(level) >= top && free_[static_cast<std::size_t>(level.rank)] > 0) return level;
    return std::nullopt;
  }
  Level room(std::size_t top) {
    if (const auto level = with_room(top)) return *level;
    const auto newest = std::find_if(made_.chain.rbegin(), made_.chain.rend(),
                                     [&](const Stored& one) { return rank(one.level) >= top; });
    const Stored dropped = *newest;
    made_.actions.push_back(Discard{dropped.step, dropped.level});
    made_.chain.erase(std::next(newest).base());
    return dropped.level;
  }

  StoredChain& made_;
  const std::vector<std::size_t>& ranks_;
  std::vector<Slots> free_;
};

}  // namespace

StoredChain stored_chain(std::vector<Stored> stored, const std::vector<std::size_t>& ranks,
                         const std::vector<Slots>& slots) {
  StoredChain made;
  if (stored.empty()) return made;
  std::ranges::sort(stored, {}, &Stored::step);
  std::vector<Slots> free = slots;
  std::vector<Level> starts;
  std::vector<Stored> others;
  for (const Stored& one : stored) {
    --free[static_cast<std::size_t>(one.level.rank)];
    one.step == 0 ? starts.push_back(one.level) : others.push_back(one);
  }
  const std::vector<std::size_t> chain = longest(others, ranks);
  for (std::size_t i = 0, next = 0; i < others.size(); ++i) {
    if (next < chain.size() && chain[next] == i) {
      made.chain.push_back(others[i]);
      ++next;
      continue;
    }
    made.actions.push_back(Discard{others[i].step, others[i].level});
    ++free[static_cast<std::size_t>(others[i].level.rank)];
  }
  WithStart{made, ranks, std::move(free)}.put(starts);
  return made;
}

std::size_t hand_out(std::vector<Action>& last_first, std::span<Action> room) {
  std::size_t count = 0;
  for (; !last_first.empty() && count < room.size(); last_first.pop_back()) room[count++] = last_first.back();
  return count;
}

}  // namespace cairn
