// SPDX-License-Identifier: BSD-3-Clause
// The oracle takes whole arrays of piece sums and the one-shot functions of xxHash; the library streams them.
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/layout.hpp>

#include <cstring>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <xxhash.h>
#pragma GCC diagnostic pop

#include <support/layouts.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using test::field;
constexpr std::uint64_t piece = checksum_piece_bytes;

std::string hexadecimal(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

std::string oracle(const Layout& layout, std::span<const std::byte> snapshot) {
  std::vector<std::uint64_t> sums;
  for (const Layout::Place& place : layout.places())
    for (std::uint64_t at = 0; at < place.bytes; at += piece)
      sums.push_back(XXH3_64bits(snapshot.data() + place.offset + at, std::min(piece, place.bytes - at)));
  return hexadecimal(XXH3_128bits(sums.data(), sums.size() * sizeof sums[0]));
}

TEST(Checksum, IsThatOfThePieceSumsForEveryLayout) {
  for (const auto& [name, layout] : test::all_layouts()) {
    const test::Snapshot snapshot = test::random_snapshot(1, layout);
    EXPECT_EQ(to_string(checksum_of(layout, snapshot)), oracle(layout, snapshot)) << name;
  }
}

TEST(Checksum, StartsANewPieceAtEachMebibyteOfAField) {
  for (const std::uint64_t bytes : {piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17}) {
    const Layout layout{{field("a", ElementType::uint8, {bytes}), field("b", ElementType::uint8, {3})}};
    const test::Snapshot snapshot = test::random_snapshot(bytes, layout);
    EXPECT_EQ(to_string(checksum_of(layout, snapshot)), oracle(layout, snapshot)) << bytes;
  }
}

TEST(Checksum, IsTheSameOfFieldsThatLieApartAndOfThoseReadPieceByPiece) {
  const auto layouts = test::all_layouts();
  std::vector<Layout> all{
      Layout{{field("a", ElementType::uint8, {2 * piece + 17}), field("b", ElementType::uint8, {3})}},
      Layout{{field("a", ElementType::uint8, {piece})}}};
  for (const auto& [name, layout] : layouts) all.push_back(layout);
  for (const Layout& layout : all) {
    const test::Snapshot snapshot = test::random_snapshot(6, layout);
    std::vector<std::span<const std::byte>> fields;
    for (const Layout::Place& place : layout.places())
      fields.push_back(std::span{snapshot}.subspan(place.offset, place.bytes));
    EXPECT_EQ(to_string(checksum_of(fields)), oracle(layout, snapshot));
    const auto read = [&](std::size_t f, std::uint64_t at, std::span<std::byte> bytes) {
      ASSERT_LE(bytes.size(), piece);
      std::ranges::copy(fields[f].subspan(at, bytes.size()), bytes.begin());
    };
    EXPECT_EQ(to_string(checksum_of(layout, read)), oracle(layout, snapshot));
  }
}

TEST(Checksum, FlushesMoreThan256Pieces) {
  std::vector<Field> fields;
  for (int i = 0; i < 600; ++i) fields.push_back(field("field" + std::to_string(i), ElementType::int16, {3}));
  for (const std::size_t count : {255U, 256U, 257U, 512U, 600U}) {
    const Layout layout{{fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(count)}};
    const test::Snapshot snapshot = test::random_snapshot(count, layout);
    EXPECT_EQ(to_string(checksum_of(layout, snapshot)), oracle(layout, snapshot)) << count;
  }
}

TEST(Checksum, OfAFieldIsThatOfALayoutWithThisFieldOnly) {
  const Layout layout{{field("a", ElementType::float64, {300, 501})}};
  const test::Snapshot snapshot = test::random_snapshot(4, layout);
  EXPECT_EQ(checksum_of(std::span{snapshot}.first(300 * 501 * 8)), checksum_of(layout, snapshot));
}

TEST(Checksum, DoesNotSeeBytesOutsideTheFields) {
  const Layout layout = test::mixed_fields();
  const test::Snapshot snapshot = test::random_snapshot(2, layout);
  test::Snapshot other(snapshot.size(), std::byte{0xAB});
  for (const Layout::Place& place : layout.places())
    std::memcpy(other.data() + place.offset, snapshot.data() + place.offset, place.bytes);
  ASSERT_NE(other, snapshot);
  EXPECT_EQ(checksum_of(layout, other), checksum_of(layout, snapshot));
}

TEST(Checksum, SeesEveryBitOfEveryField) {
  const Layout layout = test::small_fields();
  test::Snapshot snapshot = test::random_snapshot(3, layout);
  const Checksum before = checksum_of(layout, snapshot);
  for (std::size_t bit = 0; bit < layout.image_bytes() * 8; ++bit) {
    snapshot[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_NE(checksum_of(layout, snapshot), before) << "bit " << bit;
    snapshot[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(Checksum, DependsOnTheOrderOfTheFields) {
  const Layout ab{{field("a", ElementType::uint8), field("b", ElementType::uint8)}};
  test::Snapshot one = test::zero_snapshot(ab);
  test::Snapshot two = one;
  one[0] = two[1] = std::byte{1};
  one[1] = two[0] = std::byte{2};
  EXPECT_NE(checksum_of(ab, one), checksum_of(ab, two));
}

TEST(Checksum, DependsOnWhereAFieldEnds) {
  const test::Snapshot bytes = test::random_snapshot(5, Layout{{field("a", ElementType::uint8, {4096})}});
  const Layout whole{{field("a", ElementType::uint8, {100})}};
  const Layout parts{{field("a", ElementType::uint8, {60}), field("b", ElementType::uint8, {40})}};
  EXPECT_NE(checksum_of(whole, bytes), checksum_of(parts, bytes));
}

// XXH3's published values for no input at all, seed 0.
TEST(Checksum, AgreesWithThePublishedValuesOfXxh3) {
  EXPECT_EQ(hash_of({}), 0x2D06800538D394C2U);
  EXPECT_EQ(to_string(checksum_of(std::span<const std::byte>{})), "99aa06d3014798d86001c324468d497f");
}

TEST(Checksum, IsWrittenAs32HexadecimalDigits) {
  Checksum sum{};
  EXPECT_EQ(to_string(sum), std::string(32, '0'));
  sum[0] = std::byte{0xAF};
  sum[15] = std::byte{0x09};
  EXPECT_EQ(to_string(sum), "af000000000000000000000000000009");
}

}  // namespace
}  // namespace cairn
