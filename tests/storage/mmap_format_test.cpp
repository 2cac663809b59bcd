// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/mmap_format.hpp>

#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/failures.hpp>
#include <support/layouts.hpp>

namespace cairn {
namespace {

using test::failure;
using Kind = StorageError::Kind;

MmapFormat some_format() {
  return MmapFormat::make(test::mixed_fields(), 5, 3, "{}");
}

TEST(MmapFormat, PutsTheAreasOneAfterTheOtherAtMultiplesOf4096) {
  for (const Slots slots : {Slots{1}, Slots{511}, Slots{513}, limits::slots})
    for (const auto& [name, layout] : test::all_layouts()) {
      const std::string json(4097, ' ');
      const MmapFormat format = MmapFormat::make(layout, slots, 8, json);
      const auto count = static_cast<std::uint64_t>(slots);
      const std::vector<std::uint64_t> at{0,
                                          format.json_at,
                                          format.identity_at,
                                          format.report_at,
                                          format.summary_at,
                                          format.steps_at,
                                          format.rows_at,
                                          format.data_at};
      const std::vector<std::uint64_t> bytes{4096, 4097, 4096, 65536, 64 + 8 * 4 * 8 + 8 * 8, count * 8, count * 512};
      for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_GE(at[i + 1], at[i] + bytes[i]) << name << " " << i;
      for (const std::uint64_t offset : at) EXPECT_EQ(offset % 4096, 0U) << name;
      EXPECT_EQ(format.slot_bytes, layout.buffer_bytes().count);
      EXPECT_EQ(format.slot_at(Slot{slots - 1}) + format.slot_bytes, format.end());
      EXPECT_EQ(format.step_at(Slot{slots - 1}) + 8, format.steps_at + count * 8);
      EXPECT_EQ(format.row_at(Slot{slots - 1}) + 512, format.rows_at + count * 512);
    }
}

TEST(MmapFormat, BeginsWithItsNameAndVersion) {
  const MmapFormat::Page page = some_format().page();
  EXPECT_EQ(std::memcmp(page.data(), "cairnmap\1\0\0\0\0\0\0\0", 16), 0);
  EXPECT_EQ(std::memcmp(&hdf5_signature_word, "\x89HDF\r\n\x1a\n", 8), 0);
}

TEST(MmapFormat, ReadsWhatItWrote) {
  const MmapFormat format = some_format();
  const MmapFormat::Page page = MmapFormat::read(format.page(), "run42.map").page();
  EXPECT_EQ(page, format.page());
}

TEST(MmapFormat, NoticesEveryFlippedByteOfThePage) {
  for (std::size_t at = 0; at < MmapFormat::header_bytes; ++at) {
    MmapFormat::Page page = some_format().page();
    page[at] ^= std::byte{4};
    const StorageError error = failure([&] { MmapFormat::read(page, "run42.map"); });
    EXPECT_EQ(error.kind(), at < 8 ? Kind::mismatch : Kind::corrupt) << at;
  }
}

TEST(MmapFormat, SaysWhichVersionItCannotRead) {
  MmapFormat later = some_format();
  later.version = 2;
  const StorageError error = failure([&] { MmapFormat::read(later.page(), "run42.map"); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_STREQ(error.what(), "mmap tier: run42.map: format 2 of mmap files; this version of cairn reads format 1");
}

TEST(MmapFormat, RefusesAreasThatOverlap) {
  MmapFormat format = some_format();
  format.rows_at = format.steps_at;
  EXPECT_EQ(failure([&] { MmapFormat::read(format.page(), "run42.map"); }).kind(), Kind::corrupt);
  format = some_format();
  format.slots = std::numeric_limits<std::uint64_t>::max() / 2;
  EXPECT_EQ(failure([&] { MmapFormat::read(format.page(), "run42.map"); }).kind(), Kind::corrupt);
}

Layout described_layout() {
  Field field = test::field("pressure", ElementType::float32, {4, 3});
  field.axes = {"z", "x"};
  field.units = "Pa";
  field.long_name = "the pressure, °";
  field.spacing = {0.1, 5};
  field.origin = {-1e300, 0};
  return Layout{{field, test::field("time", ElementType::float64)}};
}

RunFacts some_facts() {
  return {.schedule = "multistage",
          .config = "a: \"1\"\n",
          .host = "node7",
          .version = "0.1.0",
          .start = "2026-01-31T12:00:00Z"};
}

TEST(MmapJson, BringsEveryLayoutBack) {
  auto layouts = test::all_layouts();
  layouts.push_back({"described", described_layout()});
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    layouts.push_back({"random_layout(" + std::to_string(seed) + ")", test::random_layout(seed)});
  for (const auto& [name, layout] : layouts) {
    const MmapContents contents = read_mmap_json(mmap_json(layout, some_facts()), "run42.map");
    ASSERT_EQ(contents.layout.fields().size(), layout.fields().size()) << name;
    for (std::size_t i = 0; i < layout.fields().size(); ++i) {
      const Field& field = layout.fields()[i];
      const Field& again = contents.layout.fields()[i];
      EXPECT_EQ(again.name, field.name) << name;
      EXPECT_EQ(again.type, field.type) << name;
      EXPECT_EQ(again.extents, field.extents) << name;
      EXPECT_EQ(again.axes, field.axes) << name;
      EXPECT_EQ(again.units, field.units) << name;
      EXPECT_EQ(again.long_name, field.long_name) << name;
      EXPECT_EQ(again.spacing, field.spacing) << name;
      EXPECT_EQ(again.origin, field.origin) << name;
      EXPECT_EQ(contents.layout.places()[i].offset, layout.places()[i].offset) << name;
      EXPECT_EQ(contents.layout.places()[i].pieces, layout.places()[i].pieces) << name;
    }
    EXPECT_EQ(contents.layout.buffer_bytes(), layout.buffer_bytes()) << name;
  }
}

TEST(MmapJson, BringsTheFactsBack) {
  const RunFacts facts = read_mmap_json(mmap_json(described_layout(), some_facts()), "run42.map").facts;
  EXPECT_EQ(facts.schedule, "multistage");
  EXPECT_EQ(facts.config, "a: \"1\"\n");
  EXPECT_EQ(facts.host, "node7");
  EXPECT_EQ(facts.version, "0.1.0");
  EXPECT_EQ(facts.start, "2026-01-31T12:00:00Z");
}

TEST(MmapJson, TakesAConfigurationInAnyEncoding) {
  RunFacts facts = some_facts();
  facts.config = "path: \xff\xfe";
  const std::string read = read_mmap_json(mmap_json(described_layout(), facts), "run42.map").facts.config;
  EXPECT_TRUE(read.starts_with("path: ")) << read;
}

TEST(MmapJson, SaysWhatIsDamaged) {
  const std::string json = mmap_json(described_layout(), some_facts());
  const auto kind_with = [&](const std::string& path, const nlohmann::json& value) {
    nlohmann::json changed = nlohmann::json::parse(json);
    changed[nlohmann::json::json_pointer{path}] = value;
    return failure([&] { read_mmap_json(changed.dump(), "run42.map"); }).kind();
  };
  EXPECT_EQ(failure([&] { read_mmap_json(json.substr(1), "run42.map"); }).kind(), Kind::corrupt);
  EXPECT_EQ(failure([&] { read_mmap_json("{}", "run42.map"); }).kind(), Kind::corrupt);
  EXPECT_EQ(kind_with("/fields/0/type", "float128"), Kind::corrupt);
  EXPECT_EQ(kind_with("/fields/0/extents", {4, 0}), Kind::corrupt);
  EXPECT_EQ(kind_with("/fields/0/name", 7), Kind::corrupt);
  EXPECT_EQ(kind_with("/fields/0/offset", 64), Kind::mismatch);
}

}  // namespace
}  // namespace cairn
