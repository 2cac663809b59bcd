// SPDX-License-Identifier: BSD-3-Clause
// Saving to and loading from the HDF5 tier beside raw requests of the same bytes, and beside the HDF5 library.
#include <cairn/core/state.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/pool.hpp>

#include <algorithm>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <plain_hdf5.hpp>
#include <raw_file.hpp>
#include <settings.hpp>

namespace cairn::bench {
namespace {

/// A state of equal fields of random numbers.
class Fields {
 public:
  Fields(std::size_t fields, std::uint64_t bytes_of_each)
      : arrays_(fields, std::vector<float>(bytes_of_each / sizeof(float))) {
    std::mt19937 random{1};
    std::uniform_real_distribution<float> any{-1.0F, 1.0F};
    for (std::size_t f = 0; f < fields; ++f) {
      std::ranges::generate(arrays_[f], [&] { return any(random); });
      state_.add(fmt::format("field{}", f), arrays_[f]);
    }
    layout_.emplace(state_.fields());
  }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  const State& state() const { return state_; }
  const Layout& layout() const { return *layout_; }
  std::uint64_t bytes() const { return layout_->snapshot_bytes().count; }
  /// The fields' own bytes, for the library, which works on the live state.
  std::vector<std::span<std::byte>> fields() {
    std::vector<std::span<std::byte>> spans;
    for (std::vector<float>& array : arrays_) spans.push_back(std::as_writable_bytes(std::span{array}));
    return spans;
  }

 private:
  std::vector<std::vector<float>> arrays_;
  State state_;
  std::optional<Layout> layout_;
};

/// A tier of which every slot is saved anew, or loaded, in a round, and raw requests of the same bytes at the same
/// places of its file: where a file lies on a disk decides more than who writes it. The file is removed at its end.
class Stored {
 public:
  Stored(std::filesystem::path path, const Layout& layout, Slots slots, Tier::Promise promise,
         std::span<const std::byte> image)
      : path_{std::move(path)}, tier_{path_.string(), layout, slots, facts_of_this_process("none", ""), 1, promise} {
    save(image);
    raw_.emplace(path_);
    first_ = raw_->place_of(image.first(limits::block_bytes));
  }
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
  void write_raw(std::span<const std::byte> image) const {
    for (Slot slot; slot.index < tier_.slots(); ++slot.index) raw_->write(place(slot), image.first(slot_bytes()));
  }
  void read_raw(std::span<std::byte> image) const {
    for (Slot slot; slot.index < tier_.slots(); ++slot.index) raw_->read(place(slot), image.first(slot_bytes()));
  }
  bool direct() const { return raw_->direct(); }
  void forget() const { drop_cache(path_); }

 private:
  std::uint64_t slot_bytes() const { return tier_.layout().region_bytes(); }
  std::uint64_t place(Slot slot) const { return first_ + slot_bytes() * static_cast<std::uint64_t>(slot.index); }
  std::filesystem::path path_;
  Hdf5Tier tier_;
  std::optional<RawFile> raw_;
  std::uint64_t first_ = 0;  // where slot 0 lies
};

/// All files of one measurement, and the buffer of a pool that they are written from and read to, as a lane does; the
/// library works on the live state.
struct Bench {
  Bench(const std::filesystem::path& folder, std::size_t fields, std::uint64_t bytes_of_each, Slots slots_of_each)
      : snapshot{fields, bytes_of_each},
        slots{slots_of_each},
        pool{1, snapshot.layout().buffer_bytes()},
        image{filled()},
        plain{folder / "plain.h5", snapshot.layout(), slots, {.verify = Verify::never}, image.bytes()},
        summed{folder / "summed.h5", snapshot.layout(), slots, {.verify = Verify::disk}, image.bytes()},
        powered{folder / "powered.h5", snapshot.layout(), slots, {.durability = Durability::power}, image.bytes()},
        peer{folder / "library.h5", snapshot.layout(), slots} {}

  Pool::Buffer filled() {
    pool.touch(1);
    Pool::Buffer buffer = pool.take();
    snapshot.state().save(0, snapshot.layout(), buffer.bytes());
    return buffer;
  }
  template <class Transfer>
  void each(const Transfer& transfer) const {
    for (Slot slot; slot.index < slots; ++slot.index) transfer(slot);
  }

