// SPDX-License-Identifier: BSD-3-Clause
/// The report of a sweep, from the parts of its run.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/executor.hpp>
#include <cairn/core/report.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/choose.hpp>
#include <cairn/storage/layout.hpp>

namespace cairn {

/// What a report is made from.
struct RunParts {
  const Config& config;
  const Choice& choice;
  const Layout& layout;
  const Provision& provision;
  const TierSet& tiers;
  const Executor& executor;
  Step steps;  ///< n
};

/// Counts, seconds and measured costs of the sweep so far. Between the executor's calls.
Report report_of(const RunParts& run);

}  // namespace cairn
