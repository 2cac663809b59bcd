// SPDX-License-Identifier: BSD-3-Clause
// The slots of an earlier process: found, then taken over; and slots that are given up.
#include <cairn/storage/log.hpp>
#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

namespace cairn {
namespace {

/// The row of a slot that is empty from now on: would a reader think otherwise, or wonder?
bool misleads(const LedgerRow& row) {
  if (row.blank()) return false;
  return !row.intact() || (row.status != SlotStatus::empty && row.status != SlotStatus::released);
}

}  // namespace

void Tier::begin_finding(std::uint64_t run) {
  left_ = std::make_unique<Left>();
  left_->words.assign(static_cast<std::size_t>(slots()), -1);
  run_hash_ = run;
}

void Tier::find(Slot first, std::span<const LedgerRow> rows, std::span<const Step> words) {
  std::ranges::copy(words, left_->words.begin() + first.index);
  Slot slot = first;
  for (const LedgerRow& row : rows) {
    ledger_.find(slot, row, run_hash_);
    if (ledger_.at(slot).status == SlotStatus::empty && misleads(row)) left_->changed.push_back(slot);
    if (row.intact() && row.status == SlotStatus::writing) ++left_->torn;
    ++slot.index;
  }
}

void Tier::check_taken_over() const {
  if (left_) throw std::logic_error{fmt::format("{} tier: {}: opened again, but not taken over", kind_, file_)};
}

Tier::TakenOver Tier::take_over(std::span<std::byte> buffer, Step before, Doubles doubles) {
  if (!left_) throw std::logic_error{fmt::format("{} tier: {}: nothing to take over", kind_, file_)};
  if (buffer.size() != layout_->buffer_bytes().count)
    throw std::logic_error{
        fmt::format("a buffer of {} bytes for a layout of {} bytes", buffer.size(), layout_->buffer_bytes().count)};
  const TakenOver taken = choose(buffer, before, doubles);
  std::vector<Step> wanted;
  for (Slot slot{0}; slot.index < slots(); ++slot.index)
    wanted.push_back(ledger_.at(slot).status == SlotStatus::valid ? ledger_.at(slot).step : -1);
  in_place(Slot{-1}, -1, [&] { put_left(wanted); });
  left_.reset();
  taken_over();
  return taken;
}

/// A step word of a slot that holds nothing goes before its row changes, that of one that does comes after it: as in
/// save() and release(), so that a kill in between leaves nothing that lies.
void Tier::put_left(const std::vector<Step>& wanted) {
  const bool power = promise_.durability == Durability::power;
  std::vector<Step> cleared = left_->words;
  for (std::size_t i = 0; i < cleared.size(); ++i)
    if (cleared[i] != wanted[i]) cleared[i] = -1;
  put_changed_words(cleared);
  if (power) sync();
  for (const Slot slot : left_->changed) record(slot);
  if (power) sync();
  put_changed_words(wanted);
  if (power) sync();
}

/// Decides what becomes of each slot; nothing is written yet.
Tier::TakenOver Tier::choose(std::span<std::byte> buffer, Step before, Doubles doubles) {
  std::vector<Slot> candidates;
  for (Slot slot{0}; slot.index < slots(); ++slot.index) {
    const Ledger::Stored& held = ledger_.at(slot);
    const bool provable = held.status == SlotStatus::released && held.checksum != Checksum{} && held.step < before;
    if (held.status == SlotStatus::valid || provable) candidates.push_back(slot);
  }
  const auto rank = [this](Slot slot) {  // of one step: a valid one first, then the latest
    const Ledger::Stored& held = ledger_.at(slot);
    return std::tuple{held.step, held.status != SlotStatus::valid, ~held.sequence};
  };
  std::ranges::sort(candidates, {}, rank);
  TakenOver taken{.kept = 0, .brought_back = 0, .torn = left_->torn};
  Step stored = -1;  // the step of which a valid slot is chosen
  for (const Slot slot : candidates) {
    const bool doubled = doubles == Doubles::release && ledger_.at(slot).step == stored;
    if (ledger_.at(slot).status == SlotStatus::valid && !doubled) {
      ++taken.kept;
    } else if (ledger_.at(slot).status == SlotStatus::valid) {
      ledger_.release(slot);
      left_->changed.push_back(slot);
      continue;
    } else if (!doubled && holds(slot, buffer)) {
      ledger_.bring_back(slot);
      left_->changed.push_back(slot);
      ++taken.brought_back;
    } else {
      continue;
    }
    stored = ledger_.at(slot).step;
  }
  return taken;
}

/// Are these the bytes that were saved?
bool Tier::holds(Slot slot, std::span<std::byte> buffer) {
  try {
    read(slot, buffer);
    return checksum_of(*layout_, buffer) == ledger_.at(slot).checksum;
  } catch (const FileError& failure) {
    log(spdlog::level::warn, "{} tier: {}: slot {}, step {}: a released snapshot cannot be read: {}", kind_, file_,
        slot.index, ledger_.at(slot).step, failure.what());
    return false;
  }
}

void Tier::put_changed_words(const std::vector<Step>& wanted) {
  constexpr std::size_t most_words = std::size_t{1} << 17;  // 1 MiB
  std::vector<Step>& words = left_->words;
  for (std::size_t first = 0; first < words.size(); first += most_words) {
    const std::size_t end = std::min(words.size(), first + most_words);
    std::size_t begin = first;
    std::size_t last = end;
    while (begin < end && words[begin] == wanted[begin]) ++begin;
    while (last > begin && words[last - 1] == wanted[last - 1]) --last;
    if (begin == last) continue;
    put_words(Slot{static_cast<std::int64_t>(begin)}, std::span{wanted}.subspan(begin, last - begin));
    std::copy(wanted.begin() + static_cast<std::ptrdiff_t>(begin), wanted.begin() + static_cast<std::ptrdiff_t>(last),
              words.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

void Tier::put_words(Slot first, std::span<const Step> words) {
  Slot slot = first;
  for (const Step step : words) {
    put_step(slot, step);
    ++slot.index;
  }
}

bool Tier::drop(Slot slot) {
  check_taken_over();
  if (ledger_.at(slot).status != SlotStatus::valid)
    throw std::logic_error{
        fmt::format("slot {} is {}; only a valid one is dropped", slot.index, name_of(ledger_.at(slot).status))};
  const Step step = ledger_.at(slot).step;
  ledger_.fail(slot);
  after_probe(slot);
  try {
    put_step(slot, -1);
    record(slot);
    if (promise_.durability == Durability::power) sync();
    return true;
  } catch (const std::runtime_error& failure) {
    log(spdlog::level::warn, "{} tier: {}: slot {}, step {}: dropped, but the file cannot be told: {}", kind_, file_,
        slot.index, step, failure.what());
    return false;
  }
}

}  // namespace cairn
