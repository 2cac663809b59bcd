// SPDX-License-Identifier: BSD-3-Clause
/// Sums of snapshots: XXH3-128 over the XXH3-64s (little-endian u64) of each 1 MiB of the fields' bytes, in the order
/// of the layout, pieces starting anew at each field, without padding. So that copying, summing and several threads can
/// share a pass, and a reader can recompute it field by field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace cairn {

class Layout;

/// 16 bytes, XXH3-128 in its canonical (big-endian) order; all zero: not summed.
using Checksum = std::array<std::byte, 16>;

inline constexpr std::size_t checksum_piece_bytes = std::size_t{1} << 20;

/// The sum of one snapshot in a buffer of that layout. 25–32 GB/s from memory, up to 50 from a cache.
Checksum checksum_of(const Layout& layout, std::span<const std::byte> snapshot);
/// The sum of one field's bytes on their own, by the same rule.
Checksum checksum_of(std::span<const std::byte> field);
/// The sum of a snapshot whose fields, in the order of the layout, lie here and there.
Checksum checksum_of(std::span<const std::span<const std::byte>> fields);
/// The sum of a snapshot that need not fit into memory: `read(field, at, bytes)` fills in what that field has from byte
/// `at` on, at most checksum_piece_bytes.
using ReadPiece = std::function<void(std::size_t field, std::uint64_t at, std::span<std::byte> bytes)>;
Checksum checksum_of(const Layout& layout, const ReadPiece& read);
/// For who sums the pieces himself, on their way to somewhere else: what hash_of() gave for each, in their order.
Checksum checksum_of_pieces(std::span<const std::uint64_t> sums);
/// XXH3-64 of some bytes: of pieces, ledger rows and the identity of a run.
std::uint64_t hash_of(std::span<const std::byte> bytes);
/// 32 hexadecimal digits.
std::string to_string(const Checksum& checksum);

}  // namespace cairn
