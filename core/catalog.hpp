// SPDX-License-Identifier: BSD-3-Clause
/// Which slot holds which snapshot: schedules speak of steps and levels, tiers of slots.
#pragma once

#include <cairn/words.hpp>

#include <optional>
#include <vector>

namespace cairn {

/// (level, step) → slot. Low slots are given out first, so that a file grows only as far as it is used.
/// 16 bytes a stored snapshot; a snapshot at the end (the usual case of a schedule) costs O(1), any other O(log slots)
/// to find and O(slots) to insert or remove.
class Catalog {
 public:
  struct Entry {
    Level level;
    Step step;
    Slot slot;
  };
  explicit Catalog(const std::vector<Slots>& slots);

  Slot add(Level level, Step step);  ///< Claims a slot. std::logic_error where none is free, or x_step is held there.
  /// That slot holds x_step already, as an earlier process left it. Rules of add(); std::logic_error where it is taken.
  void hold(Level level, Step step, Slot slot);
  Slot remove(Level level, Step step);  ///< The slot is free again. std::logic_error where it is not held.
  std::optional<Slot> find(Level level, Step step) const;
  Slot at(Level level, Step step) const;  ///< std::logic_error where it is not held.
  bool full(Level level) const;
  Slots held(Level level) const;
  Step latest(Level level) const;                 ///< The last step that it holds; it must hold one.
  Slots copies(Step step) const;                  ///< over all levels
  std::optional<Entry> nearest(Step step) const;  ///< the latest x_t with t ≤ step, on the fastest level that has it
  std::vector<Entry> entries() const;             ///< All that is held, level by level.
  Slots used(Level level) const;                  ///< Slots from here on were never given out.
  void clear();                                   ///< Forgets everything.

 private:
  struct Held {
    Step step;
    Slot slot;
  };
  struct Shelf {
    Slots slots;
    Slots fresh = 0;          // slots from here on were never used
    std::vector<Held> held;   // ascending steps
    std::vector<Slot> freed;  // a stack
  };
  const Shelf& shelf(Level level) const { return shelves_[static_cast<std::size_t>(level.rank)]; }
  static std::vector<Held>::const_iterator place(const Shelf& shelf, Step step);  // the first not below `step`
  std::vector<Shelf> shelves_;
};

}  // namespace cairn
