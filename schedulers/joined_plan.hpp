// SPDX-License-Identifier: BSD-3-Clause
/// Plans one after the other.
#pragma once

#include <cairn/schedulers/schedule.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace cairn {

/// Some actions, then the plans of parts, each of which counts its steps from its own start. What one part stores it
/// discards; the snapshots that a later one finds are not touched before.
class JoinedPlan final : public Schedule {
 public:
  struct Part {
    std::unique_ptr<Schedule> plan;
    Step first = 0;  ///< the step that the part calls 0
  };
  JoinedPlan(std::vector<Action> before, std::vector<Part> parts);
  std::unique_ptr<Schedule> clone() const override;  ///< Throws what the clones of the parts throw.

 protected:
  std::size_t fill(std::span<Action> next) override;

 private:
  JoinedPlan(const JoinedPlan& other, std::vector<Part> parts);
  std::vector<Action> before_;
  std::size_t begun_ = 0;  // of before_
  std::vector<Part> parts_;
  std::size_t part_ = 0;  // under way
};

}  // namespace cairn
