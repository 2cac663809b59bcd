// SPDX-License-Identifier: BSD-3-Clause
// What each action does to the live state, the catalog and the tiers.
#include <cairn/core/executor.hpp>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr double piece_seconds = 1.0;  // the longest stretch that is handed out at a time

std::size_t index(Level level) {
  return static_cast<std::size_t>(level.rank);
}

}  // namespace

void Executor::on(const Advance& advance) {
  keep_start();
  counts_.advances += Count{advance.steps.size()};
  run_steps(advance.steps, true);
}

void Executor::on(const Takeshot& takeshot) {
  ++counts_.levels[index(takeshot.level)].takeshots;
  if (takeshot.step == 0 && withheld_ == takeshot.level) {
    withheld_.reset();  // it never left
    return note_peak(takeshot.level);
  }
  keep(takeshot.level, takeshot.step);
  if (takeshot.step == 0 && withheld_) drop(*std::exchange(withheld_, std::nullopt), 0);  // it is safe elsewhere
}

void Executor::on(const Restore& restore) {
  drop_loaded();
  ++counts_.levels[index(restore.level)].restores;
  try {
    restore_now(restore.level, restore.step);
  } catch (const StorageError& problem) {
    if (!steps_ || !heals(problem, restore.level, restore.step)) throw;
    plan_from_what_is_stored();
  }
}

void Executor::on(const Move& move) {
  drop_loaded();
  ++counts_.levels[index(move.to)].moves;
  if (move.step == 0 && withheld_ == move.to) {
    withheld_.reset();  // it never left
    note_peak(move.to);
    return drop(move.from, 0);
  }
  const Slot from = catalog_.at(move.from, move.step);
  const Slot to = claim(move.to, move.step);
  try {
    transfer(move, from, to);
  } catch (const StorageError& problem) {
    const bool of_load = problem.file() == tiers().at(move.from).file();
    if (!steps_ || !of_load) throw;
    catalog_.remove(move.to, move.step);
    if (!heals(problem, move.from, move.step)) throw;
    return plan_from_what_is_stored();
  }
  tiers().in_memory(move.from) ? static_cast<void>(catalog_.remove(move.from, move.step)) : drop(move.from, move.step);
}

void Executor::on(const Discard& discard) {
  ++counts_.levels[index(discard.level)].discards;
  if (discard.step == 0 && catalog_.copies(0) == 1)
    withheld_ = discard.level;
  else
    drop(discard.level, discard.step);
}

void Executor::on(const Turn& turn) {
  drop_loaded();
  keep_start();
  ++counts_.turns;
  if (turn.step == steps_) return;  // the user's seed; x_n stays live until reverse()
  meter_.begin(Meter::Doing::turn);
  live_.reset();
  parts_.operators.reverse({turn.step, turn.step + 1, false});
  if (first_sums_) first_sums_->turned(turn.step);
  meter_.begin(Meter::Doing::other);
  ++turned_;
  tell_progress(false);
}

void Executor::run_steps(Steps steps, bool may_stop) {
  drop_loaded();
  meter_.begin(Meter::Doing::advance);
  for (Step first = steps.first; first < steps.last;) {
    const bool again = first < high_water_;
    Step last = std::min({again ? std::min(steps.last, high_water_) : steps.last, first + piece_});
    if (first_sums_) last = std::min(last, first_sums_->next_due(first));
    live_.reset();
    parts_.operators.advance({first, last, again});
    live_ = last;
    steps_run_ += Count{last - first};
    if (!again) high_water_ = last;
    measure_pace(last - first, meter_.begin(last < steps.last ? Meter::Doing::advance : Meter::Doing::other));
    if (first_sums_ && first_sums_->is_due(last)) {
      compare_live(last);
      if (last < steps.last) meter_.begin(Meter::Doing::advance);
    }
    first = last;
    if (!again && phase_ == Progress::Phase::forward) tell_progress(false);
    if (may_stop && (phase_ == Progress::Phase::reverse || live_ == high_water_))  // what is kept is of x_high_water
      stop_where_asked();
  }
}

void Executor::compare_live(Step step) {
  meter_.begin(Meter::Doing::other);
  first_sums_->see(step, parts_.state.sum(step));
}

void Executor::measure_pace(Step steps, double seconds) {
  const double fits = piece_seconds * static_cast<double>(steps) / std::max(seconds, 1e-9);
  const double doubled = static_cast<double>(steps >= piece_ ? 2 * piece_ : piece_);  // one step may not speak for all
  piece_ = std::max<Step>(1, static_cast<Step>(std::min({fits, doubled, static_cast<double>(limits::steps)})));
}

void Executor::keep(Level level, Step step) {
  if (first_sums_ && !first_sums_->has_seen(step)) compare_live(step);
  const Slot slot = claim(level, step);
  try {
    if (!tiers().in_memory(level)) {
      save_live(level, slot, step);
      return keep_beside_snapshot(level, step);
    }
    Pool::Buffer buffer = take_loaded(step);
    Checksum sum{};
    if (!buffer) {
      buffer = take_buffer();
      sum = copy_out(level, step, buffer.bytes());
    }
    tiers().ram()->adopt(slot, step, std::move(buffer), sum);
    meter_.begin(Meter::Doing::other);
  } catch (...) {
    catalog_.remove(level, step);
    throw;
  }
  keep_beside_snapshot(kept_level_, step);
}

