// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace cairn {
namespace {

/// The call's result, made again for as long as a signal interrupts it.
template <class Call>
auto uninterrupted(const Call& call) {
  while (true)
    if (const auto result = call(); result >= 0 || errno != EINTR) return result;
}

template <class Call>
void require(std::string_view name, const Call& call) {
  if (uninterrupted(call) < 0) throw FileError{fmt::format("{} failed", name), errno};
}

/// As require(), for a request that is only a hint: a system that does not know it is no failure.
template <class Call>
void hint(std::string_view name, const Call& call) {
  if (uninterrupted(call) >= 0) return;
  for (const int unknown : {ENOSYS, EOPNOTSUPP, EINVAL, ESPIPE})
    if (errno == unknown) return;
  throw FileError{fmt::format("{} failed", name), errno};
}

::off_t signed_offset(std::uint64_t bytes) {
  return static_cast<::off_t>(bytes);
}

/// "12.0 of 64.0 MiB": both in the unit of the whole.
std::string progress(std::uint64_t done, std::uint64_t whole) {
  const std::string text = readable({whole});
  if (whole < 1024) return fmt::format("{} of {}", done, text);
  std::uint64_t unit = 1024;
  while (whole / unit >= 1024) unit *= 1024;
  return fmt::format("{:.1f} of {}", static_cast<double>(done) / static_cast<double>(unit), text);
}

/// Repeats `request(done, bytes)`, which returns what it transferred, until all `bytes` are. Direct requests go on at a
/// multiple of the block: what a short one left beyond it is transferred once more. `stuck`: what a request of 0 means.
template <class Request>
void transfer(std::string_view name, std::string_view stuck, std::uint64_t bytes, bool direct, const Request& request) {
  std::uint64_t done = 0;
  const auto stop = [&](std::string_view why, int error_number) {
    throw FileError{fmt::format("{} stopped after {}{}", name, progress(done, bytes), why), error_number};
  };
  while (done < bytes) {
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, File::most_request_bytes));
    const ::ssize_t moved = uninterrupted([&] { return request(done, now); });
    if (moved < 0) stop("", errno);
    std::uint64_t reached = done + static_cast<std::uint64_t>(moved);
    if (direct && reached < bytes) reached &= ~(limits::block_bytes - 1);
    if (reached == done) stop(stuck, 0);
    done = reached;
  }
}

int flags_for(File::Mode mode, File::Cache cache) {
  const int direct = cache == File::Cache::direct ? O_DIRECT : 0;
  switch (mode) {
    case File::Mode::read: return O_RDONLY | O_CLOEXEC | direct;
    case File::Mode::write: return O_RDWR | O_CLOEXEC | direct;
    case File::Mode::create: return O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | direct;
  }
  return O_RDONLY | O_CLOEXEC;
}

}  // namespace

File::File(std::string path, Mode mode, Cache cache, System& system)
    : path_{std::move(path)}, system_{&system}, direct_{cache == Cache::direct} {
  constexpr ::mode_t owner_only = 0600;
  descriptor_ = uninterrupted([&] { return system_->open(path_.c_str(), flags_for(mode, cache), owner_only); });
  if (descriptor_ < 0) throw FileError{direct_ ? "open for direct requests failed" : "open failed", errno};
}

