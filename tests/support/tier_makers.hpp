// SPDX-License-Identifier: BSD-3-Clause
/// How tests make each kind of tier.
#pragma once

#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/ram_tier.hpp>
#include <cairn/storage/shared_ram_tier.hpp>

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <support/faulty_tier.hpp>
#include <support/shared_name.hpp>
#include <support/temporary_folder.hpp>

namespace cairn::test {

/// What a tier needs and must not outlive: its layout, a pool with a buffer a slot, a folder for its file, a name for
/// its shared memory.
struct Home {
  Home(Layout its_layout, Slots its_slots)
      : layout{std::move(its_layout)}, slots{its_slots}, pool{its_slots, layout.buffer_bytes()} {
    pool.touch(its_slots);
  }
  Layout layout;
  Slots slots;
  Pool pool;
  TemporaryFolder folder;
  SharedName name;
  std::unique_ptr<SharedMemory> memory = {};  // where a tier is made of it, with its pool
  std::unique_ptr<Pool> shared_pool = {};
  Slots free_buffers() const { return (shared_pool ? *shared_pool : pool).available(); }
  std::string file(const std::string& kind) const { return folder / ("tier." + kind); }
};

using Making = std::unique_ptr<Tier> (*)(Home&, Tier::Promise);

/// One value of the suites that run over every tier.
struct TierMaker {
  std::string name;
  Making make;
};
inline std::ostream& operator<<(std::ostream& out, const TierMaker& maker) {
  return out << maker.name;
}

inline RunFacts some_facts() {
  return facts_of_this_process("multistage", "schedule: auto\n");
}

inline std::unique_ptr<Tier> make_ram(Home& home, Tier::Promise promise) {
  return std::make_unique<RamTier>(home.layout, home.slots, home.pool, promise);
}
inline std::unique_ptr<Tier> make_shared_ram(Home& home, Tier::Promise promise) {
  home.memory = SharedMemory::create(home.name, home.layout, home.slots, some_facts(), 3);
  home.shared_pool = std::make_unique<Pool>(home.memory->memory(), home.layout.buffer_bytes());
  home.shared_pool->touch(home.slots);
  return std::make_unique<SharedRamTier>(*home.memory, home.layout, home.slots, *home.shared_pool, promise);
}
inline std::unique_ptr<Tier> make_mmap(Home& home, Tier::Promise promise) {
  return std::make_unique<MmapTier>(home.file("map"), home.layout, home.slots, some_facts(), 3, promise);
}
inline std::unique_ptr<Tier> make_hdf5(Home& home, Tier::Promise promise) {
  return std::make_unique<Hdf5Tier>(home.file("h5"), home.layout, home.slots, some_facts(), 3, promise);
}
/// The fault injector without faults keeps the contract too, or it would test itself.
inline std::unique_ptr<Tier> make_faultless(Home& home, Tier::Promise promise) {
  return std::make_unique<FaultyTier>(make_ram(home, promise));
}

}  // namespace cairn::test
