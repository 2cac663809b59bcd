// SPDX-License-Identifier: BSD-3-Clause
/// The figures of a run, for people and as JSON.
#pragma once

#include "check.hpp"
#include "options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace acoustic {

struct Summary {
  const Survey& survey;
  cairn::Report report;                 ///< of the sweep that gave the gradient
  std::string ram_allowed;              ///< "128 MiB" as configured
  std::uint64_t ram_allowed_bytes = 0;  ///< of buffers for snapshots
  std::uint64_t own_bytes = 0;   ///< of the example's arrays at their most, the live state included, snapshots not
  std::optional<double> misfit;  ///< not of a run that was stopped
  std::optional<std::uint64_t> gradient_hash;
  std::vector<Check> checks;  ///< as far as asked for

  std::uint64_t trajectory_bytes() const;  ///< x_0 … x_n
  std::string text() const;                ///< Several lines.
  std::string json() const;                ///< cairn's report, and an object `acoustic` of the figures above.
};

/// The most memory that this process had resident so far.
std::uint64_t peak_resident_bytes();

}  // namespace acoustic
