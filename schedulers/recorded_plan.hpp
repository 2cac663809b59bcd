// SPDX-License-Identifier: BSD-3-Clause
/// The actions that a run has carried out, to be played again.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cairn {

/// Hands out a list of actions. Clones share it.
class RecordedPlan final : public Schedule {
 public:
  explicit RecordedPlan(std::shared_ptr<const std::vector<Action>> actions) : actions_{std::move(actions)} {}
  std::unique_ptr<Schedule> clone() const override { return std::make_unique<RecordedPlan>(*this); }

 protected:
  std::size_t fill(std::span<Action> next) override {
    const std::size_t count = std::min(next.size(), actions_->size() - at_);
    std::copy_n(actions_->begin() + static_cast<std::ptrdiff_t>(at_), count, next.begin());
    at_ += count;
    return count;
  }

 private:
  std::shared_ptr<const std::vector<Action>> actions_;
  std::size_t at_ = 0;
};

}  // namespace cairn
