// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_areas.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace cairn {
namespace {

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span{&value, 1});
}

/// Text with zeros behind it; an area is always written whole. The last byte stays zero.
std::vector<std::byte> padded(std::string_view text, std::size_t bytes) {
  std::vector<std::byte> area(bytes);
  std::ranges::copy(std::as_bytes(std::span{text.substr(0, bytes - 1)}), area.begin());
  return area;
}

void write_no_steps(const File& file, const MmapFormat& format) {
  constexpr std::uint64_t most_words = std::uint64_t{1} << 17;
  const std::vector<Step> none(std::min(format.slots, most_words), Step{-1});
  for (std::uint64_t slot = 0; slot < format.slots; slot += none.size())
    file.write(format.steps_at + slot * sizeof(Step),
               std::as_bytes(std::span{none}.first(std::min<std::size_t>(none.size(), format.slots - slot))));
}

}  // namespace

void write_metadata(const File& file, const MmapFormat& format, std::string_view json) {
  file.reserve(0, format.data_at);
  file.write(format.json_at, std::as_bytes(std::span{json}));
  MmapSummary summary;
  summary.levels = format.levels;
  file.write(format.summary_at, bytes_of(summary));
  write_no_steps(file, format);
  file.write(0, format.page());
}

void write_identity(const File& file, const MmapFormat& format, std::string_view json) {
  if (json.size() >= identity_bytes)
    throw std::invalid_argument{fmt::format("an identity of {} bytes; at most {}", json.size(), identity_bytes - 1)};
  file.write(format.identity_at, padded(json, identity_bytes));
}

void write_steps(const File& file, const MmapFormat& format, Step steps) {
  file.write(format.summary_at + offsetof(MmapSummary, steps), bytes_of(steps));
}

void write_end(const File& file, const MmapFormat& format, std::string_view end) {
  file.write(format.summary_at + offsetof(MmapSummary, end), padded(end, sizeof MmapSummary::end));
}

void write_summary(const File& file, const MmapFormat& format, const RunSummary& summary) {
  const std::uint64_t levels = format.levels;
  std::vector<std::int64_t> actions(4 * levels);
  for (std::size_t kind = 0; kind < 4; ++kind)
    for (std::size_t level = 0; level < std::min<std::size_t>(levels, summary.actions.size()); ++level)
      actions[kind * levels + level] = summary.actions[level][kind];
  std::vector<double> stalls = summary.stall_seconds;
  stalls.resize(levels);
  const std::uint64_t actions_at = format.summary_at + sizeof(MmapSummary);
  file.write(actions_at, std::as_bytes(std::span{actions}));
  file.write(actions_at + actions.size() * sizeof actions[0], std::as_bytes(std::span{stalls}));
  file.write(format.summary_at + offsetof(MmapSummary, advances), bytes_of(summary.advances));
  file.write(format.report_at, padded(summary.report, report_bytes));
  if (!summary.end.empty()) write_end(file, format, summary.end);
}

}  // namespace cairn
