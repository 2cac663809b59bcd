// SPDX-License-Identifier: BSD-3-Clause
#include "inspect.hpp"

#include "numbers.hpp"
#include "text_table.hpp"
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/shared_area.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace cairn::tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 40;   // of slots; more are shortened to …
constexpr std::size_t shown_rows = 16;  // … so many first and last ones
constexpr std::array statuses{SlotStatus::valid, SlotStatus::writing, SlotStatus::released, SlotStatus::empty};

/// What of a ledger row is shown; a fraction of its 512 bytes, for there may be a million.
struct Saved {
  std::uint64_t sequence;
  std::uint64_t bytes;
  std::int64_t time_ns;
  Checksum checksum;
};

/// All that is asked of the file, asked once.
struct Findings {
  const TierFile& file;
  TierFile::Run run;
  std::vector<SlotReport> slots;  // not blank
  std::vector<Saved> saved;       // of those
  bool verified;

  Slots number(SlotStatus status) const {
    const auto such =
        std::count_if(slots.begin(), slots.end(), [&](const SlotReport& s) { return s.status == status; });
    return status == SlotStatus::empty ? such + file.slots() - static_cast<Slots>(slots.size()) : such;
  }
  Slots number(Verdict verdict) const {
    return std::count_if(slots.begin(), slots.end(), [&](const SlotReport& s) { return s.verdict == verdict; });
  }
};

Findings findings_in(const TierFile& file, bool verify) {
  Findings findings{.file = file, .run = file.run(), .slots = examine(file, verify), .saved = {}, .verified = verify};
  for (const SlotReport& slot : findings.slots) {
    const LedgerRow row = file.row(slot.slot);
    findings.saved.push_back(
        {.sequence = row.sequence, .bytes = row.bytes, .time_ns = row.time, .checksum = row.checksum});
  }
  return findings;
}

std::string_view word_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::whole: return "whole";
    case Verdict::not_summed: return "not summed";
    case Verdict::bad: return "BAD";
  }
  return "?";
}

