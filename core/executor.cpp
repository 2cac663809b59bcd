// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/executor.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr double progress_seconds = 0.1;  // between two calls of the user's callback

std::size_t index(Level level) {
  return static_cast<std::size_t>(level.rank);
}

}  // namespace

Executor::Executor(const Parts& parts, std::optional<int> copy_threads)
    : parts_{parts},
      copier_{copy_threads.value_or(copy_threads_here()), parts.layout.places().size(),
              parts.layout.snapshot_bytes().count},
      looks_for_team_{!copy_threads && parts.layout.snapshot_bytes().count >= Copier::least_shared_bytes},
      catalog_{parts.tiers.slots()},
      retired_(static_cast<std::size_t>(parts.tiers.levels())),
      stall_seconds_(static_cast<std::size_t>(parts.tiers.levels())) {}

void Executor::begin(std::optional<Step> steps, std::unique_ptr<Schedule> schedule, Planner* planner) {
  forget_stored();
  if (schedule) release_below(true);  // a resume that failed half-way leaves snapshots that nobody holds
  off_plan_ = stale_ = false;         // an exception may have left them
  phase_ = Progress::Phase::forward;
  planner_ = planner;
  record_.reset();
  tiers().pool().touch(steps ? *steps + 1 : tiers().pool().buffers());
  schedule_ = std::move(schedule);
  steps_ = steps;
  live_ = 0;
  high_water_ = 0;
  if (first_sums_) first_sums_->begin();
  withheld_.reset();
  counts_ = {};
  copies_ = {};
  healed_ = {};
  steps_run_ = {};
  counts_.levels.resize(index(Level{tiers().levels()}));
  meter_.reset();
  std::ranges::fill(stall_seconds_, 0.0);
  retired_.assign(stall_seconds_.size(), false);
  turned_ = 0;
  if (planner_) planner_->sweep_begins();
#ifndef NDEBUG
  replay_ = steps ? Replay{*steps + 1, tiers().slots()} : Replay::of_unknown_steps(tiers().slots());
#endif
}

void Executor::record(std::size_t most_actions) {
  record_ = std::make_shared<std::vector<Action>>();
  record_->reserve(most_actions);
}

std::shared_ptr<const std::vector<Action>> Executor::recorded() const {
  return record_ && record_->size() < record_->capacity() ? record_ : nullptr;
}

Observed Executor::observed() const {
  const auto sum = [](double seconds, Count count) {
    return Observed::Sum{.time = seconds, .count = static_cast<double>(count.value())};
  };
  Observed observed{.advances = sum(meter_.seconds(Meter::Doing::advance), steps_run_),
                    .turns = sum(meter_.seconds(Meter::Doing::turn), Count{static_cast<std::uint64_t>(turned_)}),
                    .copies = sum(meter_.seconds(Meter::Doing::copy), copies_),
                    .levels = {},
                    .time = meter_.total_seconds()};
  for (std::int32_t rank = 0; rank < tiers().levels(); ++rank) {
    const Tier::Pace pace = tiers().at(Level{rank}).pace();
    observed.levels.push_back({.saves = sum(pace.save_seconds, Count{pace.saves}),
                               .loads = sum(pace.load_seconds, Count{pace.loads}),
                               .save_under_way = pace.save_under_way,
                               .load_under_way = pace.load_under_way});
  }
  return observed;
}

void Executor::forward() {
  forward_begins();
  up_to_the_seed();
}

Step Executor::forward_while(const std::function<bool()>& more, Step most) {
  forward_begins();
  keep_start();  // more() may throw
  Step step = *live_;
  for (; step < high_water_ || more(); ++step) {
    if (step == most)
      throw std::length_error{fmt::format("the loop goes on after {} steps; a run has at most that many", most)};
    step_on(step);
  }
  schedule_->finish(step + 1);
  if (planner_) planner_->loop_ended(step + 1);
#ifndef NDEBUG
  replay_->finish(step + 1);
#endif
  steps_ = step;
  up_to_the_seed();
  return step;
}

void Executor::forward_begins() {
  phase_ = Progress::Phase::forward;
  phase_began_ = told_ = stalled_before_ = 0;
  meter_.begin(Meter::Doing::other);
}

void Executor::step_on(Step step) {
  while (std::optional<Action> action = schedule_->next()) {
    carry_out(*action);
    if (std::holds_alternative<Advance>(*action)) break;
  }
  if (live_ != step + 1)
    throw std::logic_error{fmt::format("until the loop ends a schedule advances by one step; not so at step {}", step)};
}

void Executor::up_to_the_seed() {
  while (std::optional<Action> action = schedule_->next()) {
    if (const auto* advance = std::get_if<Advance>(&*action); advance && planner_) {
      advance_watched(advance->steps);
      continue;
    }
    or_without_a_tier(*action);
    if (std::holds_alternative<Turn>(*action)) break;  // of step n: the user's seed
  }
  end_of_a_sweep();
  meter_.begin(Meter::Doing::paused);
  tell_progress(true);
}

