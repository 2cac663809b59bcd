// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/mmap_areas.hpp>
#include <cairn/storage/mmap_tier_file.hpp>
#include <cairn/storage/shared_memory.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include <boost/interprocess/exceptions.hpp>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/statvfs.h>

namespace cairn {
namespace {

namespace bi = boost::interprocess;
using Kind = StorageError::Kind;

/// Reserved at a time: a signal undoes what one request has done so far, and it is made again.
constexpr std::uint64_t piece_bytes = std::uint64_t{16} << 20;

/// Asked first: a request for more than there is would take all that is left before it fails.
void expect_room(const File& file, std::uint64_t end) {
  struct ::statvfs room {};
  if (::fstatvfs(file.descriptor(), &room) < 0 || room.f_blocks == 0) return;  // the request itself will tell
  const std::uint64_t taken = allocated_bytes(file).count;
  const std::uint64_t wanted = end > taken ? end - taken : 0;
  if (const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize; wanted > free)
    throw shared_error(
        Kind::full, file.path(),
        fmt::format("{} of shared memory are needed, {} are left; give less capacity, or enlarge /dev/shm",
                    readable({wanted}), readable({free})));
}

Slot slot_of(std::size_t buffer) {
  return Slot{static_cast<std::int64_t>(buffer)};
}

bi::mapped_region mapped(const bi::shared_memory_object& object, const MmapFormat& format, const std::string& path) {
  try {
    return {object, bi::read_write, 0, format.end()};
  } catch (const bi::interprocess_exception& failure) {
    throw shared_error(
        Kind::io, path,
        fmt::format("{} cannot be mapped: {}; give less capacity", readable({format.end()}), failure.what()));
  }
}

/// Writes all but the buffers; an area that cannot be completed is removed again.
bi::mapped_region completed(const SharedArea& area, const MmapFormat& format, const std::string& json) {
  try {
    expect_room(area.file, format.data_at);
    write_metadata(area.file, format, json);
    return mapped(area.object, format, area.file.path());
  } catch (...) {
    area.file.system().unlink(area.file.path().c_str());  // what stays is a left-over for the next run
    throw;
  }
}

}  // namespace

SharedMemory::SharedMemory(File file, const MmapFormat& format, bi::mapped_region region, RecordedRun found,
                           bool opened)
    : file_{std::move(file)}, format_{format}, region_{std::move(region)}, found_{std::move(found)}, opened_{opened} {}

SharedMemory::~SharedMemory() = default;

std::unique_ptr<SharedMemory> SharedMemory::create(const std::string& name, const Layout& layout, Slots buffers,
                                                   const RunFacts& facts, std::int32_t levels, Existing existing,
                                                   System& system) {
  const std::string path = shared_path(name);
  if (buffers < 1 || buffers > limits::slots)
    throw std::invalid_argument{
        fmt::format("shared memory of {} buffers; from 1 to {} are possible", buffers, limits::slots)};
  try {
    SharedArea area = new_shared_area(name, existing, system);
    const std::string json = mmap_json(layout, facts);
    const MmapFormat format = MmapFormat::make(layout, buffers, levels, json);
    bi::mapped_region region = completed(area, format, json);
    return std::unique_ptr<SharedMemory>{
        new SharedMemory{std::move(area.file), format, std::move(region), RecordedRun{}, false}};
  } catch (const FileError& failure) {
    throw shared_error(path, failure);
  }
}

std::unique_ptr<SharedMemory> SharedMemory::open(const std::string& name, const Layout& layout, System& system) {
  const std::string path = shared_path(name);
  try {
    SharedArea area = existing_shared_area(name, system);
    MmapTierFile image{std::move(area.file)};
    check_layout("ram", path, image.layout(), layout);
    bi::mapped_region region = mapped(area.object, image.format(), path);
    const MmapFormat format = image.format();
    RecordedRun found = image.run();
    return std::unique_ptr<SharedMemory>{
        new SharedMemory{image.take_file(), format, std::move(region), std::move(found), true}};
  } catch (const FileError& failure) {
    throw shared_error(path, failure);
  }
}

Pool::Memory SharedMemory::memory() {
  return {.bytes = {at(format_.data_at), format_.slots * format_.slot_bytes},
          .reserve = [this](Slots first, Slots last) { reserve(first, last); }};
}

void SharedMemory::reserve(Slots first, Slots last) {
  const std::uint64_t begin = format_.slot_at(Slot{first});
  const std::uint64_t end = format_.slot_at(Slot{last});
  expect_room(file_, end);
  try {
    for (std::uint64_t from = begin; from < end; from += piece_bytes)
      file_.reserve(from, std::min(piece_bytes, end - from));
  } catch (const FileError& failure) {
    if (!opened_) ::madvise(at(begin), end - begin, MADV_REMOVE);  // nothing lies there: what was reserved goes back
    throw shared_error(path(), failure);
  }
}

Step* SharedMemory::word(std::size_t buffer) const {
  return reinterpret_cast<Step*>(at(format_.step_at(slot_of(buffer))));
}

LedgerRow SharedMemory::row(std::size_t buffer) const {
  LedgerRow row;
  std::memcpy(&row, at(format_.row_at(slot_of(buffer))), sizeof row);
  return row;
}

Step SharedMemory::step(std::size_t buffer) const {
  return std::atomic_ref{*word(buffer)}.load(std::memory_order_acquire);
}

/// By stores, 15 ns; a kill in the middle of them leaves a damaged row, which counts as empty, of a snapshot that is
/// not stored yet. One that is released may be the only copy still, until its buffer has reached a slower tier: that
/// row is written by a request, some 1 µs, of which a kill makes all or nothing.
void SharedMemory::put_row(std::size_t buffer, const LedgerRow& row) noexcept {
  if (row.status == SlotStatus::released && request_row(buffer, row)) return;
  std::atomic_thread_fence(std::memory_order_release);  // after the snapshot's bytes …
  std::memcpy(at(format_.row_at(slot_of(buffer))), &row, sizeof row);
  std::atomic_thread_fence(std::memory_order_release);  // … or before the next ones
}

bool SharedMemory::request_row(std::size_t buffer, const LedgerRow& row) noexcept {
  try {
    file_.write(format_.row_at(slot_of(buffer)), std::as_bytes(std::span{&row, 1}));
    return true;
  } catch (const FileError&) {
    return false;  // stores do it, too
  }
}

void SharedMemory::put_step(std::size_t buffer, Step step) noexcept {
  std::atomic_ref{*word(buffer)}.store(step, std::memory_order_release);
}

bool SharedMemory::holds(std::size_t buffer) const {
  return format_.slot_at(slot_of(buffer)) + format_.slot_bytes <= file_.size();
}

void SharedMemory::unlink() {
  try {
    if (!file_.is_at(path())) return;
    while (file_.system().unlink(path().c_str()) < 0)
      if (errno != EINTR) throw FileError{"unlink failed", errno};
  } catch (const FileError& failure) {
    throw shared_error(path(), failure);
  }
}

}  // namespace cairn
