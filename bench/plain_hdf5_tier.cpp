// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/hdf5_handle.hpp>

#include <plain_hdf5_tier.hpp>
#include <raw_file.hpp>

namespace cairn::bench {
namespace {

std::vector<std::span<std::byte>> fields_of(const Layout& layout, std::span<std::byte> snapshot) {
  std::vector<std::span<std::byte>> fields;
  for (const Layout::Place& place : layout.places()) fields.push_back(snapshot.subspan(place.offset, place.bytes));
  return fields;
}

}  // namespace

void PlainHdf5Tier::write(Slot slot, std::span<const std::byte> snapshot) {
  const Hdf5Session session;
  const std::span<std::byte> only_read{const_cast<std::byte*>(snapshot.data()), snapshot.size()};
  file_.save(slot, fields_of(layout(), only_read), Durability::process);
}

void PlainHdf5Tier::read(Slot slot, std::span<std::byte> snapshot) {
  const Hdf5Session session;
  file_.load(slot, fields_of(layout(), snapshot));
}

void PlainHdf5Tier::rest() const {
  drop_cache(file_.path());
}

}  // namespace cairn::bench
