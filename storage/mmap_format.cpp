// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/mmap_format.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn {
namespace {

using nlohmann::json;
using Kind = StorageError::Kind;
constexpr std::size_t words_bytes = sizeof(MmapFormat);
constexpr std::size_t sum_at = MmapFormat::header_bytes - sizeof(std::uint64_t);
static_assert(words_bytes == 15 * sizeof(std::uint64_t) && words_bytes <= sum_at);

StorageError error(Kind kind, std::string_view path, std::string_view problem) {
  return {kind, {.tier = "mmap", .file = path}, problem};
}

std::uint64_t blocks(std::uint64_t bytes) {
  return round_up(bytes, limits::block_bytes);
}

std::uint64_t summary_bytes(std::uint64_t levels) {
  return sizeof(MmapSummary) + levels * 5 * sizeof(std::int64_t);
}

/// A limit under which Layout splits the fields as it did here: the largest piece, where any field is split.
std::uint64_t chunk_limit_of(const Layout& layout) {
  std::uint64_t largest_piece = 0;
  bool any_split = false;
  for (std::size_t i = 0; i < layout.places().size(); ++i) {
    const Layout::Place& place = layout.places()[i];
    const Field& field = layout.fields()[i];
    const std::uint64_t rows = field.extents.empty() ? 1 : field.extents[0];
    if (place.large) largest_piece = std::max(largest_piece, place.piece_rows * (place.bytes / rows));
    any_split = any_split || place.pieces > 1;
  }
  return any_split ? largest_piece : Layout::most_chunk_bytes;
}

json to_json(const Field& field, const Layout::Place& place) {
  return {{"name", field.name},       {"type", name_of(field.type)}, {"extents", field.extents},
          {"axes", field.axes},       {"units", field.units},        {"long_name", field.long_name},
          {"spacing", field.spacing}, {"origin", field.origin},      {"offset", place.offset},
          {"bytes", place.bytes}};
}

/// Is every area behind the one before, at a multiple of 4096, and large enough?
bool in_order(const MmapFormat& format) {
  if (format.slots < 1 || format.slots > static_cast<std::uint64_t>(limits::slots)) return false;
  if (format.levels > static_cast<std::uint64_t>(limits::tiers)) return false;
  std::uint64_t end = MmapFormat::header_bytes;
  const auto follows = [&end](std::uint64_t at, std::uint64_t bytes) {
    const bool right = at >= end && at % limits::block_bytes == 0 && bytes <= ~at;
    end = at + bytes;
    return right;
  };
  return follows(format.json_at, format.json_bytes) && follows(format.identity_at, identity_bytes) &&
         follows(format.report_at, report_bytes) && follows(format.summary_at, summary_bytes(format.levels)) &&
         follows(format.steps_at, format.slots * sizeof(Step)) &&
         follows(format.rows_at, format.slots * sizeof(LedgerRow)) && follows(format.data_at, 0) &&
         format.slot_bytes <= ~format.data_at / format.slots;
}

ElementType type_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(ElementType::float64); ++i)
    if (const auto type = static_cast<ElementType>(i); name_of(type) == name) return type;
  throw std::invalid_argument{fmt::format("no element type is named \"{}\"", name)};
}

Field field_from(const json& stored) {
  return {.name = stored.at("name"),
          .type = type_named(stored.at("type")),
          .extents = stored.at("extents").get<std::vector<std::uint64_t>>(),
          .axes = stored.at("axes").get<std::vector<std::string>>(),
          .units = stored.at("units"),
          .long_name = stored.at("long_name"),
          .spacing = stored.at("spacing").get<std::vector<double>>(),
          .origin = stored.at("origin").get<std::vector<double>>()};
}

Layout layout_from(const json& stored) {
  std::vector<Field> fields;
  for (const json& field : stored.at("fields")) fields.push_back(field_from(field));
  return Layout{std::move(fields), stored.at("chunk_limit_bytes").get<std::uint64_t>()};
}

bool places_agree(const Layout& layout, const json& fields) {
  return std::ranges::equal(layout.places(), fields, [](const Layout::Place& place, const json& field) {
    return field.at("offset") == place.offset && field.at("bytes") == place.bytes;
  });
}

}  // namespace

