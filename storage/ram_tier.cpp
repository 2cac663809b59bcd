// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/ram_tier.hpp>

#include <cstring>
#include <utility>

namespace cairn {

RamTier::RamTier(const Layout& layout, Slots slots, Pool& pool, Promise promise)
    : Tier{"ram", "", layout, slots, promise}, pool_{&pool}, buffers_(static_cast<std::size_t>(slots)) {}

void RamTier::adopt(Slot slot, Step step, Pool::Buffer buffer) {
  ledger_in_use().begin(slot, step);
  ledger_in_use().commit(slot, sum_for(buffer.bytes()));
  buffers_[static_cast<std::size_t>(slot.index)] = std::move(buffer);
}

Pool::Buffer RamTier::lend(Slot slot, Step step) {
  view(slot, step);
  Pool::Buffer buffer = std::move(buffers_[static_cast<std::size_t>(slot.index)]);
  ledger_in_use().release(slot);
  return buffer;
}

std::span<const std::byte> RamTier::view(Slot slot, Step step) const {
  expect(slot, step);
  const std::span<const std::byte> snapshot = buffers_[static_cast<std::size_t>(slot.index)].bytes();
  check_sum(slot, snapshot);
  return snapshot;
}

void RamTier::write(Slot slot, std::span<const std::byte> snapshot) {
  Pool::Buffer& buffer = buffers_[static_cast<std::size_t>(slot.index)];
  if (!buffer) buffer = pool_->take();
  std::memcpy(buffer.bytes().data(), snapshot.data(), snapshot.size());
}

void RamTier::read(Slot slot, std::span<std::byte> snapshot) {
  std::memcpy(snapshot.data(), buffers_[static_cast<std::size_t>(slot.index)].bytes().data(), snapshot.size());
}

void RamTier::put_row(Slot slot, const LedgerRow& row) {
  if (row.status == SlotStatus::released) buffers_[static_cast<std::size_t>(slot.index)].give_back();
}

void RamTier::after_probe(Slot slot) {
  buffers_[static_cast<std::size_t>(slot.index)].give_back();
}

}  // namespace cairn
