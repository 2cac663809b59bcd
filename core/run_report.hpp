// SPDX-License-Identifier: BSD-3-Clause
/// The report of a sweep, from the parts of its run.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/executor.hpp>
#include <cairn/core/report.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/choose.hpp>
#include <cairn/storage/layout.hpp>

#include <vector>

namespace cairn {

/// What tiers and lanes had done before a sweep: their figures go on from one to the next.
struct SweepStart {
  std::vector<Tier::Pace> paces = {};     ///< by level; none: nothing was done
  std::vector<double> lane_seconds = {};  ///< by level; none: nothing was done
};
/// As it is now, at the start of a sweep.
SweepStart start_of_sweep(const TierSet& tiers, const Executor& executor);

/// What a report is made from.
struct RunParts {
  const Config& config;
  const Choice& choice;
  const Layout& layout;
  const Provision& provision;
  const TierSet& tiers;
  const Executor& executor;
  Step steps;  ///< n
  SweepStart start = {};
};

/// Counts, seconds and measured costs of the sweep so far. Between the executor's calls.
Report report_of(const RunParts& run);

}  // namespace cairn