MmapFormat MmapFormat::make(const Layout& layout, Slots slot_count, std::int32_t level_count, std::string_view json) {
  MmapFormat format;
  format.levels = static_cast<std::uint64_t>(std::clamp(level_count, 0, limits::tiers));
  format.slots = static_cast<std::uint64_t>(slot_count);
  format.slot_bytes = layout.buffer_bytes().count;
  format.snapshot_bytes = layout.snapshot_bytes().count;
  format.json_bytes = json.size();
  format.json_checksum = hash_of(std::as_bytes(std::span{json}));
  format.json_at = header_bytes;
  format.identity_at = format.json_at + blocks(format.json_bytes);
  format.report_at = format.identity_at + blocks(cairn::identity_bytes);
  format.summary_at = format.report_at + blocks(cairn::report_bytes);
  format.steps_at = format.summary_at + blocks(summary_bytes(format.levels));
  format.rows_at = format.steps_at + blocks(format.slots * sizeof(Step));
  format.data_at = format.rows_at + blocks(format.slots * sizeof(LedgerRow));
  return format;
}

MmapFormat::Page MmapFormat::page() const {
  Page page{};
  std::memcpy(page.data(), this, words_bytes);
  const std::uint64_t sum = hash_of(std::span{page}.first(sum_at));
  std::memcpy(page.data() + sum_at, &sum, sizeof sum);
  return page;
}

MmapFormat MmapFormat::read(const Page& page, std::string_view path) {
  MmapFormat format;
  std::uint64_t sum = 0;
  std::memcpy(&format, page.data(), words_bytes);
  std::memcpy(&sum, page.data() + sum_at, sizeof sum);
  if (format.magic != magic_word) throw error(Kind::mismatch, path, "is not a file of cairn");
  if (sum != hash_of(std::span{page}.first(sum_at)))
    throw error(Kind::corrupt, path, "the header is damaged: its checksum is wrong");
  if (format.version != version_known)
    throw error(
        Kind::mismatch, path,
        fmt::format("format {} of mmap files; this version of cairn reads format {}", format.version, version_known));
  if (format.json_bytes > most_json_bytes)
    throw error(Kind::corrupt, path,
                fmt::format("the header is damaged: {} bytes of JSON; at most {} are read", format.json_bytes,
                            most_json_bytes));
  if (!in_order(format)) throw error(Kind::corrupt, path, "the header is damaged: its areas do not follow each other");
  return format;
}

std::string mmap_json(const Layout& layout, const RunFacts& facts) {
  json fields = json::array();
  for (std::size_t i = 0; i < layout.fields().size(); ++i)
    fields.push_back(to_json(layout.fields()[i], layout.places()[i]));
  const json all = {{"creator", "cairn " + facts.version},
                    {"schedule", facts.schedule},
                    {"config", facts.config},
                    {"host", facts.host},
                    {"start", facts.start},
                    {"fields", std::move(fields)},
                    {"chunk_limit_bytes", chunk_limit_of(layout)}};
  return all.dump(1, ' ', false, json::error_handler_t::replace);  // a config need not be UTF-8
}

MmapContents read_mmap_json(std::string_view text, std::string_view path) {
  try {
    const json all = json::parse(text);
    const std::string creator = all.at("creator");
    RunFacts facts{.schedule = all.at("schedule"),
                   .config = all.at("config"),
                   .host = all.at("host"),
                   .version = creator.substr(std::min(creator.size(), creator.find(' ') + 1)),
                   .start = all.at("start")};
    const Layout layout = layout_from(all);
    if (!places_agree(layout, all.at("fields")))
      throw error(Kind::mismatch, path, "its fields lie elsewhere than this version of cairn puts them");
    return {layout, std::move(facts)};
  } catch (const json::exception& failure) {
    throw error(Kind::corrupt, path, fmt::format("its JSON is damaged: {}", failure.what()));
  } catch (const std::invalid_argument& failure) {
    throw error(Kind::corrupt, path, fmt::format("its JSON is damaged: {}", failure.what()));
  }
}

}  // namespace cairn
