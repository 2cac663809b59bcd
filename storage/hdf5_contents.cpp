// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/hdf5_handle.hpp>
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <hdf5_hl.h>

namespace cairn {
namespace {

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";

/// The file is well-formed HDF5, but not as cairn makes it.
class Rewritten : public std::runtime_error {
 public:
  Rewritten() : std::runtime_error{"rewritten by another program; read it with h5py or copy it with cairn export"} {}
};

H5File open_read_only(const std::string& path) {
  constexpr std::string_view doing = "setting how the file is opened";
  const H5Properties access{H5Pcreate(H5P_FILE_ACCESS), doing};
  check_h5(H5Pset_file_locking(access.id(), false, true), doing);  // beside a running writer
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), "opening the file"};
}

herr_t add_name(hid_t, const char* name, const H5L_info_t*, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

std::vector<std::string> names_in(hid_t group) {
  std::vector<std::string> names;
  hsize_t next = 0;
  check_h5(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &next, add_name, &names), "listing a group");
  return names;
}

ElementType element_type_of(hid_t dataset) {
  using enum ElementType;
  const H5Type type{H5Dget_type(dataset), "asking for a field's type"};
  const std::pair<ElementType, hid_t> known[] = {
      {int8, H5T_STD_I8LE},      {uint8, H5T_STD_U8LE},    {int16, H5T_STD_I16LE}, {uint16, H5T_STD_U16LE},
      {int32, H5T_STD_I32LE},    {uint32, H5T_STD_U32LE},  {int64, H5T_STD_I64LE}, {uint64, H5T_STD_U64LE},
      {float32, H5T_IEEE_F32LE}, {float64, H5T_IEEE_F64LE}};
  for (const auto& [element_type, file_type] : known)
    if (H5Tequal(type.id(), file_type) > 0) return element_type;
  throw Rewritten{};
}

/// By the attribute that H5DSset_scale wrote: H5DSget_scale_name frees memory twice where a file is damaged.
herr_t take_scale(hid_t, unsigned, hid_t scale, void* name) noexcept {
  try {
    *static_cast<std::string*>(name) = text_attribute(scale, "NAME");
    return 1;  // the first scale is the axis
  } catch (...) {
    return -1;
  }
}

/// The names of the axes behind the first; empty where the file has no scales.
std::vector<std::string> axes_of(hid_t dataset, std::size_t rank) {
  std::vector<std::string> axes(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    check_h5(H5DSiterate_scales(dataset, static_cast<unsigned>(d) + 1, nullptr, take_scale, &axes[d]),
             "reading an axis");
    if (axes[d].empty()) return {};
  }
  return axes;
}

struct Grid {
  double spacing = 1;
  double origin = 0;
};

/// From the first and second coordinate; the others, as many as the file says, are not read.
Grid grid_of(const H5Dataset& axis, hsize_t length) {
  constexpr std::string_view doing = "reading an axis";
  const H5Properties creation{H5Dget_create_plist(axis.id()), doing};
  if (length == 0 || H5Pget_layout(creation.id()) == H5D_CHUNKED) throw Rewritten{};  // a chunk is read as a whole
  const hsize_t first = 0, count = std::min<hsize_t>(length, 2);
  const H5Space in_file{H5Dget_space(axis.id()), doing};
  check_h5(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, &first, nullptr, &count, nullptr), doing);
  std::array<double, 2> values{};
  check_h5(H5Dread(axis.id(), H5T_NATIVE_DOUBLE, h5_space({&count, 1}).id(), in_file.id(), H5P_DEFAULT, values.data()),
           doing);
  return {.spacing = count > 1 ? values[1] - values[0] : 1, .origin = values[0]};
}