// Piece by piece, so that a plan that turns out wrong ends where it stands.
void Executor::advance_watched(Steps steps) {
  replanned_ = false;
  for (Step first = steps.first; first < steps.last;) {
    const Step last = std::min(steps.last, first + piece_);
    or_without_a_tier(Advance{{first, last}});
    if (replanned_) return;
    first = last;
    if (last < steps_ && planner_->is_due(false) && plan_anew({})) return;
  }
}

bool Executor::plan_anew(std::optional<Step> turned) {
  const Standing standing{.to_turn = turned.value_or(0), .live = turned ? std::nullopt : live_, .stored = stored()};
  std::unique_ptr<Schedule> fresh = planner_->plan_anew(standing, *schedule_);
  if (!fresh) return false;
  schedule_ = std::move(fresh);
  withheld_.reset();  // the new plan knows of x_0
#ifndef NDEBUG
  replay_ = Replay{turned.value_or(*steps_ + 1), tiers().slots(), standing.stored, standing.live};
#endif
  if (turned) plan_changed(*schedule_);
  return true;
}

void Executor::reverse() {
  meter_.begin(Meter::Doing::other);
  phase_ = Progress::Phase::reverse;
  phase_began_ = told_ = meter_.total_seconds();
  stalled_before_ = meter_.seconds(Meter::Doing::stall);
  live_.reset();
  if (stale_) plan_from_what_is_stored();
  reverse_begins(*schedule_);
  replanned_ = false;
  while (std::optional<Action> action = schedule_->next()) {
    or_without_a_tier(*action);
    if (std::exchange(replanned_, false)) continue;  // who looks ahead looks at the new plan already
    const auto* turn = std::get_if<Turn>(&*action);
    if (turn) stop_where_asked();
    if (turn && kept_ && kept_->is_due()) keep_now({.reverse = true, .step = turn->step});
    if (stale_) {
      plan_from_what_is_stored();
      replanned_ = false;
      continue;
    }
    if (turn && planner_ && turn->step > 0 && planner_->is_due(true) && plan_anew(turn->step)) continue;
    look_ahead(*action);
  }
  reverse_ends();
  end_of_a_sweep();
  bring(0);
  meter_.begin(Meter::Doing::paused);
  tell_progress(true);
}

void Executor::bring(Step step) {
  if (live_ == step) return;
  const std::optional<Catalog::Entry> stored = catalog_.nearest(step);
  const bool go_on = live_ && *live_ <= step && (!stored || *live_ >= stored->step);
  if (!go_on) {
    if (!stored)
      throw StorageError{
          StorageError::Kind::absent, {.tier = tiers().at(Level{0}).kind(), .file = {}}, "x_0 is not stored"};
    off_plan_ = true;
    try {
      restore_now(stored->level, stored->step);
    } catch (const StorageError& problem) {
      if (!heals_off_plan(problem, *stored)) throw;
      stale_ = true;
      return bring(step);
    }
    off_plan_ = false;
  }
  high_water_ = std::max(high_water_, step);  // whatever runs here runs again, also where a sweep stopped before
  run_steps({*live_, step});
}

void Executor::restart() {
  forget_what_was_lost();
  live_.reset();
  if (schedule_ || catalog_.copies(0) > 0) bring(0);  // a resume that failed has no schedule yet
  meter_.begin(Meter::Doing::paused);
}

bool Executor::stands(const Catalog::Entry& entry) {
  const Ledger::Stored& stored = tiers().at(entry.level).ledger().at(entry.slot);
  return stored.status == SlotStatus::valid && stored.step == entry.step;
}

void Executor::release_below(bool every_slot) {
  for (Level level{0}; level.rank < tiers().levels(); ++level.rank) {
    Tier& tier = tiers().at(level);
    const Slots end = every_slot ? tier.slots() : catalog_.used(level);
    for (Slot slot; slot.index < end; ++slot.index) {
      if (tier.ledger().at(slot).status != SlotStatus::valid) continue;
      retired_[index(level)] ? static_cast<void>(tier.drop(slot)) : tier.release(slot);
    }
  }
}

void Executor::forget_stored() {
  settle();
  forget_failures();
  lost_start().give_back();
  release_below(false);
  catalog_.clear();
  schedule_.reset();
}

void Executor::carry_out(const Action& action) {
#ifndef NDEBUG
  replay_->apply(action);
#endif
  ++counts_.actions;
  if (record_ && record_->size() < record_->capacity()) record_->push_back(action);
  std::visit([this](const auto& what) { on(what); }, action);
}

void Executor::tell_progress(bool last) {
  if (!progress_) return;
  const double now = meter_.total_seconds();
  if (!last && now - told_ < progress_seconds) return;
  told_ = now;
  Progress progress{.phase = phase_, .elapsed_seconds = now - phase_began_};
  progress.done = phase_ == Progress::Phase::forward ? high_water_ : turned_;
  if (steps_) progress.left = *steps_ - progress.done;
  if (steps_ && progress.done > 0)
    progress.left_seconds =
        progress.elapsed_seconds * static_cast<double>(*progress.left) / static_cast<double>(progress.done);
  if (progress.elapsed_seconds > 0)
    progress.stall_share = (meter_.seconds(Meter::Doing::stall) - stalled_before_) / progress.elapsed_seconds;
  progress_(progress);
}

}  // namespace cairn
