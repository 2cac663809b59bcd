// SPDX-License-Identifier: BSD-3-Clause
/// The baseline of everything that goes to disk: plain pwrite and pread on a file whose blocks are there already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace cairn::bench {

/// A file of fixed size, removed at its end. System calls alone, nothing of cairn. Throws std::system_error.
class RawFile {
 public:
  enum class Cache { buffered, direct };  ///< direct: O_DIRECT; memory, offsets and lengths are multiples of 4096
  static constexpr std::size_t request_bytes = std::size_t{8} << 20;

  /// Allocates `bytes`. Where the file system refuses O_DIRECT, requests are buffered, and direct() is false.
  RawFile(std::filesystem::path path, std::uint64_t bytes, Cache cache);
  /// Opens a file that somebody else made, allocated and will remove: the same bytes can then go to the same place.
  explicit RawFile(std::filesystem::path theirs);
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile();

  bool direct() const { return direct_; }
  void write(std::uint64_t offset, std::span<const std::byte> from) const;
  void read(std::uint64_t offset, std::span<std::byte> to) const;
  void sync_data() const;  ///< fdatasync
  /// The first multiple of 4096 from which on the file holds this block of 4096 bytes. Throws std::runtime_error.
  std::uint64_t place_of(std::span<const std::byte> block) const;

 private:
  bool open_as(Cache cache, int how);
  std::filesystem::path path_;
  int descriptor_ = -1;
  bool direct_ = false;
  bool ours_ = true;
};

/// Writes what is dirty of a file, then drops its pages from the system's cache. Throws std::system_error.
void drop_cache(const std::filesystem::path& path);

}  // namespace cairn::bench
