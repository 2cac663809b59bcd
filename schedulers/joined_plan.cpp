// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/joined_plan.hpp>
#include <cairn/schedulers/shifted.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn {

JoinedPlan::JoinedPlan(std::vector<Action> before, std::vector<Part> parts)
    : before_{std::move(before)}, parts_{std::move(parts)} {}

JoinedPlan::JoinedPlan(const JoinedPlan& other, std::vector<Part> parts)
    : Schedule{other}, before_{other.before_}, begun_{other.begun_}, parts_{std::move(parts)} {}

std::unique_ptr<Schedule> JoinedPlan::clone() const {
  std::vector<Part> parts;
  for (std::size_t i = part_; i < parts_.size(); ++i) parts.push_back({parts_[i].plan->clone(), parts_[i].first});
  return std::unique_ptr<JoinedPlan>{new JoinedPlan{*this, std::move(parts)}};
}

// One action a call: a part that watches storage answers of the time at which it is asked.
std::size_t JoinedPlan::fill(std::span<Action> next) {
  if (begun_ < before_.size()) {
    next.front() = before_[begun_++];
    return 1;
  }
  for (; part_ < parts_.size(); ++part_)
    if (const std::optional<Action> action = parts_[part_].plan->next()) {
      next.front() = shifted(*action, parts_[part_].first);
      return 1;
    }
  return 0;
}

}  // namespace cairn
