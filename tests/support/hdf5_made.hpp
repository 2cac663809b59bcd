// SPDX-License-Identifier: BSD-3-Clause
/// HDF5 files made for the tests of their format and of their addresses.
#pragma once

#include "support/layouts.hpp"
#include "support/temporary_folder.hpp"
#include <cairn/storage/hdf5_format.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cairn::test {

inline const RunFacts facts{.schedule = "multistage",
                            .config = "schedule: auto\n",
                            .host = "here",
                            .version = "0.1.0",
                            .start = "2024-02-29T12:00:00Z"};

/// `count` fields of ranks 1 to 5 and all types, sizes odd, most of them large.
inline Layout fields_of_all_ranks(std::size_t count) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t rank = 1 + i % 5;
    std::vector<std::uint64_t> extents(rank, 1);
    for (std::uint64_t d = 0; d < rank; ++d)
      extents[d] = rank == 1 ? 17011 + i : rank == 2 ? 131 + i : rank == 3 ? 27 : 12;
    fields.push_back(field("f" + std::to_string(i), static_cast<ElementType>(i % 10), std::move(extents)));
  }
  return Layout{std::move(fields)};
}

/// A file that was made, and where its parts lie; gone at its end.
struct Made {
  Made(const Layout& layout, Slots slots, std::int32_t levels = 2)
      : path{folder / "run.h5"}, at{create_hdf5_file(path, layout, slots, facts, levels)} {}
  TemporaryFolder folder;
  std::string path;
  Hdf5Addresses at;
};

}  // namespace cairn::test
