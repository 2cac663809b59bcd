// SPDX-License-Identifier: BSD-3-Clause
// write_tier_file hdf5|mmap PATH [never|released]: makes a tier's file for the tests of `cairn inspect`; for shared
// PATH it is shared memory, and with `held` it stays in use until the standard input ends. Snapshots of steps 0, 10,
// 20, … in slots 0, 1, 2, … of SLOTS − 4; the one in slot 1 is released. Each byte of field "pressure" of step t is t %
// 251.
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/shared_ram_tier.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace cairn;

constexpr Slots slots = 64;
constexpr Slots used = slots - 4;

Layout layout() {
  return Layout{
      {{.name = "pressure", .type = ElementType::float32, .extents = {64, 96}, .axes = {"z", "x"}, .units = "Pa"},
       {.name = "time", .type = ElementType::float64, .units = "s"}}};
}

/// `how`: "never", written with verify: never; "released", every snapshot is given up at the end.
void fill_slots(Tier& tier, RunRecord& record, const std::string& how) {
  record.put_steps(1000);
  record.put_identity(R"({"sweep": 1})");
  Pool pool{1, tier.layout().buffer_bytes()};
  pool.touch(1);
  Pool::Buffer buffer = pool.take();
  for (Slots i = 0; i < used; ++i) {
    const Step step = 10 * i;
    std::ranges::fill(buffer.bytes(), std::byte{0});
    std::ranges::fill(buffer.bytes().first(tier.layout().places()[0].bytes), static_cast<std::byte>(step % 251));
    tier.save(Slot{i}, step, buffer.bytes());
  }
  for (Slots i = 0; i < used; ++i)
    if (i == 1 || how == "released") tier.release(Slot{i});
}

void write(const std::string& kind, const std::string& path, const std::string& how) {
  const Layout fields = layout();
  const RunFacts facts{.schedule = "multistage",
                       .config = "tiers: []\n",
                       .host = "testhost",
                       .version = "0.1.0",
                       .start = "2026-01-02T03:04:05Z"};
  const Tier::Promise promise{.verify = how == "never" ? Verify::never : Verify::disk};
  if (kind == "hdf5") {
    Hdf5Tier tier{path, fields, slots, facts, 2, promise};
    fill_slots(tier, tier, how);
  } else if (kind == "shared") {
    const auto memory = SharedMemory::create(shared_name_in(path).value(), fields, slots, facts, 2);
    Pool memory_pool{memory->memory(), fields.buffer_bytes()};
    memory_pool.touch(slots);
    SharedRamTier tier{*memory, fields, slots, memory_pool, promise};
    fill_slots(tier, tier, how);
    if (how == "ended") tier.put_end(time_now());
    if (how != "held") return;
    std::puts("held");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  } else {
    MmapTier tier{path, fields, slots, facts, 2, promise};
    fill_slots(tier, tier, how);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    write(arguments.at(0), arguments.at(1), arguments.size() > 2 ? arguments[2] : "");
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "write_tier_file: %s\n", failure.what());
    return 1;
  }
  return 0;
}
