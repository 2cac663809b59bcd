// SPDX-License-Identifier: BSD-3-Clause
#include "support/hdf5_made.hpp"
#include "support/hdf5_reading.hpp"
#include "support/layouts.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using namespace test;

std::vector<Slots> spread_slots(Slots slots) {
  std::vector<Slots> spread;
  for (Slots i = 0; i < 64; ++i) spread.push_back((slots - 1) * i / 63);
  spread.erase(std::unique(spread.begin(), spread.end()), spread.end());
  return spread;
}

/// Asks the library about each piece of every large field in 64 slots, and counts those at another place than expected.
int misplaced_chunks(const Made& made, const Layout& layout, Slots slots) {
  const H5File file = open_by_library(made.path);
  int misplaced = 0;
  for (std::size_t f = 0; f < layout.fields().size(); ++f) {
    const Layout::Place& place = layout.places()[f];
    const Field& field = layout.fields()[f];
    if (!place.large) continue;
    const H5Dataset dataset = open_dataset(file.id(), "checkpoints/" + field.name);
    for (const Slots slot : spread_slots(slots))
      for (std::uint64_t piece = 0; piece < place.pieces; ++piece) {
        std::vector<hsize_t> offset(field.extents.size() + 1);
        offset[0] = static_cast<hsize_t>(slot);
        offset[1] = piece * place.piece_rows;
        unsigned mask = 0;
        haddr_t address = HADDR_UNDEF;
        hsize_t bytes = 0;
        H5Dget_chunk_info_by_coord(dataset.id(), offset.data(), &mask, &address, &bytes);
        const std::uint64_t piece_bytes = place.piece_rows * (field.bytes() / field.extents[0]);
        const std::uint64_t expected = made.at.region + static_cast<std::uint64_t>(slot) * layout.region_bytes() +
                                       place.offset + piece * piece_bytes;
        if (address != expected || bytes != piece_bytes) ++misplaced;
      }
  }
  return misplaced;
}

TEST(Hdf5Addresses, EveryChunkLiesWhereTheAddressesSay) {
  for (const std::size_t fields : {2U, 3U, 7U, 21U, 70U})
    for (const Slots slots : {1, 4, 1000}) {
      const Layout layout = fields_of_all_ranks(fields);
      const Made made{layout, slots};
      EXPECT_EQ(made.at.region % limits::block_bytes, 0U);
      EXPECT_EQ(misplaced_chunks(made, layout, slots), 0) << fields << " fields, " << slots << " slots";
    }
}

TEST(Hdf5Addresses, EveryChunkOfAHundredThousandSlotsLiesWhereTheAddressesSay) {
  const Layout layout = fields_of_all_ranks(3);
  const Made made{layout, 100'000};
  EXPECT_EQ(misplaced_chunks(made, layout, 100'000), 0);
}

TEST(Hdf5Addresses, PiecesOfAFieldAboveTheChunkLimitLieSideBySide) {
  const Layout layout = split_field();
  ASSERT_GT(layout.places()[0].pieces, 1U);
  const Made made{layout, 100};
  EXPECT_EQ(misplaced_chunks(made, layout, 100), 0);
}

TEST(Hdf5Addresses, ARowOfTheLedgerNeverCrossesASector) {
  for (const NamedLayout& named : all_layouts())
    for (const Slots slots : {1, 2, 4, 100})
      EXPECT_EQ(Made(named.layout, slots).at.ledger % sizeof(LedgerRow), 0U) << named.name << ", " << slots;
}

TEST(Hdf5Addresses, AreFoundAgainInTheFinishedFile) {
  for (const NamedLayout& named : all_layouts()) {
    const Made made{named.layout, 37};
    const H5File file = open_by_library(made.path);
    EXPECT_EQ(hdf5_addresses(file.id(), named.layout, 37), made.at) << named.name;
  }
}

TEST(Hdf5Addresses, ThereAreNoneWhereChunksLieAsTheLibraryLikes) {
  const Layout layout = mixed_fields();
  const Made made{layout, 6};
  const std::string copy = made.folder / "copy.h5";
  ASSERT_EQ(std::system(("h5repack " + made.path + " " + copy).c_str()), 0);
  EXPECT_EQ(hdf5_addresses(open_by_library(copy).id(), layout, 6), std::nullopt);
}

/// All parts of a file as ranges of bytes, from the addresses alone.
std::vector<std::pair<std::uint64_t, std::uint64_t>> parts_of(const Made& made, const Layout& layout,
                                                              std::uint64_t slots) {
  const Hdf5Addresses& at = made.at;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> parts{
      {at.steps_of_slots, 8 * slots}, {at.ledger, 512 * slots},  {at.steps, 8},
      {at.identity, identity_bytes},  {at.report, report_bytes}, {at.actions, 4 * 2 * 8},
      {at.stall_seconds, 2 * 8},      {at.advances, 8},          {at.end, hdf5_end_bytes}};
  if (layout.region_bytes() > 0) parts.emplace_back(at.region, layout.region_bytes() * slots);
  for (std::size_t f = 0; f < layout.places().size(); ++f)
    if (!layout.places()[f].large) parts.emplace_back(at.small[f], layout.places()[f].bytes * slots);
  std::ranges::sort(parts);
  return parts;
}

TEST(Hdf5Addresses, NoPartOverlapsAnother) {
  for (const NamedLayout& named : all_layouts()) {
    const Made made{named.layout, 5};
    const auto parts = parts_of(made, named.layout, 5);
    for (std::size_t i = 1; i < parts.size(); ++i)
      EXPECT_LE(parts[i - 1].first + parts[i - 1].second, parts[i].first) << named.name << ", part " << i;
    EXPECT_LE(made.at.end_of_slots(named.layout, 5), std::filesystem::file_size(made.path)) << named.name;
  }
}

}  // namespace
}  // namespace cairn
