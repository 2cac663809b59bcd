// SPDX-License-Identifier: BSD-3-Clause
/// What a sweep took against what it should have taken.
#pragma once

#include <cairn/core/report.hpp>
#include <cairn/core/run_report.hpp>
#include <cairn/schedulers/overlap.hpp>

#include <cstddef>
#include <optional>

namespace cairn {

/// Are a sweep's actions to be written down for makespan_of()? So many at most; 0: no.
std::size_t actions_to_record(const RunParts& run);

/// A sweep that is over, with its report: plays the actions that the executor has recorded on a machine as fast as this
/// one was, and asks for the bound. `problem` is the run's, its costs those given. Nothing where Report::makespan says
/// so. Milliseconds in 10^4 steps, half a second at most for the bound.
std::optional<Report::Makespan> makespan_of(const RunParts& run, const Report& report, const Problem& problem);

}  // namespace cairn
