// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/layout.hpp>

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/layouts.hpp>

namespace cairn {
namespace {

using test::field;
using enum ElementType;

std::string refusal(std::vector<Field> fields, std::uint64_t limit = Layout::most_chunk_bytes) {
  return test::text_of<std::invalid_argument>([&] { const Layout refused(std::move(fields), limit); });
}

TEST(ElementType, HasTheSizeAndNameOfItsC) {
  const std::vector<std::pair<std::string, std::uint64_t>> expected{
      {"int8", 1},   {"uint8", 1}, {"int16", 2},  {"uint16", 2},  {"int32", 4},
      {"uint32", 4}, {"int64", 8}, {"uint64", 8}, {"float32", 4}, {"float64", 8}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto type = static_cast<ElementType>(i);
    EXPECT_EQ(name_of(type), expected[i].first);
    EXPECT_EQ(size_of(type), expected[i].second) << expected[i].first;
  }
  EXPECT_THROW(size_of(static_cast<ElementType>(10)), std::invalid_argument);
}

TEST(Field, OfNoExtentsIsAScalar) {
  EXPECT_EQ(field("time", float64).elements(), 1U);
  EXPECT_EQ(field("time", float64).bytes(), 8U);
  EXPECT_EQ(field("u", float32, {3, 5, 7}).bytes(), 3U * 5 * 7 * 4);
}

TEST(Layout, PutsLargeFieldsFirstFromBlocksOnAndPacksTheSmall) {
  const Layout layout{
      {field("time", float64), field("a", uint8, {16384}), field("n", int16, {3}), field("b", uint8, {20000})}};
  const auto places = layout.places();
  EXPECT_EQ(places[1].offset, 0U);
  EXPECT_EQ(places[1].stored_bytes, 16384U);
  EXPECT_EQ(places[3].offset, 16384U);
  EXPECT_EQ(places[3].bytes, 20000U);
  EXPECT_EQ(places[3].stored_bytes, 20480U);
  EXPECT_EQ(layout.region_bytes(), 36864U);
  EXPECT_EQ(places[0].offset, 36864U);
  EXPECT_EQ(places[2].offset, 36872U);
  EXPECT_EQ(layout.image_bytes(), 36878U);
  EXPECT_EQ(layout.buffer_bytes(), Bytes{40960});
  EXPECT_EQ(layout.snapshot_bytes(), Bytes{8 + 16384 + 6 + 20000});
  EXPECT_TRUE(places[1].large && places[3].large);
  EXPECT_FALSE(places[0].large || places[2].large);
}

TEST(Layout, CallsAFieldLargeFrom16KiBOn) {
  EXPECT_FALSE(Layout({field("a", uint8, {16383})}).places()[0].large);
  EXPECT_TRUE(Layout({field("a", uint8, {16384})}).places()[0].large);
}

TEST(Layout, HasNoRegionWithoutALargeField) {
  EXPECT_EQ(test::small_fields().region_bytes(), 0U);
  EXPECT_EQ(test::one_byte().buffer_bytes(), KiB(4));
}

/// What must hold of every layout.
void expect_sound(const Layout& layout, const std::string& name) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  Bytes sum;
  for (std::size_t i = 0; i < layout.fields().size(); ++i) {
    const Layout::Place& place = layout.places()[i];
    EXPECT_EQ(place.bytes, layout.fields()[i].bytes()) << name;
    EXPECT_GE(place.stored_bytes, place.bytes) << name;
    EXPECT_EQ(place.large, place.bytes >= 16384) << name;
    if (place.large) {
      EXPECT_EQ(place.offset % 4096, 0U) << name;
      EXPECT_EQ(place.stored_bytes % 4096, 0U) << name;
    }
    EXPECT_EQ(place.offset < layout.region_bytes(), place.large) << name;
    ranges.emplace_back(place.offset, place.offset + place.stored_bytes);
    sum += Bytes{place.bytes};
  }
  std::ranges::sort(ranges);
  std::uint64_t end = 0;
  for (const auto& [first, last] : ranges) {
    EXPECT_EQ(first, end) << name << ": an overlap or a hole";
    end = last;
  }
  EXPECT_EQ(end, layout.image_bytes()) << name;
  EXPECT_EQ(sum, layout.snapshot_bytes()) << name;
  EXPECT_EQ(layout.buffer_bytes().count, round_up(layout.image_bytes(), 4096)) << name;
}

TEST(Layout, LeavesNeitherHolesNorOverlaps) {
  for (const auto& [name, layout] : test::all_layouts()) expect_sound(layout, name);
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    expect_sound(test::random_layout(seed), "seed " + std::to_string(seed));
}

TEST(Layout, SplitsAFieldAboveTheChunkLimitIntoPiecesOfWholeBlocks) {
  const Layout layout{{field("wide", float32, {77, 512})}, 40 * 1024};  // rows of 2 KiB: 77 rows, 154 KiB
  const Layout::Place place = layout.places()[0];
  EXPECT_EQ(place.pieces, 4U);
  EXPECT_EQ(place.piece_rows, 20U);
  EXPECT_EQ(place.stored_bytes, 4U * 20 * 2048);
  EXPECT_EQ(place.bytes, 77U * 2048);
}

TEST(Layout, SplitsFieldsOfMoreThan4GiBAsHdf5Needs) {
  const Layout layout{{field("huge", float64, {1'000'001, 1000})}};  // 8 GB; nothing is allocated here
  const Layout::Place place = layout.places()[0];
  EXPECT_EQ(place.pieces, 2U);
  EXPECT_EQ(place.piece_rows * 8000 % 4096, 0U);
  EXPECT_LE(place.piece_rows * 8000, Layout::most_chunk_bytes);
  EXPECT_GE(place.pieces * place.piece_rows, 1'000'001U);
  EXPECT_LT((place.pieces - 1) * place.piece_rows, 1'000'001U) << "a piece without a row";
}

// Over many shapes: pieces cover the rows, none is empty, each is whole blocks and within the limit.
TEST(Layout, SplitsSoundlyForEveryShape) {
  for (std::uint64_t rows = 17; rows <= 400; rows += 7)
    for (const std::uint64_t row_bytes : {512U, 1024U, 1536U, 4096U, 5120U}) {
      const std::uint64_t limit = 24 * 1024;
      const std::string shape = std::to_string(rows) + " rows of " + std::to_string(row_bytes);
      if (rows * row_bytes < 16384) continue;
      const Layout layout{{field("f", uint8, {rows, row_bytes})}, limit};
      const Layout::Place place = layout.places()[0];
      EXPECT_GE(place.pieces * place.piece_rows, rows) << shape;
      EXPECT_LT((place.pieces - 1) * place.piece_rows, rows) << shape;
      EXPECT_LE(place.piece_rows * row_bytes, limit) << shape;
      EXPECT_EQ(place.pieces > 1, rows * row_bytes > limit) << shape;
      EXPECT_TRUE(place.pieces == 1 || place.piece_rows * row_bytes % 4096 == 0) << shape;
      expect_sound(layout, shape);
    }
}

TEST(Layout, NamesAxesByTheirLengthWhereTheUserDoesNot) {
  Field named = field("u", float32, {3, 5});
  named.axes = {"z", "x"};
  const Layout layout{{named, field("v", float32, {4, 4, 9, 4}), field("time", float64)}};
  EXPECT_EQ(layout.axes(0), (std::vector<std::string>{"z", "x"}));
  EXPECT_EQ(layout.axes(1), (std::vector<std::string>{"n4", "n4_2", "n9", "n4_3"}));
  EXPECT_TRUE(layout.axes(2).empty());
}

TEST(Layout, RefusesAStateWithoutFields) {
  EXPECT_EQ(refusal({}), "the state has no field; add what x_t is made of");
}

TEST(Layout, RefusesNamesThatReadersOrTheFileCannotHave) {
  for (const std::string name : {"", ".", "step", "ledger", "a/b", "/"})
    EXPECT_EQ(
        refusal({field(name, float64)}),
        "field \"" + name + "\": a name may not be empty, \".\", \"step\" or \"ledger\", nor hold '/'; choose another");
  EXPECT_EQ(refusal({field("u", float64), field("u", int8)}), "field \"u\": added twice; names are unique");
}

TEST(Layout, RefusesAnExtentOfZero) {
  EXPECT_EQ(refusal({field("u", float64, {3, 0})}), "field \"u\": an extent of 0; it would hold nothing");
}

TEST(Layout, RefusesMoreThan31Extents) {
  EXPECT_EQ(refusal({field("u", int8, std::vector<std::uint64_t>(31, 1))}), "");
  EXPECT_EQ(refusal({field("u", int8, std::vector<std::uint64_t>(32, 1))}), "field \"u\": 32 extents; at most 31");
}

TEST(Layout, RefusesAxesSpacingAndOriginThatDoNotFitTheExtents) {
  Field odd = field("u", float64, {3, 4});
  odd.axes = {"z"};
  EXPECT_EQ(refusal({odd}), "field \"u\": axes has 1 entries for 2 extents; give one for each, or none");
  odd.axes = {"z", "x"};
  odd.spacing = {1, 2, 3};
  EXPECT_EQ(refusal({odd}), "field \"u\": spacing has 3 entries for 2 extents; give one for each, or none");
  odd.spacing = {1, 2};
  odd.origin = {0};
  EXPECT_EQ(refusal({odd}), "field \"u\": origin has 1 entries for 2 extents; give one for each, or none");
  odd.origin = {0, 0};
  EXPECT_EQ(refusal({odd}), "");
}

TEST(Layout, RefusesAnAxisWithTwoLengths) {
  Field a = field("a", float64, {3});
  Field b = field("b", float64, {4});
  a.axes = b.axes = {"x"};
  EXPECT_EQ(refusal({a, b}),
            "field \"b\": axis \"x\" has length 4 here and 3 elsewhere; the same name means the same length");
  b.axes = {"n5"};
  EXPECT_EQ(refusal({b, field("c", int8, {5})}),
            "field \"c\": axis \"n5\" has length 5 here and 4 elsewhere; the same name means the same length");
}

TEST(Layout, RefusesAxisNamesThatCannotBeDatasets) {
  Field a = field("a", float64, {3, 3});
  a.axes = {"x", "x"};
  EXPECT_EQ(refusal({a}), "field \"a\": axis \"x\" is named twice");
  for (const std::string name : {"", ".", "step", "ledger", "x/y"}) {
    a.axes = {"z", name};
    EXPECT_EQ(refusal({a}), "field \"a\": an axis may not be named \"" + name + "\"; choose another name");
  }
  a.axes = {"z", "b"};
  EXPECT_EQ(refusal({a, field("b", float64)}), "field \"b\": an axis has this name; rename one of them");
}

TEST(Layout, RefusesARowAboveTheChunkLimit) {
  EXPECT_EQ(
      refusal({field("u", uint8, {2, 20000})}, 16384),
      "field \"u\": a row of its first extent has 20000 bytes, a chunk of HDF5 at most 16384; split the first extent");
}

TEST(Layout, RefusesRowsThatNeverFillWholeBlocks) {
  EXPECT_EQ(
      refusal({field("u", uint8, {99, 1001})}, 40000),
      "field \"u\": no number of rows of 1001 bytes is a multiple of 4096 and below 40000 bytes; pad the last extent");
}

}  // namespace
}  // namespace cairn
