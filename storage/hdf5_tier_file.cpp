// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
constexpr int most_tries = 100;  // to open a path whose file is replaced at that moment

StorageError error(StorageError::Kind kind, const std::string& path, std::string_view problem, Slot slot = Slot{-1}) {
  return {kind, {.tier = "hdf5", .file = path, .slot = slot}, problem};
}

/// Read by plain requests at addresses that the library told when the file was opened.
class Hdf5TierFile final : public TierFile {
 public:
  Hdf5TierFile(File file, Hdf5Contents contents) : file_{std::move(file)}, contents_{std::move(contents)} {}

  std::string_view kind() const override { return "hdf5"; }
  const Layout& layout() const override { return contents_.layout; }
  Slots slots() const override { return contents_.slots; }

  Bytes file_bytes() const override {
    struct ::stat facts {};
    if (file_.system().fstat(file_.descriptor(), &facts) != 0)
      throw error(StorageError::Kind::io, file_.path(), fmt::format("fstat failed: {}", words_for(errno)));
    constexpr std::uint64_t sector_bytes = 512;
    return {static_cast<std::uint64_t>(facts.st_blocks) * sector_bytes};
  }

  Run run() const override {
    Run run{.facts = contents_.facts, .steps = -1, .identity = {}, .report = {}};
    fetch(contents_.at.steps, std::as_writable_bytes(std::span{&run.steps, 1}));
    run.identity = text(contents_.at.identity, identity_bytes);
    run.report = text(contents_.at.report, report_bytes);
    return run;
  }

  LedgerRow row(Slot slot) const override {
    LedgerRow row;
    fetch(contents_.at.ledger + index(slot) * sizeof row, std::as_writable_bytes(std::span{&row, 1}), slot);
    return row;
  }

  Step step(Slot slot) const override {
    Step step = -1;
    fetch(contents_.at.steps_of_slots + index(slot) * sizeof step, std::as_writable_bytes(std::span{&step, 1}), slot);
    return step;
  }

  void read(Slot slot, std::span<std::byte> snapshot) const override {
    if (snapshot.size() != layout().buffer_bytes().count)
      throw std::logic_error{fmt::format("a snapshot of {} bytes for a layout of {} bytes", snapshot.size(),
                                         layout().buffer_bytes().count)};
    const std::uint64_t region_bytes = layout().region_bytes();
    fetch(contents_.at.region + index(slot) * region_bytes, snapshot.first(region_bytes), slot);
    for (std::size_t f = 0; f < layout().places().size(); ++f)
      if (const Layout::Place& place = layout().places()[f]; !place.large)
        fetch(contents_.at.small[f] + index(slot) * place.bytes, snapshot.subspan(place.offset, place.bytes), slot);
    std::ranges::fill(snapshot.subspan(layout().image_bytes()), std::byte{});
  }

 private:
  std::uint64_t index(Slot slot) const {
    if (slot.index < 0 || slot.index >= slots())
      throw std::out_of_range{fmt::format("slot {} of a tier with {} slots", slot.index, slots())};
    return static_cast<std::uint64_t>(slot.index);
  }

  void fetch(std::uint64_t offset, std::span<std::byte> to, Slot slot = Slot{-1}) const {
    try {
      file_.read(offset, to);
    } catch (const FileError& failure) {
      throw error(failure.kind(), file_.path(), failure.what(), slot);
    }
  }

  std::string text(std::uint64_t offset, std::size_t bytes) const {
    std::string padded(bytes, '\0');
    fetch(offset, std::as_writable_bytes(std::span{padded}));
    padded.resize(std::min(padded.size(), padded.find('\0')));
    return padded;
  }

  File file_;
  Hdf5Contents contents_;
};

void check_signature(const File& file) {
  std::array<char, signature.size()> first{};
  if (file.size() >= first.size()) file.read(0, std::as_writable_bytes(std::span{first}));
  if (std::string_view{first.data(), first.size()} != signature)
    throw error(StorageError::Kind::mismatch, file.path(), "not an HDF5 file");
}

void check_length(const File& file, const Hdf5Contents& contents) {
  const std::uint64_t needed = contents.at.end_of_slots(contents.layout, contents.slots);
  if (const std::uint64_t there = file.size(); there < needed)
    throw error(StorageError::Kind::corrupt, file.path(),
                fmt::format("damaged or cut off: it has {} bytes instead of {}", there, needed));
}

}  // namespace

std::unique_ptr<TierFile> open_hdf5_tier_file(const std::string& path, System& system) {
  try {
    for (int tries = 0; tries < most_tries; ++tries) {
      File file{path, File::Mode::read, File::Cache::buffered, system};
      check_signature(file);
      Hdf5Contents contents = read_hdf5_file(path);
      check_length(file, contents);
      if (file.is_at(path)) return std::make_unique<Hdf5TierFile>(std::move(file), std::move(contents));
    }
  } catch (const FileError& failure) {
    throw error(failure.kind(), path, failure.what());
  }
  throw error(StorageError::Kind::io, path, "the file is replaced again and again while it is opened");
}

}  // namespace cairn
