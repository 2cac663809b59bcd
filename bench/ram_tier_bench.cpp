// SPDX-License-Identifier: BSD-3-Clause
// Saving to and loading from the RAM tier beside memcpy of the same bytes: from the live state as adopt and view do,
// by as many threads as are the quickest, and from a buffer as save and load do.
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
        copier_{copy_threads_here(), snapshot.layout().places().size(), snapshot.bytes()},
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
      Checksum sum{};
      if (tier_.sums())
        sum = snapshot_->state().save_and_sum(slot.index, snapshot_->layout(), buffer.bytes(), copier_);
      else
        snapshot_->state().save(slot.index, snapshot_->layout(), buffer.bytes(), copier_);
      tier_.adopt(slot, slot.index, std::move(buffer), sum);
    });
  }
  void view() {
    work_.each([this](Slot slot) {
      const auto [bytes, sum] = tier_.view_unchecked(slot, slot.index);
      if (sum == Checksum{})
        snapshot_->state().load(slot.index, snapshot_->layout(), bytes, copier_);
      else if (snapshot_->state().load_and_sum(slot.index, snapshot_->layout(), bytes, copier_, sum) != sum)
        throw tier_.wrong_sum(slot, slot.index, {}, sum);
    });
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
  Copier copier_;
  RamTier tier_;
  Memory image_;
};

/// The baselines: bytes to one of `slots` places in memory and back, from the live state field by field, or from a
/// buffer.
class Copies {
 public:
  Copies(Snapshot& snapshot, Work work)
      : fields_{snapshot.fields()},
        work_{work},
        slot_bytes_{snapshot.layout().buffer_bytes().count},
        image_{slot_bytes_},
        memory_{slot_bytes_ * static_cast<std::uint64_t>(work.slots)} {}

  void live_there() {
    each_field([](std::span<std::byte> field, std::byte* place) { std::memcpy(place, field.data(), field.size()); });
  }
  void live_back() {
    each_field([](std::span<std::byte> field, std::byte* place) { std::memcpy(field.data(), place, field.size()); });
  }
  void buffer_there() {
    work_.each([this](Slot slot) { std::memcpy(place(slot), image_.bytes().data(), slot_bytes_); });
  }
  void buffer_back() {
    work_.each([this](Slot slot) { std::memcpy(image_.bytes().data(), place(slot), slot_bytes_); });
  }

 private:
  std::byte* place(Slot slot) { return memory_.bytes().data() + slot_bytes_ * static_cast<std::uint64_t>(slot.index); }
  template <class Copy>
  void each_field(const Copy& copy) {
    work_.each([&](Slot slot) {
      std::byte* at = place(slot);
      for (const std::span<std::byte> field : fields_) {
        copy(field, at);
        at += round_up(field.size(), limits::block_bytes);
      }
    });
  }
  std::vector<std::span<std::byte>> fields_;
  Work work_;
  std::uint64_t slot_bytes_;
  Memory image_;
  Memory memory_;
};

void measure(const Settings& settings, Table& table, std::uint64_t bytes) {
  const std::string group = fmt::format("ram tier, {}", megabytes(bytes));
  if (!settings.wants(group)) return;
  Snapshot snapshot{bytes};
  const Work work = work_for(bytes, settings.quick);
  Copies copies{snapshot, work};
  Ram plain{snapshot, work, Verify::never};
  Ram summed{snapshot, work, Verify::always};
  const std::uint64_t moved =
      snapshot.bytes() * static_cast<std::uint64_t>(work.slots) * static_cast<std::uint64_t>(work.repeats);
  const auto add_lines = [&](const std::vector<Way>& ways) {  // a baseline and the two that it is for, and so on
    const std::vector<Rounds> measured = measure_in_turns(ways, settings.rounds);
    for (std::size_t first = 0; first < ways.size(); first += 3)
      for (const std::size_t i : {first + 1, first + 2})
        table.add(speed_line(group, ways[i].name, measured[i], ways[first].name, measured[first], moved, false));
  };
  add_lines({{"memcpy, live state to buffer", [&] { copies.live_there(); }},
             {"adopt", [&] { plain.adopt(); }},
             {"adopt, checksums", [&] { summed.adopt(); }},
             {"memcpy, buffer to buffer", [&] { copies.buffer_there(); }},
             {"save", [&] { plain.save(); }},
             {"save, checksums", [&] { summed.save(); }}});
  add_lines({{"memcpy, buffer to live state", [&] { copies.live_back(); }},
             {"view", [&] { plain.view(); }},
             {"view, checksums", [&] { summed.view(); }},
             {"memcpy, buffer to buffer", [&] { copies.buffer_back(); }},
             {"load", [&] { plain.load(); }},
             {"load, checksums", [&] { summed.load(); }}});
}

}  // namespace

void measure_ram_tier(const Settings& settings, Table& table) {
  for (const std::uint64_t bytes : {5'000'000, 64'000'000}) measure(settings, table, bytes);
}

}  // namespace cairn::bench
