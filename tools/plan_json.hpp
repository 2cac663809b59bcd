// SPDX-License-Identifier: BSD-3-Clause
/// The answers of `cairn plan` as JSON for programs. Counts of 2^64 or more, infinite costs and times that are
/// not known are null.
#pragma once

#include "plan_answer.hpp"

#include <string>

namespace cairn::tool {

std::string json_of(const PlanQuestion& question, const Answer& answer);   ///< one plan: an object
std::string json_of(const PlanQuestion& question, const Comparison& all);  ///< with an array `schedules`

}  // namespace cairn::tool
