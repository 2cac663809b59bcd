// SPDX-License-Identifier: BSD-3-Clause
/// How a run comes to a tier's file that is there already: alone, and sure that it is the right one.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/layout.hpp>

#include <string>
#include <string_view>

namespace cairn {

/// Locks the file for one run. Throws StorageError mismatch where another has it ("in use by another run") or a program
/// has it open for writing; FileError. False where the file system has no locks. `path` is for the text.
bool lock_for_run(const File& file, std::string_view tier, const std::string& path);

/// Opens a file for reading and writing and locks it, and nothing else: its bytes stay. Where it was replaced
/// meanwhile, the one that stands there then. Throws StorageError: absent where there is none, mismatch where it is in
/// use, io.
File open_for_run(std::string_view tier, const std::string& path, System& system = System::real());

/// What the fields of a file have else than those of a run: names, types, extents, number, order. Units, axes and names
/// for people may differ. Empty: snapshots of the one are snapshots of the other.
std::string difference_of(const Layout& file, const Layout& run);
/// Throws StorageError mismatch where they differ.
void check_layout(std::string_view tier, const std::string& path, const Layout& file, const Layout& run);

}  // namespace cairn
