// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_addresses.hpp>
#include <cairn/storage/hdf5_handle.hpp>
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr std::uint64_t nowhere = HADDR_UNDEF;

std::uint64_t address_of(hid_t file, const std::string& path) {
  return H5Dget_offset(open_dataset(file, path).id());
}

/// The chunk of a slot that holds this row of the field's first extent. nowhere: it has none of that size, unfiltered.
std::uint64_t chunk_address(const H5Dataset& dataset, std::size_t rank, hsize_t slot, hsize_t row, hsize_t bytes) {
  std::vector<hsize_t> offset(rank + 1);
  offset[0] = slot;
  if (rank > 0) offset[1] = row;
  unsigned filters_skipped = 0;
  haddr_t address = nowhere;
  hsize_t stored_bytes = 0;
  check_h5(H5Dget_chunk_info_by_coord(dataset.id(), offset.data(), &filters_skipped, &address, &stored_bytes),
           "asking where a chunk lies");
  return stored_bytes == bytes ? address : nowhere;
}

/// A chunk costs a walk through all of the field's chunks, so only the corners are asked for. Chunks are disjoint,
/// aligned and were placed in order: where the first and the last slot are a whole number of strides apart, nothing
/// else fits.
bool lies_in_region(const H5Dataset& dataset, const Field& field, const Layout::Place& place, std::uint64_t start,
                    std::uint64_t stride, hsize_t slots) {
  const std::uint64_t row_bytes = field.bytes() / field.extents[0];
  const std::uint64_t piece_bytes = place.piece_rows * row_bytes;
  for (const hsize_t slot : std::set{hsize_t{0}, slots - 1})
    for (const std::uint64_t piece : std::set{std::uint64_t{0}, place.pieces - 1})
      if (chunk_address(dataset, field.extents.size(), slot, piece * place.piece_rows, piece_bytes) !=
          start + slot * stride + piece * piece_bytes)
        return false;
  return true;
}

}  // namespace

std::uint64_t Hdf5Addresses::end_of_slots(const Layout& layout, Slots slots) const {
  const auto count = static_cast<std::uint64_t>(slots);
  std::uint64_t last = std::max(region + layout.region_bytes() * count, ledger + sizeof(LedgerRow) * count);
  for (std::size_t f = 0; f < small.size(); ++f)
    if (!layout.places()[f].large) last = std::max(last, small[f] + layout.places()[f].bytes * count);
  return last;
}

std::optional<Hdf5Addresses> hdf5_addresses(std::int64_t file, const Layout& layout, Slots slots) {
  Hdf5Addresses at;
  at.small.resize(layout.fields().size());
  for (std::size_t f = 0; f < layout.fields().size(); ++f) {
    const Field& field = layout.fields()[f];
    const Layout::Place& place = layout.places()[f];
    const H5Dataset dataset = open_dataset(file, fmt::format("checkpoints/{}", field.name));
    if (!place.large) {
      at.small[f] = H5Dget_offset(dataset.id());
      if (at.small[f] == nowhere) return std::nullopt;
      continue;
    }
    if (place.offset == 0)
      at.region =
          chunk_address(dataset, field.extents.size(), 0, 0, place.piece_rows * (field.bytes() / field.extents[0]));
    if (at.region % limits::block_bytes != 0 || !lies_in_region(dataset, field, place, at.region + place.offset,
                                                                layout.region_bytes(), static_cast<hsize_t>(slots)))
      return std::nullopt;
  }
  at.steps_of_slots = address_of(file, "checkpoints/step");
  at.ledger = address_of(file, "checkpoints/ledger");
  at.steps = address_of(file, "run/steps");
  at.identity = address_of(file, "run/identity");
  at.report = address_of(file, "run/report");
  at.actions = address_of(file, "run/actions");
  at.stall_seconds = address_of(file, "run/stall_seconds");
  at.advances = address_of(file, "run/advances");
  at.end = address_of(file, "run/end");
  for (const std::uint64_t address : {at.steps_of_slots, at.ledger, at.steps, at.identity, at.report, at.actions,
                                      at.stall_seconds, at.advances, at.end})
    if (address == nowhere) return std::nullopt;
  return at;
}

}  // namespace cairn
