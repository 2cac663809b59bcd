// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/system.hpp>

#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>
#include <sys/file.h>

namespace cairn {
namespace {

class SystemCalls : public testing::Test {
 protected:
  int opened(const std::string& name) {
    return system_.open((folder_ / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  test::TemporaryFolder folder_;
  System& system_ = System::real();
};

TEST_F(SystemCalls, MoveBytesAtOffsets) {
  const int descriptor = opened("file");
  ASSERT_GE(descriptor, 0);
  EXPECT_EQ(system_.pwrite(descriptor, "cairn", 5, 100), 5);
  std::array<char, 8> text{};
  EXPECT_EQ(system_.pread(descriptor, text.data(), text.size(), 101), 4);
  EXPECT_STREQ(text.data(), "airn");
  EXPECT_EQ(system_.fdatasync(descriptor), 0);
  EXPECT_EQ(system_.fsync(descriptor), 0);
  EXPECT_EQ(system_.close(descriptor), 0);
}

TEST_F(SystemCalls, ReportErrnoAsPosixDoes) {
  struct ::stat facts {};
  EXPECT_EQ(system_.open((folder_ / "absent").c_str(), O_RDONLY, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(system_.stat((folder_ / "absent").c_str(), &facts), -1);
  EXPECT_EQ(errno, ENOENT);
  char byte = 0;
  EXPECT_EQ(system_.pread(-1, &byte, 1, 0), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(system_.fadvise(-1, 0, 0, POSIX_FADV_DONTNEED), EBADF) << "posix_fadvise returns the number";
}

TEST_F(SystemCalls, AllocateAndCutFiles) {
  const int descriptor = opened("file");
  struct ::stat facts {};
  if (system_.fallocate(descriptor, 0, 8192) == 0) {
    ASSERT_EQ(system_.fstat(descriptor, &facts), 0);
    EXPECT_EQ(facts.st_size, 8192);
    EXPECT_GE(facts.st_blocks * 512, 8192);
  } else {
    EXPECT_EQ(errno, EOPNOTSUPP);
  }
  ASSERT_EQ(system_.ftruncate(descriptor, 10), 0);
  ASSERT_EQ(system_.fstat(descriptor, &facts), 0);
  EXPECT_EQ(facts.st_size, 10);
  system_.close(descriptor);
}

TEST_F(SystemCalls, RenameAndRemoveFiles) {
  system_.close(opened("one"));
  struct ::stat facts {};
  EXPECT_EQ(system_.rename((folder_ / "one").c_str(), (folder_ / "two").c_str()), 0);
  EXPECT_EQ(system_.stat((folder_ / "two").c_str(), &facts), 0);
  EXPECT_EQ(system_.unlink((folder_ / "two").c_str()), 0);
  EXPECT_EQ(system_.stat((folder_ / "two").c_str(), &facts), -1);
}

// POSIX locks would go with the first close of any descriptor of the file in this process.
TEST_F(SystemCalls, LockAFileForItsDescriptorAlone) {
  const int first = opened("file");
  const int second = opened("file");
  EXPECT_EQ(system_.lock_whole_file(first), 0);
  system_.close(opened("file"));
  EXPECT_EQ(system_.lock_whole_file(second), -1);
  EXPECT_TRUE(errno == EAGAIN || errno == EACCES) << errno;
  system_.close(first);
  EXPECT_EQ(system_.lock_whole_file(second), 0);
  EXPECT_EQ(system_.flock(second, LOCK_SH | LOCK_NB), 0);
  system_.close(second);
}

TEST_F(SystemCalls, AreThoseOfOneProcess) {
  EXPECT_EQ(&System::real(), &System::real());
}

}  // namespace
}  // namespace cairn
