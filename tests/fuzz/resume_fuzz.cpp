// SPDX-License-Identifier: BSD-3-Clause
// The files of a run that was stopped, damaged; the next start goes on as well as it can. What may come of it is the
// right gradient or a StorageError. Only rows, header or JSON that were given new sums may lie and be believed.
//
// Input: flags, with 2 a word, then what is overwritten (tier_bytes.hpp), or the whole file
//   1  rows get right sums                  2  cut off, to a share of the length (the word)
//   4  the tier is mmap, else hdf5          8  stopped in the reverse sweep, else in the forward one
//   16 damaged is what was kept, else what the tier holds
//   32 and 64: the mmap file's header, its JSON gets the right sum           128 the mmap file is what follows
#include "tier_bytes.hpp"
#include <cairn/core/kept.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/mmap_format.hpp>

#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <support/configs.hpp>
#include <support/gradient_toy.hpp>

namespace {

using namespace cairn;
using namespace cairn::test;

constexpr Step n = 12;
constexpr Step turned_before = 5;  // where it was stopped in the reverse sweep
constexpr Step run_before = 7;     // … in the forward one

/// One of the two files of the stopped run, and where cairn itself reads it.
struct Damageable {
  Content content;
  std::vector<Area> areas;
  Area rows{};
};

struct Stopped {
  Damageable tier, kept;
  MmapFormat format;  // of an mmap tier
};

Damageable hdf5_parts(const std::string& path) {
  const Hdf5Contents file = read_hdf5_file(path);
  const auto slots = static_cast<std::uint64_t>(file.slots);
  Damageable parts{.content = content_of(path), .areas = {}, .rows = {file.at.ledger, slots * sizeof(LedgerRow)}};
  parts.areas = {{file.at.steps_of_slots, slots * sizeof(Step)},
                 parts.rows,
                 {file.at.steps, sizeof(Step)},
                 {file.at.identity, identity_bytes},
                 {file.at.report, report_bytes},
                 {file.at.end, 40}};
  if (file.at.region > 0) parts.areas.push_back({file.at.region, slots * file.layout.region_bytes()});
  for (std::size_t f = 0; f < file.at.small.size(); ++f)
    if (file.at.small[f] > 0) parts.areas.push_back({file.at.small[f], slots * file.layout.places()[f].bytes});
  return parts;
}

Damageable mmap_parts(const std::string& path, MmapFormat& format) {
  Damageable parts{.content = content_of(path), .areas = {}, .rows = {}};
  MmapFormat::Page page;
  std::memcpy(page.data(), parts.content.data(), page.size());
  format = MmapFormat::read(page, path);
  parts.rows = {format.rows_at, format.slots * sizeof(LedgerRow)};
  parts.areas = {{format.steps_at, format.slots * sizeof(Step)},
                 parts.rows,
                 {0, sizeof(MmapFormat)},
                 {format.json_at, format.json_bytes},
                 {format.identity_at, identity_bytes},
                 {format.report_at, report_bytes},
                 {format.summary_at, sizeof(MmapSummary)},
                 {format.data_at, parts.content.size() - format.data_at}};
  return parts;
}

Config config_of(bool mmap, const TemporaryFolder& folder) {
  Config made =
      config(ScheduleKind::multistage, mmap ? "ram:2 mmap:4" : "ram:2 hdf5:4", folder, ExecutorKind::sequential);
  made.resume = true;
  return made;
}

std::string kept_path(const Config& config) {
  return Kept::path_for(config.tiers.back().path);
}

Stopped make_stopped(bool mmap, bool in_reverse) {
  const TemporaryFolder folder;
  const Config config = config_of(mmap, folder);
  {
    GradientToy toy{n};
    Reversal* asked = nullptr;
    Step calls = 0, turns = 0;
    Operators operators = toy.operators([&] {
      if (!in_reverse && ++calls == run_before) asked->request_stop();
    });
    operators.reverse = [&, plain = operators.reverse](Steps steps) {
      plain(steps);
      if (++turns == turned_before) asked->request_stop();
    };
    Reversal run{config, toy.state(), operators};
    asked = &run;
    toy.keep_in(run);
    if (!run.sweep(n).stopped) throw std::logic_error{"it was not stopped"};
  }
  Stopped stopped;
  stopped.kept = hdf5_parts(kept_path(config));
  stopped.tier = mmap ? mmap_parts(config.tiers.back().path, stopped.format) : hdf5_parts(config.tiers.back().path);
  return stopped;
}

const GradientToy& undisturbed() {
  static const std::unique_ptr<GradientToy> toy = [] {
    auto fresh = std::make_unique<GradientToy>(n);
    Config in_ram;
    in_ram.schedule = ScheduleKind::store_all;
    in_ram.tiers = {{.kind = TierKind::ram, .capacity = Capacity::of_slots(n + 1)}};
    Reversal{in_ram, fresh->state(), fresh->operators([] {})}.sweep(n);
    return fresh;
  }();
  return *toy;
}

void write_file(const std::string& path, const Content& content) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error{"cannot write " + path};
}

