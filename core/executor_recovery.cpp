// SPDX-License-Identifier: BSD-3-Clause
// The rest of a sweep from what is stored: begun by an earlier process, after a snapshot or a tier was lost, or for a
// later process.
#include <cairn/core/executor.hpp>
#include <cairn/schedulers/recorded_plan.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

std::size_t index(Level level) {
  return static_cast<std::size_t>(level.rank);
}

}  // namespace

void Executor::hold(const std::vector<Catalog::Entry>& stored) {
  for (const Catalog::Entry& entry : stored) {
    catalog_.hold(entry.level, entry.step, entry.slot);
    note_peak(entry.level);
    const Checksum& sum = tiers().at(entry.level).ledger().at(entry.slot).checksum;
    if (first_sums_ && sum != Checksum{}) first_sums_->know(entry.step, sum);
  }
  prove_start();
  if (catalog_.copies(0) > 0) return;
  leave_a_buffer();
  Level level{0};
  while (catalog_.full(level) && level < slowest()) ++level.rank;
  if (catalog_.full(level)) drop(level, catalog_.latest(level));  // it can be computed again
  keep(level, 0);
}

/// x_0 is live now, and not in a later restore: what is stored of it must be whole.
void Executor::prove_start() {
  const Pool::Buffer buffer = spare_buffer();
  for (const Catalog::Entry& entry : catalog_.entries()) {
    if (entry.step != 0) continue;
    try {
      tiers().at(entry.level).load(entry.slot, 0, buffer.bytes());
    } catch (const StorageError& problem) {
      log(spdlog::level::warn, "x_0 is stored anew: {}", problem.what());
      tiers().at(entry.level).drop(catalog_.remove(entry.level, 0));
    }
  }
}

std::vector<Problem::Stored> Executor::stored() const {
  std::vector<Problem::Stored> stored;
  for (const Catalog::Entry& entry : catalog_.entries()) stored.push_back({entry.step, entry.level});
  return stored;
}

void Executor::go_on(Step to_turn, std::optional<Step> live, std::unique_ptr<Schedule> schedule, Planner* planner) {
  schedule_ = std::move(schedule);
  planner_ = planner;
  if (planner_) planner_->sweep_begins();
  high_water_ = live.value_or(*steps_);
  if (first_sums_) first_sums_->ran_before(high_water_);
  turned_ = live ? 0 : *steps_ - to_turn;
  if (!live) ++counts_.turns;  // of the seed, in an earlier process
#ifndef NDEBUG
  if (to_turn > 0) replay_ = Replay{to_turn, tiers().slots(), stored(), live};
#endif
}

void Executor::go_on_in_loop(Step live, std::unique_ptr<Schedule> schedule, Planner* planner) {
  schedule_ = std::move(schedule);
  planner_ = planner;
  if (planner_) planner_->sweep_begins();
  high_water_ = live;
  if (first_sums_) first_sums_->ran_before(high_water_);
  turned_ = 0;
#ifndef NDEBUG
  replay_ = Replay::of_unknown_steps(tiers().slots(), stored(), live);
#endif
}

void Executor::take_up(Step first) {
  meter_.begin(Meter::Doing::other);
  forget_what_was_lost();
  live_.reset();
  off_plan_ = stale_ = replanned_ = false;
  withheld_.reset();  // the plan to come knows of x_0
  record_.reset();    // an action may have ended half-way
  if (!start_is_stored())
    throw StorageError{StorageError::Kind::absent, {.tier = tiers().at(Level{0}).kind(), .file = {}}, "x_0 is lost"};
  for (const Catalog::Entry& entry : catalog_.entries())
    if (entry.step >= first && entry.step > 0) drop(entry.level, entry.step);
}

std::optional<Step> Executor::latest_stored(Step most) const {
  const std::optional<Catalog::Entry> latest = catalog_.nearest(most);
  return latest ? std::optional{latest->step} : std::nullopt;
}

void Executor::keep_stored(Step step) {
  if (catalog_.copies(step) > 0) return;
  const bool ram_has_room = tiers().levels() == 1 || catalog_.held(Level{0}) + 1 < tiers().pool().buffers();
  Level level{tiers().in_memory(Level{0}) && !ram_has_room ? 1 : 0};
  while (level < slowest() && (catalog_.full(level) || retired_[index(level)])) ++level.rank;
  if (!catalog_.full(level) && !retired_[index(level)]) keep(level, step);
}

