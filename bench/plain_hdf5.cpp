// SPDX-License-Identifier: BSD-3-Clause
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <plain_hdf5.hpp>
#include <unistd.h>

namespace cairn::bench {
namespace {

/// {count, …extents}
std::vector<hsize_t> dims(const Field& field, std::uint64_t count) {
  std::vector<hsize_t> dims{count};
  dims.insert(dims.end(), field.extents.begin(), field.extents.end());
  return dims;
}

H5Dataset make_dataset(const H5File& file, const Field& field, Slots slots) {
  const H5Space space = h5_space(dims(field, static_cast<std::uint64_t>(slots)));
  const std::vector<hsize_t> chunk = dims(field, 1);
  H5Properties properties{H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate"};
  check_h5(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), "H5Pset_chunk");
  check_h5(H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time");
  check_h5(H5Pset_fill_time(properties.id(), H5D_FILL_TIME_NEVER), "H5Pset_fill_time");
  return {
      H5Dcreate2(file.id(), field.name.c_str(), H5T_IEEE_F32LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      "H5Dcreate2"};
}

}  // namespace

PlainHdf5::PlainHdf5(std::filesystem::path path, const Layout& layout, Slots slots)
    : path_{std::move(path)},
      layout_{&layout},
      slots_{slots},
      file_{H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), "H5Fcreate"},
      descriptor_{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)} {
  if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), path_.string() + ": open"};
  for (const Field& field : layout.fields()) datasets_.push_back(make_dataset(file_, field, slots));
}

PlainHdf5::~PlainHdf5() {
  ::close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

H5Space PlainHdf5::place(const Layout& layout, std::size_t field, Slot slot) const {
  const Field& what = layout.fields()[field];
  H5Space space = h5_space(dims(what, static_cast<std::uint64_t>(slots_)));
  const std::vector<hsize_t> count = dims(what, 1);
  std::vector<hsize_t> start(count.size(), 0);
  start[0] = static_cast<hsize_t>(slot.index);
  check_h5(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
           "H5Sselect_hyperslab");
  return space;
}

void PlainHdf5::save(Slot slot, std::span<const std::span<std::byte>> fields, Durability durability) const {
  for (std::size_t i = 0; i < datasets_.size(); ++i) {
    const H5Space in_memory = h5_space(dims(layout_->fields()[i], 1));
    const H5Space in_file = place(*layout_, i, slot);
    check_h5(H5Dwrite(datasets_[i].id(), H5T_NATIVE_FLOAT, in_memory.id(), in_file.id(), H5P_DEFAULT, fields[i].data()),
             "H5Dwrite");
  }
  check_h5(H5Fflush(file_.id(), H5F_SCOPE_LOCAL), "H5Fflush");
  if (durability == Durability::power && ::fdatasync(descriptor_) != 0)
    throw std::system_error{errno, std::generic_category(), path_.string() + ": fdatasync"};
}

void PlainHdf5::load(Slot slot, std::span<const std::span<std::byte>> fields) const {
  for (std::size_t i = 0; i < datasets_.size(); ++i) {
    const H5Space in_memory = h5_space(dims(layout_->fields()[i], 1));
    const H5Space in_file = place(*layout_, i, slot);
    check_h5(H5Dread(datasets_[i].id(), H5T_NATIVE_FLOAT, in_memory.id(), in_file.id(), H5P_DEFAULT, fields[i].data()),
             "H5Dread");
  }
}

}  // namespace cairn::bench
