// SPDX-License-Identifier: BSD-3-Clause
#include "tier_bytes.hpp"

#include "inspect.hpp"
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace cairn::test {
namespace {

void check_whole(const TierFile& file, const SlotReport& report, std::span<const std::byte> bytes) {
  if (report.verdict != Verdict::whole) return;
  const bool was_saved = report.step == 0 || report.step == 7;
  if (!was_saved || checksum_of(file.layout(), bytes) != checksum_of(fuzzed_layout(), snapshot_of_step(report.step)))
    throw std::logic_error{"a snapshot that was never saved is called whole"};
}

void read_every_slot(const TierFile& file, Trust trust) {
  const std::vector<SlotReport> reports = examine(file, true);
  if (reports.empty() || file.layout().buffer_bytes() > MiB(64)) return;  // no input has as much
  Pool pool{1, file.layout().buffer_bytes()};
  pool.touch(1);
  const Pool::Buffer buffer = pool.take();
  for (const SlotReport& report : reports) {
    try {
      file.read(report.slot, buffer.bytes());
    } catch (const StorageError& problem) {
      if (report.verdict == Verdict::whole)
        throw std::logic_error{"a whole snapshot that cannot be read: " + std::string{problem.what()}};
      continue;
    }
    if (trust == Trust::layout) check_whole(file, report, buffer.bytes());
  }
}

}  // namespace

const Layout& fuzzed_layout() {
  static const Layout layout{
      {{.name = "pressure", .type = ElementType::float32, .extents = {64, 80}, .axes = {"z", "x"}, .units = "Pa"},
       {.name = "time", .type = ElementType::float64, .units = "s"}}};
  return layout;
}

Content snapshot_of_step(Step step) {
  Content snapshot(fuzzed_layout().buffer_bytes().count);
  for (const Layout::Place& place : fuzzed_layout().places())
    for (std::uint64_t i = 0; i < place.bytes; ++i)
      snapshot[place.offset + i] = static_cast<std::byte>((i + 1) * (static_cast<std::uint64_t>(step) + 3) % 251);
  return snapshot;
}

void fill(Tier& tier) {
  Pool pool{1, tier.layout().buffer_bytes()};
  pool.touch(1);
  const Pool::Buffer buffer = pool.take();
  const auto save = [&](std::int64_t slot, Step step) {
    std::ranges::copy(snapshot_of_step(step), buffer.bytes().begin());
    tier.save(Slot{slot}, step, buffer.bytes());
  };
  save(0, 0), save(1, 7), save(2, 9);
  tier.release(Slot{2});
}

Content content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const std::vector<char> chars{std::istreambuf_iterator<char>{file}, {}};
  if (!file || chars.empty()) throw std::runtime_error{"nothing to be read in " + path};
  Content content(chars.size());
  std::memcpy(content.data(), chars.data(), chars.size());
  return content;
}

void FuzzedFile::become(const Content& content) {
  constexpr std::size_t piece_bytes = 4096;
  const bool fresh = content_.empty();
  std::fstream file{path_, std::ios::binary | std::ios::in | std::ios::out | (fresh ? std::ios::trunc : std::ios::in)};
  for (std::size_t at = 0; at < content.size(); at += piece_bytes) {
    const std::size_t bytes = std::min(piece_bytes, content.size() - at);
    const bool same = at + bytes <= content_.size() && std::memcmp(&content[at], &content_[at], bytes) == 0;
    if (same) continue;
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(&content[at]), static_cast<std::streamsize>(bytes));
  }
  file.close();
  if (!file) throw std::runtime_error{"cannot write " + path_};
  std::filesystem::resize_file(path_, content.size());
  content_ = content;
}

void damage(Content& content, std::span<const Area> areas, Input& input) {
  while (!input.empty()) {
    const Area area = areas[input.byte() % areas.size()];
    const std::uint64_t offset = input.word() % area.bytes;
    const std::size_t length = input.byte() + std::size_t{1};
    const auto bytes = input.bytes(std::min<std::uint64_t>(length, area.bytes - offset));
    std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(area.at + offset));
  }
}

void seal_rows(Content& content, Area rows) {
  for (std::uint64_t at = rows.at; at < rows.at + rows.bytes; at += sizeof(LedgerRow)) {
    LedgerRow row;
    std::memcpy(&row, &content[at], sizeof row);
    row.seal();
    std::memcpy(&content[at], &row, sizeof row);
  }
}

void seal_mmap_header(Content& content) {
  constexpr std::size_t sum_at = MmapFormat::header_bytes - sizeof(std::uint64_t);
  const std::uint64_t sum = hash_of(std::span{content}.first(sum_at));
  std::memcpy(&content[sum_at], &sum, sizeof sum);
}

void seal_mmap_json(Content& content, const MmapFormat& format) {
  const std::uint64_t sum = hash_of(std::span{content}.subspan(format.json_at, format.json_bytes));
  std::memcpy(&content[offsetof(MmapFormat, json_checksum)], &sum, sizeof sum);
}

void cut(Content& content, std::uint16_t share) {
  content.resize(content.size() * share >> 16);
}

void ask_everything(const std::string& path, bool as_json, Trust trust) {
  static const bool silent = std::freopen("/dev/null", "w", stdout) != nullptr;
  if (!silent) throw std::runtime_error{"the output cannot be silenced"};
  try {
    tool::inspect({.file = path, .verify = false, .all = !as_json, .json = as_json});
    read_every_slot(*open_tier_file(path), trust);
  } catch (const StorageError&) {  // refused, as it may be
  }
}

}  // namespace cairn::test