struct Expected {
  bool gradient;  ///< Whatever is reached is right.
  bool position;  ///< Nothing is damaged: it goes on where it was.
};

/// The next start.
void go_on(const Config& config, bool in_reverse, Expected expected) {
  try {
    GradientToy toy{n};
    Reversal run{config, toy.state(), toy.operators([] {})};
    toy.keep_in(run);
    const bool arrived_in_reverse = run.forward(n) == Reversal::Arrived::in_reverse;
    const Step steps_run = toy.steps_run;
    const Report report = run.reverse();
    if (expected.gradient && toy.gradient != undisturbed().gradient) throw std::logic_error{"the gradient is wrong"};
    if (!expected.position) return;
    const bool there = in_reverse ? arrived_in_reverse && report.turns == Count{n - turned_before}
                                  : !arrived_in_reverse && steps_run == n - run_before;
    if (!there) throw std::logic_error{"undamaged, and it did not go on where it was"};
  } catch (const StorageError&) {
    if (expected.position) throw std::logic_error{"undamaged, and refused"};
  }
}

Content damaged(const Stopped& base, unsigned flags, Input& input) {
  const bool kept = (flags & 16U) != 0, mmap = (flags & 4U) != 0;
  if ((flags & 128U) != 0 && mmap && !kept) {
    const auto rest = input.rest();
    return {rest.begin(), rest.end()};
  }
  const Damageable& file = kept ? base.kept : base.tier;
  const std::uint16_t share = (flags & 2U) != 0 ? input.word() : std::uint16_t{0};
  Content content = file.content;
  damage(content, file.areas, input);
  if ((flags & 1U) != 0) seal_rows(content, file.rows);
  if (mmap && !kept && (flags & 64U) != 0) seal_mmap_json(content, base.format);
  if (mmap && !kept && (flags & 32U) != 0) seal_mmap_header(content);
  if ((flags & 2U) != 0) cut(content, share);
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<Stopped, 4> bases{make_stopped(false, false), make_stopped(true, false),
                                            make_stopped(false, true), make_stopped(true, true)};
  static const TemporaryFolder folder;
  Input input{data, size};
  const unsigned flags = input.byte();
  const bool mmap = (flags & 4U) != 0, in_reverse = (flags & 8U) != 0, kept = (flags & 16U) != 0;
  const bool undamaged = input.empty() && (flags & 130U) == 0;
  const Stopped& base = bases[(mmap ? 1U : 0U) + (in_reverse ? 2U : 0U)];
  const Content content = damaged(base, flags, input);
  const Config config = config_of(mmap, folder);
  write_file(config.tiers.back().path, kept ? base.tier.content : content);
  write_file(kept_path(config), kept ? content : base.kept.content);
  go_on(config, in_reverse, {.gradient = undamaged || (flags & 225U) == 0, .position = undamaged});
  return 0;
}
