// SPDX-License-Identifier: BSD-3-Clause
/// The executor that moves snapshots while the user's operators run.
#pragma once

#include <cairn/core/executor.hpp>
#include <cairn/schedulers/scout.hpp>
#include <cairn/storage/lane.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace cairn {

/// Takeshots to slow tiers copy the live state into a buffer of the pool and return; the device's lane writes it.
/// Restores are read ahead: a clone of the schedule runs before the executor and finds them (scout.hpp). Moves write a
/// RAM snapshot from where it lies, and a snapshot that was loaded becomes a RAM snapshot in place. Same counts and
/// bitwise the same states as the SequentialExecutor.
///
/// The operators wait (a stall) where no buffer is free, where a lane's queue is full, or where a snapshot was not read
/// yet. A failure of a lane is thrown at the next transfer that concerns it, at the latest when the sweep ends.
class AsyncExecutor final : public Executor {
 public:
  /// One lane a device; tiers without one each get their own. Throws std::invalid_argument where the setting cannot be.
  explicit AsyncExecutor(const Parts& parts, const LaneSetting& setting = {},
                         std::optional<int> copy_threads = std::nullopt);
  ~AsyncExecutor() override;  ///< Lets the lanes finish.
  void settle() noexcept override;
  double lane_seconds(Level level) const override;
  std::size_t saves_under_way(Level level) const override;

 protected:
  void save_live(Level level, Slot slot, Step step) override;
  void load_live(Level level, Slot slot, Step step) override;
  void transfer(const Move& move, Slot from, Slot to) override;
  void release(Level level, Slot slot) override;
  void write_kept(Level level, Level kept_level, Tier& tier, Kept::Commit commit) override;
  void forget_failures() override;
  void reverse_begins(const Schedule& schedule) override;
  void look_ahead(const Action& done) override;
  void plan_changed(const Schedule& schedule) override;
  void reverse_ends() override;
  Pool::Buffer take_loaded(Step step) override;
  void drop_loaded() override;
  void throw_failures() override;
  Pool::Buffer lost_start() override { return std::move(lost_start_); }
  void end_transfers() noexcept override;

 private:
  static constexpr std::size_t none = ~std::size_t{0};  // the lane of a tier in memory
  /// A snapshot that is being read before its restore.
  struct Ahead {
    bool reading = false;  // or done, and not fetched
    Level level;
    Lane::Load load;
  };
  Lane& lane(Level level) const { return *lanes_[lane_of_[static_cast<std::size_t>(level.rank)]]; }
  /// What a lane has loaded; nobody has looked at its sum yet.
  struct Fetched {
    Pool::Buffer buffer;
    Checksum sum;
  };
  Fetched fetch(Level level, Slot slot, Step step);
  void follow(const Schedule& schedule);
  void keep_what_is_wanted();
  void read_what_is_wanted();
  bool read_ahead(const Restore& restore);
  void note_lost(Step step, std::span<const std::byte> snapshot);
  Ahead* find_ahead(Level level, Step step);
  void queue_save(Level level, Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum = {});

  std::optional<Scout> scout_;
  Pool::Buffer loaded_;  // of the last restore from a slow tier, until the live state changes
  Step loaded_step_ = -1;
  Checksum loaded_sum_{};
  std::array<Ahead, Scout::most_ahead* static_cast<std::size_t>(limits::tiers)> ahead_;
  std::size_t reading_ahead_ = 0;
  std::mutex lost_mutex_;  // of the next two, which lanes fill
  std::unique_ptr<Pool> for_lost_;
  Pool::Buffer lost_start_;                   // x_0, whose save failed
  std::vector<std::size_t> lane_of_;          // by level
  std::vector<std::unique_ptr<Lane>> lanes_;  // last: they end before the loads that they fill
};

}  // namespace cairn
