// SPDX-License-Identifier: BSD-3-Clause
// Saving to and loading from the HDF5 tier beside raw requests of the same bytes, and beside the HDF5 library.
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/pool.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <plain_hdf5.hpp>
#include <raw_file.hpp>
#include <settings.hpp>
#include <snapshot.hpp>

namespace cairn::bench {
namespace {

/// A tier of which every slot is saved anew, or loaded, in a round. The file is removed at its end.
class Stored {
 public:
  Stored(std::filesystem::path path, const Snapshot& snapshot, Slots slots, Tier::Promise promise)
      : path_{std::move(path)}, tier_{path_.string(), snapshot.layout(), slots, facts_of_this_process("none", ""), 1,
                                      promise} {}
  Stored(const Stored&) = delete;
  Stored& operator=(const Stored&) = delete;
  ~Stored() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  void save(std::span<const std::byte> image) {
    for (Slot slot; slot.index < tier_.slots(); ++slot.index) {
      if (tier_.ledger().at(slot).status == SlotStatus::valid) tier_.release(slot);
      tier_.save(slot, slot.index, image);
    }
  }
  void load(std::span<std::byte> image) {
    for (Slot slot; slot.index < tier_.slots(); ++slot.index) tier_.load(slot, slot.index, image);
  }
  void forget() const { drop_cache(path_); }

 private:
  std::filesystem::path path_;
  Hdf5Tier tier_;
};

/// All files of one measurement, and the buffer of a pool that they are written from and read to, as a lane does; the
/// library works on the live state.
struct Bench {
  Bench(const std::filesystem::path& folder, std::uint64_t bytes, Slots slots_of_each)
      : snapshot{bytes},
        slots{slots_of_each},
        pool{1, snapshot.layout().buffer_bytes()},
        plain{folder / "plain.h5", snapshot, slots, {.verify = Verify::never, .durability = Durability::process}},
        summed{folder / "summed.h5", snapshot, slots, {.verify = Verify::disk, .durability = Durability::process}},
        powered{folder / "powered.h5", snapshot, slots, {.verify = Verify::disk, .durability = Durability::power}},
        raw{folder / "direct.raw", slot_bytes() * static_cast<std::uint64_t>(slots), RawFile::Cache::direct},
        library{folder / "library.h5", snapshot.layout(), slots} {
    pool.touch(1);
    image = pool.take();
    snapshot.state().save(0, snapshot.layout(), image.bytes());
  }

  std::uint64_t slot_bytes() const { return snapshot.layout().region_bytes(); }
  std::uint64_t offset(Slot slot) const { return slot_bytes() * static_cast<std::uint64_t>(slot.index); }
  template <class Transfer>
  void each(const Transfer& transfer) const {
    for (Slot slot; slot.index < slots; ++slot.index) transfer(slot);
  }

  Snapshot snapshot;
  Slots slots;
  Pool pool;
  Pool::Buffer image;
  Stored plain;
  Stored summed;
  Stored powered;
  RawFile raw;
  PlainHdf5 library;
};

constexpr std::size_t raw_way = 0;      // the first of the ways …
constexpr std::size_t library_way = 1;  // … and the second are baselines

void add_lines(const std::string& group, const std::vector<Way>& ways, const std::vector<Rounds>& measured,
               std::size_t baseline, std::uint64_t bytes, Table& table) {
  for (std::size_t i = library_way + 1; i < ways.size(); ++i)
    table.add(speed_line(group, ways[i].name, measured[i], ways[baseline].name, measured[baseline], bytes, true));
}

std::vector<Way> ways_to_save(Bench& bench) {
  const std::string requests = bench.raw.direct() ? "O_DIRECT pwrite" : "buffered pwrite";
  return {{requests, [&] { bench.each([&](Slot slot) { bench.raw.write(bench.offset(slot), bench.image.bytes()); }); }},
          {"H5Dwrite, H5Fflush, fdatasync",
           [&] {
             const auto fields = bench.snapshot.fields();
             bench.each([&](Slot slot) { bench.library.save(slot, fields); });
           }},
          {"save", [&] { bench.plain.save(bench.image.bytes()); }},
          {"save, checksums", [&] { bench.summed.save(bench.image.bytes()); }},
          {"save, checksums, durability power", [&] { bench.powered.save(bench.image.bytes()); }}};
}

std::vector<Way> ways_to_load(Bench& bench) {
  const std::string requests = bench.raw.direct() ? "O_DIRECT pread" : "buffered pread";
  return {{requests, [&] { bench.each([&](Slot slot) { bench.raw.read(bench.offset(slot), bench.image.bytes()); }); }},
          {"H5Dread, cache dropped",
           [&] {
             const auto fields = bench.snapshot.fields();
             bench.each([&](Slot slot) { bench.library.load(slot, fields); });
           },
           [&] { drop_cache(bench.library.path()); }},
          {"load", [&] { bench.plain.load(bench.image.bytes()); }, [&] { bench.plain.forget(); }},
          {"load, checksums", [&] { bench.summed.load(bench.image.bytes()); }, [&] { bench.summed.forget(); }}};
}

void measure(const Settings& settings, Table& table, std::uint64_t bytes) {
  const std::string group = fmt::format("hdf5 tier, {}", megabytes(bytes));
  if (!settings.wants(group)) return;
  constexpr std::uint64_t round_bytes = 256'000'000;
  const auto slots = static_cast<Slots>(settings.quick ? 2 : std::max<std::uint64_t>(4, round_bytes / bytes));
  Bench bench{settings.folder, bytes, slots};
  const std::uint64_t moved = bench.snapshot.bytes() * static_cast<std::uint64_t>(slots);
  for (const std::vector<Way>& ways : {ways_to_save(bench), ways_to_load(bench)}) {
    const std::vector<Rounds> measured = measure_in_turns(ways, settings.rounds);
    add_lines(group, ways, measured, raw_way, moved, table);
    add_lines(group, ways, measured, library_way, moved, table);
  }
}

}  // namespace

void measure_hdf5_tier(const Settings& settings, Table& table) {
  for (const std::uint64_t bytes : {5'000'000, 64'000'000}) measure(settings, table, bytes);
}

}  // namespace cairn::bench
