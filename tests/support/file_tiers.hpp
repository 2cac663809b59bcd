// SPDX-License-Identifier: BSD-3-Clause
/// Both kinds of tiers with a file, made and opened again, and ways to damage what lies in it.
#pragma once

#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/mmap_tier_file.hpp>

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <support/snapshots.hpp>
#include <support/temporary_folder.hpp>

namespace cairn::test {

inline const RunFacts facts_of_a_run{.schedule = "multistage",
                                     .config = "schedule: auto\n",
                                     .host = "here",
                                     .version = "0.1.0",
                                     .start = "2026-01-02T03:04:05Z"};

/// A tier with a file: as a tier, and as the record of its run.
struct FileTier {
  std::unique_ptr<Tier> owned;
  RunRecord* record = nullptr;
  Tier* operator->() const { return owned.get(); }
  Tier& operator*() const { return *owned; }
};

template <class Kind>
FileTier file_tier(std::unique_ptr<Kind> tier) {
  RunRecord* const record = tier.get();
  return {std::move(tier), record};
}

/// Where tiers of one kind, "mmap" or "hdf5", are made.
struct FileTierHome {
  explicit FileTierHome(std::string its_kind) : kind{std::move(its_kind)} {}

  FileTier make(const Layout& layout, Slots slots, Tier::Promise promise = {}, System& system = System::real(),
                Existing existing = Existing::replace) const {
    if (kind == "mmap")
      return file_tier(std::make_unique<MmapTier>(path, layout, slots, facts_of_a_run, 2, promise, system, existing));
    return file_tier(std::make_unique<Hdf5Tier>(path, layout, slots, facts_of_a_run, 2, promise, system, existing));
  }
  /// As an earlier process left it; not taken over yet.
  FileTier reopen(const Layout& layout, Tier::Promise promise = {}, System& system = System::real()) const {
    if (kind == "mmap") return file_tier(MmapTier::reopen(path, layout, promise, system));
    return file_tier(Hdf5Tier::reopen(path, layout, promise, system));
  }
  /// The same, taken over.
  FileTier resume(const Layout& layout, Tier::Promise promise = {}, System& system = System::real()) const {
    FileTier tier = reopen(layout, promise, system);
    Snapshot buffer = zero_snapshot(layout);
    tier->take_over(buffer);
    return tier;
  }

  /// Where in the file the first field's bytes of a slot begin.
  std::uint64_t data_at(Slot slot) const {
    const auto index = static_cast<std::uint64_t>(slot.index);
    if (kind == "mmap") return MmapTierFile{File{path, File::Mode::read}}.format().slot_at(slot);
    const Hdf5Contents contents = read_hdf5_file(path);
    const Layout::Place& place = contents.layout.places()[0];
    return place.large ? contents.at.region + index * contents.layout.region_bytes() + place.offset
                       : contents.at.small[0] + index * place.bytes;
  }
  std::uint64_t row_at(Slot slot) const {
    if (kind == "mmap") return MmapTierFile{File{path, File::Mode::read}}.format().row_at(slot);
    return read_hdf5_file(path).at.ledger + static_cast<std::uint64_t>(slot.index) * sizeof(LedgerRow);
  }
  std::uint64_t step_at(Slot slot) const {
    if (kind == "mmap") return MmapTierFile{File{path, File::Mode::read}}.format().step_at(slot);
    return read_hdf5_file(path).at.steps_of_slots + static_cast<std::uint64_t>(slot.index) * sizeof(Step);
  }
  /// The byte there gets another value.
  void flip(std::uint64_t at) const {
    const File file{path, File::Mode::write};
    std::array<std::byte, 1> byte{};
    file.read(at, byte);
    byte[0] ^= std::byte{1};
    file.write(at, byte);
  }
  void put_step(Slot slot, Step step) const {
    File(path, File::Mode::write).write(step_at(slot), std::as_bytes(std::span{&step, 1}));
  }
  /// All that the file is.
  std::string bytes() const {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  std::string kind;
  TemporaryFolder folder;
  std::string path = folder / "run42";
};

}  // namespace cairn::test
