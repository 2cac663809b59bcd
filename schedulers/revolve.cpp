// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/revolve.hpp>

namespace cairn {

Revolve::Revolve(Shape shape) : walk_{shape.steps, shape.slots} {
  walk_.start(0, shape.steps);
}

std::unique_ptr<Schedule> Revolve::clone() const {
  return std::make_unique<Revolve>(*this);
}

std::size_t Revolve::fill(std::span<Action> next) {
  return walk_.fill(next);
}

}  // namespace cairn