/// Of every axis.
std::map<std::string, Grid> grids_of(hid_t group, const std::vector<Field>& fields) {
  std::map<std::string, Grid> grids;
  for (const Field& field : fields)
    for (std::size_t d = 0; d < field.axes.size(); ++d) {
      const auto [entry, fresh] = grids.try_emplace(field.axes[d]);
      if (!fresh) continue;
      const H5Dataset dataset = open_dataset(group, field.axes[d]);
      if (dims_of(dataset.id()) != std::vector<hsize_t>{field.extents[d]}) throw Rewritten{};
      entry->second = grid_of(dataset, field.extents[d]);
    }
  return grids;
}

void add_grids(hid_t group, std::vector<Field>& fields) {
  const auto grids = grids_of(group, fields);
  for (Field& field : fields) {
    const auto counted = [&](const std::string& axis) {
      return grids.at(axis).spacing == 1 && grids.at(axis).origin == 0;
    };
    if (std::ranges::all_of(field.axes, counted)) continue;
    for (const std::string& axis : field.axes) {
      field.spacing.push_back(grids.at(axis).spacing);
      field.origin.push_back(grids.at(axis).origin);
    }
  }
}

/// A dataset that holds a field, in the order of the user's State.
struct Found {
  std::int32_t index;
  Field field;
  std::optional<std::uint64_t> chunk_bytes;  // of a chunked one
};

std::optional<Found> field_in(hid_t group, const std::string& name, hsize_t slots) {
  const H5Dataset dataset = open_dataset(group, name);
  if (!has_attribute(dataset.id(), "cairn_field")) return std::nullopt;
  Found found{number_attribute(dataset.id(), "cairn_field"), {}, {}};
  std::vector<hsize_t> dims = dims_of(dataset.id());
  if (dims.empty() || dims[0] != slots) throw Rewritten{};
  found.field.name = name;
  found.field.type = element_type_of(dataset.id());
  found.field.extents.assign(dims.begin() + 1, dims.end());
  found.field.axes = axes_of(dataset.id(), dims.size() - 1);
  found.field.units = text_attribute(dataset.id(), "units");
  found.field.long_name = text_attribute(dataset.id(), "long_name");
  const H5Properties creation{H5Dget_create_plist(dataset.id()), "asking how a field is stored"};
  if (H5Pget_nfilters(creation.id()) != 0) throw Rewritten{};
  if (H5Pget_layout(creation.id()) == H5D_CHUNKED) {
    check_h5(H5Pget_chunk(creation.id(), static_cast<int>(dims.size()), dims.data()), "asking for the size of chunks");
    if (dims[0] != 1) throw Rewritten{};
    found.chunk_bytes = size_of(found.field.type);
    for (const hsize_t extent : dims) *found.chunk_bytes *= extent;
  }
  return found;
}

/// The layout whose pieces are the chunks of the file: a limit of the largest of them splits each field just so.
Layout layout_of(hid_t group, hsize_t slots) {
  std::vector<Found> found;
  for (const std::string& name : names_in(group))
    if (name != "step" && name != "ledger")
      if (auto field = field_in(group, name, slots)) found.push_back(std::move(*field));
  std::ranges::sort(found, {}, &Found::index);
  std::vector<Field> fields;
  std::uint64_t chunk_limit_bytes = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].index != static_cast<std::int32_t>(i)) throw Rewritten{};
    chunk_limit_bytes = std::max(chunk_limit_bytes, found[i].chunk_bytes.value_or(0));
    fields.push_back(found[i].field);
  }
  add_grids(group, fields);
  try {
    Layout layout{std::move(fields), std::max<std::uint64_t>(chunk_limit_bytes, 1)};
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Layout::Place& place = layout.places()[i];
      if (place.large != found[i].chunk_bytes.has_value()) throw Rewritten{};
      const Field& field = layout.fields()[i];
      if (place.large && *found[i].chunk_bytes != place.piece_rows * (field.bytes() / field.extents[0]))
        throw Rewritten{};
    }
    return layout;
  } catch (const std::invalid_argument&) {
    throw Rewritten{};
  }
}

