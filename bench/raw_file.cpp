// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>
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
  constexpr int made = O_CREAT | O_TRUNC;
  if (cache != Cache::direct || !open_as(Cache::direct, made)) open_as(Cache::buffered, made);
  const int failure = ::posix_fallocate(descriptor_, 0, static_cast<::off_t>(bytes));
  require(failure == 0, path_.string() + ": posix_fallocate", failure);
}

RawFile::RawFile(std::filesystem::path theirs) : path_{std::move(theirs)}, ours_{false} {
  if (!open_as(Cache::direct, 0)) open_as(Cache::buffered, 0);
}

bool RawFile::open_as(Cache cache, int how) {
  const int direct = cache == Cache::direct ? O_DIRECT : 0;
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | how | direct, 0600);
  if (descriptor_ < 0 && direct != 0 && errno == EINVAL) return false;
  require(descriptor_ >= 0, path_.string() + ": open");
  if (direct == 0) return true;
  Block block{};  // some systems refuse at the first request only
  constexpr auto all = static_cast<::ssize_t>(sizeof block.bytes);
  direct_ = (ours_ ? ::pwrite(descriptor_, block.bytes, sizeof block.bytes, 0)
                   : ::pread(descriptor_, block.bytes, sizeof block.bytes, 0)) == all;
  if (!direct_) ::close(std::exchange(descriptor_, -1));
  return direct_;
}

RawFile::~RawFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  if (ours_) std::filesystem::remove(path_, ignored);
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

std::uint64_t RawFile::place_of(std::span<const std::byte> block) const {
  Block found{};
  for (std::uint64_t at = 0;; at += block_bytes) {
    const ::ssize_t moved = ::pread(descriptor_, found.bytes, block_bytes, static_cast<::off_t>(at));
    require(moved >= 0, path_.string() + ": pread");
    if (moved < static_cast<::ssize_t>(block_bytes))
      throw std::runtime_error{path_.string() + ": the block is not there"};
    if (std::memcmp(found.bytes, block.data(), block_bytes) == 0) return at;
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
