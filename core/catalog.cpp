// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/catalog.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {

Catalog::Catalog(const std::vector<Slots>& slots) {
  for (const Slots count : slots) shelves_.push_back({.slots = count, .held = {}, .freed = {}});
}

std::vector<Catalog::Held>::const_iterator Catalog::place(const Shelf& shelf, Step step) {
  if (shelf.held.empty() || shelf.held.back().step < step) return shelf.held.end();
  if (shelf.held.back().step == step) return shelf.held.end() - 1;
  return std::ranges::lower_bound(shelf.held, step, {}, &Held::step);
}

Slot Catalog::add(Level level, Step step) {
  Shelf& shelf = shelves_.at(static_cast<std::size_t>(level.rank));
  const auto at = place(shelf, step);
  if (at != shelf.held.end() && at->step == step)
    throw std::logic_error{fmt::format("catalog: level {} holds step {} already", level.rank, step)};
  if (full(level))
    throw std::logic_error{fmt::format("catalog: all {} slots of level {} are taken", shelf.slots, level.rank)};
  Slot slot{shelf.fresh};
  if (shelf.freed.empty()) {
    ++shelf.fresh;
  } else {
    slot = shelf.freed.back();
    shelf.freed.pop_back();
  }
  shelf.held.insert(at, {step, slot});
  return slot;
}

void Catalog::hold(Level level, Step step, Slot slot) {
  Shelf& shelf = shelves_.at(static_cast<std::size_t>(level.rank));
  const auto at = place(shelf, step);
  if (at != shelf.held.end() && at->step == step)
    throw std::logic_error{fmt::format("catalog: level {} holds step {} already", level.rank, step)};
  if (slot.index < 0 || slot.index >= shelf.slots)
    throw std::logic_error{fmt::format("catalog: level {} has no slot {}", level.rank, slot.index)};
  for (; shelf.fresh <= slot.index; ++shelf.fresh) shelf.freed.push_back(Slot{shelf.fresh});
  const auto free = std::find(shelf.freed.rbegin(), shelf.freed.rend(), slot);
  if (free == shelf.freed.rend())
    throw std::logic_error{fmt::format("catalog: slot {} of level {} is taken", slot.index, level.rank)};
  shelf.freed.erase(std::next(free).base());
  shelf.held.insert(at, {step, slot});
}

Slot Catalog::remove(Level level, Step step) {
  const Slot slot = at(level, step);
  Shelf& shelf = shelves_[static_cast<std::size_t>(level.rank)];
  shelf.held.erase(place(shelf, step));
  shelf.freed.push_back(slot);
  return slot;
}

std::optional<Slot> Catalog::find(Level level, Step step) const {
  const auto at = place(shelf(level), step);
  if (at == shelf(level).held.end() || at->step != step) return std::nullopt;
  return at->slot;
}

Slot Catalog::at(Level level, Step step) const {
  if (const std::optional<Slot> slot = find(level, step)) return *slot;
  throw std::logic_error{fmt::format("catalog: level {} does not hold step {}", level.rank, step)};
}

bool Catalog::full(Level level) const {
  return held(level) == shelf(level).slots;
}

Slots Catalog::held(Level level) const {
  return static_cast<Slots>(shelf(level).held.size());
}

Step Catalog::latest(Level level) const {
  return shelf(level).held.back().step;
}

Slots Catalog::copies(Step step) const {
  Slots count = 0;
  for (std::int32_t rank = 0; rank < static_cast<std::int32_t>(shelves_.size()); ++rank)
    count += find(Level{rank}, step).has_value();
  return count;
}

std::optional<Catalog::Entry> Catalog::nearest(Step step) const {
  std::optional<Entry> best;
  for (std::int32_t rank = 0; rank < static_cast<std::int32_t>(shelves_.size()); ++rank) {
    const std::vector<Held>& held = shelf(Level{rank}).held;
    const auto after = std::ranges::upper_bound(held, step, {}, &Held::step);
    if (after == held.begin()) continue;
    const Held& candidate = *(after - 1);
    if (!best || candidate.step > best->step) best = {Level{rank}, candidate.step, candidate.slot};
  }
  return best;
}

std::vector<Catalog::Entry> Catalog::entries() const {
  std::vector<Entry> all;
  for (std::int32_t rank = 0; rank < static_cast<std::int32_t>(shelves_.size()); ++rank)
    for (const Held& held : shelf(Level{rank}).held) all.push_back({Level{rank}, held.step, held.slot});
  return all;
}

Slots Catalog::used(Level level) const {
  return shelf(level).fresh;
}

void Catalog::clear() {
  for (Shelf& shelf : shelves_) shelf = {.slots = shelf.slots, .held = {}, .freed = {}};
}

}  // namespace cairn
