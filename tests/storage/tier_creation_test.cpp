// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/tier_creation.hpp>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/temporary_folder.hpp>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using test::failure;
using test::FaultySystem;
using Call = FaultySystem::Call;
using Kind = StorageError::Kind;

std::string text_in(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void put(const std::string& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
}

/// In these tests a file of cairn begins with "cairn".
bool begins_with_cairn(const File& file) {
  return text_in(file.path()).starts_with("cairn");
}

class Creation : public testing::Test {
 protected:
  std::unique_ptr<TierCreation> begin() {
    return std::make_unique<TierCreation>("mmap", path_, system_, begins_with_cairn);
  }
  File made(std::string_view text) {
    const auto creation = begin();
    creation->file().write(0, std::as_bytes(std::span{text}));
    return creation->publish();
  }
  StorageError refusal() {
    return failure([&] { begin(); });
  }
  bool left_over() const { return fs::exists(path_ + ".new"); }

  test::TemporaryFolder folder_;
  FaultySystem system_;
  std::string path_ = folder_ / "run42.map";
};

TEST_F(Creation, ShowsTheFileOnlyWhenItIsComplete) {
  const auto creation = begin();
  EXPECT_EQ(creation->file().path(), path_ + ".new");
  EXPECT_FALSE(fs::exists(path_));
  creation->file().write(0, std::as_bytes(std::span{std::string_view{"cairn 1"}}));
  const File file = creation->publish();
  EXPECT_EQ(file.path(), path_);
  EXPECT_EQ(text_in(path_), "cairn 1");
  EXPECT_FALSE(left_over());
  EXPECT_TRUE(creation->locked());
}

TEST_F(Creation, SyncsTheFileBeforeTheRenameAndTheFolderAfterIt) {
  made("cairn");
  EXPECT_EQ(system_.count(Call::fsync), 2U);
  EXPECT_EQ(system_.count(Call::rename), 1U);
}

TEST_F(Creation, ReplacesAFileOfCairn) {
  put(path_, "cairn of an earlier run");
  made("cairn 2");
  EXPECT_EQ(text_in(path_), "cairn 2");
}

TEST_F(Creation, LeavesTheOldFileWhereItIsGivenUp) {
  put(path_, "cairn 1");
  begin();
  EXPECT_EQ(text_in(path_), "cairn 1");
  EXPECT_FALSE(left_over());
}

TEST_F(Creation, RefusesWhatCairnDidNotMake) {
  for (const std::string_view text : {"thesis", ""}) {
    put(path_, text);
    const StorageError error = refusal();
    EXPECT_EQ(error.kind(), Kind::mismatch);
    EXPECT_EQ(error.what(), "mmap tier: " + path_ + ": is not a file of cairn; move it away or choose another path");
    EXPECT_EQ(text_in(path_), text);
    EXPECT_FALSE(left_over());
  }
}

TEST_F(Creation, RefusesAFolderAtItsPath) {
  fs::create_directory(path_);
  EXPECT_EQ(refusal().kind(), Kind::mismatch);
  EXPECT_TRUE(fs::is_directory(path_));
}

TEST_F(Creation, NamesTheFolderThatIsNotThere) {
  path_ = folder_ / "absent/run42.map";
  EXPECT_EQ(test::text_of<std::invalid_argument>([&] { begin(); }),
            "mmap tier: " + path_ + ": the folder " + (folder_ / "absent") + " is not there; make it first");
}

TEST_F(Creation, RemovesWhatADeadRunLeft) {
  for (const std::string_view text : {std::string_view{"", 0}, std::string_view{"\0\0\0\0\0\0\0\0begun", 13},
                                      std::string_view{"\x89HDF\r\n\x1a\nbegun"}, std::string_view{"cairnmapbegun"}}) {
    put(path_ + ".new", text);
    made("cairn 1");
    EXPECT_EQ(text_in(path_), "cairn 1") << text;
  }
}

TEST_F(Creation, DoesNotRemoveAForeignFileInItsWay) {
  put(path_ + ".new", "a new thesis");
  EXPECT_EQ(refusal().kind(), Kind::mismatch);
  EXPECT_EQ(text_in(path_ + ".new"), "a new thesis");
  fs::remove(path_ + ".new");
  put(folder_ / "target", "");
  fs::create_symlink(folder_ / "target", path_ + ".new");
  EXPECT_EQ(refusal().kind(), Kind::mismatch);
  EXPECT_TRUE(fs::exists(folder_ / "target"));
}

TEST_F(Creation, KeepsASecondRunOutFromItsBeginningToItsEnd) {
  const std::string in_use = path_ + ".new: in use by another run";
  auto creation = begin();
  EXPECT_EQ(refusal().what(), "mmap tier: " + in_use);
  EXPECT_EQ(refusal().kind(), Kind::mismatch);
  creation->file().write(0, std::as_bytes(std::span{std::string_view{"cairn 1"}}));
  {
    const File file = creation->publish();
    creation.reset();
    EXPECT_EQ(refusal().what(), "mmap tier: " + path_ + ": in use by another run");
    EXPECT_EQ(text_in(path_), "cairn 1");
  }
  EXPECT_NO_THROW(made("cairn 2"));
}

TEST_F(Creation, KeepsTheOldFileLockedUntilItIsReplaced) {
  put(path_, "cairn 1");
  const auto creation = begin();
  const File old{path_, File::Mode::write};
  EXPECT_EQ(old.lock(), File::Lock::another_run);
  const File file = creation->publish();
  EXPECT_EQ(old.lock(), File::Lock::held) << "nobody's any more, and no longer at its path";
  EXPECT_FALSE(old.is_at(path_));
}

TEST_F(Creation, RefusesAFileThatAnotherProgramWrites) {
  put(path_, "cairn 1");
  const File other{path_, File::Mode::write};
  ASSERT_EQ(::flock(other.descriptor(), LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(refusal().what(),
            "mmap tier: " + path_ + ": open for writing in another program; close it there or choose another path");
}

TEST_F(Creation, GoesOnWithoutLocksWhereThereAreNone) {
  put(path_, "cairn 1");
  system_.fail_always(Call::lock_whole_file, ENOLCK);
  const auto creation = begin();
  EXPECT_FALSE(creation->locked());
  creation->publish();
  EXPECT_EQ(text_in(path_), "");
}

TEST_F(Creation, FollowsALinkToTheFileItself) {
  put(folder_ / "target", "cairn 1");
  fs::create_symlink(folder_ / "target", path_);
  made("cairn 2");
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(text_in(folder_ / "target"), "cairn 2");
}

TEST_F(Creation, IsNotDisturbedBySignals) {
  system_.interrupt_every_call();
  put(path_, "cairn 1");
  put(path_ + ".new", "");
  made("cairn 2");
  EXPECT_EQ(text_in(path_), "cairn 2");
}

// Whatever call fails, the old file is there, or the new one is, whole; and the next run can begin.
TEST_F(Creation, LeavesAWholeFileWhicheverCallFails) {
  int failures = 0;
  for (const Call call : {Call::open, Call::fstat, Call::stat, Call::lock_whole_file, Call::flock, Call::pwrite,
                          Call::fsync, Call::rename})
    for (std::uint64_t kth = 1; kth <= 3; ++kth) {
      put(path_, "cairn 1");
      FaultySystem faulty;
      faulty.fail(call, kth, EIO);
      try {
        TierCreation creation{"mmap", path_, faulty, begins_with_cairn};
        creation.file().write(0, std::as_bytes(std::span{std::string_view{"cairn 2"}}));
        creation.publish();
      } catch (const std::runtime_error&) {
        ++failures;
      }
      const std::string text = text_in(path_);
      EXPECT_TRUE(text == "cairn 1" || text == "cairn 2") << text;
      EXPECT_NO_THROW(made("cairn 3")) << static_cast<int>(call) << ", " << kth;
    }
  EXPECT_GT(failures, 10);
}

/// Runs `work` in a process of its own, which ends with what it returns.
template <class Work>
::pid_t in_a_process(const Work& work) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    int result = 99;
    try {
      result = work();
    } catch (...) {
    }
    ::_exit(result);
  }
  return child;
}

int result_of(::pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Kills the process where the test leaves early.
struct Killed {
  ::pid_t child;
  ~Killed() {
    if (child > 0) ::kill(child, SIGKILL);
  }
};

TEST_F(Creation, ADeadRunsLockIsFree) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const ::pid_t child = in_a_process([&]() -> int {
    const File file = made("cairn 1");
    const auto other = std::make_unique<TierCreation>("mmap", folder_ / "begun", system_, begins_with_cairn);
    if (::write(ready[1], "r", 1) != 1) return 1;
    while (true) ::pause();
  });
  Killed at_the_end{child};
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(refusal().what(), "mmap tier: " + path_ + ": in use by another run");
  ::kill(child, SIGKILL);
  EXPECT_EQ(result_of(std::exchange(at_the_end.child, 0)), -1);
  EXPECT_NO_THROW(made("cairn 2"));
  path_ = folder_ / "begun";
  EXPECT_TRUE(left_over());
  EXPECT_NO_THROW(made("cairn 3"));
  ::close(ready[0]);
  ::close(ready[1]);
}

// Each of the processes that begin at the same moment gets the file or is told that it is in use; at most one has it,
// for all may lose where each saw another's beginning.
TEST_F(Creation, GivesThePathToOneOfManyProcesses) {
  constexpr int processes = 6;
  int all_winners = 0;
  for (int round = 0; round < 10; ++round) {
    int start[2], tried[2], stop[2];
    ASSERT_EQ(::pipe(start) | ::pipe(tried) | ::pipe(stop), 0);
    const auto wait_for_end = [](int(&ends)[2]) {
      char byte = 0;
      return ::read(ends[0], &byte, 1) == 0;
    };
    const auto child = [&]() -> int {
      ::close(start[1]);
      ::close(stop[1]);
      if (!wait_for_end(start)) return 98;
      try {
        const File file = made("cairn " + std::to_string(::getpid()));
        if (::write(tried[1], "y", 1) != 1 || !wait_for_end(stop)) return 97;
        return text_in(path_) == "cairn " + std::to_string(::getpid()) ? 0 : 96;
      } catch (const StorageError& error) {
        return ::write(tried[1], "n", 1) == 1 && error.kind() == Kind::mismatch ? 1 : 95;
      }
    };
    std::vector<::pid_t> children;
    for (int i = 0; i < processes; ++i) children.push_back(in_a_process(child));
    ::close(start[1]);
    char answer = 0;
    for (int i = 0; i < processes; ++i) ASSERT_EQ(::read(tried[0], &answer, 1), 1);
    ::close(stop[1]);
    int winners = 0;
    for (const ::pid_t each : children) {
      const int result = result_of(each);
      EXPECT_TRUE(result == 0 || result == 1) << result;
      winners += result == 0;
    }
    EXPECT_LE(winners, 1);
    all_winners += winners;
    for (const int end : {start[0], tried[0], tried[1], stop[0]}) ::close(end);
  }
  EXPECT_GT(all_winners, 0);
}

}  // namespace
}  // namespace cairn
