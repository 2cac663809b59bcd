// SPDX-License-Identifier: BSD-3-Clause
/// HDF5 calls that close themselves and fail as exceptions. For the sources of this layer: it needs <hdf5.h>.
///
/// Debian's serial HDF5 is not safe for threads: whoever calls it holds an Hdf5Session. A user who calls HDF5 himself
/// does so in another thread only while no tier is being made and no tier's file opened.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace cairn {

/// The right to call HDF5, one holder a process. Meanwhile the library prints nothing; at its end the error handler
/// that the user had (of either generation) is back. Not recursive.
class Hdf5Session {
 public:
  Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;
  ~Hdf5Session();

 private:
  std::unique_lock<std::mutex> lock_;
  unsigned second_generation_ = 1;
  H5E_auto1_t handler_1_ = nullptr;
  H5E_auto2_t handler_2_ = nullptr;
  void* handler_data_ = nullptr;
};

/// Throws FileError: "<doing>: <what HDF5 says, outermost first>"; where the system refused something, its error number
/// instead of the library's words for it.
[[noreturn]] void throw_h5_error(std::string_view doing);

/// For calls that return a status or an identifier: negative is an error.
template <class Result>
Result check_h5(Result result, std::string_view doing) {
  if (result < 0) throw_h5_error(doing);
  return result;
}

/// Owns an identifier; a bad one cannot exist. Writers call close(), which can fail; the destructor is for the way out
/// after another error, and for what was only read.
template <herr_t (*Close)(hid_t)>
class H5Handle {
 public:
  H5Handle(hid_t id, std::string_view doing) : id_{check_h5(id, doing)} {}
  H5Handle(H5Handle&& other) noexcept : id_{std::exchange(other.id_, H5I_INVALID_HID)} {}
  H5Handle& operator=(H5Handle&& other) noexcept { return std::swap(id_, other.id_), *this; }
  H5Handle(const H5Handle&) = delete;
  ~H5Handle() {
    if (id_ >= 0) Close(id_);
  }
  void close(std::string_view doing) { check_h5(Close(std::exchange(id_, H5I_INVALID_HID)), doing); }
  hid_t id() const noexcept { return id_; }

 private:
  hid_t id_;
};
using H5File = H5Handle<H5Fclose>;
using H5Group = H5Handle<H5Gclose>;
using H5Dataset = H5Handle<H5Dclose>;
using H5Type = H5Handle<H5Tclose>;
using H5Space = H5Handle<H5Sclose>;
using H5Attribute = H5Handle<H5Aclose>;
using H5Properties = H5Handle<H5Pclose>;

/// A string type of fixed length (at least 1), UTF-8, padded with NULs.
H5Type h5_text_type(std::size_t bytes);
/// A simple dataspace; a scalar one without dimensions.
H5Space h5_space(std::span<const hsize_t> dims);

/// Attributes of an object. The texts have a fixed length, for variable length would need a heap.
void put_attribute(hid_t object, const std::string& name, std::string_view text);
void put_attribute(hid_t object, const std::string& name, std::span<const std::string> texts);
void put_attribute(hid_t object, const std::string& name, std::int32_t number);
bool has_attribute(hid_t object, const std::string& name);
std::string text_attribute(hid_t object, const std::string& name);  ///< Empty where there is none.
std::int32_t number_attribute(hid_t object, const std::string& name);

/// Opens a dataset by its path below an object or a file.
H5Dataset open_dataset(hid_t where, const std::string& path);
/// The extents of a dataset, slowest first; none for a scalar.
std::vector<hsize_t> dims_of(hid_t dataset);
std::string text_of(hid_t dataset);  ///< Of a scalar of fixed length, up to its NULs.

}  // namespace cairn
