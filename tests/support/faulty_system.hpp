// SPDX-License-Identifier: BSD-3-Clause
/// An operating system that fails where it is told to.
#pragma once

#include <cairn/storage/system.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <fcntl.h>

namespace cairn::test {

/// Passes calls on to the real system, but for the faults that a test asks for, and counts them. Interrupted calls are
/// not counted. Faults are set before the system is used; calls may come from several threads.
class FaultySystem final : public System {
 public:
  enum class Call {
    open,
    pread,
    pwrite,
    fdatasync,
    fsync,
    fallocate,
    ftruncate,
    fstat,
    stat,
    rename,
    unlink,
    flock,
    lock_whole_file,
    sync_file_range,
    fadvise
  };
  static constexpr std::size_t calls = 15;

  /// The k-th call of this kind (from 1) fails with an errno.
  void fail(Call call, std::uint64_t kth, int error_number) { failures_[{call, kth}] = error_number; }
  /// All of this kind fail.
  void fail_always(Call call, int error_number) { always_[index(call)] = error_number; }
  /// pread and pwrite move at most so many bytes at once.
  void shorten_transfers(std::size_t bytes) { most_bytes_ = bytes; }
  /// Every call that may be interrupted is, once, before it passes.
  void interrupt_every_call() { interrupting_ = true; }
  void refuse_direct() { refuse_direct_ = true; }  ///< O_DIRECT is EINVAL.
  void ignore_direct() { ignore_direct_ = true; }  ///< O_DIRECT opens a buffered file.
  void refuse_fallocate() { fail_always(Call::fallocate, EOPNOTSUPP); }
  void skip_syncs() { skip_syncs_ = true; }  ///< Synchronising is counted and may fail, but waits for no device.
  /// Files have room for so many bytes: what lies beyond is ENOSPC, a transfer across the border is short.
  void fill_disk_at(std::uint64_t bytes) { disk_bytes_ = bytes; }

  std::uint64_t count(Call call) const { return counts_[index(call)]; }
  std::uint64_t lowest_write() const { return lowest_write_; }         ///< The least offset of all pwrites.
  bool every_offset_aligned() const { return every_offset_aligned_; }  ///< Of all transfers, to 4096 bytes.

  int open(const char* path, int flags, ::mode_t mode) override {
    if (refused(Call::open)) return -1;
    if ((flags & O_DIRECT) != 0 && refuse_direct_) return errno = EINVAL, -1;
    return System::open(path, ignore_direct_ ? flags & ~O_DIRECT : flags, mode);
  }
  ::ssize_t pread(int descriptor, void* to, std::size_t bytes, ::off_t offset) override {
    if (refused(Call::pread)) return -1;
    every_offset_aligned_ = every_offset_aligned_ && offset % 4096 == 0;
    return System::pread(descriptor, to, std::min(bytes, most_bytes_), offset);
  }
  ::ssize_t pwrite(int descriptor, const void* from, std::size_t bytes, ::off_t offset) override {
    if (refused(Call::pwrite)) return -1;
    const auto at = static_cast<std::uint64_t>(offset);
    if (at >= disk_bytes_) return errno = ENOSPC, -1;
    lowest_write_ = std::min(lowest_write_, at);
    every_offset_aligned_ = every_offset_aligned_ && offset % 4096 == 0;
    return System::pwrite(descriptor, from, std::min({bytes, most_bytes_, disk_bytes_ - at}), offset);
  }
  int fdatasync(int descriptor) override {
    return refused(Call::fdatasync) ? -1 : skip_syncs_ ? 0 : System::fdatasync(descriptor);
  }
  int fsync(int descriptor) override { return refused(Call::fsync) ? -1 : skip_syncs_ ? 0 : System::fsync(descriptor); }
  int fallocate(int descriptor, ::off_t offset, ::off_t bytes) override {
    if (refused(Call::fallocate)) return -1;
    if (static_cast<std::uint64_t>(offset + bytes) > disk_bytes_) return errno = ENOSPC, -1;
    return System::fallocate(descriptor, offset, bytes);
  }
  int ftruncate(int descriptor, ::off_t bytes) override {
    return refused(Call::ftruncate) ? -1 : System::ftruncate(descriptor, bytes);
  }
  int fstat(int descriptor, struct ::stat* facts) override {
    return refused(Call::fstat) ? -1 : System::fstat(descriptor, facts);
  }
  int stat(const char* path, struct ::stat* facts) override {
    return refused(Call::stat) ? -1 : System::stat(path, facts);
  }
  int rename(const char* from, const char* to) override {
    return refused(Call::rename) ? -1 : System::rename(from, to);
  }
  int unlink(const char* path) override { return refused(Call::unlink) ? -1 : System::unlink(path); }
  int flock(int descriptor, int operation) override {
    return refused(Call::flock) ? -1 : System::flock(descriptor, operation);
  }
  int lock_whole_file(int descriptor) override {
    return refused(Call::lock_whole_file) ? -1 : System::lock_whole_file(descriptor);
  }
  int sync_file_range(int descriptor, ::off_t offset, ::off_t bytes, unsigned flags) override {
    return refused(Call::sync_file_range) ? -1 : System::sync_file_range(descriptor, offset, bytes, flags);
  }
  int fadvise(int descriptor, ::off_t offset, ::off_t bytes, int advice) override {
    return refused(Call::fadvise) ? errno : System::fadvise(descriptor, offset, bytes, advice);
  }

 private:
  static constexpr std::size_t index(Call call) { return static_cast<std::size_t>(call); }

  /// Counts the call; true, with errno set, where it is to fail.
  bool refused(Call call) {
    const std::scoped_lock lock{mutex_};
    const std::size_t i = index(call);
    if (interrupting_ && (interrupted_[i] = !interrupted_[i])) return errno = EINTR, true;
    const std::uint64_t now = ++counts_[i];
    if (always_[i]) return errno = *always_[i], true;
    const auto fault = failures_.find({call, now});
    return fault != failures_.end() && (errno = fault->second, true);
  }

  std::mutex mutex_;
  std::map<std::pair<Call, std::uint64_t>, int> failures_;
  std::array<std::optional<int>, calls> always_{};
  std::array<bool, calls> interrupted_{};
  std::array<std::uint64_t, calls> counts_{};
  std::size_t most_bytes_ = std::numeric_limits<std::size_t>::max();
  std::uint64_t disk_bytes_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t lowest_write_ = std::numeric_limits<std::uint64_t>::max();
  bool every_offset_aligned_ = true;
  bool interrupting_ = false;
  bool refuse_direct_ = false;
  bool ignore_direct_ = false;
  bool skip_syncs_ = false;
};

}  // namespace cairn::test
