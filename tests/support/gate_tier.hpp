// SPDX-License-Identifier: BSD-3-Clause
/// A tier whose transfers wait until a test lets them go on: to see what overlaps, without timing.
#pragma once

#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::test {

using Done = std::vector<std::string>;

/// A tier in memory whose transfers pass a gate one after the other, in the lane's thread, and are written down.
class GateTier final : public Tier {
 public:
  GateTier(const Layout& layout, Slots slots) : Tier{"gate", "a.file", layout, slots, {}} {}

  void close() { set_open(false); }
  void open() { set_open(true); }
  /// Waits until the lane stands before the closed gate.
  void until_reached() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return waiting_; });
  }
  /// Waits until that transfer is over.
  void until_done(const std::string& what) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return std::ranges::find(done_, what) != done_.end(); });
  }
  Done done() {
    const std::scoped_lock lock{mutex_};
    return done_;
  }
  void forget() {
    const std::scoped_lock lock{mutex_};
    done_.clear();
  }
  std::int64_t failing_slot = -1;       ///< transfers of this slot fail
  std::function<void()> at_a_transfer;  ///< runs in the lane's thread

 private:
  void set_open(bool open) {
    const std::scoped_lock lock{mutex_};
    open_ = open;
    changed_.notify_all();
  }
  void pass(const std::string& what, Slot slot) {
    if (at_a_transfer) at_a_transfer();
    std::unique_lock lock{mutex_};
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    waiting_ = false;
    done_.push_back(what + " " + std::to_string(slot.index));
    changed_.notify_all();
    if (slot.index == failing_slot) throw FileError{"the test's failure", EIO};
  }
  void write(Slot slot, std::span<const std::byte> snapshot) override {
    pass("save", slot);
    data_[slot.index].assign(snapshot.begin(), snapshot.end());
  }
  void read(Slot slot, std::span<std::byte> snapshot) override {
    pass("load", slot);
    std::memcpy(snapshot.data(), data_.at(slot.index).data(), snapshot.size());
  }
  void put_row(Slot slot, const LedgerRow& row) override {
    if (row.status == SlotStatus::released) pass("release", slot);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool waiting_ = false;
  Done done_;
  std::map<std::int64_t, std::vector<std::byte>> data_;
};

}  // namespace cairn::test
