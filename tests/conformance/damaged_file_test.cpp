// SPDX-License-Identifier: BSD-3-Clause
// A tier with a file never gives bytes that were not saved: damage on disk is found by the sum.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <support/tier_makers.hpp>

namespace cairn::test {
namespace {

std::vector<char> content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void flip(const std::string& path, std::uint64_t at) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(file.get() ^ 0x20);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte).flush();
  ASSERT_TRUE(file) << path << ", byte " << at;
}

/// Where in the file each field of the snapshot lies, found by its random content.
std::vector<std::uint64_t> places_in(const std::string& path, const Layout& layout, const Snapshot& snapshot) {
  const std::vector<char> content = content_of(path);
  std::vector<std::uint64_t> places;
  for (const Layout::Place& place : layout.places()) {
    const auto* const start = reinterpret_cast<const char*>(snapshot.data() + place.offset);
    const auto found =
        std::search(content.begin(), content.end(), start, start + std::min<std::uint64_t>(place.bytes, 4096));
    EXPECT_NE(found, content.end()) << "the field is not in the file as it lies in memory";
    places.push_back(static_cast<std::uint64_t>(found - content.begin()));
  }
  return places;
}

class FileTier : public testing::TestWithParam<TierMaker> {};

TEST_P(FileTier, FindsEachByteThatChangedOnDisk) {
  const Layout layout = mixed_fields();
  Home home{layout, 3};
  const std::unique_ptr<Tier> tier = GetParam().make(home, {});
  const Snapshot saved = random_snapshot(1, layout);
  tier->save(Slot{1}, 7, saved);
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};
  const std::vector<std::uint64_t> places = places_in(tier->file(), layout, saved);
  for (std::size_t field = 0; field < places.size(); ++field)
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t bytes = layout.places()[field].bytes;
      const std::uint64_t at = places[field] + (i == 0 ? 0 : i == 1 ? bytes - 1 : random() % bytes);
      flip(tier->file(), at);
      const StorageError error = failure([&] { loaded(*tier, Slot{1}, 7); });
      EXPECT_EQ(error.kind(), StorageError::Kind::corrupt) << layout.fields()[field].name << ", seed " << seed;
      EXPECT_NE(std::string{error.what()}.find(tier->file() + ": slot 1, step 7: "), std::string::npos) << error.what();
      flip(tier->file(), at);
      ASSERT_EQ(loaded(*tier, Slot{1}, 7), saved) << "whole again";
    }
}

TEST_P(FileTier, DoesNotLookUnderVerifyNever) {
  Home home{mixed_fields(), 2};
  const std::unique_ptr<Tier> tier = GetParam().make(home, {.verify = Verify::never});
  const Snapshot saved = random_snapshot(1, home.layout);
  tier->save(Slot{0}, 7, saved);
  flip(tier->file(), places_in(tier->file(), home.layout, saved)[1]);
  EXPECT_NE(loaded(*tier, Slot{0}, 7), saved);
}

TEST_P(FileTier, NamesItsDevice) {
  Home home{small_fields(), 1};
  const std::unique_ptr<Tier> tier = GetParam().make(home, {});
  struct ::stat facts {};
  ASSERT_EQ(::stat(tier->file().c_str(), &facts), 0);
  EXPECT_EQ(tier->device(), facts.st_dev);
}

INSTANTIATE_TEST_SUITE_P(Tiers, FileTier, testing::Values(TierMaker{"mmap", make_mmap}, TierMaker{"hdf5", make_hdf5}),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace cairn::test
