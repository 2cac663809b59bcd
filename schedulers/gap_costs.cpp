// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/gap_costs.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn {
namespace {

constexpr Step least_planned = 256;       // steps; such a plan takes about a millisecond
constexpr Count table_work = 50'000'000;  // additions: some 10 ms of the step that needs the plan

double real(Cost cost) {
  return cost == std::numeric_limits<Cost>::max() ? std::numeric_limits<double>::infinity() : static_cast<double>(cost);
}

}  // namespace

GapCosts::GapCosts(LevelCosts costs) : costs_{std::move(costs)}, free_base_{costs_.free_base()} {}

double GapCosts::reversed(Place place, Step steps, BinomialCost& cursor) {
  if (steps == 0) return 0;
  if (place.k == 0 && free_base_) return static_cast<double>(costs_.step) * cursor.advances(steps);
  if (steps > planned_) plan_for(steps);
  return real(costs_.levels[place.k].load) + real(plan_->stored_cost(place.k, steps, place.slots));
}

void GapCosts::plan_for(Step steps) {
  planned_ = std::max(planned_, least_planned);
  while (planned_ < steps) planned_ *= 2;
  planned_ = std::min(planned_, limits::steps);
  plan_ = make_level_plan(costs_, planned_, table_work);
  ++plans_;
}

}  // namespace cairn
