// SPDX-License-Identifier: BSD-3-Clause
// An HDF5 tier's file, damaged where cairn itself reads it: steps, ledger, identity, report, snapshots; and cut off
// anywhere. The library's own structures stay as they are: HDF5 1.10 is not made for hostile ones
// (docs/contributing.md).
//
// Input: flags (1: rows get right sums, 2: cut off, 4: inspect as JSON), with 2 the length (a word), then what is
// overwritten (tier_bytes.hpp).
#include "tier_bytes.hpp"
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_tier.hpp>

namespace {

using namespace cairn;
using namespace cairn::test;

/// The undamaged file and its parts.
struct Base {
  Content content;
  std::vector<Area> areas;
  Area rows{};
};

Base make_base() {
  const TemporaryFolder folder;
  const std::string path = folder / "base.h5";
  const Layout& layout = fuzzed_layout();
  {
    Hdf5Tier tier{
        path, layout, fuzzed_slots, {"multistage", "tiers: []\n", "here", "0.1.0", "2026-01-02T03:04:05Z"}, 2};
    tier.put_steps(10);
    tier.put_identity(R"({"sweep": 1})");
    fill(tier);
    tier.put_summary(
        {.actions = {{}, {2, 3, 0, 1}}, .stall_seconds = {0, .5}, .advances = 20, .end = "", .report = "{}"});
  }
  const Hdf5Addresses at = read_hdf5_file(path).at;
  constexpr auto slots = static_cast<std::uint64_t>(fuzzed_slots);
  const Area rows{at.ledger, slots * sizeof(LedgerRow)};
  return {.content = content_of(path),
          .areas = {{at.steps_of_slots, slots * sizeof(Step)},
                    rows,
                    {at.steps, sizeof(Step)},
                    {at.identity, identity_bytes},
                    {at.report, report_bytes},
                    {at.region, slots * layout.region_bytes()},
                    {at.small[1], slots * layout.places()[1].bytes}},
          .rows = rows};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Base base = make_base();
  static FuzzedFile file;
  Input input{data, size};
  const unsigned flags = input.byte();
  const bool sealed = (flags & 1U) != 0, shortened = (flags & 2U) != 0, as_json = (flags & 4U) != 0;
  const std::uint16_t share = shortened ? input.word() : std::uint16_t{0};
  Content content = base.content;
  damage(content, base.areas, input);
  if (sealed) seal_rows(content, base.rows);
  if (shortened) cut(content, share);
  file.become(content);
  ask_everything(file.path(), as_json, sealed ? Trust::nothing : Trust::layout);
  return 0;
}
