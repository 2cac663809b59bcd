// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/multistage.hpp>

namespace cairn {
namespace {

std::shared_ptr<const LevelPlan> plan_for(const Multistage::Shape& shape) {
  const Problem problem{.steps = shape.steps, .levels = shape.levels};
  check(problem);
  return best_level_plan(priced_for_least_advances(problem), shape.steps, shape.table_work);
}

}  // namespace

Multistage::Multistage(const Shape& shape) : walk_{plan_for(shape)} {
  walk_.start(0, shape.steps);
}

std::unique_ptr<Schedule> Multistage::clone() const {
  return std::make_unique<Multistage>(*this);
}

std::size_t Multistage::fill(std::span<Action> next) {
  return walk_.fill(next);
}

}  // namespace cairn
