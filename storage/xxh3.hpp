// SPDX-License-Identifier: BSD-3-Clause
/// XXH3-64, compiled once for every processor and once for those with AVX2; which of them runs is asked at run time, so
/// that a library built anywhere is fast and runs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cairn {

/// Both give the same number. The file of the second holds nothing but C: an inline function of a C++ header that was
/// compiled for AVX2 might be linked in place of the one for all.
std::uint64_t xxh3_portable(const void* bytes, std::size_t count);  ///< 25–28 GB/s from memory (SSE2 on x86-64)
std::uint64_t xxh3_avx2(const void* bytes, std::size_t count);      ///< 30–32, twice as fast from a cache

/// The faster of those that this machine runs.
std::uint64_t xxh3(const void* bytes, std::size_t count);

}  // namespace cairn
