// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_handle.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace cairn {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// What the library says about the last error.
struct Said {
  std::vector<std::string> descriptions;  // outermost first
  int error_number = 0;
};

int error_number_in(std::string_view description) {
  constexpr std::string_view label = "errno = ";
  const auto at = description.find(label);
  int number = 0;
  if (at != std::string_view::npos)
    std::from_chars(description.data() + at + label.size(), description.data() + description.size(), number);
  return number;
}

herr_t collect(unsigned, const H5E_error2_t* error, void* data) noexcept {
  auto& said = *static_cast<Said*>(data);
  try {
    const std::string_view description = error->desc ? error->desc : "";
    if (const int number = error_number_in(description); number != 0)
      said.error_number = number;
    else if (!description.empty())
      said.descriptions.emplace_back(description);
  } catch (...) {
    return -1;  // no memory for the words; the error itself is still thrown
  }
  return 0;
}

H5Attribute make_attribute(hid_t object, const std::string& name, hid_t type, const H5Space& space) {
  return {H5Acreate2(object, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
          fmt::format("creating attribute {}", name)};
}

H5Attribute open_attribute(hid_t object, const std::string& name) {
  return {H5Aopen(object, name.c_str(), H5P_DEFAULT), fmt::format("opening attribute {}", name)};
}

/// What a text says that it takes; a damaged or hostile file may say anything.
std::size_t checked_bytes(const H5Type& type, std::string_view doing) {
  constexpr std::size_t most = std::size_t{16} << 20;  // the configuration, as the user wrote it, is the longest text
  const std::size_t bytes = H5Tget_size(type.id());
  if (bytes > most) throw FileError{fmt::format("{}: a text of {} bytes; at most {} are read", doing, bytes, most), 0};
  return bytes;
}

std::string up_to_its_nuls(std::string text) {
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

}  // namespace

Hdf5Session::Hdf5Session() : lock_{library_mutex()} {
  H5Eauto_is_v2(H5E_DEFAULT, &second_generation_);
  if (second_generation_ != 0) {
    H5Eget_auto2(H5E_DEFAULT, &handler_2_, &handler_data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  } else {
    H5Eget_auto1(&handler_1_, &handler_data_);
    H5Eset_auto1(nullptr, nullptr);
  }
}

Hdf5Session::~Hdf5Session() {
  if (second_generation_ != 0)
    H5Eset_auto2(H5E_DEFAULT, handler_2_, handler_data_);
  else
    H5Eset_auto1(handler_1_, handler_data_);
}

void throw_h5_error(std::string_view doing) {
  Said said;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &said);
  std::string text{doing};
  if (said.error_number == 0) {
    text += said.descriptions.empty() ? " failed" : ": ";
    text += fmt::format("{}", fmt::join(said.descriptions, ": "));
  }
  throw FileError{text, said.error_number};
}

H5Type h5_text_type(std::size_t bytes) {
  constexpr std::string_view doing = "making a text type";
  H5Type type{H5Tcopy(H5T_C_S1), doing};
  check_h5(H5Tset_size(type.id(), std::max<std::size_t>(bytes, 1)), doing);
  check_h5(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), doing);
  check_h5(H5Tset_cset(type.id(), H5T_CSET_UTF8), doing);
  return type;
}

H5Space h5_space(std::span<const hsize_t> dims) {
  constexpr std::string_view doing = "making a dataspace";
  if (dims.empty()) return {H5Screate(H5S_SCALAR), doing};
  return {H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), doing};
}

void put_attribute(hid_t object, const std::string& name, std::string_view text) {
  const H5Type type = h5_text_type(text.size());
  const std::string padded{text.empty() ? std::string(1, '\0') : std::string{text}};
  const H5Attribute attribute = make_attribute(object, name, type.id(), h5_space({}));
  check_h5(H5Awrite(attribute.id(), type.id(), padded.data()), fmt::format("writing attribute {}", name));
}

void put_attribute(hid_t object, const std::string& name, std::span<const std::string> texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  std::string padded(longest * texts.size(), '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(padded.data() + i * longest, longest);
  const H5Type type = h5_text_type(longest);
  const hsize_t count = texts.size();
  const H5Attribute attribute = make_attribute(object, name, type.id(), h5_space({&count, 1}));
  check_h5(H5Awrite(attribute.id(), type.id(), padded.data()), fmt::format("writing attribute {}", name));
}

void put_attribute(hid_t object, const std::string& name, std::int32_t number) {
  const H5Attribute attribute = make_attribute(object, name, H5T_STD_I32LE, h5_space({}));
  check_h5(H5Awrite(attribute.id(), H5T_NATIVE_INT32, &number), fmt::format("writing attribute {}", name));
}

bool has_attribute(hid_t object, const std::string& name) {
  return check_h5(H5Aexists(object, name.c_str()), fmt::format("looking for attribute {}", name)) > 0;
}

std::string text_attribute(hid_t object, const std::string& name) {
  if (!has_attribute(object, name)) return {};
  const std::string doing = fmt::format("reading attribute {}", name);
  const H5Attribute attribute = open_attribute(object, name);
  const H5Type type{H5Aget_type(attribute.id()), doing};
  const H5Space space{H5Aget_space(attribute.id()), doing};
  const bool fixed = H5Tget_class(type.id()) == H5T_STRING && H5Tis_variable_str(type.id()) == 0;
  if (!fixed || H5Sget_simple_extent_npoints(space.id()) != 1)
    throw FileError{fmt::format("{}: it is not one text of fixed length", doing), 0};
  std::string text(checked_bytes(type, doing), '\0');
  check_h5(H5Aread(attribute.id(), type.id(), text.data()), doing);
  return up_to_its_nuls(std::move(text));
}

std::int32_t number_attribute(hid_t object, const std::string& name) {
  const std::string doing = fmt::format("reading attribute {}", name);
  const H5Attribute attribute = open_attribute(object, name);
  const H5Space space{H5Aget_space(attribute.id()), doing};
  if (H5Sget_simple_extent_npoints(space.id()) != 1) throw FileError{fmt::format("{}: it is not one number", doing), 0};
  std::int32_t number = 0;
  check_h5(H5Aread(attribute.id(), H5T_NATIVE_INT32, &number), doing);
  return number;
}

H5Dataset open_dataset(hid_t where, const std::string& path) {
  return {H5Dopen2(where, path.c_str(), H5P_DEFAULT), fmt::format("opening dataset {}", path)};
}

std::vector<hsize_t> dims_of(hid_t dataset) {
  constexpr std::string_view doing = "asking for the shape of a dataset";
  const H5Space space{H5Dget_space(dataset), doing};
  std::vector<hsize_t> dims(static_cast<std::size_t>(check_h5(H5Sget_simple_extent_ndims(space.id()), doing)));
  check_h5(H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr), doing);
  return dims;
}

std::string text_of(hid_t dataset) {
  constexpr std::string_view doing = "reading a text";
  const H5Type type{H5Dget_type(dataset), doing};
  if (H5Tget_class(type.id()) != H5T_STRING || H5Tis_variable_str(type.id()) != 0 || !dims_of(dataset).empty())
    throw FileError{fmt::format("{}: it is not one text of fixed length", doing), 0};
  std::string text(checked_bytes(type, doing), '\0');
  check_h5(H5Dread(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), doing);
  return up_to_its_nuls(std::move(text));
}

}  // namespace cairn
