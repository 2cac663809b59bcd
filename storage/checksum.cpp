// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/xxh3.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <xxhash.h>
#pragma GCC diagnostic pop

static_assert(std::endian::native == std::endian::little, "files are little-endian and written as they lie in memory");

namespace cairn {
namespace {

Checksum canonical(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Checksum sum;
  std::memcpy(sum.data(), canonical.digest, sum.size());
  return sum;
}

/// Collects the sums of pieces; they are hashed a few hundred at a time.
class Sum {
 public:
  Sum() { XXH3_128bits_reset(&state_); }
  void add(std::span<const std::byte> field) {
    for (std::size_t at = 0; at < field.size(); at += checksum_piece_bytes) {
      const std::size_t bytes = std::min(checksum_piece_bytes, field.size() - at);
      pieces_[filled_++] = xxh3(field.data() + at, bytes);
      if (filled_ == pieces_.size()) flush();
    }
  }
  Checksum result() {
    flush();
    return canonical(XXH3_128bits_digest(&state_));
  }

 private:
  void flush() {
    XXH3_128bits_update(&state_, pieces_.data(), filled_ * sizeof pieces_[0]);
    filled_ = 0;
  }
  XXH3_state_t state_;
  std::array<std::uint64_t, 256> pieces_;
  std::size_t filled_ = 0;
};

}  // namespace

Checksum checksum_of(const Layout& layout, std::span<const std::byte> snapshot) {
  Sum sum;
  for (const Layout::Place& place : layout.places()) sum.add(snapshot.subspan(place.offset, place.bytes));
  return sum.result();
}

Checksum checksum_of(std::span<const std::byte> field) {
  Sum sum;
  sum.add(field);
  return sum.result();
}

Checksum checksum_of(std::span<const std::span<const std::byte>> fields) {
  Sum sum;
  for (const std::span<const std::byte> field : fields) sum.add(field);
  return sum.result();
}

Checksum checksum_of(const Layout& layout, const ReadPiece& read) {
  Sum sum;
  std::vector<std::byte> room;
  for (std::size_t f = 0; f < layout.places().size(); ++f) {
    const std::uint64_t bytes = layout.places()[f].bytes;
    for (std::uint64_t at = 0; at < bytes; at += checksum_piece_bytes) {
      room.resize(std::min<std::uint64_t>(bytes - at, checksum_piece_bytes));
      read(f, at, room);
      sum.add(room);
    }
  }
  return sum.result();
}

Checksum checksum_of_pieces(std::span<const std::uint64_t> sums) {
  return canonical(XXH3_128bits(sums.data(), sums.size_bytes()));
}

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return xxh3(bytes.data(), bytes.size());
}

std::string to_string(const Checksum& checksum) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : checksum) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

}  // namespace cairn