File::File(File&& other) noexcept
    : path_{std::move(other.path_)},
      system_{other.system_},
      descriptor_{std::exchange(other.descriptor_, -1)},
      direct_{other.direct_} {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(system_, other.system_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(direct_, other.direct_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) system_->close(descriptor_);  // not again on EINTR: Linux has closed it by then
}

void File::read(std::uint64_t offset, std::span<std::byte> to) const {
  transfer("pread", ": the file ends there", to.size(), direct_, [&](std::uint64_t done, std::size_t bytes) {
    return system_->pread(descriptor_, to.data() + done, bytes, signed_offset(offset + done));
  });
}

void File::write(std::uint64_t offset, std::span<const std::byte> from) const {
  transfer("pwrite", ": no more was taken", from.size(), direct_, [&](std::uint64_t done, std::size_t bytes) {
    return system_->pwrite(descriptor_, from.data() + done, bytes, signed_offset(offset + done));
  });
}

void File::sync_data() const {
  require("fdatasync", [&] { return system_->fdatasync(descriptor_); });
}

void File::sync() const {
  require("fsync", [&] { return system_->fsync(descriptor_); });
}

void File::reserve(std::uint64_t offset, std::uint64_t bytes) const {
  if (bytes == 0) return;
  const int result =
      uninterrupted([&] { return system_->fallocate(descriptor_, signed_offset(offset), signed_offset(bytes)); });
  if (result >= 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS)
    throw FileError{fmt::format("fallocate of {} failed", readable({bytes})), errno};
  constexpr std::size_t zeros_bytes = std::size_t{1} << 20;
  const std::vector<std::byte> zeros(zeros_bytes);
  const std::uint64_t end = offset + bytes;
  for (std::uint64_t at = size(); at < end; at = std::min(end, (at / zeros_bytes + 1) * zeros_bytes))
    write(at, std::span{zeros}.first(std::min(end, (at / zeros_bytes + 1) * zeros_bytes) - at));
}

void File::resize(std::uint64_t bytes) const {
  require("ftruncate", [&] { return system_->ftruncate(descriptor_, signed_offset(bytes)); });
}

std::uint64_t File::size() const {
  struct ::stat facts {};
  require("fstat", [&] { return system_->fstat(descriptor_, &facts); });
  return static_cast<std::uint64_t>(facts.st_size);
}

std::uint64_t File::device() const {
  struct ::stat facts {};
  require("fstat", [&] { return system_->fstat(descriptor_, &facts); });
  return facts.st_dev;
}

void File::start_writing(std::uint64_t offset, std::uint64_t bytes) const {
  hint("sync_file_range", [&] {
    return system_->sync_file_range(descriptor_, signed_offset(offset), signed_offset(bytes), SYNC_FILE_RANGE_WRITE);
  });
}

void File::forget(std::uint64_t offset, std::uint64_t bytes) const {
  hint("posix_fadvise", [&] {
    const int result = system_->fadvise(descriptor_, signed_offset(offset), signed_offset(bytes), POSIX_FADV_DONTNEED);
    errno = result;
    return result == 0 ? 0 : -1;
  });
}

File::Lock File::lock() const {
  const auto cannot = [](int error_number) {
    for (const int unsupported : {ENOLCK, ENOTSUP, EOPNOTSUPP, ENOSYS, EINVAL})
      if (error_number == unsupported) return true;
    return false;
  };
  bool supported = true;
  if (uninterrupted([&] { return system_->lock_whole_file(descriptor_); }) < 0) {
    if (errno == EAGAIN || errno == EACCES) return Lock::another_run;
    if (!cannot(errno)) throw FileError{"fcntl(F_OFD_SETLK) failed", errno};
    supported = false;
  }
  if (uninterrupted([&] { return system_->flock(descriptor_, LOCK_SH | LOCK_NB); }) < 0) {
    if (errno == EWOULDBLOCK) return Lock::another_program;
    if (!cannot(errno)) throw FileError{"flock failed", errno};
    supported = false;
  }
  return supported ? Lock::held : Lock::unsupported;
}

bool File::is_at(const std::string& path) const {
  struct ::stat here {};
  struct ::stat there {};
  require("fstat", [&] { return system_->fstat(descriptor_, &here); });
  if (uninterrupted([&] { return system_->stat(path.c_str(), &there); }) < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw FileError{"stat failed", errno};
  }
  return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

void File::rename(const std::string& path) {
  require("rename", [&] { return system_->rename(path_.c_str(), path.c_str()); });
  path_ = path;
}

boost::interprocess::mapping_handle_t File::get_mapping_handle() const noexcept {
  boost::interprocess::mapping_handle_t handle;
  handle.handle = descriptor_;
  handle.is_xsi = false;
  return handle;
}

}  // namespace cairn
