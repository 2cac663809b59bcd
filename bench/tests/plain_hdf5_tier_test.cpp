// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <plain_hdf5_tier.hpp>
#include <snapshot.hpp>
#include <unistd.h>

namespace cairn::bench {
namespace {

class PlainHdf5TierTest : public testing::Test {
 protected:
  std::vector<std::byte> image(unsigned number) const {
    std::vector<std::byte> bytes(snapshot_.layout().buffer_bytes().count);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * number + i / 251);
    return bytes;
  }
  bool same_fields(const std::vector<std::byte>& a, const std::vector<std::byte>& b) const {
    return std::ranges::all_of(snapshot_.layout().places(), [&](const Layout::Place& place) {
      const auto first = static_cast<std::ptrdiff_t>(place.offset);
      return std::equal(a.begin() + first, a.begin() + first + static_cast<std::ptrdiff_t>(place.bytes),
                        b.begin() + first);
    });
  }
  std::filesystem::path path_ = testing::TempDir() + "cairn_plain_hdf5_tier_test." + std::to_string(::getpid()) + ".h5";
  Snapshot snapshot_{200'000};
};

TEST_F(PlainHdf5TierTest, GivesBackTheFieldsThatItWasGivenAlsoFromTheDisk) {
  PlainHdf5Tier tier{path_, snapshot_.layout(), 3};
  for (unsigned number : {0U, 1U, 2U}) tier.save(Slot{number}, Step{10 + number}, image(number + 1));
  tier.rest();
  for (unsigned number : {2U, 0U, 1U}) {
    std::vector<std::byte> loaded(snapshot_.layout().buffer_bytes().count);
    tier.load(Slot{number}, Step{10 + number}, loaded);
    EXPECT_TRUE(same_fields(loaded, image(number + 1))) << number;
    EXPECT_FALSE(same_fields(loaded, image(number + 2))) << number;
  }
}

TEST_F(PlainHdf5TierTest, TakesItsFileWithIt) {
  {
    const PlainHdf5Tier tier{path_, snapshot_.layout(), 3};
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace cairn::bench
