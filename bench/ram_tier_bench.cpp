// SPDX-License-Identifier: BSD-3-Clause
// Saving to and loading from the RAM tier beside memcpy of the same bytes between the same kinds of memory.
#include <cairn/storage/pool.hpp>
#include <cairn/storage/ram_tier.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <settings.hpp>
#include <snapshot.hpp>

namespace cairn::bench {
namespace {

/// The same work for all: every slot in turn, as often as makes a round worth timing.
struct Work {
  Slots slots;
  int repeats;

  template <class Transfer>
  void each(const Transfer& transfer) const {
    for (int i = 0; i < repeats; ++i)
      for (Slot slot; slot.index < slots; ++slot.index) transfer(slot);
  }
};

Work work_for(std::uint64_t bytes, bool quick) {
  constexpr std::uint64_t more_than_caches_bytes = 256'000'000;
  const auto slots = static_cast<Slots>(std::max<std::uint64_t>(4, (quick ? bytes : more_than_caches_bytes) / bytes));
  return {.slots = slots, .repeats = quick ? 1 : 2};
}

/// A RAM tier full of the snapshot, and the ways to use it as executors do (adopt, view) and as any tier is (save,
/// load).
class Ram {
 public:
  Ram(Snapshot& snapshot, Work work, Verify verify)
      : snapshot_{&snapshot},
        work_{work},
        pool_{work.slots, snapshot.layout().buffer_bytes()},
        tier_{snapshot.layout(), work.slots, pool_, {.verify = verify, .durability = Durability::process}},
        image_{snapshot.layout().buffer_bytes().count} {
    pool_.touch(work.slots);
    snapshot.state().save(0, snapshot.layout(), image_.bytes());
    for (Slot slot; slot.index < work.slots; ++slot.index) tier_.save(slot, slot.index, image_.bytes());
  }

  void adopt() {
    work_.each([this](Slot slot) {
      tier_.release(slot);
      Pool::Buffer buffer = pool_.take();
      snapshot_->state().save(slot.index, snapshot_->layout(), buffer.bytes());
      tier_.adopt(slot, slot.index, std::move(buffer));
    });
  }
  void view() {
    work_.each(
        [this](Slot slot) { snapshot_->state().load(slot.index, snapshot_->layout(), tier_.view(slot, slot.index)); });
  }
  void save() {
    work_.each([this](Slot slot) {
      tier_.release(slot);
      tier_.save(slot, slot.index, image_.bytes());
    });
  }
  void load() {
    work_.each([this](Slot slot) { tier_.load(slot, slot.index, image_.bytes()); });
  }

 private:
  Snapshot* snapshot_;
  Work work_;
  Pool pool_;
  RamTier tier_;
  Memory image_;
};

/// The baseline: the fields' bytes to one of `slots` places in memory and back.
class Copies {
 public:
  Copies(Snapshot& snapshot, Work work)
      : fields_{snapshot.fields()},
        work_{work},
        slot_bytes_{snapshot.layout().buffer_bytes().count},
        memory_{slot_bytes_ * static_cast<std::uint64_t>(work.slots)} {}

  void there() {
    work_.each([this](Slot slot) {
      std::byte* to = place(slot);
      for (const std::span<std::byte> field : fields_) {
        std::memcpy(to, field.data(), field.size());
        to += round_up(field.size(), limits::block_bytes);
      }
    });
  }
  void back() {
    work_.each([this](Slot slot) {
      const std::byte* from = place(slot);
      for (const std::span<std::byte> field : fields_) {
        std::memcpy(field.data(), from, field.size());
        from += round_up(field.size(), limits::block_bytes);
      }
    });
  }

 private:
  std::byte* place(Slot slot) { return memory_.bytes().data() + slot_bytes_ * static_cast<std::uint64_t>(slot.index); }
  std::vector<std::span<std::byte>> fields_;
  Work work_;
  std::uint64_t slot_bytes_;
  Memory memory_;
};

void measure(const Settings& settings, Table& table, std::uint64_t bytes) {
  const std::string group = fmt::format("ram tier, {}", megabytes(bytes));
  if (!settings.wants(group)) return;
  Snapshot snapshot{bytes};
  const Work work = work_for(bytes, settings.quick);
  Copies copies{snapshot, work};
  copies.there();
  Ram plain{snapshot, work, Verify::never};
  Ram summed{snapshot, work, Verify::always};
  const std::uint64_t moved =
      snapshot.bytes() * static_cast<std::uint64_t>(work.slots) * static_cast<std::uint64_t>(work.repeats);
  const auto lines = [&](const std::vector<Way>& ways) {
    const std::vector<Rounds> measured = measure_in_turns(ways, settings.rounds);
    for (std::size_t i = 1; i < ways.size(); ++i)
      table.add(speed_line(group, ways[i].name, measured[i], ways[0].name, measured[0], moved, false));
  };
  lines({{"memcpy", [&] { copies.there(); }},
         {"live state to buffer, adopt", [&] { plain.adopt(); }},
         {"live state to buffer, adopt, checksums", [&] { summed.adopt(); }},
         {"save", [&] { plain.save(); }},
         {"save, checksums", [&] { summed.save(); }}});
  lines({{"memcpy", [&] { copies.back(); }},
         {"view, buffer to live state", [&] { plain.view(); }},
         {"view, buffer to live state, checksums", [&] { summed.view(); }},
         {"load", [&] { plain.load(); }},
         {"load, checksums", [&] { summed.load(); }}});
}

}  // namespace

void measure_ram_tier(const Settings& settings, Table& table) {
  for (const std::uint64_t bytes : {5'000'000, 64'000'000}) measure(settings, table, bytes);
}

}  // namespace cairn::bench
