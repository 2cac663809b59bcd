// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/disk_revolve.hpp>

#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

std::shared_ptr<const LevelPlan> plan_for(DiskRevolve::Shape shape) {
  if (shape.levels.size() < 2)
    throw std::invalid_argument{
        "disk_revolve plans for a last level without limit below faster ones, and there is one level; revolve plans "
        "for one"};
  shape.levels.back().slots = LevelCosts::unlimited;
  const Problem problem{.steps = shape.steps, .levels = std::move(shape.levels)};
  check(problem);
  return best_level_plan(priced(problem), problem.steps);
}

}  // namespace

DiskRevolve::DiskRevolve(const Shape& shape) : walk_{plan_for(shape)} {
  walk_.start(0, shape.steps);
}

std::unique_ptr<Schedule> DiskRevolve::clone() const {
  return std::make_unique<DiskRevolve>(*this);
}

std::size_t DiskRevolve::fill(std::span<Action> next) {
  return walk_.fill(next);
}

}  // namespace cairn
