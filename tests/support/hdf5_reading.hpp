// SPDX-License-Identifier: BSD-3-Clause
/// Reading a tier's file by the HDF5 library alone: the plain twin of what is written to addresses.
#pragma once

#include "support/snapshots.hpp"
#include <cairn/storage/hdf5_handle.hpp>
#include <cairn/storage/layout.hpp>

#include <string>
#include <vector>

namespace cairn::test {

inline H5File open_by_library(const std::string& path, unsigned mode = H5F_ACC_RDONLY) {
  const H5Properties access{H5Pcreate(H5P_FILE_ACCESS), "access"};
  H5Pset_file_locking(access.id(), false, true);
  return {H5Fopen(path.c_str(), mode, access.id()), "opening " + path};
}

/// One slot of every field, where the layout has it in a buffer; gaps zero.
inline Snapshot read_by_library(const H5File& file, const Layout& layout, Slot slot) {
  Snapshot snapshot = zero_snapshot(layout);
  for (std::size_t f = 0; f < layout.fields().size(); ++f) {
    const H5Dataset dataset = open_dataset(file.id(), "checkpoints/" + layout.fields()[f].name);
    const std::vector<hsize_t> dims = dims_of(dataset.id());
    std::vector<hsize_t> start(dims.size());
    std::vector<hsize_t> count = dims;
    start[0] = static_cast<hsize_t>(slot.index);
    count[0] = 1;
    const H5Space there{H5Dget_space(dataset.id()), "space"};
    check_h5(H5Sselect_hyperslab(there.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
             "selecting");
    const H5Space here = h5_space(count);
    const H5Type type{H5Dget_type(dataset.id()), "type"};
    check_h5(H5Dread(dataset.id(), type.id(), here.id(), there.id(), H5P_DEFAULT,
                     snapshot.data() + layout.places()[f].offset),
             "reading " + layout.fields()[f].name);
  }
  return snapshot;
}

/// All of a dataset of numbers.
template <class Value>
std::vector<Value> values_by_library(const H5File& file, const std::string& path, hid_t memory_type) {
  const H5Dataset dataset = open_dataset(file.id(), path);
  std::size_t count = 1;
  for (const hsize_t extent : dims_of(dataset.id())) count *= extent;
  std::vector<Value> values(count);
  check_h5(H5Dread(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "reading " + path);
  return values;
}

}  // namespace cairn::test
