// SPDX-License-Identifier: BSD-3-Clause
/// Where each field of a state lies in a snapshot buffer.
#pragma once

#include <cairn/words.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// The element types that a field may have; files hold them little-endian.
enum class ElementType : std::uint8_t { int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64 };
std::uint64_t size_of(ElementType type);     ///< Bytes an element.
std::string_view name_of(ElementType type);  ///< "float32"

/// One named array (or scalar) of a state, as readers of the file will see it.
struct Field {
  std::string name = {};  ///< its dataset's name; unique; not empty, ".", "step", "ledger", without '/'
  ElementType type = ElementType::float64;
  std::vector<std::uint64_t> extents = {};  ///< slowest first; empty: a scalar
  std::vector<std::string> axes = {};       ///< empty, or a name for each extent; the same name means the same length
  std::string units = {};
  std::string long_name = {};
  std::vector<double> spacing = {};  ///< empty, or for each axis the distance of grid points …
  std::vector<double> origin = {};   ///< … and the coordinate of the first
  std::uint64_t elements() const;    ///< product of the extents
  std::uint64_t bytes() const;       ///< of one snapshot of this field
};

/// The image of one snapshot: first the *region*, the large fields (≥ 16 KiB) in order, each from a multiple of 4096
/// on, so that it goes to disk by direct requests without a further copy; then the small fields, packed. The bytes
/// between a large field's end and the next multiple of 4096 are the *gap*; a buffer's gaps stay zero.
class Layout {
 public:
  struct Place {
    std::uint64_t offset;        ///< in the buffer
    std::uint64_t bytes;         ///< of the field itself
    std::uint64_t stored_bytes;  ///< what it takes in the region, gap and unused rows of its last piece included
    std::uint64_t pieces;        ///< HDF5 chunks that it is split into, along its first extent; 1 below 4 GiB
    std::uint64_t piece_rows;    ///< rows of the first extent in a piece
    bool large;
  };
  static constexpr std::uint64_t most_chunk_bytes = (std::uint64_t{4} << 30) - 1;  ///< of an HDF5 chunk

  /// Throws std::invalid_argument naming the field: a refused or repeated name, an extent of 0, axes that do not fit
  /// the extents or an axis with two lengths, a row above the chunk limit; also where there is no field at all.
  explicit Layout(std::vector<Field> fields, std::uint64_t chunk_limit_bytes = most_chunk_bytes);

  std::span<const Field> fields() const { return fields_; }
  std::span<const Place> places() const { return places_; }     ///< one a field, same order
  std::uint64_t region_bytes() const { return region_bytes_; }  ///< multiple of 4096; 0 without a large field
  std::uint64_t image_bytes() const { return image_bytes_; }    ///< region and small fields
  Bytes buffer_bytes() const;                                   ///< image_bytes rounded up to 4096: what a slot costs
  Bytes snapshot_bytes() const { return snapshot_bytes_; }      ///< the fields' own bytes
  /// Axis names of field i, one an extent: the user's, else "n<length>", with _2, _3 for a repeated length.
  const std::vector<std::string>& axes(std::size_t field) const { return axes_[field]; }

 private:
  void check_names() const;
  void name_axes();
  void place_fields(std::uint64_t chunk_limit_bytes);
  std::vector<Field> fields_;
  std::vector<Place> places_;
  std::vector<std::vector<std::string>> axes_;
  std::uint64_t region_bytes_ = 0;
  std::uint64_t image_bytes_ = 0;
  Bytes snapshot_bytes_;
};

}  // namespace cairn
