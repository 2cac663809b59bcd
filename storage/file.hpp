// SPDX-License-Identifier: BSD-3-Clause
/// A file as tiers use it: whole transfers at known offsets. EINTR, short reads and writes are dealt with here, once.
#pragma once

#include <cairn/storage/system.hpp>
#include <cairn/words.hpp>

#include <cstdint>
#include <span>
#include <string>

#include <boost/interprocess/detail/os_file_functions.hpp>

namespace cairn {

/// An open file. Movable; closed at its end. Offsets and lengths are bytes. Every failure is a FileError (errors.hpp)
/// whose text says what was tried, how far it came, and errno. Transfers may be called from any thread.
class File {
 public:
  enum class Mode { read, write, create };  ///< write: an existing file, read and write; create: O_EXCL, 0600
  enum class Cache { buffered, direct };    ///< direct: O_DIRECT, transfers aligned to 4096 bytes in all three places
  /// A transfer is made in requests of at most this. From 4 MiB on they reach the device's speed at queue depth 1, and
  /// several in flight add nothing; those of 16 take a fifth less of a processor than those of 8.
  static constexpr std::size_t most_request_bytes = std::size_t{16} << 20;

  /// Opens `path` (O_CLOEXEC). Throws FileError; with Cache::direct on a file system without it, error_number() is
  /// EINVAL.
  File(std::string path, Mode mode, Cache cache = Cache::buffered, System& system = System::real());
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  ~File();

  void read(std::uint64_t offset, std::span<std::byte> to) const;  ///< All of it; the end of the file is an error.
  void write(std::uint64_t offset, std::span<const std::byte> from) const;  ///< All of it.
  void sync_data() const;                                                   ///< fdatasync
  void sync() const;                                                        ///< fsync
  /// Allocates disk space for the range and extends the file if need be. Where the file system cannot (EOPNOTSUPP),
  /// writes zeros from the end of the file on, so that no hole comes to be; what lies within the file stays as it is.
  void reserve(std::uint64_t offset, std::uint64_t bytes) const;
  void resize(std::uint64_t bytes) const;
  std::uint64_t size() const;
  std::uint64_t device() const;  ///< st_dev: what shares a lane
  /// Asks the system to start writing the range to the device, without waiting.
  void start_writing(std::uint64_t offset, std::uint64_t bytes) const;
  /// Asks the system to drop the range's clean pages from its cache.
  void forget(std::uint64_t offset, std::uint64_t bytes) const;

  enum class Lock { held, another_run, another_program, unsupported };
  /// Keeps out other runs (an open-file-description lock) and programs that open the file for writing by HDF5 (a shared
  /// flock), while readers pass. The locks go with the descriptor.
  Lock lock() const;
  bool is_at(const std::string& path) const;  ///< Does `path` still name this file?
  void rename(const std::string& path);       ///< Over whatever `path` names; path() follows.

  const std::string& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_; }
  System& system() const noexcept { return *system_; }
  /// For boost::interprocess::mapped_region.
  boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept;

 private:
  std::string path_;
  System* system_;
  int descriptor_ = -1;
  bool direct_ = false;
};

}  // namespace cairn
