// SPDX-License-Identifier: BSD-3-Clause
/// What a tier's file says about the run that wrote it.
#pragma once

#include <cairn/words.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Known when the file is made.
struct RunFacts {
  std::string schedule;  ///< "multistage"
  std::string config;    ///< the YAML's text
  std::string host;
  std::string version;  ///< of cairn
  std::string start;    ///< ISO 8601, UTC
};
RunFacts facts_of_this_process(std::string schedule, std::string config);  ///< Fills host, version and start.
std::string time_now();  ///< "2026-01-31T12:00:00Z", as start and end are written.

/// Known at the end of a sweep (or before); per level where a vector.
struct RunSummary {
  std::vector<std::array<std::int64_t, 4>> actions;  ///< takeshots, restores, moves, discards
  std::vector<double> stall_seconds;
  std::int64_t advances = 0;
  std::string end;     ///< ISO 8601, UTC
  std::string report;  ///< JSON, cut at 65,535 bytes
};

inline constexpr std::size_t identity_bytes = 4096;
inline constexpr std::size_t report_bytes = 65536;

/// The part of a tier's file that records the run; implemented by every tier with a file. Small writes at known places.
/// Called while no lane works on the tier, put_steps() excepted. Throws StorageError.
class RunRecord {
 public:
  virtual ~RunRecord() = default;
  /// JSON of what makes this sweep this sweep (layout, sweep number, sum of x_0 …), before its first save; ledger rows
  /// carry its hash from then on. At most 4095 bytes, else std::invalid_argument.
  virtual void put_identity(std::string_view json) = 0;
  virtual void put_steps(Step steps) = 0;  ///< n once it is known, −1 before; also while a lane works on the tier
  virtual void put_summary(const RunSummary& summary) = 0;
};

}  // namespace cairn
