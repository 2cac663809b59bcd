// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/hdf5_handle.hpp>
#include <cairn/storage/ledger.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <hdf5_hl.h>

namespace cairn {
namespace {

using Dims = std::vector<hsize_t>;

hid_t file_type(ElementType type) {
  using enum ElementType;
  switch (type) {
    case int8: return H5T_STD_I8LE;
    case uint8: return H5T_STD_U8LE;
    case int16: return H5T_STD_I16LE;
    case uint16: return H5T_STD_U16LE;
    case int32: return H5T_STD_I32LE;
    case uint32: return H5T_STD_U32LE;
    case int64: return H5T_STD_I64LE;
    case uint64: return H5T_STD_U64LE;
    case float32: return H5T_IEEE_F32LE;
    case float64: return H5T_IEEE_F64LE;
  }
  throw std::invalid_argument{"an element type that this version does not know"};
}

/// An axis of the file: all fields that name it share its scale.
struct Axis {
  std::string name;
  std::vector<double> values;
};

std::vector<Axis> axes_of(const Layout& layout) {
  std::vector<Axis> axes;
  std::vector<std::string> given;  // those with the user's coordinates
  for (std::size_t f = 0; f < layout.fields().size(); ++f) {
    const Field& field = layout.fields()[f];
    for (std::size_t d = 0; d < field.extents.size(); ++d) {
      const std::string& name = layout.axes(f)[d];
      auto axis = std::ranges::find(axes, name, &Axis::name);
      const bool fresh = axis == axes.end();
      if (fresh) axis = axes.insert(axis, {name, std::vector<double>(field.extents[d])});
      const bool says = !field.spacing.empty() || !field.origin.empty();
      if (!fresh && (!says || std::ranges::count(given, name) != 0)) continue;
      if (says) given.push_back(name);
      const double spacing = field.spacing.empty() ? 1 : field.spacing[d];
      const double origin = field.origin.empty() ? 0 : field.origin[d];
      for (std::size_t i = 0; i < axis->values.size(); ++i) axis->values[i] = origin + static_cast<double>(i) * spacing;
    }
  }
  return axes;
}

std::vector<std::string_view> members_of_run() {
  return {"steps", "identity", "config", "report", "actions", "stall_seconds", "advances", "end"};
}

/// Room for all metadata, in one block at the front: B-trees that grew elsewhere would settle in the gaps of chunks.
std::uint64_t metadata_bytes(const Layout& layout, Slots slots, std::size_t axes, std::size_t config_bytes) {
  const std::size_t datasets = layout.fields().size() + axes + members_of_run().size() + 2;
  std::uint64_t bytes = MiB(1).count + KiB(16).count * datasets + config_bytes;
  for (std::size_t f = 0; f < layout.fields().size(); ++f) {
    const Layout::Place& place = layout.places()[f];
    if (!place.large) continue;
    const std::uint64_t rank = layout.fields()[f].extents.size() + 1;
    const std::uint64_t node = round_up(24 + 65 * (8 + 8 * (rank + 1)) + 512, limits::block_bytes);
    const std::uint64_t leaves = (static_cast<std::uint64_t>(slots) * place.pieces + 31) / 32;
    bytes += leaves * node * 9 / 8;
  }
  return bytes;
}

/// The front that HDF5 writes, and all of the file, sparse as it is; somewhat more than either will have.
struct FileExtents {
  std::uint64_t front;
  std::uint64_t all;
};

FileExtents extents_of(const Layout& layout, Slots slots, std::size_t axes, std::size_t config_bytes) {
  const std::uint64_t front = metadata_bytes(layout, slots, axes, config_bytes);
  const std::uint64_t a_slot = layout.image_bytes() + sizeof(LedgerRow) + sizeof(Step);
  std::uint64_t coordinates = 0;
  for (const Field& field : layout.fields())
    for (const std::uint64_t extent : field.extents) coordinates += extent * sizeof(double);
  const std::uint64_t starts = limits::block_bytes * (layout.fields().size() + axes + members_of_run().size() + 3);
  return {front, front + static_cast<std::uint64_t>(slots) * a_slot + coordinates + starts};
}

/// HDF5 1.10 does not survive a file that it could not write: the process dies at its exit. What can be foreseen, a
/// full disk or a file that may not be so long, is met here.
void try_extents(const std::string& path, const FileExtents& extents) {
  const File file{path, std::filesystem::exists(path) ? File::Mode::write : File::Mode::create};
  file.reserve(0, extents.front);
  file.resize(extents.all);
  file.resize(0);
}

H5File make_file(const std::string& path, std::uint64_t metadata_block_bytes) {
  constexpr std::string_view doing = "setting how the file is made";
  const H5Properties access{H5Pcreate(H5P_FILE_ACCESS), doing};
  check_h5(H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18), doing);
  check_h5(H5Pset_alignment(access.id(), 512, limits::block_bytes), doing);
  check_h5(H5Pset_meta_block_size(access.id(), metadata_block_bytes), doing);
  check_h5(H5Pset_small_data_block_size(access.id(), 0), doing);
  check_h5(H5Pset_file_locking(access.id(), false, true), doing);
  check_h5(H5Pset_fclose_degree(access.id(), H5F_CLOSE_SEMI), doing);  // what is still open then is an error
  return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), "making the file"};
}

