// SPDX-License-Identifier: BSD-3-Clause
/// The door to the operating system: the raw calls that files are made of, virtual, so that tests can put a system
/// there that lies (faults, short transfers, EINTR) or records. Semantics and errno are those of the POSIX calls.
#pragma once

#include <cstddef>

#include <sys/stat.h>
#include <sys/types.h>

namespace cairn {

/// The calls of this process itself; a test's system derives from it. May be used from any thread.
class System {
 public:
  virtual ~System() = default;
  static System& real();  ///< The one of this process.

  virtual int open(const char* path, int flags, ::mode_t mode);
  virtual int close(int descriptor);
  virtual ::ssize_t pread(int descriptor, void* to, std::size_t bytes, ::off_t offset);
  virtual ::ssize_t pwrite(int descriptor, const void* from, std::size_t bytes, ::off_t offset);
  virtual int fdatasync(int descriptor);
  virtual int fsync(int descriptor);
  virtual int fallocate(int descriptor, ::off_t offset, ::off_t bytes);  ///< mode 0: allocates and extends
  virtual int ftruncate(int descriptor, ::off_t bytes);
  virtual int fstat(int descriptor, struct ::stat* facts);
  virtual int stat(const char* path, struct ::stat* facts);
  virtual int rename(const char* from, const char* to);
  virtual int unlink(const char* path);
  virtual int flock(int descriptor, int operation);
  virtual int lock_whole_file(int descriptor);  ///< fcntl(F_OFD_SETLK, F_WRLCK) over the whole file
  virtual int sync_file_range(int descriptor, ::off_t offset, ::off_t bytes, unsigned flags);
  virtual int fadvise(int descriptor, ::off_t offset, ::off_t bytes, int advice);  ///< returns the error number
};

}  // namespace cairn
