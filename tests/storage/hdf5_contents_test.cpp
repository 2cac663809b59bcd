// SPDX-License-Identifier: BSD-3-Clause
#include "support/failures.hpp"
#include "support/hdf5_reading.hpp"
#include "support/layouts.hpp"
#include "support/resident.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/hdf5_handle.hpp>

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <hdf5_hl.h>

namespace cairn {
namespace {

using namespace test;
using Kind = StorageError::Kind;

const RunFacts facts{.schedule = "multistage",
                     .config = "schedule: auto\n# ½\n",
                     .host = "here",
                     .version = "0.1.0",
                     .start = "2024-02-29T12:00:00Z"};
constexpr std::string_view rewritten = "rewritten by another program; read it with h5py or copy it with cairn export";

class Hdf5ContentsTest : public testing::Test {
 protected:
  std::string refusal(Kind kind) {
    const StorageError error = failure([&] { read_hdf5_file(path); });
    EXPECT_EQ(error.kind(), kind) << error.what();
    const std::string start = "hdf5 tier: " + path + ": ";
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with(start)) << text;
    return text.substr(std::min(start.size(), text.size()));
  }
  void make(const Layout& layout, Slots slots) { at = create_hdf5_file(path, layout, slots, facts, 2); }
  TemporaryFolder folder;
  std::string path = folder / "run.h5";
  Hdf5Addresses at;
};

void expect_equal(const Layout& a, const Layout& b) {
  ASSERT_EQ(a.fields().size(), b.fields().size());
  for (std::size_t f = 0; f < a.fields().size(); ++f) {
    SCOPED_TRACE(a.fields()[f].name);
    EXPECT_EQ(a.fields()[f].name, b.fields()[f].name);
    EXPECT_EQ(a.fields()[f].type, b.fields()[f].type);
    EXPECT_EQ(a.fields()[f].extents, b.fields()[f].extents);
    EXPECT_EQ(a.fields()[f].units, b.fields()[f].units);
    EXPECT_EQ(a.fields()[f].long_name, b.fields()[f].long_name);
    EXPECT_EQ(a.axes(f), b.axes(f));
    EXPECT_EQ(a.places()[f].offset, b.places()[f].offset);
    EXPECT_EQ(a.places()[f].stored_bytes, b.places()[f].stored_bytes);
    EXPECT_EQ(a.places()[f].piece_rows, b.places()[f].piece_rows);
  }
  EXPECT_EQ(a.buffer_bytes(), b.buffer_bytes());
}

TEST_F(Hdf5ContentsTest, LayoutSlotsFactsAndAddressesComeBack) {
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    make(named.layout, 11);
    const Hdf5Contents contents = read_hdf5_file(path);
    expect_equal(contents.layout, named.layout);
    EXPECT_EQ(contents.slots, 11);
    EXPECT_EQ(contents.levels, 2U);
    EXPECT_EQ(contents.at, at);
    EXPECT_EQ(contents.facts.schedule, facts.schedule);
    EXPECT_EQ(contents.facts.config, facts.config);
    EXPECT_EQ(contents.facts.host, facts.host);
    EXPECT_EQ(contents.facts.version, facts.version);
    EXPECT_EQ(contents.facts.start, facts.start);
  }
}

TEST_F(Hdf5ContentsTest, AnyLayoutComesBack) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    make(random_layout(seed), 3);
    expect_equal(read_hdf5_file(path).layout, random_layout(seed));
  }
}

