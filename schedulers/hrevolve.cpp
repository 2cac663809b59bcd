// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hrevolve.hpp>

namespace cairn {
namespace {

std::shared_ptr<const LevelPlan> plan_for(const HRevolve::Shape& shape) {
  const Problem problem{.steps = shape.steps, .levels = shape.levels};
  check(problem);
  return best_level_plan(priced(problem), shape.steps, shape.table_work);
}

}  // namespace

HRevolve::HRevolve(const Shape& shape) : walk_{plan_for(shape)} {
  walk_.start(0, shape.steps);
}

std::unique_ptr<Schedule> HRevolve::clone() const {
  return std::make_unique<HRevolve>(*this);
}

std::size_t HRevolve::fill(std::span<Action> next) {
  return walk_.fill(next);
}

}  // namespace cairn
