// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <cerrno>
#include <fstream>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/temporary_folder.hpp>
#include <sys/file.h>

namespace cairn {
namespace {

using namespace test;
using Call = FaultySystem::Call;
using Kind = StorageError::Kind;

class Opening : public testing::Test {
 protected:
  Opening() { std::ofstream{path} << "cairn"; }
  File open() { return open_for_run("mmap", path, system); }
  TemporaryFolder folder;
  std::string path = folder / "run42.map";
  FaultySystem system;
};

TEST_F(Opening, IsForOneRun) {
  {
    const File file = open();
    EXPECT_EQ(file.path(), path);
    EXPECT_EQ(failure([&] { open(); }).what(), "mmap tier: " + path + ": in use by another run");
  }
  EXPECT_NO_THROW(open());
}

TEST_F(Opening, IsRefusedWhereAnotherProgramWrites) {
  const File other{path, File::Mode::write};
  ASSERT_EQ(::flock(other.descriptor(), LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(failure([&] { open(); }).what(),
            "mmap tier: " + path + ": open for writing in another program; close it there or choose another path");
}

TEST_F(Opening, GoesOnWithoutLocksWhereThereAreNone) {
  system.fail_always(Call::lock_whole_file, ENOLCK);
  EXPECT_NO_THROW(open());
}

TEST_F(Opening, SaysWhatIsAbsentAndWhatFailed) {
  EXPECT_EQ(failure([&] { open_for_run("mmap", folder / "absent"); }).kind(), Kind::absent);
  system.fail(Call::fstat, 1, EIO);
  EXPECT_EQ(failure([&] { open(); }).kind(), Kind::io);
}

Layout two_fields(const Field& second) {
  return Layout{{field("time", ElementType::float64), second}};
}

TEST(Difference, IsNoneBetweenAnyLayoutAndItself) {
  for (const NamedLayout& named : all_layouts()) EXPECT_EQ(difference_of(named.layout, named.layout), "") << named.name;
}

TEST(Difference, NamesTheFieldAndWhatItIs) {
  const Layout run = two_fields(field("p", ElementType::float32, {20, 30}));
  EXPECT_EQ(difference_of(two_fields(field("q", ElementType::float32, {20, 30})), run),
            "its field 1 is \"q\", the run's is \"p\"");
  EXPECT_EQ(difference_of(two_fields(field("p", ElementType::float64, {20, 30})), run),
            "its field \"p\" has type float64, the run's float32");
  EXPECT_EQ(difference_of(two_fields(field("p", ElementType::float32, {20, 31})), run),
            "its field \"p\" is [20, 31], the run's [20, 30]");
  EXPECT_EQ(difference_of(two_fields(field("p", ElementType::float32)), run),
            "its field \"p\" is a scalar, the run's [20, 30]");
  const Layout fewer{{field("time", ElementType::float64)}};
  EXPECT_EQ(difference_of(fewer, run), "it has 1 fields, the run has 2; it has no \"p\"");
  EXPECT_EQ(difference_of(run, fewer), "it has 2 fields, the run has 1; the run has no \"p\"");
}

TEST(Difference, IsNotInWhatOnlyPeopleRead) {
  Field named = field("p", ElementType::float32, {20, 30});
  named.units = "Pa";
  named.long_name = "pressure";
  named.axes = {"z", "x"};
  EXPECT_EQ(difference_of(two_fields(named), two_fields(field("p", ElementType::float32, {20, 30}))), "");
}

TEST(Difference, IsInWherePiecesLie) {
  const auto wide = [](std::uint64_t limit) { return Layout{{field("wide", ElementType::float32, {77, 512})}, limit}; };
  EXPECT_EQ(difference_of(wide(40 * 1024), wide(Layout::most_chunk_bytes)),
            "its field \"wide\" lies elsewhere than this version of cairn puts it");
}

}  // namespace
}  // namespace cairn