H5Group make_group(hid_t where, const std::string& name) {
  const H5Properties creation{H5Pcreate(H5P_GROUP_CREATE), "making a group"};
  check_h5(H5Pset_obj_track_times(creation.id(), false), "making a group");
  return {H5Gcreate2(where, name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
          fmt::format("making group {}", name)};
}

/// A dataset whose space is there from the start and never filled. With a chunk, the first extent begins at 0.
H5Dataset make_dataset(hid_t where, const std::string& name, hid_t type, Dims dims, const Dims& chunk = {}) {
  const std::string doing = fmt::format("making dataset {}", name);
  const H5Properties creation{H5Pcreate(H5P_DATASET_CREATE), doing};
  check_h5(H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY), doing);
  check_h5(H5Pset_fill_time(creation.id(), H5D_FILL_TIME_NEVER), doing);
  check_h5(H5Pset_obj_track_times(creation.id(), false), doing);
  const H5Properties link{H5Pcreate(H5P_LINK_CREATE), doing};
  check_h5(H5Pset_char_encoding(link.id(), H5T_CSET_UTF8), doing);
  if (chunk.empty())
    return {H5Dcreate2(where, name.c_str(), type, h5_space(dims).id(), link.id(), creation.id(), H5P_DEFAULT), doing};
  check_h5(H5Pset_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data()), doing);
  const Dims most = dims;
  dims[0] = 0;
  const H5Space space{H5Screate_simple(static_cast<int>(dims.size()), dims.data(), most.data()), doing};
  return {H5Dcreate2(where, name.c_str(), type, space.id(), link.id(), creation.id(), H5P_DEFAULT), doing};
}

void fill(const H5Dataset& dataset, hid_t memory_type, const void* values) {
  check_h5(H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "filling a dataset");
}

H5Type status_type() {
  constexpr std::string_view doing = "making the type of a slot's status";
  H5Type type{H5Tenum_create(H5T_STD_U8LE), doing};
  for (std::uint8_t value = 0; value < 4; ++value)
    check_h5(H5Tenum_insert(type.id(), std::string{name_of(SlotStatus{value})}.c_str(), &value), doing);
  return type;
}

H5Type ledger_type() {
  constexpr std::string_view doing = "making the type of the ledger";
  constexpr hsize_t checksum_bytes = sizeof(Checksum);
  const H5Type checksum{H5Tarray_create2(H5T_STD_U8LE, 1, &checksum_bytes), doing};
  const H5Type status = status_type();
  H5Type row{H5Tcreate(H5T_COMPOUND, sizeof(LedgerRow)), doing};
  const auto member = [&](const char* name, std::size_t offset, hid_t type) {
    check_h5(H5Tinsert(row.id(), name, offset, type), doing);
  };
  member("magic", offsetof(LedgerRow, magic), H5T_STD_U64LE);
  member("step", offsetof(LedgerRow, step), H5T_STD_I64LE);
  member("sequence", offsetof(LedgerRow, sequence), H5T_STD_U64LE);
  member("bytes", offsetof(LedgerRow, bytes), H5T_STD_U64LE);
  member("checksum", offsetof(LedgerRow, checksum), checksum.id());
  member("time", offsetof(LedgerRow, time), H5T_STD_I64LE);
  member("status", offsetof(LedgerRow, status), status.id());
  member("run", offsetof(LedgerRow, run), H5T_STD_U64LE);
  member("row_checksum", offsetof(LedgerRow, row_checksum), H5T_STD_U64LE);
  return row;
}

