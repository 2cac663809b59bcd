// SPDX-License-Identifier: BSD-3-Clause
/// A file that a tier made, its bytes in memory to be damaged, and the questions that are asked of what came of it.
#pragma once

#include "input.hpp"
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/tier.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <support/temporary_folder.hpp>

namespace cairn::test {

/// A part of a file.
struct Area {
  std::uint64_t at;
  std::uint64_t bytes;
};

using Content = std::vector<std::byte>;

/// Two fields, one of them large: the least with a region and with small fields.
const Layout& fuzzed_layout();
/// The snapshot of a step: other bytes at each step.
Content snapshot_of_step(Step step);
constexpr Slots fuzzed_slots = 3;
/// Fills a tier of fuzzed_slots: x_0 and x_7 stored, x_9 released.
void fill(Tier& tier);
Content content_of(const std::string& path);

/// A file whose content is given anew for each input; only what differs is written.
class FuzzedFile {
 public:
  void become(const Content& content);
  const std::string& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  std::string path_ = folder_ / "fuzzed";
  Content content_;
};

/// Overwrites bytes as the input says, to its end: area, offset (two bytes), length − 1, bytes; again and again.
void damage(Content& content, std::span<const Area> areas, Input& input);
/// Gives the rows their right sums, so that what they say is believed.
void seal_rows(Content& content, Area rows);
/// Gives an mmap tier's header and its JSON their right sums.
void seal_mmap_header(Content& content);
void seal_mmap_json(Content& content, const MmapFormat& format);
void cut(Content& content, std::uint16_t share);  ///< To share/65536 of its length.

enum class Trust { layout, nothing };  ///< Is the layout that of fuzzed_layout(), and no row sealed anew?
/// As `cairn inspect` and a reader of snapshots open it: as text or JSON, every slot verified and read. All may be
/// refused by StorageError. Under Trust::layout a snapshot called whole is one that was saved: std::logic_error
/// otherwise.
void ask_everything(const std::string& path, bool as_json, Trust trust);

}  // namespace cairn::test