Slots slots_of(hid_t group) {
  const std::vector<hsize_t> step = dims_of(open_dataset(group, "step").id());
  const H5Dataset ledger = open_dataset(group, "ledger");
  const H5Type row{H5Dget_type(ledger.id()), "asking for the type of the ledger"};
  const bool right = step.size() == 1 && step[0] >= 1 && step[0] <= static_cast<hsize_t>(limits::slots) &&
                     dims_of(ledger.id()) == step && H5Tget_size(row.id()) == sizeof(LedgerRow);
  if (!right) throw Rewritten{};
  return static_cast<Slots>(step[0]);
}

RunFacts facts_of(hid_t run) {
  return {.schedule = text_attribute(run, "schedule"),
          .config = text_of(open_dataset(run, "config").id()),
          .host = text_attribute(run, "host"),
          .version = text_attribute(run, "version"),
          .start = text_attribute(run, "start")};
}

H5Group open_group(hid_t file, const char* name) {
  return {H5Gopen2(file, name, H5P_DEFAULT), fmt::format("opening group {}", name)};
}

Hdf5Contents contents_of(const H5File& file) {
  const H5Group checkpoints = open_group(file.id(), "checkpoints");
  const Slots slots = slots_of(checkpoints.id());
  Layout layout = layout_of(checkpoints.id(), static_cast<hsize_t>(slots));
  const auto at = hdf5_addresses(file.id(), layout, slots);
  if (!at) throw Rewritten{};
  RunFacts facts = facts_of(open_group(file.id(), "run").id());
  const std::vector<hsize_t> actions = dims_of(open_dataset(file.id(), "run/actions").id());
  if (actions.size() != 2 || actions[0] != 4) throw Rewritten{};
  return {std::move(layout), slots, std::move(facts), *at, actions[1]};
}

}  // namespace

Hdf5Contents read_hdf5_file(const std::string& path) {
  const auto failure = [&](StorageError::Kind kind, std::string_view problem) {
    return StorageError{kind, {.tier = "hdf5", .file = path}, problem};
  };
  const Hdf5Session session;
  try {
    const H5File file = open_read_only(path);
    if (!has_attribute(file.id(), "cairn_format"))
      throw failure(StorageError::Kind::mismatch, "an HDF5 file, but not one that cairn made");
    if (const auto version = number_attribute(file.id(), "cairn_format"); version != hdf5_format_version)
      throw failure(
          StorageError::Kind::mismatch,
          fmt::format("written in format {}; this version of cairn reads format {}", version, hdf5_format_version));
    return contents_of(file);
  } catch (const Rewritten& why) {
    throw failure(StorageError::Kind::mismatch, why.what());
  } catch (const FileError& why) {
    if (why.error_number() != 0) throw failure(why.kind(), why.what());
    throw failure(StorageError::Kind::corrupt, fmt::format("damaged or cut off: {}", why.what()));
  }
}

Hdf5Contents read_hdf5_file(const File& file) {
  const auto failure = [&](StorageError::Kind kind, std::string_view problem) {
    return StorageError{kind, {.tier = "hdf5", .file = file.path()}, problem};
  };
  std::array<char, signature.size()> first{};
  if (file.size() >= first.size()) file.read(0, std::as_writable_bytes(std::span{first}));
  if (std::string_view{first.data(), first.size()} != signature)
    throw failure(StorageError::Kind::mismatch, "not an HDF5 file");
  Hdf5Contents contents = read_hdf5_file(file.path());
  const std::uint64_t needed = contents.at.end_of_slots(contents.layout, contents.slots);
  if (const std::uint64_t there = file.size(); there < needed)
    throw failure(StorageError::Kind::corrupt,
                  fmt::format("damaged or cut off: it has {} bytes instead of {}", there, needed));
  return contents;
}

bool is_cairn_hdf5_file(const std::string& path) {
  const Hdf5Session session;
  try {
    return has_attribute(open_read_only(path).id(), "cairn_format");
  } catch (const FileError&) {
    return false;
  }
}

}  // namespace cairn