// In the first sweep only beside a snapshot: from there a later process goes on, or from the one before it.
void Executor::keep_beside_snapshot(Level level, Step step) {
  if (!kept_ || phase_ != Progress::Phase::forward || step == 0 || step != high_water_ || !kept_->is_due()) return;
  write_kept(level, kept_level_, kept_->tier(), kept_->prepare({.reverse = false, .step = step}, copier_));
}

void Executor::restore_now(Level level, Step step) {
  const Slot slot = catalog_.at(level, step);
  live_.reset();
  if (tiers().in_memory(level)) {
    const auto [bytes, sum] = tiers().ram()->view_unchecked(slot, step);
    copy_in({.level = level, .slot = slot, .step = step, .bytes = bytes, .sum = sum});
    meter_.begin(Meter::Doing::other);
  } else {
    load_live(level, slot, step);
  }
  live_ = step;
  if (first_sums_) first_sums_->restored(step);
}

void Executor::keep_start() {
  if (live_ == 0 && high_water_ == 0 && catalog_.copies(0) == 0) {
    withheld_ = Level{0};  // unknown to the plan
    keep(Level{0}, 0);
  }
}

void Executor::make_room(Level level) {
  if (!catalog_.full(level) || withheld_ != level || catalog_.copies(0) < 2) return;
  drop(level, 0);
  withheld_.reset();
}

Slot Executor::claim(Level level, Step step) {
  make_room(level);
  const Slot slot = catalog_.add(level, step);
  note_peak(level);
  return slot;
}

void Executor::note_peak(Level level) {
  Slots& peak = counts_.levels[index(level)].peak;
  peak = std::max(peak, catalog_.held(level) - (withheld_ == level ? 1 : 0));
}

void Executor::drop(Level level, Step step) {
  const Slot slot = catalog_.remove(level, step);
  if (!retired_[index(level)]) return release(level, slot);
  end_transfers();
  tiers().at(level).drop(slot);  // its device may refuse a release, too
}

Pool::Buffer Executor::take_buffer() {
  if (std::optional<Pool::Buffer> buffer = tiers().pool().try_take()) return std::move(*buffer);
  waiting_for(Level{tiers().levels() - 1});  // whose writes hold it is not known; the slowest is the likeliest
  Pool::Buffer buffer = tiers().pool().take();
  work_goes_on();
  return buffer;
}

Pool::Buffer Executor::spare_buffer() {
  if (borrows()) drop_loaded();
  if (std::optional<Pool::Buffer> buffer = tiers().pool().try_take()) return std::move(*buffer);
  waiting_for(Level{tiers().levels() - 1});
  end_transfers();
  work_goes_on();
  if (std::optional<Pool::Buffer> buffer = tiers().pool().try_take()) return std::move(*buffer);
  if (!beside_) {
    beside_ = std::make_unique<Pool>(1, parts_.layout.buffer_bytes());
    beside_->touch(1);
  }
  return beside_->take();
}

void Executor::waiting_for(Level level) {
  meter_.begin(Meter::Doing::stall);
  waiting_for_ = level;
}

void Executor::work_goes_on(Meter::Doing doing) {
  stall_seconds_[index(waiting_for_)] += meter_.begin(doing);
}

/// Once, and not before the operators have run: until then they have no team.
void Executor::find_team() {
  if (!looks_for_team_ || (steps_run_ == Count{} && turned_ == 0)) return;
  looks_for_team_ = false;
  copier_.join(Team::of_this_thread());
}

Checksum Executor::copy_out(Level to, Step step, std::span<std::byte> buffer) {
  find_team();
  meter_.begin(Meter::Doing::copy);
  ++copies_;
  if (tiers().at(to).sums()) return parts_.state.save_and_sum(step, parts_.layout, buffer, copier_);
  parts_.state.save(step, parts_.layout, buffer, copier_);
  return {};
}

void Executor::copy_in(const Loaded& loaded) {
  find_team();
  meter_.begin(Meter::Doing::copy);
  ++copies_;
  if (loaded.sum == Checksum{}) return parts_.state.load(loaded.step, parts_.layout, loaded.bytes, copier_);
  const Checksum found = parts_.state.load_and_sum(loaded.step, parts_.layout, loaded.bytes, copier_, loaded.sum);
  if (found != loaded.sum) throw tiers().at(loaded.level).wrong_sum(loaded.slot, loaded.step, found, loaded.sum);
}

void Executor::check(const Loaded& loaded) {
  if (loaded.sum == Checksum{}) return;
  const Checksum found = checksum_of(parts_.layout, loaded.bytes);
  if (found != loaded.sum) throw tiers().at(loaded.level).wrong_sum(loaded.slot, loaded.step, found, loaded.sum);
}

}  // namespace cairn
