// SPDX-License-Identifier: BSD-3-Clause
/// What a sweep took against what it should have taken.
#pragma once

#include <cairn/core/report.hpp>
#include <cairn/core/run_report.hpp>
#include <cairn/schedulers/overlap.hpp>

#include <optional>

namespace cairn {

/// A sweep that is over, with its report: plays its plan on a machine as fast as this one was, and asks for the bound.
/// `plan` is what `overlap` chose. Nothing where Report::makespan says so. Milliseconds in 10^4 steps, half a second at
/// most for the bound.
std::optional<Report::Makespan> makespan_of(const RunParts& run, const Report& report,
                                            const std::optional<OverlapPlan>& plan);

}  // namespace cairn
