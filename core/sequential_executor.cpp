// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/sequential_executor.hpp>

#include <utility>

namespace cairn {

void SequentialExecutor::save_live(Level level, Slot slot, Step step) {
  const Pool::Buffer staging = take_buffer();
  const Checksum sum = copy_out(level, step, staging.bytes());
  waiting_for(level);
  tiers().at(level).save(slot, step, staging.bytes(), sum);
  work_goes_on();
}

void SequentialExecutor::load_live(Level level, Slot slot, Step step) {
  const Pool::Buffer staging = buffer_for_load();
  waiting_for(level);
  const Checksum sum = tiers().at(level).load_unchecked(slot, step, staging.bytes());
  work_goes_on();
  copy_in({.level = level, .slot = slot, .step = step, .bytes = staging.bytes(), .sum = sum});
  meter().begin(Meter::Doing::other);
}

void SequentialExecutor::transfer(const Move& move, Slot from, Slot to) {
  Pool::Buffer staging;
  if (tiers().in_memory(move.from)) {
    staging = tiers().ram()->lend(from, move.step);
  } else {
    staging = take_buffer();
    waiting_for(move.from);
    tiers().at(move.from).load(from, move.step, staging.bytes());
    work_goes_on();
  }
  if (tiers().in_memory(move.to)) return tiers().ram()->adopt(to, move.step, std::move(staging));
  waiting_for(move.to);
  tiers().at(move.to).save(to, move.step, staging.bytes());
  work_goes_on();
}

void SequentialExecutor::release(Level level, Slot slot) {
  tiers().at(level).release(slot);
}

void SequentialExecutor::write_kept(Level, Level, Tier& tier, Kept::Commit commit) {
  if (commit.replaces) tier.release(commit.slot);
  tier.save(commit.slot, commit.step, commit.buffer.bytes(), commit.sum);
}

}  // namespace cairn
