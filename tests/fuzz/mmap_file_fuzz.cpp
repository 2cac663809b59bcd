// SPDX-License-Identifier: BSD-3-Clause
// An mmap tier's file, all of it hostile. Input: flags, then by their kind
//   damaged  a file that a tier made, overwritten (tier_bytes.hpp); 1: rows get right sums, 2: cut off to a share of
//   its
//            length (a word), 4: inspect as JSON, 8: the header gets its right sum, 16: so does the JSON
//   64       a JSON area, in a file with the right header for it
//   128      the whole file
#include "tier_bytes.hpp"
#include <cairn/storage/errors.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/mmap_tier.hpp>

#include <cstring>

namespace {

using namespace cairn;
using namespace cairn::test;

/// The undamaged file and its parts.
struct Base {
  Content content;
  MmapFormat format;
  Area rows{};
  std::vector<Area> areas;
};

MmapFormat header_of(const Content& content) {
  MmapFormat::Page page;
  std::memcpy(page.data(), content.data(), page.size());
  return MmapFormat::read(page, "base");
}

Base make_base() {
  const TemporaryFolder folder;
  const std::string path = folder / "base.map";
  {
    MmapTier tier{
        path, fuzzed_layout(), fuzzed_slots, {"multistage", "tiers: []\n", "here", "0.1.0", "2026-01-02T03:04:05Z"}, 2};
    tier.put_steps(10);
    tier.put_identity(R"({"sweep": 1})");
    fill(tier);
    tier.put_summary(
        {.actions = {{}, {2, 3, 0, 1}}, .stall_seconds = {0, .5}, .advances = 20, .end = "", .report = "{}"});
  }
  Base base{.content = content_of(path), .format = {}, .rows = {}, .areas = {}};
  const MmapFormat format = base.format = header_of(base.content);
  base.rows = {format.rows_at, format.slots * sizeof(LedgerRow)};
  base.areas = {{0, sizeof(MmapFormat)},
                {format.json_at, format.json_bytes},
                {format.identity_at, identity_bytes},
                {format.report_at, report_bytes},
                {format.summary_at, sizeof(MmapSummary)},
                {format.steps_at, format.slots * sizeof(Step)},
                base.rows,
                {format.data_at, base.content.size() - format.data_at}};
  return base;
}

Content damaged(const Base& base, unsigned flags, Input& input) {
  Content content = base.content;
  const bool shortened = (flags & 2U) != 0;
  const std::uint16_t share = shortened ? input.word() : std::uint16_t{0};
  damage(content, base.areas, input);
  if ((flags & 1U) != 0) seal_rows(content, base.rows);
  if ((flags & 16U) != 0) seal_mmap_json(content, base.format);
  if ((flags & 8U) != 0) seal_mmap_header(content);
  if (shortened) cut(content, share);
  return content;
}

/// Empty where it is refused.
Content file_around(std::string_view json) {
  try {
    const Layout layout = read_mmap_json(json, "json").layout;
    const MmapFormat format = MmapFormat::make(layout, fuzzed_slots, 2, json);
    const MmapFormat::Page page = format.page();
    Content content(format.data_at);
    std::ranges::copy(page, content.begin());
    std::ranges::copy(std::as_bytes(std::span{json}), content.begin() + static_cast<std::ptrdiff_t>(format.json_at));
    return content;
  } catch (const StorageError&) {
    return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Base base = make_base();
  static FuzzedFile file;
  Input input{data, size};
  const unsigned flags = input.byte();
  const bool whole = (flags & 128U) != 0, json = !whole && (flags & 64U) != 0;
  Content content;
  if (whole) {
    const auto rest = input.rest();
    content.assign(rest.begin(), rest.end());
  } else {
    content = json ? file_around(input.text()) : damaged(base, flags, input);
  }
  if (content.empty()) return 0;
  file.become(content);
  const bool trusted = !whole && !json && (flags & 25U) == 0;
  ask_everything(file.path(), (flags & 4U) != 0, trusted ? Trust::layout : Trust::nothing);
  return 0;
}
