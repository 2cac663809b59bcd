// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/async_executor.hpp>

#include <algorithm>
#include <map>
#include <new>
#include <utility>

namespace cairn {

AsyncExecutor::AsyncExecutor(const Parts& parts, const LaneSetting& setting, std::optional<int> copy_threads)
    : Executor{parts, copy_threads} {
  std::map<std::uint64_t, std::size_t> by_device;
  for (std::int32_t rank = 0; rank < tiers().levels(); ++rank) {
    if (tiers().in_memory(Level{rank})) {
      lane_of_.push_back(none);
      continue;
    }
    const std::optional<std::uint64_t> device = tiers().at(Level{rank}).device();
    const auto [known, fresh] = device ? by_device.emplace(*device, lanes_.size()) : std::pair{by_device.end(), true};
    lane_of_.push_back(fresh ? lanes_.size() : known->second);
    if (!fresh) continue;
    lanes_.push_back(std::make_unique<Lane>(setting));
    lanes_.back()->on_lost([this](Step step, std::span<const std::byte> snapshot) { note_lost(step, snapshot); });
  }
}

AsyncExecutor::~AsyncExecutor() {
  settle();
}

void AsyncExecutor::end_transfers() noexcept {
  for (const std::unique_ptr<Lane>& lane : lanes_) lane->drain();
}

void AsyncExecutor::settle() noexcept {
  end_transfers();
  for (Ahead& ahead : ahead_) {
    ahead.load.buffer.give_back();
    ahead.reading = false;
  }
  loaded_.give_back();
  reading_ahead_ = 0;
}

double AsyncExecutor::lane_seconds(Level level) const {
  return lane_of_[static_cast<std::size_t>(level.rank)] == none ? 0 : lane(level).figures().busy_seconds;
}

std::size_t AsyncExecutor::saves_under_way(Level level) const {
  return tiers().in_memory(level) ? 0 : lane(level).pending_saves(tiers().at(level));
}

void AsyncExecutor::save_live(Level level, Slot slot, Step step) {
  Pool::Buffer buffer = take_loaded(step);
  Checksum sum = loaded_sum_;
  if (!buffer) {
    buffer = take_buffer();
    sum = copy_out(level, step, buffer.bytes());
  }
  queue_save(level, slot, step, std::move(buffer), sum);
}

void AsyncExecutor::queue_save(Level level, Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum) {
  waiting_for(level);
  lane(level).save(tiers().at(level), slot, step, std::move(buffer), sum);
  work_goes_on();
}

void AsyncExecutor::load_live(Level level, Slot slot, Step step) {
  drop_loaded();
  Fetched fetched = fetch(level, slot, step);
  copy_in({.level = level, .slot = slot, .step = step, .bytes = fetched.buffer.bytes(), .sum = fetched.sum});
  meter().begin(Meter::Doing::other);
  loaded_ = std::move(fetched.buffer);
  loaded_step_ = step;
  loaded_sum_ = fetched.sum;
}

Pool::Buffer AsyncExecutor::take_loaded(Step step) {
  if (loaded_step_ != step || borrows()) drop_loaded();
  return std::move(loaded_);
}

void AsyncExecutor::drop_loaded() {
  loaded_.give_back();
}

AsyncExecutor::Ahead* AsyncExecutor::find_ahead(Level level, Step step) {
  const auto found = std::ranges::find_if(
      ahead_, [&](const Ahead& ahead) { return ahead.reading && ahead.level == level && ahead.load.step == step; });
  return found == ahead_.end() ? nullptr : &*found;
}

AsyncExecutor::Fetched AsyncExecutor::fetch(Level level, Slot slot, Step step) {
  if (Ahead* const ahead = find_ahead(level, step)) {
    ahead->reading = false;
    --reading_ahead_;
    waiting_for(level);
    lane(level).load(ahead->load);
    work_goes_on();
    return {std::move(ahead->load.buffer), ahead->load.sum};
  }
  Lane::Load load;
  load.tier = &tiers().at(level);
  load.slot = slot;
  load.step = step;
  load.buffer = buffer_for_load();
  waiting_for(level);
  lane(level).load(load);
  work_goes_on();
  return {std::move(load.buffer), load.sum};
}

void AsyncExecutor::transfer(const Move& move, Slot from, Slot to) {
  Pool::Buffer buffer;
  Checksum sum{};
  if (tiers().in_memory(move.from)) {
    buffer = tiers().ram()->lend(from, move.step);
  } else {
    Fetched fetched = fetch(move.from, from, move.step);
    check({.level = move.from, .slot = from, .step = move.step, .bytes = fetched.buffer.bytes(), .sum = fetched.sum});
    buffer = std::move(fetched.buffer);
    sum = fetched.sum;
  }
  if (tiers().in_memory(move.to))
    tiers().ram()->adopt(to, move.step, std::move(buffer), sum);
  else
    queue_save(move.to, to, move.step, std::move(buffer), sum);
}

void AsyncExecutor::release(Level level, Slot slot) {
  if (tiers().in_memory(level))
    tiers().at(level).release(slot);
  else
    lane(level).release(tiers().at(level), slot);
}

/// x_0 cannot be computed again. It is copied, for whoever waits for a buffer of the pool hears of no failure.
void AsyncExecutor::note_lost(Step step, std::span<const std::byte> snapshot) {
  if (step != 0) return;
  const std::scoped_lock lock{lost_mutex_};
  if (lost_start_) return;
  try {
    if (!for_lost_) for_lost_ = std::make_unique<Pool>(1, Bytes{snapshot.size()});
    for_lost_->touch(1);
    lost_start_ = for_lost_->take();
    std::ranges::copy(snapshot, lost_start_.bytes().begin());
  } catch (const std::bad_alloc&) {  // then it is lost
  }
}

void AsyncExecutor::forget_failures() {
  for (const std::unique_ptr<Lane>& lane : lanes_) lane->clear_failure();
}

void AsyncExecutor::reverse_begins(const Schedule& schedule) {
  if (lanes_.empty()) return;
  follow(schedule);
  keep_what_is_wanted();  // a sweep that failed has left some
  read_what_is_wanted();
}

void AsyncExecutor::follow(const Schedule& schedule) {
  const bool in_memory = tiers().ram() != nullptr;
  Scout::Begin begin{.buffers = tiers().pool().touched(),
                     .in_memory = in_memory,
                     .live = in_memory ? catalog().held(Level{0}) : 0,
                     .start = in_memory && catalog().find(Level{0}, 0).has_value()};
  for (const std::size_t lane : lane_of_) begin.lanes.push_back(lane == none ? 0 : lane);
  scout_.emplace(schedule.clone(), begin);
}

void AsyncExecutor::plan_changed(const Schedule& schedule) {
  if (!scout_) return;
  follow(schedule);
  keep_what_is_wanted();
  read_what_is_wanted();
}

// Of what was read ahead for another plan.
void AsyncExecutor::keep_what_is_wanted() {
  std::vector<const Ahead*> kept;
  while (const std::optional<Restore> wanted = scout_->wanted(static_cast<Slots>(kept.size()))) {
    const Ahead* const ahead = find_ahead(wanted->level, wanted->step);
    if (!ahead) break;
    kept.push_back(ahead);
    scout_->taken();
  }
  for (Ahead& ahead : ahead_) {
    if (!ahead.reading || std::ranges::find(kept, &ahead) != kept.end()) continue;
    waiting_for(ahead.level);
    try {
      lane(ahead.level).load(ahead.load);
    } catch (const StorageError&) {  // whoever restores it will see
    }
    work_goes_on();
    ahead.load.buffer.give_back();
    ahead.reading = false;
    --reading_ahead_;
  }
}

void AsyncExecutor::look_ahead(const Action&) {
  if (!scout_) return;
  scout_->follow();
  read_what_is_wanted();
}

void AsyncExecutor::read_what_is_wanted() {
  while (reading_ahead_ < ahead_.size()) {
    const std::optional<Restore> wanted = scout_->wanted(static_cast<Slots>(reading_ahead_));
    if (!wanted || !read_ahead(*wanted)) return;
    scout_->taken();
  }
}

bool AsyncExecutor::read_ahead(const Restore& restore) {
  const std::optional<Slot> slot = catalog().find(restore.level, restore.step);
  Tier& tier = tiers().at(restore.level);
  if (!slot || lane(restore.level).is_pending(tier, *slot)) return false;  // not stored yet
  std::optional<Pool::Buffer> buffer = tiers().pool().try_take();
  if (!buffer) return false;
  Ahead& ahead = *std::ranges::find(ahead_, false, &Ahead::reading);
  ahead.reading = true;
  ahead.level = restore.level;
  ahead.load.tier = &tier;
  ahead.load.slot = *slot;
  ahead.load.step = restore.step;
  ahead.load.buffer = std::move(*buffer);
  ++reading_ahead_;
  try {
    lane(restore.level).read_ahead(ahead.load);
  } catch (const StorageError&) {  // of a save; the next transfer will hear of it
    ahead.load.buffer.give_back();
    ahead.reading = false;
    --reading_ahead_;
    return false;
  }
  return true;
}

void AsyncExecutor::reverse_ends() {
  scout_.reset();
  settle();
}

void AsyncExecutor::throw_failures() {
  for (const std::unique_ptr<Lane>& lane : lanes_) lane->rethrow_failure();
}

void AsyncExecutor::write_kept(Level level, Level kept_level, Tier& tier, Kept::Commit commit) {
  if (tiers().in_memory(kept_level)) {  // then everything is
    if (commit.replaces) tier.release(commit.slot);
    return tier.save(commit.slot, commit.step, commit.buffer.bytes(), commit.sum);
  }
  if (lane_of_[static_cast<std::size_t>(level.rank)] != lane_of_[static_cast<std::size_t>(kept_level.rank)])
    lane(level).drain();
  if (commit.replaces) lane(kept_level).release(tier, commit.slot);
  lane(kept_level).save(tier, commit.slot, commit.step, std::move(commit.buffer), commit.sum);
}

}  // namespace cairn
