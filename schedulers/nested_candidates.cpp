// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/nested_candidates.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cairn {
namespace {

/// The shapes for one pair of levels.
class Pair {
 public:
  Pair(Step steps, const Machine& machine, const std::vector<Slots>& slots, Level fast, Level slow)
      : steps_{steps},
        s_{machine.buffers},
        turn_cost_{machine.turn_cost},
        fast_{speed(machine, fast)},
        slow_{speed(machine, slow)},
        shape_{.steps = steps,
               .fast = {fast, 1, slots[index(fast)]},
               .slow = {slow, 1, slots[index(slow)]},
               .last_part = 0,
               .both = false,
               .longest_from_ram = s_ - 1,
               .tail = s_ - 1,
               .slots = s_ - 1,
               .tail_slots = s_ - 1} {}

  std::vector<NestedIntervals::Shape> shapes() {
    const bool apart = fast_.lane != slow_.lane;
    for (const bool both : {false, true}) {
      if (both && !apart) continue;
      shape_.both = both;
      shape_.fast.period = period(fast_);
      const double slow_period = period(slow_);
      add_last_part(slow_period, apart);
      if (both) add_all_steps(slow_period);
    }
    return std::move(shapes_);
  }

 private:
  static std::size_t index(Level level) { return static_cast<std::size_t>(level.rank); }
  static const Machine::LevelSpeed& speed(const Machine& machine, Level level) { return machine.levels[index(level)]; }

  double period(const Machine::LevelSpeed& of) const {
    return std::max({1.0, of.save, (of.load + 1) / (1 + turn_cost_)});
  }
  bool ram_holds(double period) const { return period <= static_cast<double>(s_ - 1); }

  // Where both levels are due at each step, the fast one is kept at the others only.
  Step reach(double slow_period) const {
    const double free = shape_.both ? std::max(1 - 1 / slow_period, 1 / static_cast<double>(steps_)) : 1;
    const double apart = std::max(shape_.fast.period, 1 / free);
    return shape_.tail +
           static_cast<Step>(std::min(static_cast<double>(shape_.fast.slots) * apart, static_cast<double>(steps_)));
  }

  double with_room(double slow_period) const {
    const Step before = steps_ - (shape_.both ? shape_.tail : std::min(steps_, shape_.last_part));
    return std::max(slow_period, static_cast<double>(before) / static_cast<double>(shape_.slow.slots));
  }

  void add(double slow_period) {
    shape_.slow.period = slow_period;
    shapes_.push_back(shape_);
  }

  void add_last_part(double slow_period, bool apart) {
    shape_.last_part = reach(slow_period);
    const double base = with_room(slow_period);
    if (ram_holds(base)) return add(base);
    const double read_in_time = static_cast<double>(s_ - 1) + slow_.load / (turn_cost_ + 1 - 1 / shape_.fast.period);
    for (const double factor : {1., 1.25, 1.5}) add(base * factor);
    if (apart) {
      if (std::isfinite(read_in_time) && read_in_time > base) add(read_in_time);
      return;
    }
    add(base * 2);
    NestedIntervals::Shape from_ram = shape_;
    from_ram.longest_from_ram = 3 * s_;
    from_ram.slots = from_ram.tail_slots = s_;
    for (const double factor : {1., 1.5}) {
      from_ram.slow.period = base * factor;
      shapes_.push_back(from_ram);
    }
  }

  void add_all_steps(double slow_period) {
    const double apart = static_cast<double>(steps_ - shape_.tail) / static_cast<double>(shape_.fast.slots);
    if (apart <= shape_.fast.period) return;
    shape_.fast.period = apart;
    shape_.last_part = steps_;
    add(with_room(slow_period));
  }

  Step steps_;
  Slots s_;
  double turn_cost_;
  Machine::LevelSpeed fast_;
  Machine::LevelSpeed slow_;
  NestedIntervals::Shape shape_;
  std::vector<NestedIntervals::Shape> shapes_;
};

}  // namespace

std::vector<NestedIntervals::Shape> nested_candidates(Step steps, const Machine& machine,
                                                      const std::vector<Slots>& slots) {
  std::vector<NestedIntervals::Shape> all;
  if (machine.buffers < 2) return all;
  const auto last = static_cast<std::int32_t>(std::min(slots.size(), machine.levels.size()));
  const auto time = [&](std::int32_t rank) {
    const auto& speed = machine.levels[static_cast<std::size_t>(rank)];
    return std::pair{speed.save + speed.load, rank};
  };
  for (std::int32_t fast = 1; fast < last; ++fast)
    for (std::int32_t slow = 1; slow < last; ++slow) {
      const bool has_slots = slots[static_cast<std::size_t>(fast)] > 0 && slots[static_cast<std::size_t>(slow)] > 0;
      if (fast == slow || !has_slots || time(slow) < time(fast)) continue;
      const std::vector<NestedIntervals::Shape> more = Pair{steps, machine, slots, Level{fast}, Level{slow}}.shapes();
      all.insert(all.end(), more.begin(), more.end());
    }
  return all;
}

}  // namespace cairn
