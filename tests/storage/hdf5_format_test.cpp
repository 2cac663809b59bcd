// SPDX-License-Identifier: BSD-3-Clause
#include "support/hdf5_made.hpp"
#include "support/hdf5_reading.hpp"
#include "support/layouts.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <hdf5_hl.h>

namespace cairn {
namespace {

using namespace test;

/// A snapshot with 0xFF in all bytes of its region that belong to no field.
Snapshot poisoned(Snapshot snapshot, const Layout& layout) {
  Snapshot all(snapshot.size(), std::byte{0xFF});
  for (const Layout::Place& place : layout.places())
    std::copy_n(snapshot.begin() + static_cast<std::ptrdiff_t>(place.offset), place.bytes,
                all.begin() + static_cast<std::ptrdiff_t>(place.offset));
  return all;
}

void write_plainly(const File& file, const Hdf5Addresses& at, const Layout& layout, Slots slot,
                   const Snapshot& snapshot) {
  const std::span bytes{snapshot};
  const auto index = static_cast<std::uint64_t>(slot);
  file.write(at.region + index * layout.region_bytes(), bytes.first(layout.region_bytes()));
  for (std::size_t f = 0; f < layout.places().size(); ++f)
    if (const Layout::Place& place = layout.places()[f]; !place.large)
      file.write(at.small[f] + index * place.bytes, bytes.subspan(place.offset, place.bytes));
}

void expect_that_the_library_reads_all(const Layout& layout, Slots slots) {
  const Made made{layout, slots};
  {
    const File file{made.path, File::Mode::write};
    for (Slots slot = 0; slot < slots; ++slot)
      write_plainly(file, made.at, layout, slot,
                    poisoned(random_snapshot(static_cast<std::uint64_t>(slot), layout), layout));
  }
  const H5File file = open_by_library(made.path);
  Slots wrong = 0;
  for (Slots slot = 0; slot < slots; ++slot)
    if (read_by_library(file, layout, Slot{slot}) != random_snapshot(static_cast<std::uint64_t>(slot), layout)) ++wrong;
  EXPECT_EQ(wrong, 0);
  const auto step = values_by_library<Step>(file, "checkpoints/step", H5T_NATIVE_INT64);
  EXPECT_EQ(step, std::vector<Step>(static_cast<std::size_t>(slots), -1));
}

TEST(Hdf5Format, GapsHoldNothingOfTheLibrary) {
  for (const NamedLayout& named : all_layouts()) {
    SCOPED_TRACE(named.name);
    expect_that_the_library_reads_all(named.layout, 9);
  }
  expect_that_the_library_reads_all(fields_of_all_ranks(5), 100);
  expect_that_the_library_reads_all(mixed_fields(), 1000);
}

TEST(Hdf5Format, AFileEndsWithItsLastSnapshot) {
  for (const NamedLayout& named : all_layouts())
    for (const Slots slots : {1, 5, 300}) {
      const Made made{named.layout, slots};
      const std::uint64_t bytes = std::filesystem::file_size(made.path);
      if (named.layout.region_bytes() > 0)
        EXPECT_EQ(bytes, made.at.end_of_slots(named.layout, slots)) << named.name << ", " << slots;
      else
        EXPECT_GE(bytes, made.at.end_of_slots(named.layout, slots)) << named.name << ", " << slots;
    }
}

TEST(Hdf5Format, AFreshFileIsBlank) {
  const Layout layout = many_fields();
  const Made made{layout, 40};
  const File file{made.path, File::Mode::read};
  std::vector<LedgerRow> rows(40);
  file.read(made.at.ledger, std::as_writable_bytes(std::span{rows}));
  EXPECT_TRUE(std::ranges::all_of(rows, &LedgerRow::blank));
  std::vector<std::byte> report(report_bytes);
  file.read(made.at.report, report);
  EXPECT_EQ(report, std::vector<std::byte>(report_bytes));
  const H5File by_library = open_by_library(made.path);
  for (Slots slot = 0; slot < 40; ++slot)
    EXPECT_EQ(read_by_library(by_library, layout, Slot{slot}), zero_snapshot(layout)) << slot;
}

TEST(Hdf5Format, OfEmptySlotsOnlyTheFrontTakesSpaceOnDisk) {
  const Layout layout = one_large_field();
  const Made made{layout, 10'000};
  EXPECT_GT(std::filesystem::file_size(made.path), 300U << 20);
  struct ::stat found {};
  ASSERT_EQ(::stat(made.path.c_str(), &found), 0);
  EXPECT_LT(found.st_blocks * 512, 16 << 20);
}

TEST(Hdf5Format, EveryAxisOfEveryDatasetHasAScale) {
  const Layout layout{{{.name = "pressure",
                        .type = ElementType::float32,
                        .extents = {60, 80},
                        .axes = {"z", "x"},
                        .units = "Pa",
                        .long_name = "acoustic pressure",
                        .spacing = {2.5, 5},
                        .origin = {0, -200}},
                       {.name = "profile", .type = ElementType::float64, .extents = {60}, .axes = {"z"}},
                       field("matrix", ElementType::int8, {3, 3}),
                       field("time", ElementType::float64)}};
  const Made made{layout, 3};
  const H5File file = open_by_library(made.path);
  for (const char* name : {"pressure", "profile", "matrix", "time", "ledger"}) {
    const H5Dataset dataset = open_dataset(file.id(), std::string{"checkpoints/"} + name);
    for (unsigned d = 0; d < dims_of(dataset.id()).size(); ++d)
      EXPECT_EQ(H5DSget_num_scales(dataset.id(), d), 1) << name << ", axis " << d;
  }
  const auto x = values_by_library<double>(file, "checkpoints/x", H5T_NATIVE_DOUBLE);
  EXPECT_EQ(x[0], -200);
  EXPECT_EQ(x[79], -200 + 79 * 5.0);
  const auto counted = values_by_library<double>(file, "checkpoints/n3_2", H5T_NATIVE_DOUBLE);
  EXPECT_EQ(counted, (std::vector<double>{0, 1, 2}));
}

TEST(Hdf5Format, TheRootTellsReadersWhereToLook) {
  const Made made{mixed_fields(), 3};
  const H5File file = open_by_library(made.path);
  const auto said = [&](const char* path, const char* name) {
    const H5Handle<H5Oclose> object{H5Oopen(file.id(), path, H5P_DEFAULT), "opening"};
    return text_attribute(object.id(), name);
  };
  EXPECT_EQ(said("/", "NX_class"), "NXroot");
  EXPECT_EQ(said("/", "default"), "checkpoints");
  EXPECT_EQ(said("/", "Conventions"), "CF-1.10");
  EXPECT_EQ(said("/", "creator"), "cairn 0.1.0");
  EXPECT_EQ(number_attribute(file.id(), "cairn_format"), 1);
  EXPECT_EQ(said("/checkpoints", "NX_class"), "NXdata");
  EXPECT_EQ(said("/checkpoints", "signal"), "pressure");
  EXPECT_EQ(said("/run", "schedule"), "multistage");
  EXPECT_EQ(said("/run", "host"), "here");
  EXPECT_EQ(said("/run", "version"), "0.1.0");
  EXPECT_EQ(said("/run", "start"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(text_of(open_dataset(file.id(), "run/config").id()), "schedule: auto\n");
}

TEST(Hdf5Format, ScalesAreLeftOutWhereTheirListOfUsersWouldNotFit) {
  for (const std::size_t count : {most_scaled_datasets - 1, most_scaled_datasets}) {
    std::vector<Field> fields;
    for (std::size_t i = 0; i < count; ++i) fields.push_back(field("f" + std::to_string(i), ElementType::int8));
    const Made made{Layout{std::move(fields)}, 2};
    const H5File file = open_by_library(made.path);
    const int scales = H5DSget_num_scales(open_dataset(file.id(), "checkpoints/f0").id(), 0);
    EXPECT_EQ(scales, count < most_scaled_datasets ? 1 : 0) << count;
  }
}

TEST(Hdf5Format, SaysWhatTheSystemRefused) {
  const TemporaryFolder folder;
  try {
    create_hdf5_file(folder / "absent/run.h5", one_byte(), 1, facts, 1);
    FAIL() << "nothing is thrown";
  } catch (const FileError& error) {
    EXPECT_STREQ(error.what(), "open failed: No such file or directory (ENOENT)");
    EXPECT_EQ(error.kind(), StorageError::Kind::io);
  }
}

}  // namespace
}  // namespace cairn
