// SPDX-License-Identifier: BSD-3-Clause
/// The plain executor: action by action, in the caller's thread. The oracle of the asynchronous one.
#pragma once

#include <cairn/core/executor.hpp>

namespace cairn {

/// Every transfer is over when its action is over; one buffer of the pool is its staging. Choose it to debug, or where
/// a second thread is unwelcome.
class SequentialExecutor final : public Executor {
 public:
  using Executor::Executor;
  void settle() noexcept override {}

 protected:
  void save_live(Level level, Slot slot, Step step) override;
  void load_live(Level level, Slot slot, Step step) override;
  void transfer(const Move& move, Slot from, Slot to) override;
  void release(Level level, Slot slot) override;
  void write_kept(Level level, Level kept_level, Tier& tier, Kept::Commit commit) override;
};

}  // namespace cairn
