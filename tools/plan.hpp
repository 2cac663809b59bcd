// SPDX-License-Identifier: BSD-3-Clause
/// `cairn plan`: what a schedule would cost, without running anything.
#pragma once

#include <optional>
#include <string>

namespace cairn::tool {

/// The options as they were typed; what is not given is empty.
struct PlanOptions {
  std::optional<std::string> config;  ///< a file; else the levels come from `slots`
  std::string steps;
  std::optional<std::string> snapshot_bytes, schedule, period, slots, devices, save_cost, load_cost, turn_cost;
  std::optional<std::string> stored, turned, figure;
  bool compare = false;
  bool json = false;
  bool actions = false;
};

/// Prints table, JSON or actions to the standard output, and writes the figure. Throws std::invalid_argument where the
/// question cannot be answered as it was put, std::runtime_error where the output cannot be written.
void plan(const PlanOptions& options);

}  // namespace cairn::tool