TEST_F(Hdf5ContentsTest, EveryChunkLimitComesBack) {
  for (std::uint64_t limit = 20'000; limit < 200'000; limit += 7'000) {
    const Layout layout{{field("wide", ElementType::float32, {77, 512}), field("long", ElementType::uint8, {65'000}),
                         field("deep", ElementType::float64, {9, 16, 16})},
                        limit};
    make(layout, 2);
    SCOPED_TRACE(limit);
    expect_equal(read_hdf5_file(path).layout, layout);
  }
}

TEST_F(Hdf5ContentsTest, UnitsNamesAndGridsComeBack) {
  const Layout layout{{{.name = "time", .type = ElementType::float64, .units = "s"},
                       {.name = "pressure",
                        .type = ElementType::float32,
                        .extents = {60, 80},
                        .axes = {"z", "x"},
                        .units = "Pa",
                        .long_name = "acoustic pressure",
                        .spacing = {2.5, 5},
                        .origin = {0, -200}},
                       {.name = "counts", .type = ElementType::int16, .extents = {4}, .axes = {"kind"}}}};
  make(layout, 2);
  const Hdf5Contents contents = read_hdf5_file(path);
  expect_equal(contents.layout, layout);
  const Field& pressure = contents.layout.fields()[1];
  EXPECT_EQ(pressure.spacing, (std::vector<double>{2.5, 5}));
  EXPECT_EQ(pressure.origin, (std::vector<double>{0, -200}));
  EXPECT_TRUE(contents.layout.fields()[2].spacing.empty());
}

TEST_F(Hdf5ContentsTest, ARepackedFileIsRefused) {
  for (const std::string options : {"", "-f GZIP=1 ", "-l CHUNK=1x32x64 ", "-l CONTI "}) {
    make(Layout{{field("pressure", ElementType::float64, {64, 70}), field("time", ElementType::float64)}}, 6);
    const std::string copy = folder / "copy.h5";
    ASSERT_EQ(std::system(("h5repack " + options + path + " " + copy).c_str()), 0);
    std::filesystem::rename(copy, path);
    EXPECT_EQ(refusal(Kind::mismatch), rewritten) << options;
  }
}

// Contiguous datasets that nobody wrote take no space in the file.
TEST_F(Hdf5ContentsTest, ATextOfAnyLengthThatAFileClaimsTakesNoMemory) {
  make(mixed_fields(), 3);
  {
    const H5File file = open_by_library(path, H5F_ACC_RDWR);
    H5Ldelete(file.id(), "run/config", H5P_DEFAULT);
    const H5Type type = h5_text_type(std::size_t{3} << 30);
    const H5Dataset config{
        H5Dcreate2(file.id(), "run/config", type.id(), h5_space({}).id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        "a hostile text"};
  }
  ASSERT_LT(std::filesystem::file_size(path), MiB(10).count);
  EXPECT_LT(resident_growth([&] {
              EXPECT_EQ(refusal(Kind::corrupt),
                        "damaged or cut off: reading a text: a text of 3221225472 bytes; at most 16777216 are read");
            }),
            MiB(200));
}

TEST_F(Hdf5ContentsTest, AnAxisOfAnyLengthThatAFileClaimsTakesNoMemory) {
  constexpr hsize_t length = hsize_t{1} << 28;  // 2 GiB of coordinates
  make(
      Layout{{field("pressure", ElementType::float64, {64, 70}), {.name = "counts", .extents = {4}, .axes = {"kind"}}}},
      3);
  {
    const H5File file = open_by_library(path, H5F_ACC_RDWR);
    const H5Group group{H5Gopen2(file.id(), "checkpoints", H5P_DEFAULT), "the group"};
    const auto made = [&](const char* name, std::vector<hsize_t> dims) {
      H5Ldelete(group.id(), name, H5P_DEFAULT);
      return H5Dataset{
          H5Dcreate2(group.id(), name, H5T_IEEE_F64LE, h5_space(dims).id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
          "a hostile dataset"};
    };
    const H5Dataset axis = made("kind", {length});
    ASSERT_GE(H5DSset_scale(axis.id(), "kind"), 0);
    const H5Dataset counts = made("counts", {3, length});
    ASSERT_GE(H5DSattach_scale(counts.id(), axis.id(), 1), 0);
    put_attribute(counts.id(), "cairn_field", 1);
  }
  ASSERT_LT(std::filesystem::file_size(path), MiB(10).count);
  EXPECT_LT(resident_growth([&] { EXPECT_EQ(refusal(Kind::mismatch), rewritten); }), MiB(200));
}

TEST_F(Hdf5ContentsTest, AFieldThatWasRemovedIsNoticed) {
  make(mixed_fields(), 3);
  H5Ldelete(open_by_library(path, H5F_ACC_RDWR).id(), "checkpoints/pressure", H5P_DEFAULT);
  EXPECT_EQ(refusal(Kind::mismatch), rewritten);
}

TEST_F(Hdf5ContentsTest, AnotherProgramsFileIsRefused) {
  { const H5File foreign{H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), "making"}; }
  EXPECT_EQ(refusal(Kind::mismatch), "an HDF5 file, but not one that cairn made");
  EXPECT_FALSE(is_cairn_hdf5_file(path));
}

TEST_F(Hdf5ContentsTest, ALaterFormatIsRefused) {
  make(mixed_fields(), 3);
  {
    const H5File file = open_by_library(path, H5F_ACC_RDWR);
    H5Adelete(file.id(), "cairn_format");
    put_attribute(file.id(), "cairn_format", std::int32_t{2});
  }
  EXPECT_EQ(refusal(Kind::mismatch), "written in format 2; this version of cairn reads format 1");
  EXPECT_TRUE(is_cairn_hdf5_file(path));
}

TEST_F(Hdf5ContentsTest, AFileThatWasCutOffIsDamaged) {
  make(mixed_fields(), 30);
  const std::uint64_t whole = std::filesystem::file_size(path);
  for (const std::uint64_t bytes : {whole - 1, whole / 2, std::uint64_t{100'000}, std::uint64_t{512}}) {
    std::filesystem::resize_file(path, bytes);
    EXPECT_TRUE(refusal(Kind::corrupt).starts_with("damaged or cut off: opening the file: ")) << bytes;
  }
}

TEST_F(Hdf5ContentsTest, AFileThatIsNotThereIsAnErrorOfTheSystem) {
  EXPECT_EQ(refusal(Kind::io), "opening the file: No such file or directory (ENOENT)");
  EXPECT_FALSE(is_cairn_hdf5_file(path));
}

TEST_F(Hdf5ContentsTest, ADamagedBTreeIsDamaged) {
  make(one_large_field(), 300);
  const File file{path, File::Mode::write};
  std::vector<char> front(at.region);
  file.read(0, std::as_writable_bytes(std::span{front}));
  const std::string_view text{front.data(), front.size()};
  for (std::size_t found = text.find("TREE"); found != std::string_view::npos; found = text.find("TREE", found + 1))
    file.write(found, std::as_bytes(std::span{"LEAF", 4}));
  EXPECT_TRUE(refusal(Kind::corrupt).starts_with("damaged or cut off: "));
}

}  // namespace
}  // namespace cairn
