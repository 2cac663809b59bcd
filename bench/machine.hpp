// SPDX-License-Identifier: BSD-3-Clause
/// Where and when figures were measured; without it they say nothing.
#pragma once

#include <cairn/words.hpp>

#include <filesystem>
#include <string>

namespace cairn::bench {

struct Machine {
  std::string cpu;  ///< "AMD EPYC 9654"
  int cores = 0;    ///< that this process may use
  Bytes memory;
  std::string kernel;       ///< "Linux 6.1.0"
  std::string compiler;     ///< "g++ 12.2.0"
  std::string file_system;  ///< of the folder: "ext4"
  bool direct = false;      ///< does the folder take O_DIRECT requests?
  std::string date;         ///< ISO 8601, UTC
  std::string command;      ///< that ran this
};

/// This machine, now. `folder` must be there and writable: a file is made in it and removed.
Machine this_machine(const std::filesystem::path& folder, std::string command);

/// Memory that programs can still have without others being pushed out, by the system's own estimate.
Bytes available_memory();

/// The type of the file system that a folder lies on; "unknown" where the system does not say.
std::string file_system_of(const std::filesystem::path& folder);

}  // namespace cairn::bench
