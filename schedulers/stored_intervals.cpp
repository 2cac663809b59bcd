// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/shifted.hpp>
#include <cairn/schedulers/stored_intervals.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr Level ram{0};

StoredIntervals::Shape checked(StoredIntervals::Shape shape) {
  const auto refuse = [](const std::string& what) { throw std::invalid_argument{what}; };
  if (shape.steps < 1 || shape.steps > limits::steps)
    refuse("steps is " + std::to_string(shape.steps) + "; it must be from 1 to " + std::to_string(limits::steps));
  if (shape.slots < 1) refuse("slots is " + std::to_string(shape.slots) + "; it must be at least 1");
  if (shape.stored.empty() || shape.stored.front().step != 0) refuse("x_0 is not the first of the stored snapshots");
  if (std::ranges::adjacent_find(shape.stored, std::ranges::greater_equal{}, &Problem::Stored::step) !=
      shape.stored.end())
    refuse("the stored snapshots do not ascend");
  if (shape.stored.back().step >= shape.steps)
    refuse("x_" + std::to_string(shape.stored.back().step) + " is stored, and steps up to " +
           std::to_string(shape.steps) + " alone are to be turned");
  shape.ram_slots = std::max(shape.ram_slots, shape.slots);
  Slots held = 0;
  for (std::size_t i = 0; i < shape.stored.size(); ++i) {
    const auto& one = shape.stored[i];
    const Step end = i + 1 < shape.stored.size() ? shape.stored[i + 1].step : shape.steps;
    held += one.level == ram ? 1 : 0;
    if (held > shape.ram_slots || (held == shape.ram_slots && one.level != ram && end - one.step > 1))
      refuse("the gap from x_" + std::to_string(one.step) + " finds no slot at level 0");
  }
  return shape;
}

}  // namespace

StoredIntervals::StoredIntervals(Shape shape)
    : shape_{checked(std::move(shape))},
      in_ram_{static_cast<Slots>(std::ranges::count(shape_.stored, ram, &Problem::Stored::level))},
      end_{shape_.steps} {}

StoredIntervals::StoredIntervals(const StoredIntervals& other)
    : Schedule{other},
      shape_{other.shape_},
      in_ram_{other.in_ram_},
      end_{other.end_},
      walk_{other.walk_},
      longest_{other.longest_},
      walk_slots_{other.walk_slots_},
      start_{other.start_},
      inside_{other.inside_ ? other.inside_->clone() : nullptr} {}

std::unique_ptr<Schedule> StoredIntervals::clone() const {
  return std::make_unique<StoredIntervals>(*this);
}

std::size_t StoredIntervals::fill(std::span<Action> next) {
  Action* out = next.data();
  const Action* const end = out + next.size();
  while (end - out >= static_cast<std::ptrdiff_t>(BinomialWalk::least_room)) {
    if (!shape_.useless.empty()) {
      *out++ = Discard{shape_.useless.back().step, shape_.useless.back().level};
      shape_.useless.pop_back();
    } else if (inside_) {
      if (const std::optional<Action> action = inside_->next())
        *out++ = shifted(*action, start_);
      else
        inside_.reset();
    } else if (const std::size_t written = walk_ ? walk_->fill({out, static_cast<std::size_t>(end - out)}) : 0) {
      out += written;
    } else if (shape_.stored.empty()) {
      break;
    } else {
      out = open_gap(out);
    }
  }
  return static_cast<std::size_t>(out - next.data());
}

// For the gap at the end of those that are left; the start's own slot among them where it lies in RAM.
Slots StoredIntervals::free_slots() const {
  return shape_.slots - in_ram_;
}

// One table serves all gaps that are not longer; those of other slots get their own.
void StoredIntervals::walk_over(Step steps, Slots slots) {
  if (walk_ && steps <= longest_ && slots == walk_slots_) return;
  walk_.emplace(steps, slots);
  longest_ = steps;
  walk_slots_ = slots;
}

Action* StoredIntervals::open_gap(Action* out) {
  const Problem::Stored start = shape_.stored.back();
  const Step steps = std::exchange(end_, start.step) - start.step;
  start_ = start.step;
  shape_.stored.pop_back();
  if (start.level == ram) --in_ram_;
  if (shape_.inside && start.level != ram) {
    Problem problem = *shape_.inside;
    problem.steps = steps;
    problem.stored = {{0, start.level}};
    Slots& of_ram = problem.levels.front().slots;
    of_ram = std::min(of_ram, std::max<Slots>(1, of_ram - in_ram_));
    inside_ = make_schedule(ScheduleKind::hrevolve, problem);
    return out;
  }
  walk_over(steps, std::max<Slots>(1, free_slots()));
  *out++ = Restore{start_, start.level};
  if (start.level == ram && steps > 1) {
    walk_->start_stored(start_, steps);
  } else {
    *out++ = Discard{start_, start.level};
    walk_->start(start_, steps);
  }
  return out;
}

}  // namespace cairn
