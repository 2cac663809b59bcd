// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/system.hpp>

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

namespace cairn {

System& System::real() {
  static System system;
  return system;
}

int System::open(const char* path, int flags, ::mode_t mode) {
  return ::open(path, flags, mode);
}
int System::close(int descriptor) {
  return ::close(descriptor);
}

::ssize_t System::pread(int descriptor, void* to, std::size_t bytes, ::off_t offset) {
  return ::pread(descriptor, to, bytes, offset);
}

::ssize_t System::pwrite(int descriptor, const void* from, std::size_t bytes, ::off_t offset) {
  return ::pwrite(descriptor, from, bytes, offset);
}

int System::fdatasync(int descriptor) {
  return ::fdatasync(descriptor);
}
int System::fsync(int descriptor) {
  return ::fsync(descriptor);
}
int System::fallocate(int descriptor, ::off_t offset, ::off_t bytes) {
  return ::fallocate(descriptor, 0, offset, bytes);
}
int System::ftruncate(int descriptor, ::off_t bytes) {
  return ::ftruncate(descriptor, bytes);
}
int System::fstat(int descriptor, struct ::stat* facts) {
  return ::fstat(descriptor, facts);
}
int System::stat(const char* path, struct ::stat* facts) {
  return ::stat(path, facts);
}
int System::rename(const char* from, const char* to) {
  return ::rename(from, to);
}
int System::unlink(const char* path) {
  return ::unlink(path);
}
int System::flock(int descriptor, int operation) {
  return ::flock(descriptor, operation);
}

int System::lock_whole_file(int descriptor) {
  struct ::flock whole {};  // from 0 for 0 bytes: to the end, wherever it will be
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(descriptor, F_OFD_SETLK, &whole);
}

int System::sync_file_range(int descriptor, ::off_t offset, ::off_t bytes, unsigned flags) {
  return ::sync_file_range(descriptor, offset, bytes, flags);
}

int System::fadvise(int descriptor, ::off_t offset, ::off_t bytes, int advice) {
  return ::posix_fadvise(descriptor, offset, bytes, advice);
}

}  // namespace cairn