/// Makes one file; the members are in the order of the calls.
class Creation {
 public:
  Creation(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts, std::int32_t levels)
      : layout_{layout},
        slots_{static_cast<hsize_t>(slots)},
        facts_{facts},
        levels_{static_cast<hsize_t>(std::max(levels, 1))},
        axes_{axes_of(layout)},
        scaled_{layout.fields().size() + 1 <= most_scaled_datasets},
        file_{tried_file(path)},
        checkpoints_{make_group(file_.id(), "checkpoints")},
        run_{make_group(file_.id(), "run")} {}

  Hdf5Addresses make() {
    describe();
    make_run();
    make_axes();
    make_step_and_ledger();
    make_small_fields();
    make_large_fields();
    const auto at = hdf5_addresses(file_.id(), layout_, static_cast<Slots>(slots_));
    if (!at) throw FileError{"the chunks that HDF5 laid out do not lie side by side; this is a bug of cairn", 0};
    while (!scales_.empty()) {
      scales_.back().close("closing an axis");
      scales_.pop_back();
    }
    checkpoints_.close("closing a group");
    run_.close("closing a group");
    file_.close("closing the file");
    return *at;
  }

 private:
  H5File tried_file(const std::string& path) const {
    const FileExtents extents = extents_of(layout_, static_cast<Slots>(slots_), axes_.size(), facts_.config.size());
    try_extents(path, extents);
    return make_file(path, extents.front);
  }

  void describe() {
    const hid_t root = file_.id();
    put_attribute(root, "NX_class", "NXroot");
    put_attribute(root, "default", "checkpoints");
    put_attribute(root, "Conventions", "CF-1.10");
    put_attribute(root, "creator", fmt::format("cairn {}", facts_.version));
    put_attribute(root, "cairn_format", hdf5_format_version);
    const auto large = std::ranges::find(layout_.places(), true, &Layout::Place::large);
    const auto signal =
        large == layout_.places().end() ? 0 : static_cast<std::size_t>(large - layout_.places().begin());
    std::vector<std::string> names{"step"};
    names.insert(names.end(), layout_.axes(signal).begin(), layout_.axes(signal).end());
    put_attribute(checkpoints_.id(), "NX_class", "NXdata");
    put_attribute(checkpoints_.id(), "signal", layout_.fields()[signal].name);
    put_attribute(checkpoints_.id(), "axes", names);
  }

  void make_run() {
    put_attribute(run_.id(), "schedule", facts_.schedule);
    put_attribute(run_.id(), "host", facts_.host);
    put_attribute(run_.id(), "version", facts_.version);
    put_attribute(run_.id(), "start", facts_.start);
    const std::int64_t unknown = -1;
    fill(make_dataset(run_.id(), "steps", H5T_STD_I64LE, {}), H5T_NATIVE_INT64, &unknown);
    make_text("identity", identity_bytes, "");
    make_text("config", facts_.config.size(), facts_.config);
    make_text("report", report_bytes, "");
    const std::vector<std::int64_t> zeros(4 * levels_);
    fill(make_dataset(run_.id(), "actions", H5T_STD_I64LE, {4, levels_}), H5T_NATIVE_INT64, zeros.data());
    const std::vector<double> seconds(levels_);
    fill(make_dataset(run_.id(), "stall_seconds", H5T_IEEE_F64LE, {levels_}), H5T_NATIVE_DOUBLE, seconds.data());
    fill(make_dataset(run_.id(), "advances", H5T_STD_I64LE, {}), H5T_NATIVE_INT64, zeros.data());
    make_text("end", hdf5_end_bytes, "");
  }

  void make_text(const std::string& name, std::size_t bytes, std::string text) {
    const H5Type type = h5_text_type(bytes);
    text.resize(std::max<std::size_t>(bytes, 1));
    fill(make_dataset(run_.id(), name, type.id(), {}), type.id(), text.data());
  }

