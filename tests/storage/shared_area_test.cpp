// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/shared_area.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/shared_name.hpp>
#include <support/temporary_folder.hpp>
#include <sys/stat.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using test::failure;
using Call = test::FaultySystem::Call;
using Kind = StorageError::Kind;

class SharedAreas : public testing::Test {
 protected:
  SharedArea make(Existing existing = Existing::replace_finished) { return new_shared_area(name_, existing, system_); }
  std::string refusal() {
    const StorageError error = failure([&] { make(Existing::replace); });
    EXPECT_EQ(error.kind(), Kind::mismatch) << error.what();
    return error.what();
  }
  std::string message(std::string_view problem) const { return std::string{"ram tier: "} + path_ + ": " += problem; }
  std::optional<FoundArea> listed() const {
    const auto areas = shared_areas();
    const auto found = std::ranges::find(areas, static_cast<const std::string&>(name_), &FoundArea::name);
    return found == areas.end() ? std::nullopt : std::optional{*found};
  }
  void put(std::string_view text) const { std::ofstream{path_, std::ios::binary} << text; }
  std::string text() const {
    std::ifstream file{path_, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  test::SharedName name_;
  std::string path_ = name_.path();
  test::FaultySystem system_;
};

TEST_F(SharedAreas, LieInTheFolderOfSharedMemory) {
  EXPECT_EQ(shared_path("run42"), "/dev/shm/cairn.run42");
  EXPECT_EQ(shared_path(static_cast<const std::string&>(name_)), path_);
}

TEST_F(SharedAreas, RefuseNamesThatCannotBe) {
  EXPECT_EQ(shared_path(std::string(200, 'a')).size(), 215U);
  for (const std::string& name : {std::string{}, std::string{"a/b"}, std::string{"a b"}, std::string{"a\0b", 3},
                                  std::string{"ä"}, std::string(201, 'a')}) {
    EXPECT_THROW(shared_path(name), std::invalid_argument) << name;
    EXPECT_THROW(remove_shared_area(name), std::invalid_argument) << name;
  }
  EXPECT_EQ(test::text_of<std::invalid_argument>([] { shared_path("../x"); }),
            "\"../x\" cannot be a name of shared memory; give 1 to 200 letters, digits, '.', '_' or '-'");
}

TEST_F(SharedAreas, AreMadeForTheirOwnerAlone) {
  const ::mode_t before = ::umask(0);
  const SharedArea area = make();
  ::umask(before);
  struct ::stat facts {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
  EXPECT_EQ(facts.st_size, 0);
  EXPECT_EQ(area.file.path(), path_);
}

TEST_F(SharedAreas, AreOfOneRunAtATimeAndFreeAfterIt) {
  {
    const SharedArea area = make();
    EXPECT_EQ(refusal(), message("in use by another run"));
    EXPECT_EQ(failure([&] { existing_shared_area(name_); }).kind(), Kind::mismatch);
    EXPECT_EQ(failure([&] { remove_shared_area(name_); }).kind(), Kind::mismatch);
    EXPECT_TRUE(area.file.is_at(path_));
  }
  EXPECT_TRUE(make().file.is_at(path_));
}

TEST_F(SharedAreas, FollowNoSymbolicLink) {
  test::TemporaryFolder folder;
  const std::string target = folder / "target";
  std::ofstream{target} << "mine";
  for (const std::string& leads_to : {target, folder / "nothing"}) {
    fs::create_symlink(leads_to, path_);
    EXPECT_EQ(refusal(), message("is a symbolic link; remove it or choose another name"));
    EXPECT_EQ(failure([&] { existing_shared_area(name_); }).kind(), Kind::mismatch);
    EXPECT_EQ(failure([&] { remove_shared_area(name_); }).kind(), Kind::mismatch);
    EXPECT_FALSE(listed().has_value());
    EXPECT_TRUE(fs::is_symlink(path_));
    fs::remove(path_);
  }
  EXPECT_EQ(fs::file_size(target), 4U);
  EXPECT_FALSE(fs::exists(folder / "nothing"));
}

TEST_F(SharedAreas, AreNeverMadeInPlaceOfWhatIsNotOfCairn) {
  put("precious and not of cairn");
  EXPECT_EQ(refusal(), message("is not shared memory of cairn; remove it or choose another name"));
  EXPECT_EQ(failure([&] { existing_shared_area(name_); }).kind(), Kind::mismatch);
  EXPECT_EQ(failure([&] { remove_shared_area(name_); }).kind(), Kind::mismatch);
  EXPECT_FALSE(listed().has_value());
  EXPECT_EQ(text(), "precious and not of cairn");
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal(), message("is not shared memory of cairn; remove it or choose another name"));
}

/// To whom every file is another user's.
class OthersFiles : public System {
 public:
  int fstat(int descriptor, struct ::stat* facts) override {
    const int result = System::fstat(descriptor, facts);
    facts->st_uid += 1;
    return result;
  }
};

TEST_F(SharedAreas, AreNotTakenFromAnotherUser) {
  put("");
  OthersFiles others;
  const StorageError error = failure([&] { new_shared_area(name_, Existing::replace, others); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), message("belongs to another user; choose another name"));
  EXPECT_EQ(failure([&] { remove_shared_area(name_, others); }).kind(), Kind::mismatch);
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SharedAreas, TakeThePlaceOfOneThatDiedAsItWasMade) {
  for (const std::string& left : {std::string{}, std::string(4096, '\0'), std::string{"abc"}}) {
    put(left);
    const StorageError error = failure([&] { existing_shared_area(name_); });
    EXPECT_EQ(error.kind(), Kind::absent);
    EXPECT_EQ(error.what(), message("its run died before it was complete"));
    const SharedArea area = make();
    EXPECT_TRUE(area.file.is_at(path_));
    EXPECT_EQ(area.file.size(), 0U);
  }
}

TEST_F(SharedAreas, AreAskedForUnderOneOverwriteWhereTheyAreDamaged) {
  const MmapFormat format;  // a right magic, and nothing behind it
  put(std::string_view{reinterpret_cast<const char*>(&format), sizeof format});
  const StorageError error = failure([&] { make(); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_NE(std::string{error.what()}.find("give overwrite: true to replace it"), std::string::npos) << error.what();
  EXPECT_TRUE(make(Existing::replace).file.is_at(path_));
}

TEST_F(SharedAreas, AreAbsentWhereNobodyMadeThem) {
  const StorageError error = failure([&] { existing_shared_area(name_); });
  EXPECT_EQ(error.kind(), Kind::absent);
  EXPECT_EQ(error.what(), message("there is no shared memory of that name"));
  EXPECT_EQ(failure([&] { remove_shared_area(name_); }).kind(), Kind::absent);
}

TEST_F(SharedAreas, AreMadeAgainWhereAnotherRunTookThemForALeftOver) {
  system_.fail(Call::stat, 1, ENOENT);  // the name seems to lead elsewhere when the area has been locked
  EXPECT_TRUE(make().file.is_at(path_));
}

TEST_F(SharedAreas, SayWhatFailed) {
  put("");
  system_.fail_always(Call::unlink, EACCES);
  EXPECT_EQ(test::text_of<FileError>([&] { make(); }), "unlink failed: Permission denied (EACCES)");
  const StorageError error = failure([&] { remove_shared_area(name_, system_); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_EQ(error.what(), message("unlink failed: Permission denied (EACCES)"));
}

TEST_F(SharedAreas, AreMadeAndRemovedHoweverOftenTheyAreInterrupted) {
  put("");
  system_.interrupt_every_call();
  { EXPECT_TRUE(make().file.is_at(path_)); }
  remove_shared_area(name_, system_);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(SharedAreas, AreListedWithWhetherARunUsesThem) {
  EXPECT_FALSE(listed().has_value());
  {
    const SharedArea area = make();
    ASSERT_TRUE(listed().has_value());
    EXPECT_TRUE(listed()->in_use);
  }
  ASSERT_TRUE(listed().has_value());
  EXPECT_FALSE(listed()->in_use) << "its run is gone";
  EXPECT_FALSE(listed()->unfinished.has_value());
  EXPECT_EQ(listed()->problem, "");
  put("cairnmap, but that is all");
  EXPECT_NE(listed()->problem, "");
  remove_shared_area(name_);
  EXPECT_FALSE(listed().has_value());
}

TEST_F(SharedAreas, AreReclaimedUnlessTheyAreOfUse) {
  EXPECT_EQ(failure([&] { reclaim_shared_area(name_); }).kind(), Kind::absent);
  {
    const SharedArea area = make();
    EXPECT_EQ(failure([&] { reclaim_shared_area(name_); }).kind(), Kind::mismatch) << "in use";
  }
  reclaim_shared_area(name_);
  EXPECT_FALSE(listed().has_value()) << "its run died before anything was in it";
  put("cairnmap, but that is all");
  EXPECT_EQ(failure([&] { reclaim_shared_area(name_); }).kind(), Kind::mismatch) << "damaged";
  EXPECT_TRUE(listed().has_value());
  remove_shared_area(name_);
}

TEST_F(SharedAreas, AreKnownByTheirPaths) {
  EXPECT_EQ(shared_name_in("/dev/shm/cairn.shot7"), "shot7");
  EXPECT_EQ(shared_name_in("/dev/../dev/shm//cairn.shot7"), "shot7");
  EXPECT_EQ(shared_name_in("/dev/shm/shot7"), std::nullopt);
  EXPECT_EQ(shared_name_in("/dev/shm/cairn.a/b"), std::nullopt);
  EXPECT_EQ(shared_name_in("shm/cairn.shot7"), std::nullopt);
}

TEST_F(SharedAreas, AreNotLockedByBeingListed) {
  put("");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(listed().has_value());
    const SharedArea area = make();
    ASSERT_TRUE(listed()->in_use);
    EXPECT_EQ(failure([&] { make(); }).kind(), Kind::mismatch);
  }
}

TEST_F(SharedAreas, CallMemoryThatIsNotThereFull) {
  EXPECT_EQ(shared_error(path_, FileError{"fallocate failed", ENOMEM}).kind(), Kind::full);
  EXPECT_EQ(shared_error(path_, FileError{"fallocate failed", ENOSPC}).kind(), Kind::full);
  EXPECT_EQ(shared_error(path_, FileError{"fallocate failed", EIO}).kind(), Kind::io);
  EXPECT_EQ(shared_error(path_, FileError{"fallocate failed", EIO}).what(),
            message("fallocate failed: Input/output error (EIO)"));
}

}  // namespace
}  // namespace cairn
