// SPDX-License-Identifier: BSD-3-Clause
/// `cairn measure`: what the tiers of a configuration cost on this machine.
#pragma once

#include <optional>
#include <string>

namespace cairn::tool {

/// The options as they were typed; what is not given is empty.
struct MeasureOptions {
  std::string config;  ///< a file
  std::string snapshot_bytes;
  std::optional<std::string> rounds, advance, write;
  bool force = false;  ///< `write` may replace a file
  bool json = false;
};

/// Saves and loads snapshots by the configuration's tiers, in files of its own beside theirs, and prints what they
/// took; writes a configuration with these costs where asked to. Throws std::invalid_argument where the question cannot
/// be answered as it was put, before anything is measured; StorageError where a tier cannot be used;
/// std::runtime_error where the output cannot be written.
void measure(const MeasureOptions& options);

}  // namespace cairn::tool
