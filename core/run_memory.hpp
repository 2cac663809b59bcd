// SPDX-License-Identifier: BSD-3-Clause
/// The shared memory of a run: whether it is made or opened again, and when it goes.
#pragma once

#include <cairn/storage/layout.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/shared_memory.hpp>
#include <cairn/storage/tier_creation.hpp>

#include <memory>
#include <string>

namespace cairn {

/// Ends the use of shared memory. Its name goes, too, and with it the memory, unless a later process could go on from
/// what it holds (unfinished_run_in()) or it cannot be read.
struct LeaveOrUnlink {
  void operator()(SharedMemory* memory) const noexcept;
};
using RunMemory = std::unique_ptr<SharedMemory, LeaveOrUnlink>;

/// What a run asks for.
struct RunMemoryShape {
  std::string name;
  Slots buffers;
  std::int32_t levels;  ///< of the plan
  Existing existing;
  bool resume;  ///< the area of a run that has not ended is opened instead, and keeps its buffers
};
/// Throws what SharedMemory::create() and open() throw, but absent.
RunMemory run_memory(const RunMemoryShape& shape, const Layout& layout, const RunFacts& facts);

}  // namespace cairn
