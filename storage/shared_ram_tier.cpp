// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_areas.hpp>
#include <cairn/storage/shared_ram_tier.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace cairn {

SharedRamTier::SharedRamTier(SharedMemory& memory, const Layout& layout, Slots slots, Pool& pool, Promise promise)
    : RamTier{memory.path(), layout, slots, pool, promise}, memory_{&memory} {
  if (pool.buffers() != memory.buffers() || pool.buffer_bytes().count != memory.format().slot_bytes ||
      layout.buffer_bytes() != pool.buffer_bytes() || slots > memory.buffers())
    throw std::logic_error{fmt::format("ram tier: {}: {} slots of {} over {} buffers of {}", file(), slots,
                                       readable(layout.buffer_bytes()), memory.buffers(),
                                       readable({memory.format().slot_bytes}))};
  if (!memory.opened()) return;
  found_ = memory.found();
  look_for_snapshots();
}

void SharedRamTier::put_row(Slot slot, const LedgerRow& row) {
  Pool::Buffer& buffer = held(slot);
  if (!buffer) {
    if (row.status != SlotStatus::writing) return;  // what it held is back in the pool, and so says its own row
    buffer = pool().take();
  }
  memory_->put_row(buffer.index(), row);
  RamTier::put_row(slot, row);
}

void SharedRamTier::put_step(Slot slot, Step step) {
  if (const Pool::Buffer& buffer = held(slot)) memory_->put_step(buffer.index(), step);
}

void SharedRamTier::after_probe(Slot slot) {
  const bool dropped = held(slot) && memory_->step(held(slot).index()) >= 0;
  if (!dropped) RamTier::after_probe(slot);  // else put_row() gives the buffer back, once its row says `empty`
}

/// The buffers that hold something of this run: valid snapshots first, then those whose bytes can be proved, then what
/// a kill cut short, at most one a slot.
std::vector<std::size_t> SharedRamTier::buffers_worth_keeping(std::uint64_t run) {
  std::vector<std::tuple<int, std::uint64_t, std::size_t>> ranked;
  for (std::size_t buffer = 0; buffer < static_cast<std::size_t>(memory_->buffers()); ++buffer) {
    const LedgerRow row = memory_->row(buffer);
    if (row.blank() || !memory_->holds(buffer)) continue;
    ledger_in_use().find(Slot{0}, row, run);  // for its sequence; the slot is found anew below
    const SlotStatus status = status_at_opening(row, run);
    if (status == SlotStatus::valid)
      ranked.emplace_back(0, ~row.sequence, buffer);
    else if (status == SlotStatus::released && row.checksum != Checksum{})
      ranked.emplace_back(1, ~row.sequence, buffer);
    else if (row.intact() && row.run == run && row.status == SlotStatus::writing)
      ranked.emplace_back(2, ~row.sequence, buffer);
  }
  std::ranges::sort(ranked);
  ranked.resize(std::min(ranked.size(), static_cast<std::size_t>(slots())));
  std::vector<std::size_t> buffers;
  for (const auto& [rank, sequence, buffer] : ranked) buffers.push_back(buffer);
  return buffers;
}

void SharedRamTier::look_for_snapshots() {
  const std::uint64_t run = run_hash_of(found_.identity);
  begin_finding(run);
  std::vector<LedgerRow> rows(static_cast<std::size_t>(slots()));
  std::vector<Step> words(rows.size(), -1);
  std::size_t slot = 0;
  for (const std::size_t buffer : buffers_worth_keeping(run)) {
    rows[slot] = memory_->row(buffer);
    words[slot] = memory_->step(buffer);
    held(Slot{static_cast<std::int64_t>(slot)}) = pool().take_one(buffer);
    ++slot;
  }
  find(Slot{0}, rows, words);
  const std::vector<bool> used = used_buffers();
  for (std::size_t buffer = 0; buffer < used.size(); ++buffer) {
    const bool called_a_snapshot = memory_->step(buffer) >= 0 || memory_->row(buffer).status == SlotStatus::valid;
    if (called_a_snapshot && !used[buffer]) spare_.push_back(pool().take_one(buffer));
  }
}

/// By buffer: is it in a slot?
std::vector<bool> SharedRamTier::used_buffers() {
  std::vector<bool> used(static_cast<std::size_t>(memory_->buffers()));
  for (Slot slot{0}; slot.index < slots(); ++slot.index)
    if (held(slot)) used[held(slot).index()] = true;
  return used;
}

/// Slots that hold no snapshot give their buffers back. Rows of buffers that are in no slot call nothing valid: what
/// was of another run, was damaged, or had no slot left.
void SharedRamTier::taken_over() {
  for (Slot slot{0}; slot.index < slots(); ++slot.index)
    if (ledger().at(slot).status != SlotStatus::valid) held(slot).give_back();
  const std::vector<bool> used = used_buffers();
  for (std::size_t buffer = 0; buffer < used.size(); ++buffer) {
    if (used[buffer]) continue;
    memory_->put_step(buffer, -1);
    const LedgerRow row = memory_->row(buffer);
    const bool harmless = row.blank() || (row.intact() && row.status == SlotStatus::released);
    if (!harmless) memory_->put_row(buffer, LedgerRow{});
  }
  spare_.clear();
}

void SharedRamTier::put_identity_text(std::string_view json) {
  record([&] { write_identity(memory_->file(), memory_->format(), json); });
  run_hash(run_hash_of(json));
}

void SharedRamTier::put_steps(Step steps) {
  record([&] { write_steps(memory_->file(), memory_->format(), steps); });
}

void SharedRamTier::put_summary(const RunSummary& summary) {
  record([&] { write_summary(memory_->file(), memory_->format(), summary); });
}

void SharedRamTier::put_end(std::string_view end) {
  record([&] { write_end(memory_->file(), memory_->format(), end); });
}

template <class Write>
void SharedRamTier::record(const Write& write_areas) {
  try {
    write_areas();
  } catch (const FileError& failure) {
    throw error(failure.kind(), Slot{-1}, -1, failure.what());
  }
}

}  // namespace cairn
