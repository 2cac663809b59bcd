// SPDX-License-Identifier: BSD-3-Clause
#include "output.hpp"

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <hdf5.h>
#include <hdf5_hl.h>

namespace acoustic {
namespace {

// A file being written. HDF5's own messages stay off the terminal; ours name the file.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& path) : path_{path.string()} {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    file_ = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    expect(file_, "create the file");
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (file_ >= 0) H5Fclose(file_);
  }

  void axis(const char* name, Index cells, double spacing) {
    std::vector<double> places;
    for (Index i = 0; i < cells; ++i) places.push_back(static_cast<double>(i) * spacing);
    const hsize_t length = places.size();
    make(name, {&length, 1}, H5T_NATIVE_DOUBLE, places.data());
    describe(name, "m", name);
    const hid_t scale = open(name);
    const herr_t set = H5DSset_scale(scale, name);
    H5Dclose(scale);
    expect(set, name);
  }
  void array(const char* name, Extent extent, std::span<const float> values, const char* units, const char* long_name) {
    const std::array<hsize_t, 2> lengths{static_cast<hsize_t>(extent.x), static_cast<hsize_t>(extent.z)};
    make(name, lengths, H5T_NATIVE_FLOAT, values.data());
    describe(name, units, long_name);
    attach(name, "x", 0);
    attach(name, "z", 1);
  }
  void note(const char* name, double value) { expect(H5LTset_attribute_double(file_, "/", name, &value, 1), name); }
  void close() { expect(H5Fclose(std::exchange(file_, H5I_INVALID_HID)), "close the file"); }

 private:
  void expect(std::int64_t result, const char* what) const {
    if (result < 0) throw std::runtime_error{fmt::format("{}: HDF5 cannot write: {}", path_, what)};
  }
  // Without the time of day: runs with the same gradient give the same file, byte by byte.
  void make(const char* name, std::span<const hsize_t> lengths, hid_t type, const void* values) const {
    const hid_t space = H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(how, false);
    const hid_t made = H5Dcreate2(file_, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    const herr_t written = made < 0 ? -1 : H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    if (made >= 0) H5Dclose(made);
    H5Pclose(how);
    H5Sclose(space);
    expect(written, name);
  }
  hid_t open(const char* name) const {
    const hid_t opened = H5Dopen2(file_, name, H5P_DEFAULT);
    expect(opened, name);
    return opened;
  }
  void describe(const char* name, const char* units, const char* long_name) const {
    expect(H5LTset_attribute_string(file_, name, "units", units), name);
    expect(H5LTset_attribute_string(file_, name, "long_name", long_name), name);
  }
  void attach(const char* array, const char* axis, unsigned dimension) const {
    const hid_t values = open(array);
    const hid_t scale = open(axis);
    const herr_t attached = H5DSattach_scale(values, scale, dimension);
    H5Dclose(scale);
    H5Dclose(values);
    expect(attached, axis);
  }
  std::string path_;
  hid_t file_ = H5I_INVALID_HID;
};

}  // namespace

void write_hdf5(const std::filesystem::path& path, const Output& output) {
  const Extent model = output.survey.model;
  Writer file{path};
  file.axis("x", model.x, output.survey.spacing);
  file.axis("z", model.z, output.survey.spacing);
  file.array("velocity", model, output.velocity, "km/s", "true velocity");
  file.array("start", model, output.start, "km/s", "velocity at which the gradient is taken");
  file.array("gradient", model, output.gradient, "s/km", "derivative of the misfit by the velocity of each cell");
  file.note("misfit", output.misfit);
  file.note("steps", static_cast<double>(output.steps));
  file.note("time_step_seconds", output.survey.time_step);
  file.note("peak_frequency_hertz", output.survey.frequency);
  file.close();
}

std::uint64_t hash_of(std::span<const float> gradient) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : std::as_bytes(gradient)) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace acoustic