  Fields snapshot;
  Slots slots;
  Pool pool;
  Pool::Buffer image;
  Stored plain;
  Stored summed;
  Stored powered;
  PlainHdf5 peer;
};

/// A way of the tier, and where its two baselines stand among the ways.
struct Compared {
  std::size_t way;
  std::size_t raw;
};
constexpr std::size_t peer_way = 0;

void add_lines(const std::string& group, const std::vector<Way>& ways, const std::vector<Compared>& compared,
               std::uint64_t bytes, int rounds, Table& table) {
  const std::vector<Rounds> measured = measure_in_turns(ways, rounds);
  const auto line = [&](std::size_t way, std::size_t baseline) {
    table.add(speed_line(group, ways[way].name, measured[way], ways[baseline].name, measured[baseline], bytes, true));
  };
  for (const Compared& pair : compared) line(pair.way, pair.raw);
  for (const Compared& pair : compared) line(pair.way, peer_way);
}

void measure_saves(Bench& bench, const std::string& group, std::uint64_t bytes, int rounds, Table& table) {
  const std::string raw = bench.plain.direct() ? "O_DIRECT pwrite there" : "buffered pwrite there";
  const std::vector<Way> ways{{"H5Dwrite, H5Fflush, fdatasync",
                               [&] {
                                 const auto fields = bench.snapshot.fields();
                                 bench.each([&](Slot slot) { bench.peer.save(slot, fields); });
                               }},
                              {raw, [&] { bench.plain.write_raw(bench.image.bytes()); }},
                              {"save", [&] { bench.plain.save(bench.image.bytes()); }},
                              {raw, [&] { bench.summed.write_raw(bench.image.bytes()); }},
                              {"save, checksums", [&] { bench.summed.save(bench.image.bytes()); }},
                              {raw, [&] { bench.powered.write_raw(bench.image.bytes()); }},
                              {"save, checksums, durability power", [&] { bench.powered.save(bench.image.bytes()); }}};
  add_lines(group, ways, {{2, 1}, {4, 3}, {6, 5}}, bytes, rounds, table);
}

void measure_loads(Bench& bench, const std::string& group, std::uint64_t bytes, int rounds, Table& table) {
  const std::string raw = bench.plain.direct() ? "O_DIRECT pread there" : "buffered pread there";
  const std::vector<Way> ways{
      {"H5Dread, cache dropped",
       [&] {
         const auto fields = bench.snapshot.fields();
         bench.each([&](Slot slot) { bench.peer.load(slot, fields); });
       },
       [&] { drop_cache(bench.peer.path()); }},
      {raw, [&] { bench.plain.read_raw(bench.image.bytes()); }, [&] { bench.plain.forget(); }},
      {"load", [&] { bench.plain.load(bench.image.bytes()); }, [&] { bench.plain.forget(); }},
      {raw, [&] { bench.summed.read_raw(bench.image.bytes()); }, [&] { bench.summed.forget(); }},
      {"load, checksums", [&] { bench.summed.load(bench.image.bytes()); }, [&] { bench.summed.forget(); }}};
  add_lines(group, ways, {{2, 1}, {4, 3}}, bytes, rounds, table);
}

/// A state of so many equal fields.
struct Case {
  std::string name;
  std::size_t fields;
  std::uint64_t bytes_of_each;
};

void measure(const Settings& settings, Table& table, const Case& state) {
  const std::string group = "hdf5 tier, " + state.name;
  if (!settings.wants(group)) return;
  constexpr std::uint64_t round_bytes = 256'000'000;
  const std::uint64_t bytes = state.fields * state.bytes_of_each;
  const auto slots = static_cast<Slots>(settings.quick ? 2 : std::max<std::uint64_t>(4, round_bytes / bytes));
  Bench bench{settings.folder, state.fields, state.bytes_of_each, slots};
  const std::uint64_t moved = bench.snapshot.bytes() * static_cast<std::uint64_t>(slots);
  measure_saves(bench, group, moved, settings.rounds, table);
  measure_loads(bench, group, moved, settings.rounds, table);
}

}  // namespace

void measure_hdf5_tier(const Settings& settings, Table& table) {
  for (const Case& state : {Case{"5 MB", 2, 2'500'000}, Case{"64 MB", 2, 32'000'000}, Case{"70 fields", 70, 200'000}})
    measure(settings, table, state);
}

}  // namespace cairn::bench
