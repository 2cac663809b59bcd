// SPDX-License-Identifier: BSD-3-Clause
/// What the command line chose, and the measurements that it chooses from.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <table.hpp>

namespace cairn::bench {

struct Settings {
  std::filesystem::path folder;  ///< there, and ours alone: files are made and left here
  int rounds = 7;                ///< how often each way is timed
  bool quick = false;            ///< small sizes, a few seconds in all: shows that it runs, the figures mean little
  std::string filter = {};       ///< groups whose name contains it

  bool wants(std::string_view group) const { return group.find(filter) != std::string_view::npos; }
};

/// Each measures one subject, with its baselines in turns, and adds a line a figure to `table`.
void measure_ram_tier(const Settings& settings, Table& table);
void measure_hdf5_tier(const Settings& settings, Table& table);
void measure_lane(const Settings& settings, Table& table);
void measure_schedules(const Settings& settings, Table& table);
void measure_executors(const Settings& settings, Table& table);

}  // namespace cairn::bench
