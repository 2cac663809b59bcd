// SPDX-License-Identifier: BSD-3-Clause
/// XXH3-64, compiled once for every processor and once for those with AVX2; which of them runs is asked at run time, so
/// that a library built anywhere is fast and runs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace cairn {

/// Both give the same number. The file of the second holds nothing but C: an inline function of a C++ header that was
/// compiled for AVX2 might be linked in place of the one for all.
std::uint64_t xxh3_portable(const void* bytes, std::size_t count);  ///< 25–28 GB/s from memory (SSE2 on x86-64)
std::uint64_t xxh3_avx2(const void* bytes, std::size_t count);      ///< 30–32, twice as fast from a cache

/// The faster of those that this machine runs.
std::uint64_t xxh3(const void* bytes, std::size_t count);

/// Copies `count` bytes that do not overlap, by stores that go around the caches, and returns xxh3() of them: each line
/// is loaded once for both, which takes little longer than the copy alone. Nothing, and nothing is copied, where this
/// machine has no AVX2, or there are fewer than 1024 bytes, which XXH3 may sum otherwise.
std::optional<std::uint64_t> stream_and_xxh3(void* to, const void* from, std::size_t count);
std::uint64_t stream_and_xxh3_avx2(void* to, const void* from, std::size_t count);  ///< Where all of these hold.

}  // namespace cairn