void Executor::keep_now(const Position& position) {
  try {
    write_kept_now(position);
  } catch (const StorageError& problem) {
    if (!retires(problem)) throw;
    stale_ = true;
  }
}

void Executor::write_kept_now(const Position& position) {
  if (!kept_) return;
  meter_.begin(Meter::Doing::copy);
  Kept::Commit commit = kept_->prepare(position, copier_);
  waiting_for(kept_level_);
  write_kept(kept_level_, kept_level_, kept_->tier(), std::move(commit));
  work_goes_on();
}

// A snapshot whose bytes are lost is computed again from an earlier one.
bool Executor::heals(const StorageError& problem, Level level, Step step) {
  const bool lost = problem.kind() == StorageError::Kind::corrupt || problem.kind() == StorageError::Kind::io;
  if (!plan_rest_ || !lost || (step == 0 && catalog_.copies(0) < 2)) return false;
  work_goes_on();
  settle();          // the tier is ours then
  throw_failures();  // where the lane threw that of a save, nothing is lost
  log(spdlog::level::warn, "a snapshot is lost, x_{} is computed again: {}", step, problem.what());
  lose(level, step);
  return true;
}

/// Of a restore that no plan asked for. Where the lane threw the failure of a save, its tier may be done without.
bool Executor::heals_off_plan(const StorageError& problem, const Catalog::Entry& entry) {
  try {
    if (heals(problem, entry.level, entry.step)) return true;
    settle();
    throw_failures();
    return false;
  } catch (const StorageError& of_a_save) {
    return retires(of_a_save);
  }
}

void Executor::lose(Level level, Step step) {
  if (step == 0 && withheld_ == level) withheld_.reset();
  tiers().at(level).drop(catalog_.remove(level, step));
  ++healed_;
}

// A tier that cannot save is retired, and the rest is planned for the others.
void Executor::or_without_a_tier(const Action& action) {
  try {
    carry_out(action);
  } catch (const StorageError& problem) {
    const auto* restore = std::get_if<Restore>(&action);
    const bool start_is_gone = restore && restore->step == 0 && retired_[index(restore->level)];
    if ((start_is_gone && !a_lane_failed()) || !retires(problem)) throw;  // else it would be asked for again and again
    plan_from_what_is_stored();
  }
}

/// Has a save or release failed? A load's failure is its own.
bool Executor::a_lane_failed() {
  settle();
  try {
    throw_failures();
    return false;
  } catch (const StorageError&) {
    return true;
  }
}

void Executor::end_of_a_sweep() {
  try {
    throw_failures();
  } catch (const StorageError& problem) {
    if (!retires(problem)) throw;
    stale_ = true;
  }
}

bool Executor::retires(const StorageError& problem) {
  if (!does_without(problem)) return false;
  work_goes_on();
  forget_what_was_lost();
  return start_is_stored();
}

/// False where the tier of that file cannot be done without, or is no tier's.
bool Executor::does_without(const StorageError& problem) {
  const bool for_good = problem.kind() == StorageError::Kind::full || problem.kind() == StorageError::Kind::io;
  if (!retires_ || !plan_rest_ || !steps_ || !for_good || problem.file().empty()) return false;
  if (kept_ && kept_->tier().file() == problem.file()) {
    log(spdlog::level::err, "nothing is kept from here on, so that this run cannot be resumed: {}", problem.what());
    kept_ = nullptr;
  } else if (const std::optional<Level> level = level_that_failed(problem)) {
    log(spdlog::level::err, "the {} tier is retired, the run goes on without it, slower: {}", tiers().at(*level).kind(),
        problem.what());
    retired_[index(*level)] = true;
  } else {
    return false;
  }
  return true;
}

/// Where x_0 was on its way to a tier that failed, it goes to another one.
bool Executor::start_is_stored() {
  if (catalog_.copies(0) > 0) return true;
  const Pool::Buffer lost = lost_start();
  Level level{0};
  while (level < slowest() && retired_[index(level)]) ++level.rank;
  if ((!lost && live_ != 0) || retired_[index(level)]) return false;
  if (catalog_.full(level)) drop(level, catalog_.latest(level));  // it can be computed again
  leave_a_buffer();
  withheld_.reset();
  if (!lost) {
    keep(level, 0);
    return true;
  }
  end_transfers();  // of a release, perhaps; the tiers are ours then
  const Slot slot = claim(level, 0);
  if (tiers().in_memory(level)) {
    Pool::Buffer buffer = take_buffer();
    std::ranges::copy(lost.bytes(), buffer.bytes().begin());
    tiers().ram()->adopt(slot, 0, std::move(buffer));
  } else {
    tiers().at(level).save(slot, 0, lost.bytes());
  }
  return true;
}