  void make_axes() {
    for (const Axis& axis : axes_) {
      scales_.push_back(make_dataset(checkpoints_.id(), axis.name, H5T_IEEE_F64LE, {axis.values.size()}));
      fill(scales_.back(), H5T_NATIVE_DOUBLE, axis.values.data());
      if (scaled_) check_h5(H5DSset_scale(scales_.back().id(), axis.name.c_str()), "naming an axis");
    }
  }

  void make_step_and_ledger() {
    scales_.push_back(make_dataset(checkpoints_.id(), "step", H5T_STD_I64LE, {slots_}));
    fill(scales_.back(), H5T_NATIVE_INT64, std::vector<std::int64_t>(slots_, -1).data());
    if (scaled_) check_h5(H5DSset_scale(scales_.back().id(), "step"), "naming an axis");
    attach(make_dataset(checkpoints_.id(), "ledger", ledger_type().id(), {slots_}), {});
  }

  void make_small_fields() {
    for (std::size_t f = 0; f < layout_.fields().size(); ++f)
      if (!layout_.places()[f].large) make_field(f, {});
  }

  /// Extended slot by slot together, so that the chunks of a slot come to lie side by side.
  void make_large_fields() {
    std::vector<std::pair<H5Dataset, Dims>> large;
    std::uint64_t gap = 0;
    for (std::size_t f = 0; f < layout_.fields().size(); ++f) {
      const Layout::Place& place = layout_.places()[f];
      if (!place.large) continue;
      Dims chunk = shape_of(f);
      chunk[0] = 1;
      chunk[1] = place.piece_rows;
      large.emplace_back(make_field(f, chunk), shape_of(f));
      gap = place.pieces > 1 ? 0 : place.stored_bytes - place.bytes;
    }
    for (hsize_t slot = 0; slot < slots_; ++slot)
      for (auto& [dataset, dims] : large) {
        dims[0] = slot + 1;
        check_h5(H5Dset_extent(dataset.id(), dims.data()), "laying out the slots");
      }
    if (gap > 0) check_h5(H5Fincrement_filesize(file_.id(), gap), "rounding the file's length up");
  }

  Dims shape_of(std::size_t field) const {
    Dims dims{slots_};
    const auto& extents = layout_.fields()[field].extents;
    dims.insert(dims.end(), extents.begin(), extents.end());
    return dims;
  }

  H5Dataset make_field(std::size_t f, const Dims& chunk) {
    const Field& field = layout_.fields()[f];
    H5Dataset dataset = make_dataset(checkpoints_.id(), field.name, file_type(field.type), shape_of(f), chunk);
    put_attribute(dataset.id(), "cairn_field", static_cast<std::int32_t>(f));
    if (!field.units.empty()) put_attribute(dataset.id(), "units", field.units);
    if (!field.long_name.empty()) put_attribute(dataset.id(), "long_name", field.long_name);
    attach(dataset, layout_.axes(f));
    return dataset;
  }

  void attach(const H5Dataset& dataset, const std::vector<std::string>& axes) const {
    if (!scaled_) return;
    check_h5(H5DSattach_scale(dataset.id(), scales_.back().id(), 0), "attaching the axis of slots");
    for (std::size_t d = 0; d < axes.size(); ++d) {
      const auto scale = static_cast<std::size_t>(std::ranges::find(axes_, axes[d], &Axis::name) - axes_.begin());
      check_h5(H5DSattach_scale(dataset.id(), scales_[scale].id(), static_cast<unsigned>(d) + 1), "attaching an axis");
    }
  }

  const Layout& layout_;
  hsize_t slots_;
  const RunFacts& facts_;
  hsize_t levels_;
  std::vector<Axis> axes_;
  bool scaled_;
  H5File file_;
  H5Group checkpoints_;
  H5Group run_;
  std::vector<H5Dataset> scales_;  // those of axes_ in their order, then `step`
};

}  // namespace

Hdf5Addresses create_hdf5_file(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts,
                               std::int32_t levels) {
  const Hdf5Session session;
  Hdf5Addresses at;
  {
    Creation creation{path, layout, slots, facts, levels};
    at = creation.make();
  }
  H5garbage_collect();
  return at;
}

}  // namespace cairn
