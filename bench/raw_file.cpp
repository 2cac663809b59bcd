// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <raw_file.hpp>
#include <unistd.h>

namespace cairn::bench {
namespace {

constexpr std::size_t block_bytes = 4096;

void require(bool done, const std::string& what, int error_number = errno) {
  if (!done) throw std::system_error{error_number, std::generic_category(), what};
}

struct alignas(block_bytes) Block {
  std::byte bytes[block_bytes];
};

}  // namespace

RawFile::RawFile(std::filesystem::path path, std::uint64_t bytes, Cache cache) : path_{std::move(path)} {
  if (cache != Cache::direct || !open_as(Cache::direct)) open_as(Cache::buffered);
  const int failure = ::posix_fallocate(descriptor_, 0, static_cast<::off_t>(bytes));
  require(failure == 0, path_.string() + ": posix_fallocate", failure);
}

bool RawFile::open_as(Cache cache) {
  const int direct = cache == Cache::direct ? O_DIRECT : 0;
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | direct, 0600);
  if (descriptor_ < 0 && direct != 0 && errno == EINVAL) return false;
  require(descriptor_ >= 0, path_.string() + ": open");
  if (direct == 0) return true;
  const Block block{};  // some systems refuse at the first request only
  direct_ = ::pwrite(descriptor_, block.bytes, sizeof block.bytes, 0) == static_cast<::ssize_t>(sizeof block.bytes);
  if (!direct_) ::close(std::exchange(descriptor_, -1));
  return direct_;
}

RawFile::~RawFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void RawFile::write(std::uint64_t offset, std::span<const std::byte> from) const {
  for (std::size_t done = 0; done < from.size();) {
    const std::size_t now = std::min(request_bytes, from.size() - done);
    const ::ssize_t moved = ::pwrite(descriptor_, from.data() + done, now, static_cast<::off_t>(offset + done));
    require(moved > 0, path_.string() + ": pwrite");
    done += static_cast<std::size_t>(moved);
  }
}

void RawFile::read(std::uint64_t offset, std::span<std::byte> to) const {
  for (std::size_t done = 0; done < to.size();) {
    const std::size_t now = std::min(request_bytes, to.size() - done);
    const ::ssize_t moved = ::pread(descriptor_, to.data() + done, now, static_cast<::off_t>(offset + done));
    require(moved > 0, path_.string() + ": pread");
    done += static_cast<std::size_t>(moved);
  }
}

void RawFile::sync_data() const {
  require(::fdatasync(descriptor_) == 0, path_.string() + ": fdatasync");
}

void drop_cache(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  require(descriptor >= 0, path.string() + ": open");
  const bool written = ::fdatasync(descriptor) == 0;
  const int error_number = errno;
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
  require(written, path.string() + ": fdatasync", error_number);
}

}  // namespace cairn::bench
