// SPDX-License-Identifier: BSD-3-Clause
/// The layouts that storage is tested with: few and many fields, large and small, odd sizes, scalars, split fields.
#pragma once

#include <cairn/storage/layout.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cairn::test {

/// A field with nothing but a name, a type and extents.
inline Field field(std::string name, ElementType type, std::vector<std::uint64_t> extents = {}) {
  Field made;
  made.name = std::move(name);
  made.type = type;
  made.extents = std::move(extents);
  return made;
}

/// Small fields and a scalar; there is no region.
inline Layout small_fields() {
  return Layout{{field("time", ElementType::float64), field("counts", ElementType::int32, {7}),
                 field("flags", ElementType::uint8, {3, 5})}};
}

/// One scalar of one byte: the least that there is.
inline Layout one_byte() {
  return Layout{{field("flag", ElementType::uint8)}};
}

/// One large field whose end is a multiple of 4096: no gap.
inline Layout one_large_field() {
  return Layout{{field("pressure", ElementType::float64, {64, 64})}};
}

/// Two large fields of odd sizes, with gaps, between scalars and small fields, in no particular order.
inline Layout mixed_fields() {
  return Layout{{field("time", ElementType::float64), field("pressure", ElementType::float32, {67, 101}),
                 field("counts", ElementType::int16, {9, 3}), field("mask", ElementType::uint8, {20011}),
                 field("dt", ElementType::float32), field("edge", ElementType::uint8, {16383})}};
}

/// 70 fields, every third of them large; sizes around the border of 16 KiB and of blocks.
inline Layout many_fields() {
  std::vector<Field> fields;
  for (std::uint64_t i = 0; i < 70; ++i) {
    const std::uint64_t length = i % 3 == 0 ? 16383 + i : 1 + 13 * i;
    fields.push_back(field("field" + std::to_string(i), ElementType::uint8, {length}));
  }
  return Layout{std::move(fields)};
}

/// Above 1 MiB, so that a checksum has more than one piece.
inline Layout above_one_piece() {
  return Layout{{field("pressure", ElementType::uint8, {(std::uint64_t{1} << 20) + 1}),
                 field("velocity", ElementType::float64, {2, 3001})}};
}

/// A field that is split into several chunks; its last piece has unused rows. The limit stands for HDF5's 4 GiB.
inline Layout split_field() {
  return Layout{{field("wide", ElementType::float32, {77, 512}), field("time", ElementType::float64)}, 40 * 1024};
}

/// Any of these, by name, for suites that run over all of them.
struct NamedLayout {
  std::string name;
  Layout layout;
};
inline std::vector<NamedLayout> all_layouts() {
  return {{"small_fields", small_fields()}, {"one_byte", one_byte()},       {"one_large_field", one_large_field()},
          {"mixed_fields", mixed_fields()}, {"many_fields", many_fields()}, {"above_one_piece", above_one_piece()},
          {"split_field", split_field()}};
}

/// 1 to 6 fields of any type, of 0 to 3 extents, from 1 byte to about 100 KB; the same seed gives the same layout.
inline Layout random_layout(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto below = [&](std::uint64_t most) { return random() % most; };
  std::vector<Field> fields;
  const std::uint64_t count = 1 + below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto type = static_cast<ElementType>(below(10));
    std::vector<std::uint64_t> extents(below(4));
    for (std::uint64_t& extent : extents)
      extent = 1 + below(extents.size() == 1 ? 12000 : extents.size() == 2 ? 110 : 23);
    fields.push_back(field("field" + std::to_string(i), type, std::move(extents)));
  }
  return Layout{std::move(fields)};
}

}  // namespace cairn::test
