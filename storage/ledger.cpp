// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {

std::string_view name_of(SlotStatus status) {
  using enum SlotStatus;
  switch (status) {
    case empty: return "empty";
    case writing: return "writing";
    case valid: return "valid";
    case released: return "released";
  }
  return "damaged";
}

namespace {
std::uint64_t sum_of(const LedgerRow& row) {
  return hash_of(std::as_bytes(std::span{&row, 1}).first(offsetof(LedgerRow, row_checksum)));
}
}  // namespace

void LedgerRow::seal() {
  magic = magic_word;
  row_checksum = sum_of(*this);
}

bool LedgerRow::blank() const {
  const LedgerRow nothing;
  return std::memcmp(this, &nothing, sizeof nothing) == 0;
}

bool LedgerRow::intact() const {
  return magic == magic_word && row_checksum == sum_of(*this);
}

SlotStatus status_at_opening(const LedgerRow& row, std::uint64_t run) {
  const bool ours = row.intact() && row.run == run && row.step >= 0;
  const bool has_bytes = row.status == SlotStatus::valid || row.status == SlotStatus::released;
  return ours && has_bytes ? row.status : SlotStatus::empty;
}

const Ledger::Stored& Ledger::at(Slot slot) const {
  if (slot.index < 0 || slot.index >= slots())
    throw std::out_of_range{fmt::format("slot {} of a tier with {} slots", slot.index, slots())};
  return rows_[static_cast<std::size_t>(slot.index)];
}

Ledger::Stored& Ledger::change(Slot slot, SlotStatus to) {
  const SlotStatus from = at(slot).status;
  if (!may_become(from, to))
    throw std::logic_error{fmt::format("slot {} is {} and cannot become {}", slot.index, name_of(from), name_of(to))};
  Stored& row = rows_[static_cast<std::size_t>(slot.index)];
  row.status = to;
  return row;
}

const Ledger::Stored& Ledger::begin(Slot slot, Step step) {
  Stored& row = change(slot, SlotStatus::writing);
  row.step = step;
  row.sequence = ++sequence_;
  row.checksum = {};
  return row;
}

const Ledger::Stored& Ledger::commit(Slot slot, const Checksum& sum) {
  Stored& row = change(slot, SlotStatus::valid);
  row.checksum = sum;
  return row;
}

void Ledger::fail(Slot slot) {
  change(slot, SlotStatus::empty).step = -1;
}

const Ledger::Stored& Ledger::release(Slot slot) {
  return change(slot, SlotStatus::released);
}

void Ledger::find(Slot slot, const LedgerRow& row, std::uint64_t run) {
  at(slot);
  if (row.intact()) sequence_ = std::max(sequence_, row.sequence);
  Stored& stored = rows_[static_cast<std::size_t>(slot.index)];
  stored = {};
  if (const SlotStatus status = status_at_opening(row, run); status != SlotStatus::empty)
    stored = {.step = row.step, .sequence = row.sequence, .checksum = row.checksum, .status = status};
}

const Ledger::Stored& Ledger::bring_back(Slot slot) {
  if (at(slot).status != SlotStatus::released)
    throw std::logic_error{
        fmt::format("slot {} is {}; only a released one is brought back", slot.index, name_of(at(slot).status))};
  Stored& stored = rows_[static_cast<std::size_t>(slot.index)];
  stored.status = SlotStatus::valid;
  return stored;
}

}  // namespace cairn
