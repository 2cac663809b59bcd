// SPDX-License-Identifier: BSD-3-Clause
/// The file of a mmap tier, byte by byte. All numbers are little-endian, all areas begin at a multiple of 4096.
///
///   page 0         header: 8-byte words in the order of MmapFormat's members from `magic` on; the word at 4088 is the
///                  XXH3-64 of bytes 0–4087. Written once.
///   json_at        json_bytes of JSON, never rewritten; json_checksum is their XXH3-64:
///                    {"creator": "cairn <version>", "schedule", "config", "host", "start",
///                     "chunk_limit_bytes", "fields": [{"name", "type", "extents", "axes", "units", "long_name",
///                     "spacing", "origin", "offset", "bytes"}, …]}
///                  offset and bytes: where the field lies in a slot, in its own type, C order.
///   identity_at    4096 bytes, JSON of the sweep, NUL padded; before the first save all zero
///   report_at      65536 bytes, JSON of the report, NUL padded
///   summary_at     0 i64 steps (−1: not known yet) · 8 i64 advances · 16 i64 levels · 24 char[40] end, ISO 8601
///                  (empty: the run goes on, or was killed)
///                  64 i64[4][levels] takeshots, restores, moves, discards · then f64[levels] stall seconds
///   steps_at       i64[slots]: the step whose snapshot the slot holds; −1: none
///   rows_at        512 bytes a slot: LedgerRow (ledger.hpp)
///   data_at        slots at a stride of slot_bytes: a snapshot as Layout describes it. The file grows as slots are
///   used;
///                  what lies in a hole or past its end was never written.
///
/// A reader takes slots with a step ≥ 0; beside a running writer it reads row, data, and the row again
/// (docs/format.md).
#pragma once

#include <cairn/storage/layout.hpp>
#include <cairn/storage/ledger.hpp>
#include <cairn/storage/run_record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::uint64_t hdf5_signature_word = 0x0a1a0a0d46444889;  ///< "\x89HDF\r\n\x1a\n", as a word

/// The header as it stands in the file: where everything is.
struct MmapFormat {
  static constexpr std::uint64_t magic_word = 0x70616d6e72696163;  ///< "cairnmap"
  static constexpr std::uint64_t version_known = 1;
  static constexpr std::size_t header_bytes = limits::block_bytes;
  static constexpr std::uint64_t most_json_bytes = std::uint64_t{16} << 20;  ///< a file may say anything

  std::uint64_t magic = magic_word;
  std::uint64_t version = version_known;
  std::uint64_t json_at = 0;
  std::uint64_t json_bytes = 0;
  std::uint64_t json_checksum = 0;
  std::uint64_t identity_at = 0;
  std::uint64_t report_at = 0;
  std::uint64_t summary_at = 0;
  std::uint64_t levels = 0;
  std::uint64_t steps_at = 0;
  std::uint64_t rows_at = 0;
  std::uint64_t data_at = 0;
  std::uint64_t slots = 0;
  std::uint64_t slot_bytes = 0;      ///< buffer_bytes() of the layout
  std::uint64_t snapshot_bytes = 0;  ///< of the fields alone

  /// Where the areas of a file with this JSON lie. Levels: 0 to limits::tiers.
  static MmapFormat make(const Layout& layout, Slots slots, std::int32_t levels, std::string_view json);
  using Page = std::array<std::byte, header_bytes>;
  Page page() const;  ///< Page 0, its checksum included.
  /// The header in a page 0. `path` is for the text. Throws StorageError: mismatch where the magic or the version is
  /// not ours, corrupt where the checksum or the order of the areas is wrong.
  static MmapFormat read(const Page& page, std::string_view path);

  std::uint64_t step_at(Slot slot) const { return steps_at + index(slot) * sizeof(Step); }
  std::uint64_t row_at(Slot slot) const { return rows_at + index(slot) * sizeof(LedgerRow); }
  std::uint64_t slot_at(Slot slot) const { return data_at + index(slot) * slot_bytes; }
  std::uint64_t end() const { return data_at + slots * slot_bytes; }  ///< of a file whose every slot was used

 private:
  static std::uint64_t index(Slot slot) { return static_cast<std::uint64_t>(slot.index); }
};

/// What the summary area begins with; the arrays follow.
struct MmapSummary {
  std::int64_t steps = -1;
  std::int64_t advances = 0;
  std::uint64_t levels = 0;
  char end[40] = {};
};
static_assert(sizeof(MmapSummary) == 64);

/// The JSON area: what the file says about the state and the run.
std::string mmap_json(const Layout& layout, const RunFacts& facts);
struct MmapContents {
  Layout layout;
  RunFacts facts;
};
/// Reads it back. Throws StorageError corrupt, or mismatch where the offsets are not those that Layout gives.
MmapContents read_mmap_json(std::string_view json, std::string_view path);

}  // namespace cairn