std::string time_text(std::int64_t nanoseconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(nanoseconds / 1'000'000'000)));
}

std::string shape_of(const Field& field) {
  return field.extents.empty() ? "scalar" : fmt::format("{}", fmt::join(field.extents, " x "));
}

std::string head_of(const Findings& found, const std::string& path) {
  const RunFacts& facts = found.run.facts;
  const Layout& layout = found.file.layout();
  const std::string bytes = readable(found.file.file_bytes());
  std::string text = shared_name_in(path) ? fmt::format("{}: ram tier in shared memory, {} of it\n\n", path, bytes)
                                          : fmt::format("{}: {} tier, {} on disk\n\n", path, found.file.kind(), bytes);
  text += fmt::format("run       cairn {} on {}, started {}\n", facts.version, facts.host, facts.start);
  text += fmt::format("schedule  {}\n", facts.schedule);
  text += found.run.steps < 0 ? "steps     not known yet\n" : fmt::format("steps     {}\n", found.run.steps);
  text += fmt::format("snapshot  {} ({} bytes), {} a slot\n", readable(layout.snapshot_bytes()),
                      layout.snapshot_bytes().count, readable(layout.buffer_bytes()));
  text += fmt::format("slots     {}:", found.file.slots());
  for (const SlotStatus status : statuses)
    text += fmt::format("{} {} {}", status == statuses[0] ? "" : ",", found.number(status), name_of(status));
  return text + '\n';
}

std::string table_of_fields(const Layout& layout) {
  using enum TextTable::Align;
  TextTable table{{{"field", left}, {"type", left}, {"shape", left}, {"axes", left}, {"units", left}, {"bytes"}}};
  for (std::size_t i = 0; i < layout.fields().size(); ++i) {
    const Field& field = layout.fields()[i];
    table.add({field.name, std::string{name_of(field.type)}, shape_of(field),
               fmt::format("{}", fmt::join(layout.axes(i), " ")), field.units, std::to_string(field.bytes())});
  }
  return table.text();
}

std::vector<std::string> cells_of(const Findings& found, std::size_t i) {
  const SlotReport& slot = found.slots[i];
  const Saved& saved = found.saved[i];
  std::vector<std::string> cells{std::to_string(slot.slot.index), std::to_string(slot.step),
                                 std::string{name_of(slot.status)}, std::to_string(saved.sequence),
                                 saved.time_ns == 0 ? "" : time_text(saved.time_ns)};
  if (found.verified) cells.emplace_back(slot.verdict ? word_for(*slot.verdict) : "");
  return cells;
}

std::string table_of_slots(const Findings& found, bool all) {
  using enum TextTable::Align;
  const std::size_t slots = found.slots.size();
  if (slots == 0) return "No slot was used yet.\n";
  if (!all && found.number(SlotStatus::released) == static_cast<Slots>(slots) && found.number(Verdict::bad) == 0)
    return fmt::format("No slot holds a snapshot now; {} did, --all shows them.\n", slots);
  const bool shortened = !all && slots > most_rows;
  std::vector<TextTable::Column> columns{{"slot"}, {"step"}, {"status", left}, {"save"}, {"saved at", left}};
  if (found.verified) columns.push_back({"checksum", left});
  TextTable table{std::move(columns)};
  for (std::size_t i = 0; i < slots; ++i)
    if (!shortened || i < shown_rows || i >= slots - shown_rows) table.add(cells_of(found, i));
  std::string text = table.text();
  if (!shortened) return text;
  std::size_t middle = 0;  // behind the head and the first rows
  for (std::size_t line = 0; line <= shown_rows; ++line) middle = text.find('\n', middle) + 1;
  return text.insert(middle, fmt::format("... {} more, --all shows them ...\n", slots - 2 * shown_rows));
}

std::string notes_of(const Findings& found) {
  std::string text;
  for (const SlotReport& slot : found.slots)
    if (!slot.problem.empty())
      text += fmt::format("{}: slot {}, step {}: {}\n", slot.verdict == Verdict::bad ? "bad" : "note", slot.slot.index,
                          slot.step, slot.problem);
  if (found.verified)
    text += fmt::format("Verified: {} whole, {} bad, {} not summed (written with verify: never).\n",
                        found.number(Verdict::whole), found.number(Verdict::bad), found.number(Verdict::not_summed));
  return text.empty() ? text : '\n' + text;
}

Json json_or_text(const std::string& text) {
  if (text.empty()) return {};
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(text) : parsed;
}

Json json_of(const Layout& layout) {
  Json fields = Json::array();
  for (std::size_t i = 0; i < layout.fields().size(); ++i) {
    const Field& field = layout.fields()[i];
    fields.push_back({{"name", field.name},
                      {"type", name_of(field.type)},
                      {"extents", field.extents},
                      {"axes", layout.axes(i)},
                      {"units", field.units},
                      {"long_name", field.long_name},
                      {"bytes", field.bytes()}});
  }
  return fields;
}

Json json_of(const SlotReport& slot, const Saved& saved) {
  Json json{{"slot", slot.slot.index},
            {"step", slot.step},
            {"status", name_of(slot.status)},
            {"sequence", saved.sequence},
            {"bytes", saved.bytes},
            {"checksum", saved.checksum == Checksum{} ? Json{} : Json(to_string(saved.checksum))},
            {"time_ns", saved.time_ns}};
  if (slot.verdict) json["verdict"] = *slot.verdict == Verdict::bad ? "bad" : word_for(*slot.verdict);
  if (!slot.problem.empty()) json["problem"] = slot.problem;
  return json;
}

Json json_of(const Findings& found, const std::string& path) {
  const TierFile& file = found.file;
  const RunFacts& facts = found.run.facts;
  Json json{{"file", path},
            {"kind", shared_name_in(path) ? "ram" : file.kind()},
            {"shared", shared_name_in(path).has_value()},
            {"file_bytes", file.file_bytes().count},
            {"version", facts.version},
            {"host", facts.host},
            {"start", facts.start},
            {"schedule", facts.schedule},
            {"steps", found.run.steps < 0 ? Json{} : Json(found.run.steps)},
            {"config", facts.config},
            {"identity", json_or_text(found.run.identity)},
            {"report", json_or_text(found.run.report)},
            {"fields", json_of(file.layout())},
            {"snapshot_bytes", file.layout().snapshot_bytes().count},
            {"slot_bytes", file.layout().buffer_bytes().count},
            {"slots", file.slots()}};
  for (const SlotStatus status : statuses) json["status"][std::string{name_of(status)}] = found.number(status);
  json["verified"] = found.verified;
  if (found.verified) json["bad"] = found.number(Verdict::bad);
  json["slots_in_use"] = Json::array();
  for (std::size_t i = 0; i < found.slots.size(); ++i)
    json["slots_in_use"].push_back(json_of(found.slots[i], found.saved[i]));
  return json;
}

void name_bad_ones(const Findings& found, const std::string& path) {
  std::vector<std::string> bad;
  for (const SlotReport& slot : found.slots)
    if (slot.verdict == Verdict::bad) bad.push_back(fmt::format("slot {} (step {})", slot.slot.index, slot.step));
  const std::string text =
      fmt::format("cairn: {}: {} of {} snapshots {} bad: {}\n", path, bad.size(),
                  found.number(Verdict::whole) + found.number(Verdict::not_summed) + found.number(Verdict::bad),
                  bad.size() == 1 ? "is" : "are", fmt::join(bad, ", "));
  std::fputs(text.c_str(), stderr);
}

}  // namespace

int inspect(const InspectOptions& options) {
  const auto file = open_tier_file(options.file);
  const Findings found = findings_in(*file, options.verify);
  if (options.json) {
    put(json_of(found, options.file).dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  } else {
    put(head_of(found, options.file) + '\n' + table_of_fields(file->layout()) + '\n' +
        table_of_slots(found, options.all) + notes_of(found));
  }
  const bool bad = options.verify && found.number(Verdict::bad) > 0;
  if (bad) name_bad_ones(found, options.file);
  return bad ? 1 : 0;
}

}  // namespace cairn::tool
