// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/hdf5_tier_file.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr int most_tries = 100;  // to open a path whose file is replaced at that moment

StorageError error(StorageError::Kind kind, const std::string& path, std::string_view problem, Slot slot = Slot{-1}) {
  return {kind, {.tier = "hdf5", .file = path, .slot = slot}, problem};
}

}  // namespace

Hdf5TierFile::Hdf5TierFile(File file, Hdf5Contents contents) : file_{std::move(file)}, contents_{std::move(contents)} {}

Bytes Hdf5TierFile::file_bytes() const {
  struct ::stat facts {};
  if (file_.system().fstat(file_.descriptor(), &facts) != 0)
    throw error(StorageError::Kind::io, file_.path(), fmt::format("fstat failed: {}", words_for(errno)));
  constexpr std::uint64_t sector_bytes = 512;
  return {static_cast<std::uint64_t>(facts.st_blocks) * sector_bytes};
}

RecordedRun Hdf5TierFile::run() const {
  RecordedRun run{.facts = contents_.facts, .steps = -1, .identity = {}, .report = {}, .end = {}};
  fetch(contents_.at.steps, std::as_writable_bytes(std::span{&run.steps, 1}));
  run.identity = text(contents_.at.identity, identity_bytes);
  run.report = text(contents_.at.report, report_bytes);
  run.end = text(contents_.at.end, hdf5_end_bytes);
  return run;
}

void Hdf5TierFile::rows(Slot first, std::span<LedgerRow> rows) const {
  fetch(contents_.at.ledger + index(first, rows.size()) * sizeof(LedgerRow), std::as_writable_bytes(rows), first);
}

void Hdf5TierFile::steps(Slot first, std::span<Step> steps) const {
  fetch(contents_.at.steps_of_slots + index(first, steps.size()) * sizeof(Step), std::as_writable_bytes(steps), first);
}

void Hdf5TierFile::read(Slot slot, std::span<std::byte> snapshot) const {
  if (snapshot.size() != layout().buffer_bytes().count)
    throw std::logic_error{
        fmt::format("a snapshot of {} bytes for a layout of {} bytes", snapshot.size(), layout().buffer_bytes().count)};
  const std::uint64_t region_bytes = layout().region_bytes();
  fetch(contents_.at.region + index(slot) * region_bytes, snapshot.first(region_bytes), slot);
  for (std::size_t f = 0; f < layout().places().size(); ++f)
    if (const Layout::Place& place = layout().places()[f]; !place.large)
      fetch(contents_.at.small[f] + index(slot) * place.bytes, snapshot.subspan(place.offset, place.bytes), slot);
  std::ranges::fill(snapshot.subspan(layout().image_bytes()), std::byte{});
}

void Hdf5TierFile::read(Slot slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const {
  const Layout::Place& place = layout().places()[field];
  const std::uint64_t begin = place.large ? contents_.at.region + index(slot) * layout().region_bytes() + place.offset
                                          : contents_.at.small[field] + index(slot) * place.bytes;
  fetch(begin + at, bytes, slot);
}

std::uint64_t Hdf5TierFile::index(Slot first, std::size_t count) const {
  const bool inside =
      first.index >= 0 && first.index < slots() && static_cast<std::uint64_t>(slots() - first.index) >= count;
  if (!inside) throw std::out_of_range{fmt::format("slot {} of a tier with {} slots", first.index, slots())};
  return static_cast<std::uint64_t>(first.index);
}

void Hdf5TierFile::fetch(std::uint64_t offset, std::span<std::byte> to, Slot slot) const {
  try {
    file_.read(offset, to);
  } catch (const FileError& failure) {
    throw error(failure.kind(), file_.path(), failure.what(), slot);
  }
}

std::string Hdf5TierFile::text(std::uint64_t offset, std::size_t bytes) const {
  std::string padded(bytes, '\0');
  fetch(offset, std::as_writable_bytes(std::span{padded}));
  padded.resize(std::min(padded.size(), padded.find('\0')));
  return padded;
}

std::unique_ptr<TierFile> open_hdf5_tier_file(const std::string& path, System& system) {
  try {
    for (int tries = 0; tries < most_tries; ++tries) {
      File file{path, File::Mode::read, File::Cache::buffered, system};
      Hdf5Contents contents = read_hdf5_file(file);
      if (file.is_at(path)) return std::make_unique<Hdf5TierFile>(std::move(file), std::move(contents));
    }
  } catch (const FileError& failure) {
    throw error(failure.kind(), path, failure.what());
  }
  throw error(StorageError::Kind::io, path, "the file is replaced again and again while it is opened");
}

}  // namespace cairn
