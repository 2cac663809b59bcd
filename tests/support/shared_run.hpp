// SPDX-License-Identifier: BSD-3-Clause
/// A RAM tier in shared memory with all that it stands on.
#pragma once

#include <cairn/storage/shared_ram_tier.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <support/snapshots.hpp>

namespace cairn::test {

/// One process's part of a run: memory made or opened, its pool, the tier. At its end all but the memory is gone, as
/// after a kill.
class SharedRun {
 public:
  /// With an identity, it is put down and the pool is touched.
  SharedRun(std::unique_ptr<SharedMemory> its_memory, const Layout& layout, Slots slots, Tier::Promise promise = {},
            const std::string& identity = {})
      : memory{std::move(its_memory)},
        pool{memory->memory(), layout.buffer_bytes()},
        tier{*memory, layout, slots, pool, promise},
        layout_{&layout} {
    if (identity.empty()) return;
    tier.put_identity(identity);
    pool.touch(pool.buffers());
  }
  static SharedRun begun(const std::string& name, const Layout& layout, Slots buffers, Slots slots,
                         Tier::Promise promise = {}, System& system = System::real()) {
    return {SharedMemory::create(name, layout, buffers, facts_of_this_process("multistage", ""), 1,
                                 Existing::replace_finished, system),
            layout, slots, promise, "{\"sweep\": 1}"};
  }
  static SharedRun resumed(const std::string& name, const Layout& layout, Slots slots, Tier::Promise promise = {},
                           System& system = System::real()) {
    return {SharedMemory::open(name, layout, system), layout, slots, promise};
  }

  Pool::Buffer filled(std::uint64_t seed) {
    Pool::Buffer buffer = pool.take();
    std::ranges::copy(random_snapshot(seed, *layout_), buffer.bytes().begin());
    return buffer;
  }
  Pool::Buffer filled(std::size_t index, std::uint64_t seed) {
    Pool::Buffer buffer = pool.take_one(index);
    std::ranges::copy(random_snapshot(seed, *layout_), buffer.bytes().begin());
    return buffer;
  }
  Tier::TakenOver take_over(Step before = limits::steps + 1) {
    Snapshot buffer = zero_snapshot(*layout_);
    return tier.take_over(buffer, before);
  }

  std::unique_ptr<SharedMemory> memory;
  Pool pool;
  SharedRamTier tier;

 private:
  const Layout* layout_;
};

}  // namespace cairn::test
