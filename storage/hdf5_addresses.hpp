// SPDX-License-Identifier: BSD-3-Clause
/// Where the parts of a tier's HDF5 file lie (hdf5_format.hpp): enough to read and write snapshots without the library.
#pragma once

#include <cairn/storage/layout.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace cairn {

/// Offsets in the file. What is given for slot 0 lies for slot s at s strides further.
struct Hdf5Addresses {
  std::uint64_t steps_of_slots = 0;  ///< /checkpoints/step; stride 8
  std::uint64_t ledger = 0;          ///< stride 512
  std::uint64_t region = 0;          ///< stride region_bytes() of the layout; 0 where there is none
  std::vector<std::uint64_t> small;  ///< one a field, stride its bytes; 0 for a large field
  std::uint64_t steps = 0;           ///< /run/…
  std::uint64_t identity = 0;
  std::uint64_t report = 0;
  std::uint64_t actions = 0;
  std::uint64_t stall_seconds = 0;
  std::uint64_t advances = 0;
  std::uint64_t end = 0;

  std::uint64_t end_of_slots(const Layout& layout, Slots slots) const;  ///< Where the last part of any slot ends.
  bool operator==(const Hdf5Addresses&) const = default;
};

/// Asks the open file where its parts lie. nullopt where the chunks of a slot do not lie side by side, slot after slot,
/// or a part has no address: then another program wrote the file. `file`: an identifier of HDF5; its session is the
/// caller's.
std::optional<Hdf5Addresses> hdf5_addresses(std::int64_t file, const Layout& layout, Slots slots);

}  // namespace cairn
