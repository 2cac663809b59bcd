// SPDX-License-Identifier: BSD-3-Clause
#include "support/failures.hpp"
#include "support/shared_name.hpp"
#include <cairn/core/run_memory.hpp>
#include <cairn/storage/shared_ram_tier.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

const Layout& layout() {
  static const Layout layout{{{.name = "u", .extents = {5000}}}};
  return layout;
}

class RunMemories : public testing::Test {
 protected:
  RunMemory make(bool resume = false, Slots buffers = 3, Existing existing = Existing::replace_finished) {
    return run_memory({.name = name_, .buffers = buffers, .levels = 1, .existing = existing, .resume = resume},
                      layout(), facts_of_this_process("multistage", ""));
  }
  /// A run with one snapshot, which then dies, or ends.
  void run(const std::string& end = "") {
    const RunMemory memory = make();
    Pool pool{memory->memory(), layout().buffer_bytes()};
    SharedRamTier tier{*memory, layout(), 3, pool};
    tier.put_identity("{}");
    pool.touch(1);
    tier.adopt(Slot{0}, 7, pool.take());
    if (!end.empty()) tier.put_end(end);
  }
  bool is_there() const { return std::filesystem::exists(name_.path()); }
  SharedName name_;
};

TEST_F(RunMemories, GoWhereNothingWasSaved) {
  {
    const RunMemory memory = make();
    EXPECT_TRUE(is_there());
  }
  EXPECT_FALSE(is_there());
}

TEST_F(RunMemories, StayWhereARunCanGoOnFromThem) {
  run();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(failure([&] { make(); }).kind(), StorageError::Kind::mismatch);
  EXPECT_TRUE(is_there());
  {
    const RunMemory memory = make(true, 9);
    EXPECT_TRUE(memory->opened());
    EXPECT_EQ(memory->buffers(), 3) << "as many as it has";
  }
  EXPECT_TRUE(is_there()) << "nobody went on from them";
}

TEST_F(RunMemories, GoWhenTheRunHasEnded) {
  run(time_now());
  EXPECT_FALSE(is_there());
}

TEST_F(RunMemories, OfADeadRunAreMadeAnewWhereItHadEnded) {
  std::string left;
  {
    const RunMemory memory = make();
    Pool pool{memory->memory(), layout().buffer_bytes()};
    SharedRamTier tier{*memory, layout(), 3, pool};
    tier.put_identity("{}");
    pool.touch(1);
    tier.adopt(Slot{0}, 7, pool.take());
    tier.put_end(time_now());
    std::ifstream area{name_.path(), std::ios::binary};
    left.assign(std::istreambuf_iterator<char>{area}, {});
  }
  std::ofstream{name_.path(), std::ios::binary} << left;  // killed before it could take the name away
  const RunMemory memory = make(true, 5);
  EXPECT_FALSE(memory->opened());
  EXPECT_EQ(memory->buffers(), 5);
}

TEST_F(RunMemories, AreReplacedWhereThatIsAskedFor) {
  run();
  const RunMemory memory = make(false, 5, Existing::replace);
  EXPECT_FALSE(memory->opened());
}

}  // namespace
}  // namespace cairn::test
