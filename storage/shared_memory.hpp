// SPDX-License-Identifier: BSD-3-Clause
/// POSIX shared memory for the buffers of a run: what lies in it outlives the process.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/ledger.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/shared_area.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/interprocess/mapped_region.hpp>

namespace cairn {

/// An area of shared memory, /dev/shm/cairn.<name>, whose bytes are those of a mmap tier's file (mmap_format.hpp): open
/// it with open_tier_file() or `cairn inspect` as any other. Its slots are the buffers of a Pool, and row i of its
/// ledger tells what lies in buffer i. It survives kill -9 of the process that fills it, not the machine's end.
///
/// Made with permissions 0600, never through a symbolic link, and locked for as long as this object lives: a second run
/// is refused, and after a crash the lock is free. The name stays until unlink(). Memory is reserved before it is
/// touched, so that too little of it is StorageError full, and never a SIGBUS.
///
/// Rows and step words are written by one thread at a time, and take effect in that order, beside that of stores into
/// buffers. A kill leaves a step word as it was or as it should be, and so with the row of a release; any other row may
/// be damaged by it, and then counts as empty.
class SharedMemory {
 public:
  /// Makes an area of `buffers` buffers of that layout (1 to limits::slots). An older one of that name is removed
  /// first, where nothing forbids it. Space for the buffers is not reserved yet. Levels: how many the plan has, for the
  /// summary. Throws StorageError: mismatch ("in use by another run"; "holds 3 snapshots of a run that has not ended"
  /// under Existing::replace_finished; not cairn's or not this user's), full, io; std::invalid_argument naming a name
  /// that cannot be (shared_path()).
  static std::unique_ptr<SharedMemory> create(const std::string& name, const Layout& layout, Slots buffers,
                                              const RunFacts& facts, std::int32_t levels,
                                              Existing existing = Existing::replace_finished,
                                              System& system = System::real());
  /// Opens the area of an earlier run to go on with it: its bytes stay. Throws StorageError: absent where there is
  /// none, mismatch ("in use by another run"; snapshots of another layout; not this user's), corrupt, io.
  static std::unique_ptr<SharedMemory> open(const std::string& name, const Layout& layout,
                                            System& system = System::real());

  SharedMemory(const SharedMemory&) = delete;
  ~SharedMemory();

  /// What to make the pool of; its buffers are `buffers()` of the layout's buffer_bytes(). Touching them reserves their
  /// space and throws StorageError full where there is none. The area must outlive the pool.
  Pool::Memory memory();
  Slots buffers() const { return static_cast<Slots>(format_.slots); }
  const std::string& path() const { return file_.path(); }
  const MmapFormat& format() const { return format_; }
  const File& file() const { return file_; }           ///< The area as a file.
  const RecordedRun& found() const { return found_; }  ///< What it said when it was opened; of a new one, nothing.
  bool opened() const { return opened_; }              ///< By open(): there may be snapshots.

  LedgerRow row(std::size_t buffer) const;
  Step step(std::size_t buffer) const;
  void put_row(std::size_t buffer, const LedgerRow& row) noexcept;
  void put_step(std::size_t buffer, Step step) noexcept;  ///< −1: no snapshot.
  bool holds(std::size_t buffer) const;  ///< Is all of this buffer within the area? Not where it was cut short.
  /// At the clean end of a run that needs it no more: the name goes now, the memory with this object. Throws
  /// StorageError.
  void unlink();

 private:
  SharedMemory(File file, const MmapFormat& format, boost::interprocess::mapped_region region, RecordedRun found,
               bool opened);
  void reserve(Slots first, Slots last);
  bool request_row(std::size_t buffer, const LedgerRow& row) noexcept;
  std::byte* at(std::uint64_t offset) const { return static_cast<std::byte*>(region_.get_address()) + offset; }
  Step* word(std::size_t buffer) const;
  File file_;
  MmapFormat format_;
  boost::interprocess::mapped_region region_;
  RecordedRun found_;
  bool opened_;
};

}  // namespace cairn
