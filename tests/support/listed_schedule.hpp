// SPDX-License-Identifier: BSD-3-Clause
/// A schedule that was written down by hand: for actions that no schedule hands out, or not in that order.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace cairn::test {

class ListedSchedule final : public Schedule {
 public:
  explicit ListedSchedule(std::vector<Action> actions) : actions_{std::move(actions)} {}
  std::unique_ptr<Schedule> clone() const override { return std::make_unique<ListedSchedule>(*this); }

 protected:
  std::size_t fill(std::span<Action> next) override {
    const std::size_t count = std::min(next.size(), actions_.size() - at_);
    std::copy_n(actions_.begin() + static_cast<std::ptrdiff_t>(at_), count, next.begin());
    at_ += count;
    return count;
  }

 private:
  std::vector<Action> actions_;
  std::size_t at_ = 0;
};

}  // namespace cairn::test
