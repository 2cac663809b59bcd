// SPDX-License-Identifier: BSD-3-Clause
/// The HDF5 file of a tier: made by the library once, then known by the addresses of its parts.
///
///   /checkpoints/<field>   [slots, …extents], a large field in chunks of one slot each, a small one contiguous
///   /checkpoints/step      int64 [slots], −1: nothing here          /checkpoints/ledger   512 bytes a slot
///   (ledger.hpp) /checkpoints/<axis>    float64, the coordinates along an axis   /run/…                what
///   run_record.hpp says
///
/// Large fields' chunks of one slot lie side by side from a multiple of 4096 on, each filled up to the next multiple:
/// the *region* of that slot, an image of the first region_bytes() of a snapshot's buffer. docs/format.md is the user's
/// page.
#pragma once

#include <cairn/storage/hdf5_addresses.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/storage/run_record.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace cairn {

inline constexpr std::int32_t hdf5_format_version = 1;  ///< attribute cairn_format of the root
inline constexpr std::size_t hdf5_end_bytes = 32;       ///< of /run/end, ISO 8601
/// Up to so many fields and ledger have dimension scales: a scale lists its users in an attribute of at most 64 KiB.
inline constexpr std::size_t most_scaled_datasets = 4000;

/// Writes the whole of an HDF5 file over whatever stands at `path`, every step −1, every row blank, and closes it. The
/// file is sparse: no disk space is taken but for the front. Some µs and 100 bytes a chunk; 100 MB of memory for
/// 3·10^5 chunks. Throws FileError with HDF5's words. Thread-safe.
Hdf5Addresses create_hdf5_file(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts,
                               std::int32_t levels);

}  // namespace cairn
