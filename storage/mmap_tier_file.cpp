// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/mmap_tier_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

using Kind = StorageError::Kind;

StorageError error(Kind kind, const std::string& path, std::string_view problem, Slot slot = Slot{-1}) {
  return {kind, {.tier = "mmap", .file = path, .slot = slot}, problem};
}

/// Runs `transfer` and gives its FileError a place; the end of the file where bytes should be is damage.
template <class Transfer>
auto in_place(const std::string& path, Slot slot, const Transfer& transfer) {
  try {
    return transfer();
  } catch (const FileError& failure) {
    throw error(failure.error_number() == 0 ? Kind::corrupt : failure.kind(), path, failure.what(), slot);
  }
}

std::string text_of(const File& file, std::uint64_t at, std::size_t bytes) {
  std::string area(bytes, '\0');
  file.read(at, std::as_writable_bytes(std::span{area}));
  area.resize(std::min(area.size(), area.find('\0')));
  return area;
}

MmapFormat header_of(const File& file) {
  if (file.size() < MmapFormat::header_bytes)
    throw error(file.size() == 0 ? Kind::mismatch : Kind::corrupt, file.path(), "is not a whole file of cairn");
  MmapFormat::Page page;
  file.read(0, page);
  const MmapFormat format = MmapFormat::read(page, file.path());
  if (file.size() < format.data_at)
    throw error(Kind::corrupt, file.path(),
                fmt::format("cut short: {} of at least {} bytes are there", file.size(), format.data_at));
  return format;
}

MmapContents contents_of(const File& file, const MmapFormat& format) {
  std::string json(format.json_bytes, '\0');
  file.read(format.json_at, std::as_writable_bytes(std::span{json}));
  if (hash_of(std::as_bytes(std::span{json})) != format.json_checksum)
    throw error(Kind::corrupt, file.path(), "its JSON is damaged: the checksum is wrong");
  MmapContents contents = read_mmap_json(json, file.path());
  if (contents.layout.buffer_bytes().count != format.slot_bytes)
    throw error(
        Kind::corrupt, file.path(),
        fmt::format("slots of {} bytes for snapshots of {}", format.slot_bytes, contents.layout.buffer_bytes().count));
  return contents;
}

}  // namespace

MmapTierFile::MmapTierFile(File file)
    : file_{std::move(file)}, format_{header_of(file_)}, contents_{contents_of(file_, format_)} {}

Bytes MmapTierFile::file_bytes() const {
  constexpr std::uint64_t unit_bytes = 512;  // of st_blocks, whatever the file system's blocks are
  struct ::stat facts {};
  if (file_.system().fstat(file_.descriptor(), &facts) < 0)
    throw error(Kind::io, file_.path(), fmt::format("fstat failed: {}", words_for(errno)));
  return {static_cast<std::uint64_t>(facts.st_blocks) * unit_bytes};
}

RecordedRun MmapTierFile::run() const {
  return in_place(file_.path(), Slot{-1}, [&] {
    MmapSummary summary;
    file_.read(format_.summary_at, std::as_writable_bytes(std::span{&summary, 1}));
    const std::string_view end{summary.end, sizeof summary.end};
    return RecordedRun{.facts = contents_.facts,
                       .steps = summary.steps,
                       .identity = text_of(file_, format_.identity_at, identity_bytes),
                       .report = text_of(file_, format_.report_at, report_bytes),
                       .end = std::string{end.substr(0, std::min(end.size(), end.find('\0')))}};
  });
}

void MmapTierFile::rows(Slot first, std::span<LedgerRow> rows) const {
  fetch(format_.row_at(checked(first, rows.size())), std::as_writable_bytes(rows), first);
}

void MmapTierFile::steps(Slot first, std::span<Step> steps) const {
  fetch(format_.step_at(checked(first, steps.size())), std::as_writable_bytes(steps), first);
}

void MmapTierFile::read(Slot slot, std::span<std::byte> snapshot) const {
  if (snapshot.size() != format_.slot_bytes)
    throw std::logic_error{fmt::format("a buffer of {} bytes for slots of {}", snapshot.size(), format_.slot_bytes)};
  std::size_t used = 0;
  for (const Layout::Place& place : layout().places()) used = std::max(used, place.offset + place.bytes);
  fetch(format_.slot_at(checked(slot)), snapshot.first(used), slot);
  std::ranges::fill(snapshot.subspan(used), std::byte{0});  // where the file ends within a slot, so may its padding
}

void MmapTierFile::read(Slot slot, std::size_t field, std::uint64_t at, std::span<std::byte> bytes) const {
  fetch(format_.slot_at(checked(slot)) + layout().places()[field].offset + at, bytes, slot);
}

Slot MmapTierFile::checked(Slot first, std::size_t count) const {
  const bool inside =
      first.index >= 0 && first.index < slots() && static_cast<std::uint64_t>(slots() - first.index) >= count;
  if (!inside) throw std::out_of_range{fmt::format("slot {} of a file with {} slots", first.index, slots())};
  return first;
}

void MmapTierFile::fetch(std::uint64_t offset, std::span<std::byte> to, Slot slot) const {
  in_place(file_.path(), slot, [&] { file_.read(offset, to); });
}

std::unique_ptr<TierFile> open_mmap_tier_file(const std::string& path, System& system) {
  return in_place(path, Slot{-1}, [&] {
    return std::make_unique<MmapTierFile>(File{path, File::Mode::read, File::Cache::buffered, system});
  });
}

}  // namespace cairn
