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
  std::string end;     ///< ISO 8601, UTC; empty: what the file says of it stays
  std::string report;  ///< JSON, cut at 65,535 bytes
};

/// All that a file says of its run.
struct RecordedRun {
  RunFacts facts;
  Step steps = -1;       ///< −1: not known yet
  std::string identity;  ///< JSON, empty before the first save
  std::string report;    ///< JSON, empty before the end of a sweep
  std::string end;       ///< ISO 8601, UTC; empty while the run goes on, and after a kill
};

inline constexpr std::size_t identity_bytes = 4096;
inline constexpr std::size_t report_bytes = 65536;

/// What the rows of a run carry: XXH3-64 of the text of its identity; 0 while there is none.
std::uint64_t run_hash_of(std::string_view identity);

/// The part of a tier's file that records the run; implemented by every tier with a file. Small writes at known places,
/// each as durable as the tier promises when its call returns. Called while no lane works on the tier, put_steps()
/// excepted. Throws StorageError.
class RunRecord {
 public:
  virtual ~RunRecord() = default;
  /// JSON of what makes this sweep this sweep (layout, sweep number, sum of x_0 …), before its first save; ledger rows
  /// carry its hash from then on. From here to the next put_summary() or put_end() the run counts as unfinished. At
  /// most 4095 bytes, else std::invalid_argument. The order, each durable before the next begins:
  ///   the sweep before has ended → identity → nothing has ended
  /// so that whatever ends the process or the machine leaves a file of the sweep before as it stood, one that has
  /// ended, or one of this sweep: never a sweep that had ended as one to go on with, nor half an identity.
  void put_identity(std::string_view json);
  virtual void put_steps(Step steps) = 0;  ///< n once it is known, −1 before; also while a lane works on the tier
  virtual void put_summary(const RunSummary& summary) = 0;
  /// The run has ended for good (a time as of time_now()), or goes on (empty), without a summary: of a run that only
  /// went forward.
  virtual void put_end(std::string_view end) = 0;
  /// What the file of an earlier process said when it was opened again; of a new file, nothing.
  const RecordedRun& found() const { return found_; }

 protected:
  virtual void put_identity_text(std::string_view json) = 0;  ///< that alone, and rows carry its hash from now on
  RecordedRun found_;                                         ///< Set where a file is opened again.
};

}  // namespace cairn
