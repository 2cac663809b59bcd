// SPDX-License-Identifier: BSD-3-Clause
/// The answers of `cairn plan` as text for people.
#pragma once

#include "plan_answer.hpp"

#include <string>

namespace cairn::tool {

/// One plan: the levels, the counts, the cost, and what it is worth.
std::string report_of(const PlanQuestion& question, const Answer& answer);
/// One table of every schedule, and under it what the marks mean and what is not possible.
std::string comparison_of(const PlanQuestion& question, const Comparison& all);

}  // namespace cairn::tool
