// SPDX-License-Identifier: BSD-3-Clause
/// Writing the areas of mmap_format.hpp that are neither rows nor snapshots, into a file or shared memory.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/run_record.hpp>

#include <string_view>

namespace cairn {

/// All but the slots: space is reserved, JSON, summary and step words (−1) are written, and page 0 last, so that a file
/// with a header is complete. The rest reads as zeros: blank rows, empty areas. Throws FileError.
void write_metadata(const File& file, const MmapFormat& format, std::string_view json);

/// What RunRecord says of these, each its own area alone. They throw FileError; write_identity() std::invalid_argument
/// where it is too long.
void write_identity(const File& file, const MmapFormat& format, std::string_view json);
void write_steps(const File& file, const MmapFormat& format, Step steps);
void write_end(const File& file, const MmapFormat& format, std::string_view end);
void write_summary(const File& file, const MmapFormat& format, const RunSummary& summary);

}  // namespace cairn
