// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_areas.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/mmap_tier_file.hpp>
#include <cairn/storage/reserved_runs.hpp>
#include <cairn/storage/tier_creation.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <cstring>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <fmt/format.h>
#include <sys/mman.h>

namespace cairn {
namespace {

namespace bi = boost::interprocess;

/// Snapshots from here on are written, and their write-back is asked for piece by piece. Smaller ones are stored into
/// the mapping and left to the kernel's own write-back: asking for it costs 7 µs, as much as all else of such a save.
constexpr std::size_t least_written_bytes = std::size_t{256} << 10;
constexpr std::size_t piece_bytes = std::size_t{8} << 20;

}  // namespace

struct MmapTier::Open {
  File file;
  MmapFormat format;
  bi::mapped_region region;  // of all slots
  ReservedRuns reserved;

  Open(File made, const MmapFormat& header)
      : file{std::move(made)},
        format{header},
        region{file, bi::read_write, static_cast<bi::offset_t>(format.data_at), format.slots * format.slot_bytes},
        reserved{static_cast<Slots>(format.slots), Bytes{format.slot_bytes}} {}

  std::byte* at(Slot slot) const {
    return static_cast<std::byte*>(region.get_address()) + static_cast<std::uint64_t>(slot.index) * format.slot_bytes;
  }

  /// Stores into the mapping go only to space that is reserved: where it is not, a full disk would be a SIGBUS.
  void reserve(Slot slot) {
    reserved.before_use(slot, [this](Slot first, Slots slots) {
      file.reserve(format.slot_at(first), static_cast<std::uint64_t>(slots) * format.slot_bytes);
    });
  }
};

MmapTier::MmapTier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts,
                   std::int32_t levels, Promise promise, System& system, Existing existing)
    : Tier{"mmap", path, layout, slots, promise} {
  TierCreation creation{kind(), path, system, is_cairn_file, existing};
  const std::string json = mmap_json(layout, facts);
  const MmapFormat format = MmapFormat::make(layout, slots, levels, json);
  try {
    write_metadata(creation.file(), format, json);
    open_ = mapped(creation.publish(), format, path);
  } catch (const FileError& failure) {
    throw error(failure.kind(), Slot{-1}, -1, failure.what());
  }
}

MmapTier::MmapTier(const std::string& path, const Layout& layout, Slots slots, Promise promise)
    : Tier{"mmap", path, layout, slots, promise} {}

std::unique_ptr<MmapTier> MmapTier::reopen(const std::string& path, const Layout& layout, Promise promise,
                                           System& system) {
  try {
    MmapTierFile file{open_for_run("mmap", path, system)};
    check_layout("mmap", path, file.layout(), layout);
    std::unique_ptr<MmapTier> tier{new MmapTier{path, layout, file.slots(), promise}};
    tier->found_ = file.run();
    tier->begin_finding(run_hash_of(tier->found_.identity));
    each_piece(file, [&](Slot first, std::span<const LedgerRow> rows, std::span<const Step> words) {
      tier->find(first, rows, words);
    });
    tier->open_ = mapped(file.take_file(), file.format(), path);
    return tier;
  } catch (const FileError& failure) {
    throw StorageError{failure.kind(), {.tier = "mmap", .file = path}, failure.what()};
  }
}

std::unique_ptr<MmapTier::Open> MmapTier::mapped(File file, const MmapFormat& format, const std::string& path) {
  try {
    return std::make_unique<Open>(std::move(file), format);
  } catch (const bi::interprocess_exception& failure) {
    const Bytes wanted{format.slots * format.slot_bytes};
    throw StorageError{StorageError::Kind::io,
                       {.tier = "mmap", .file = path},
                       fmt::format("{} cannot be mapped: {}; give less capacity", readable(wanted), failure.what())};
  }
}

MmapTier::~MmapTier() = default;

std::optional<std::uint64_t> MmapTier::device() const {
  return open_->file.device();
}

/// Small snapshots are stored into the mapping; larger ones go by pwrite, which takes a page of the cache without a
/// fault each: 16 MiB 4–5 against .4–1 GB/s, 2.6 MB 6.5 against 1.1–1.9; whole runs of the acoustic example with 6 MB
/// snapshots were 1.3 to 2 times faster, for the operators keep their cores.
void MmapTier::write(Slot slot, std::span<const std::byte> snapshot) {
  open_->reserve(slot);
  if (snapshot.size() < least_written_bytes) return store(slot, snapshot);
  for (std::size_t done = 0; done < snapshot.size(); done += piece_bytes) {
    const std::size_t bytes = std::min(piece_bytes, snapshot.size() - done);
    const std::uint64_t at = open_->format.slot_at(slot) + done;
    open_->file.write(at, snapshot.subspan(done, bytes));
    open_->file.start_writing(at, bytes);
  }
}

void MmapTier::store(Slot slot, std::span<const std::byte> snapshot) {
  std::byte* const to = open_->at(slot);
  std::memcpy(to, snapshot.data(), snapshot.size());
  ::madvise(to, snapshot.size(), MADV_DONTNEED);  // of a shared mapping: the pages stay in the page cache, dirty or not
}

/// By pread, wherever the pages are. Measured on two cores, ext4, Linux 6.18, against copying from the mapping and
/// giving the pages back: 16 MiB resident 18–20 against 16–17 GB/s, on the device 2.5–2.8 against 1.4; 2.6 MB 19.6
/// against 14.7 and 2.9 against 2.8; 4 KiB 0.9 against 1.8 µs. A fault of the device is an error here, there it would
/// be a SIGBUS.
void MmapTier::read(Slot slot, std::span<std::byte> snapshot) {
  open_->file.read(open_->format.slot_at(slot), snapshot);
}

// Rows and step words go by pwrite: Linux has one page cache for a file's mapping, pread and pwrite.
void MmapTier::put_row(Slot slot, const LedgerRow& row) {
  open_->file.write(open_->format.row_at(slot), std::as_bytes(std::span{&row, 1}));
}
void MmapTier::put_step(Slot slot, Step step) {
  open_->file.write(open_->format.step_at(slot), std::as_bytes(std::span{&step, 1}));
}

void MmapTier::put_words(Slot first, std::span<const Step> words) {
  open_->file.write(open_->format.step_at(first), std::as_bytes(words));
}

/// fdatasync writes what was stored into a shared mapping as well: on Linux the pages are dirty from the first store
/// on, and msync(MS_SYNC) is no more than this call on a range.
void MmapTier::sync() {
  open_->file.sync_data();
}

/// A snapshot may be lost because its file was cut short; stores into the mapping behind the end would be a SIGBUS.
void MmapTier::after_probe(Slot slot) {
  open_->reserved.forget(slot);
}

void MmapTier::put_identity_text(std::string_view json) {
  record([&](const File& file, const MmapFormat& format) { write_identity(file, format, json); });
  run_hash(run_hash_of(json));
}

void MmapTier::put_steps(Step steps) {
  record([&](const File& file, const MmapFormat& format) { write_steps(file, format, steps); });
}

void MmapTier::put_summary(const RunSummary& summary) {
  record([&](const File& file, const MmapFormat& format) { write_summary(file, format, summary); });
}

void MmapTier::put_end(std::string_view end) {
  record([&](const File& file, const MmapFormat& format) { write_end(file, format, end); });
}

template <class Write>
void MmapTier::record(const Write& write_areas) {
  try {
    write_areas(open_->file, open_->format);
    if (promise().durability == Durability::power) sync();
  } catch (const FileError& failure) {
    throw error(failure.kind(), Slot{-1}, -1, failure.what());
  }
}

}  // namespace cairn