bool Executor::goes_on_without(const std::vector<StorageError>& problems) {
  if (problems.empty()) return true;
  for (const StorageError& problem : problems)  // all of them, before x_0 is stored where it may stay
    if (!does_without(problem)) return false;
  forget_what_was_lost();
  if (!start_is_stored()) return false;
  plan_from_what_is_stored();
  return true;
}

/// The level of that file, where it may go and another remains.
std::optional<Level> Executor::level_that_failed(const StorageError& problem) const {
  std::optional<Level> failed;
  std::size_t others = 0;
  for (Level level{0}; level.rank < tiers().levels(); ++level.rank) {
    if (tiers().at(level).file() == problem.file())
      failed = level;
    else if (!retired_[index(level)])
      ++others;
  }
  if (!failed || retired_[index(*failed)] || others == 0) return std::nullopt;
  return failed;
}

// A lane that failed has dropped saves and releases.
void Executor::forget_what_was_lost() {
  settle();
  forget_failures();
  for (const Catalog::Entry& entry : catalog_.entries())
    if (!stands(entry)) catalog_.remove(entry.level, entry.step);
  for (Level level{0}; level.rank < tiers().levels(); ++level.rank) {
    Tier& tier = tiers().at(level);
    for (Slot slot; slot.index < catalog_.used(level); ++slot.index) {
      const Ledger::Stored& held = tier.ledger().at(slot);
      if (held.status == SlotStatus::valid && catalog_.find(level, held.step) != slot) tier.drop(slot);
    }
  }
}

void Executor::stop_where_asked() const {
  if (stop_asked_ && stop_asked_()) throw StopAsked{};
}

Position Executor::commit_position() {
  drop_loaded();
  const bool reverse = phase_ == Progress::Phase::reverse;
  const Position at{.reverse = reverse, .step = reverse ? *steps_ - turned_ : live_.value_or(0)};
  if (reverse) {
    write_kept_now(at);
  } else if (const Level level = slowest_in_use(); at.step > 0 && tiers().outlives_process(level)) {
    if (!catalog_.find(level, at.step)) {
      leave_a_buffer();
      if (catalog_.full(level)) drop(level, catalog_.latest(level));  // it can be computed again
      keep(level, at.step);
    }
    write_kept_now(at);
  }
  settle();
  throw_failures();
  meter_.begin(Meter::Doing::paused);
  return at;
}

/// The slowest that is not retired; at least one is not.
Level Executor::slowest_in_use() const {
  Level level = slowest();
  while (level.rank > 0 && retired_[index(level)]) --level.rank;
  return level;
}

/// Those of `overlap` do; whoever else saves needs a buffer to stage in.
void Executor::leave_a_buffer() {
  const bool ram_holds_all =
      tiers().in_memory(Level{0}) && tiers().levels() > 1 && catalog_.held(Level{0}) == tiers().pool().buffers();
  if (ram_holds_all) drop(Level{0}, catalog_.latest(Level{0}));  // it can be computed again
}

void Executor::plan_from_what_is_stored() {
  leave_a_buffer();
  const bool first_sweep = turned_ == 0 && phase_ == Progress::Phase::forward;
  const Standing standing{.to_turn = first_sweep ? *steps_ + 1 : *steps_ - turned_, .live = {}, .stored = stored()};
  Rest rest{std::make_unique<RecordedPlan>(std::make_shared<const std::vector<Action>>()), nullptr};  // nothing to do
  if (standing.to_turn > 0) rest = plan_rest_(standing, retired_);
  schedule_ = std::move(rest.schedule);
  planner_ = rest.planner;
  if (planner_) planner_->sweep_begins();
  stale_ = false;
  replanned_ = true;
  withheld_.reset();  // the new plan knows of x_0
#ifndef NDEBUG
  replay_ = Replay{standing.to_turn, tiers().slots(), standing.stored, std::nullopt};
#endif
  if (phase_ == Progress::Phase::reverse) plan_changed(*schedule_);  // nothing is read ahead before
}

}  // namespace cairn
