// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/layout.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw std::invalid_argument{fmt::format(text, std::forward<Args>(args)...)};
}

constexpr std::uint64_t most_state_bytes = std::uint64_t{1} << 56;  // so that no sum of sizes wraps

/// The bytes of a field; also of one from a file that another hand wrote.
std::uint64_t checked_bytes(const Field& field) {
  std::uint64_t bytes = size_of(field.type);
  for (const std::uint64_t extent : field.extents) {
    if (extent > most_state_bytes / bytes)
      refuse("field \"{}\": more than {} bytes; no file holds as much", field.name, most_state_bytes);
    bytes *= extent;
  }
  return bytes;
}

/// How a field above the chunk limit is split: equal pieces of whole rows, each a multiple of 4096 bytes.
struct Split {
  std::uint64_t pieces;
  std::uint64_t rows;
};

Split split(const Field& field, std::uint64_t limit_bytes) {
  const std::uint64_t bytes = field.bytes();
  const std::uint64_t rows = field.extents.empty() ? 1 : field.extents[0];
  if (bytes <= limit_bytes) return {1, rows};
  const std::uint64_t row_bytes = bytes / rows;
  if (row_bytes > limit_bytes)
    refuse("field \"{}\": a row of its first extent has {} bytes, a chunk of HDF5 at most {}; split the first extent",
           field.name, row_bytes, limit_bytes);
  const std::uint64_t unit = limits::block_bytes / std::gcd(row_bytes, limits::block_bytes);  // rows of whole blocks
  const std::uint64_t most_rows = limit_bytes / row_bytes / unit * unit;
  if (most_rows == 0)
    refuse("field \"{}\": no number of rows of {} bytes is a multiple of 4096 and below {} bytes; pad the last extent",
           field.name, row_bytes, limit_bytes);
  const std::uint64_t pieces = std::max((bytes + limit_bytes - 1) / limit_bytes, (rows + most_rows - 1) / most_rows);
  const std::uint64_t piece_rows = ((rows + pieces - 1) / pieces + unit - 1) / unit * unit;
  return {(rows + piece_rows - 1) / piece_rows, piece_rows};
}

}  // namespace

std::uint64_t size_of(ElementType type) {
  using enum ElementType;
  switch (type) {
    case int8:
    case uint8: return 1;
    case int16:
    case uint16: return 2;
    case int32:
    case uint32:
    case float32: return 4;
    case int64:
    case uint64:
    case float64: return 8;
  }
  throw std::invalid_argument{"an element type that this version does not know"};
}

std::string_view name_of(ElementType type) {
  constexpr std::string_view names[] = {"int8",   "uint8", "int16",  "uint16",  "int32",
                                        "uint32", "int64", "uint64", "float32", "float64"};
  return names[static_cast<std::size_t>(type)];
}

std::uint64_t Field::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : extents) product *= extent;
  return product;
}

std::uint64_t Field::bytes() const {
  return elements() * size_of(type);
}

Layout::Layout(std::vector<Field> fields, std::uint64_t chunk_limit_bytes) : fields_{std::move(fields)} {
  check_names();
  name_axes();
  place_fields(chunk_limit_bytes);
}

Bytes Layout::buffer_bytes() const {
  return {round_up(image_bytes_, limits::block_bytes)};
}

void Layout::check_names() const {
  if (fields_.empty()) refuse("the state has no field; add what x_t is made of");
  std::set<std::string_view> seen;
  for (const Field& field : fields_) {
    if (field.name.empty() || field.name == "." || field.name == "step" || field.name == "ledger" ||
        field.name.find('/') != std::string::npos)
      refuse("field \"{}\": a name may not be empty, \".\", \"step\" or \"ledger\", nor hold '/'; choose another",
             field.name);
    if (!seen.insert(field.name).second) refuse("field \"{}\": added twice; names are unique", field.name);
    const auto rank = field.extents.size();
    if (std::ranges::count(field.extents, 0U) != 0)
      refuse("field \"{}\": an extent of 0; it would hold nothing", field.name);
    if (rank > 31) refuse("field \"{}\": {} extents; at most 31", field.name, rank);
    for (const auto& [given, what] : {std::pair{field.axes.size(), "axes"}, std::pair{field.spacing.size(), "spacing"},
                                      std::pair{field.origin.size(), "origin"}})
      if (given != 0 && given != rank)
        refuse("field \"{}\": {} has {} entries for {} extents; give one for each, or none", field.name, what, given,
               rank);
  }
}

void Layout::name_axes() {
  std::map<std::string, std::uint64_t> lengths;
  for (const Field& field : fields_) {
    std::vector<std::string> names = field.axes;
    if (names.empty()) {
      std::map<std::uint64_t, int> met;
      for (const std::uint64_t extent : field.extents) {
        const int times = ++met[extent];
        names.push_back(times == 1 ? fmt::format("n{}", extent) : fmt::format("n{}_{}", extent, times));
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto [known, fresh] = lengths.emplace(names[i], field.extents[i]);
      if (!fresh && known->second != field.extents[i])
        refuse("field \"{}\": axis \"{}\" has length {} here and {} elsewhere; the same name means the same length",
               field.name, names[i], field.extents[i], known->second);
      if (std::ranges::count(names, names[i]) != 1)
        refuse("field \"{}\": axis \"{}\" is named twice", field.name, names[i]);
      if (names[i].empty() || names[i] == "." || names[i] == "step" || names[i] == "ledger" ||
          names[i].find('/') != std::string::npos)
        refuse("field \"{}\": an axis may not be named \"{}\"; choose another name", field.name, names[i]);
    }
    axes_.push_back(std::move(names));
  }
  for (const Field& field : fields_)
    if (lengths.contains(field.name)) refuse("field \"{}\": an axis has this name; rename one of them", field.name);
}

void Layout::place_fields(std::uint64_t chunk_limit_bytes) {
  for (const Field& field : fields_) {
    if (checked_bytes(field) > most_state_bytes - snapshot_bytes_.count)
      refuse("field \"{}\": with it the state has more than {} bytes; no file holds as much", field.name,
             most_state_bytes);
    const bool large = field.bytes() >= limits::large_field_bytes;
    const Split parts = large ? split(field, chunk_limit_bytes) : Split{1, 1};
    const std::uint64_t rows = field.extents.empty() ? 1 : field.extents[0];
    const std::uint64_t stored = parts.pieces == 1 ? field.bytes() : parts.pieces * parts.rows * (field.bytes() / rows);
    places_.push_back({0, field.bytes(), large ? round_up(stored, limits::block_bytes) : field.bytes(), parts.pieces,
                       parts.rows, large});
    snapshot_bytes_ += Bytes{field.bytes()};
  }
  for (const bool large : {true, false}) {
    for (Place& place : places_)
      if (place.large == large) {
        place.offset = image_bytes_;
        image_bytes_ += place.stored_bytes;
      }
    if (large) region_bytes_ = image_bytes_;
  }
}

}  // namespace cairn
