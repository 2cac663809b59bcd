// SPDX-License-Identifier: BSD-3-Clause
/// A tier that fails where it is told to.
#pragma once

#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::test {

/// Wraps another tier and keeps its contract, but for the faults that a test asks for: the k-th write or read (from 1)
/// fails with a kind, gives a wrong byte, or all of them are late. Without faults it is a tier like any other.
/// Faults are set before the tier is used, or while no lane works on it.
class FaultyTier final : public Tier {
 public:
  explicit FaultyTier(std::unique_ptr<Tier> inner)
      : Tier{inner->kind(), inner->file(), inner->layout(), inner->slots(), inner->promise()},
        inner_{std::move(inner)},
        steps_(static_cast<std::size_t>(slots()), -1) {}

  void fail_write(std::uint64_t kth, StorageError::Kind kind) { write_failures_[kth] = kind; }
  void fail_read(std::uint64_t kth, StorageError::Kind kind) { read_failures_[kth] = kind; }
  /// The k-th write stores the snapshot with this byte flipped (at: an offset in the buffer).
  void corrupt_write(std::uint64_t kth, std::size_t at) { corrupt_writes_[kth] = at; }
  /// The k-th read gives the snapshot with this byte flipped.
  void corrupt_read(std::uint64_t kth, std::size_t at) { corrupt_reads_[kth] = at; }
  /// Every write and read takes at least so long.
  void delay(std::chrono::microseconds time) { delay_ = time; }
  void clear_faults() {
    write_failures_.clear(), read_failures_.clear(), corrupt_writes_.clear(), corrupt_reads_.clear();
    delay_ = {};
  }

  std::uint64_t writes() const { return writes_; }  ///< asked for so far
  std::uint64_t reads() const { return reads_; }
  Tier& inner() { return *inner_; }
  std::optional<std::uint64_t> device() const override { return inner_->device(); }

 private:
  void write(Slot slot, std::span<const std::byte> snapshot) override {
    std::this_thread::sleep_for(delay_);
    const std::uint64_t now = ++writes_;
    if (const auto fault = write_failures_.find(now); fault != write_failures_.end())
      throw error(fault->second, slot, step_in(slot), "a fault that the test asked for, in write");
    const auto fault = corrupt_writes_.find(now);
    free_inner(slot);
    if (fault == corrupt_writes_.end()) return inner_->save(slot, step_in(slot), snapshot);
    std::vector<std::byte> wrong_memory(snapshot.size() + limits::block_bytes);
    void* start = wrong_memory.data();
    std::size_t space = wrong_memory.size();
    std::align(limits::block_bytes, snapshot.size(), start, space);
    const std::span wrong{static_cast<std::byte*>(start), snapshot.size()};
    std::ranges::copy(snapshot, wrong.begin());
    wrong[fault->second] ^= std::byte{1};
    inner_->save(slot, step_in(slot), wrong);
  }

  void read(Slot slot, std::span<std::byte> snapshot) override {
    std::this_thread::sleep_for(delay_);
    const std::uint64_t now = ++reads_;
    if (const auto fault = read_failures_.find(now); fault != read_failures_.end())
      throw error(fault->second, slot, step_in(slot), "a fault that the test asked for, in read");
    inner_->load(slot, step_in(slot), snapshot);
    if (const auto fault = corrupt_reads_.find(now); fault != corrupt_reads_.end())
      snapshot[fault->second] ^= std::byte{1};
  }

  void put_row(Slot slot, const LedgerRow& row) override {
    if (row.status == SlotStatus::writing) step_in(slot) = row.step;
    if (row.status == SlotStatus::released) free_inner(slot);
  }
  void after_probe(Slot slot) override { free_inner(slot); }

  /// After a write that failed here, or a commit that did, the wrapped slot may still be valid.
  void free_inner(Slot slot) {
    if (inner_->ledger().at(slot).status == SlotStatus::valid) inner_->release(slot);
  }
  Step& step_in(Slot slot) { return steps_[static_cast<std::size_t>(slot.index)]; }

  std::unique_ptr<Tier> inner_;
  std::vector<Step> steps_;
  std::map<std::uint64_t, StorageError::Kind> write_failures_;
  std::map<std::uint64_t, StorageError::Kind> read_failures_;
  std::map<std::uint64_t, std::size_t> corrupt_writes_;
  std::map<std::uint64_t, std::size_t> corrupt_reads_;
  std::chrono::microseconds delay_{0};
  std::uint64_t writes_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace cairn::test
