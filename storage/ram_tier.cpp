// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/ram_tier.hpp>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

/// Sets a flag for as long as it lives.
class Meanwhile {
 public:
  explicit Meanwhile(bool& flag) : flag_{flag} { flag_ = true; }
  Meanwhile(const Meanwhile&) = delete;
  ~Meanwhile() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace

RamTier::RamTier(const Layout& layout, Slots slots, Pool& pool, Promise promise)
    : RamTier{"", layout, slots, pool, promise} {}

RamTier::RamTier(std::string file, const Layout& layout, Slots slots, Pool& pool, Promise promise)
    : Tier{"ram", std::move(file), layout, slots, promise}, pool_{&pool}, buffers_(static_cast<std::size_t>(slots)) {}

void RamTier::adopt(Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum) {
  if (recorded()) return adopt_recorded(slot, step, std::move(buffer), sum);
  ledger_in_use().begin(slot, step);
  ledger_in_use().commit(slot, sum_for(buffer.bytes(), sum));
  held(slot) = std::move(buffer);
}

/// As a save whose bytes lie there already; what the slot held before, nothing as a rule, comes back if it fails.
void RamTier::adopt_recorded(Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum) {
  ledger().at(slot);
  if (!buffer.of(*pool_))
    throw std::logic_error{"ram tier: " + file() + ": a buffer of another pool cannot be adopted"};
  std::swap(held(slot), buffer);
  try {
    store(slot, step, held(slot).bytes(), sum);
  } catch (...) {
    std::swap(held(slot), buffer);
    throw;
  }
}

Pool::Buffer RamTier::lend(Slot slot, Step step) {
  view(slot, step);
  if (recorded()) {
    const Meanwhile lending{lending_};
    release(slot);
    return std::move(held(slot));
  }
  Pool::Buffer buffer = std::move(held(slot));
  ledger_in_use().release(slot);
  return buffer;
}

std::span<const std::byte> RamTier::view(Slot slot, Step step) const {
  const std::span<const std::byte> snapshot = view_unchecked(slot, step).bytes;
  check_sum(slot, snapshot);
  return snapshot;
}

RamTier::Unchecked RamTier::view_unchecked(Slot slot, Step step) const {
  expect(slot, step);
  return {buffers_[static_cast<std::size_t>(slot.index)].bytes(), sum_kept(slot)};
}

void RamTier::write(Slot slot, std::span<const std::byte> snapshot) {
  if (!held(slot)) held(slot) = pool_->take();
  std::byte* const to = held(slot).bytes().data();
  if (to != snapshot.data()) std::memcpy(to, snapshot.data(), snapshot.size());  // else it was adopted
}

void RamTier::read(Slot slot, std::span<std::byte> snapshot) {
  std::memcpy(snapshot.data(), held(slot).bytes().data(), snapshot.size());
}

void RamTier::put_row(Slot slot, const LedgerRow& row) {
  const bool gone = row.status == SlotStatus::released || row.status == SlotStatus::empty;
  if (gone && !lending_) held(slot).give_back();
}

void RamTier::after_probe(Slot slot) {
  held(slot).give_back();
}

}  // namespace cairn
