// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <raw_file.hpp>
#include <snapshot.hpp>
#include <unistd.h>

namespace cairn::bench {
namespace {

class EveryCache : public testing::TestWithParam<RawFile::Cache> {
 protected:
  std::filesystem::path path_ = testing::TempDir() + "cairn_raw_file_test." + std::to_string(::getpid());
};

TEST_P(EveryCache, GivesBackWhatWasWrittenInSeveralRequests) {
  constexpr std::size_t bytes = RawFile::request_bytes + 4096;
  Memory written{bytes};
  Memory read{bytes};
  for (std::size_t i = 0; i < bytes; ++i) written.bytes()[i] = static_cast<std::byte>(i / 4096 + 1);
  const RawFile file{path_, 4096 + bytes, GetParam()};
  file.write(4096, written.bytes());
  file.sync_data();
  drop_cache(path_);
  file.read(4096, read.bytes());
  EXPECT_TRUE(std::ranges::equal(written.bytes(), read.bytes()));
}

TEST_P(EveryCache, HasItsSizeAtOnceAndIsGoneAtItsEnd) {
  {
    const RawFile file{path_, 12288, GetParam()};
    EXPECT_EQ(std::filesystem::file_size(path_), 12288U);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_P(EveryCache, NamesTheFileThatCannotBeMade) {
  try {
    const RawFile file{path_ / "below", 4096, GetParam()};
    FAIL() << "a file in a folder that is not there";
  } catch (const std::system_error& failure) {
    EXPECT_NE(std::string{failure.what()}.find((path_ / "below").string()), std::string::npos);
    EXPECT_EQ(failure.code(), std::errc::no_such_file_or_directory);
  }
}

INSTANTIATE_TEST_SUITE_P(Caches, EveryCache, testing::Values(RawFile::Cache::buffered, RawFile::Cache::direct),
                         [](const auto& cache) {
                           return cache.param == RawFile::Cache::direct ? "direct" : "buffered";
                         });

}  // namespace
}  // namespace cairn::bench
