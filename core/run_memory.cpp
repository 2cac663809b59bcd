// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_memory.hpp>
#include <cairn/storage/log.hpp>
#include <cairn/storage/tier_file.hpp>

namespace cairn {
namespace {

/// Nothing where there is none of a run that has not ended.
RunMemory reopened(const RunMemoryShape& shape, const Layout& layout) {
  try {
    RunMemory memory{SharedMemory::open(shape.name, layout).release()};
    if (memory->found().identity.empty() || !memory->found().end.empty()) return nullptr;
    log(spdlog::level::info, "ram {}: of a run that has not ended, with {} buffers", memory->path(), memory->buffers());
    if (memory->buffers() != shape.buffers)
      log(spdlog::level::info, "ram {}: keeps its {} buffers, the configuration's capacity is for {}", memory->path(),
          memory->buffers(), shape.buffers);
    return memory;
  } catch (const StorageError& problem) {
    if (problem.kind() != StorageError::Kind::absent) throw;
    return nullptr;
  }
}

}  // namespace

void LeaveOrUnlink::operator()(SharedMemory* memory) const noexcept {
  const std::unique_ptr<SharedMemory> owned{memory};
  try {
    if (!unfinished_run_in(*open_tier_file(memory->path()))) memory->unlink();
  } catch (const std::exception& problem) {
    log(spdlog::level::warn, "shared memory stays, cairn repair removes it: {}", problem.what());
  }
}

RunMemory run_memory(const RunMemoryShape& shape, const Layout& layout, const RunFacts& facts) {
  if (shape.resume)
    if (RunMemory memory = reopened(shape, layout)) return memory;
  return RunMemory{
      SharedMemory::create(shape.name, layout, shape.buffers, facts, shape.levels, shape.existing).release()};
}

}  // namespace cairn
