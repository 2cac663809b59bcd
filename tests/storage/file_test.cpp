// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/file.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <vector>

#include <boost/interprocess/mapped_region.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <support/faulty_system.hpp>
#include <support/temporary_folder.hpp>
#include <sys/file.h>

namespace cairn {
namespace {

using test::FaultySystem;
using Call = FaultySystem::Call;
using Data = std::vector<std::byte>;
constexpr std::uint64_t seed = 20;

Data random_data(std::size_t bytes) {
  std::mt19937_64 random{seed};
  Data data(bytes);
  for (std::byte& byte : data) byte = static_cast<std::byte>(random());
  return data;
}

Data contents(const File& file, std::uint64_t offset, std::size_t bytes) {
  Data data(bytes);
  file.read(offset, data);
  return data;
}

template <class Work>
FileError failure(const Work& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error;
  }
  return {"nothing was thrown", 0};
}

class Files : public testing::Test {
 protected:
  File create(const std::string& name = "file") { return {folder_ / name, File::Mode::create, cache_, system_}; }
  test::TemporaryFolder folder_;
  FaultySystem system_;
  File::Cache cache_ = File::Cache::buffered;
};

TEST_F(Files, TransferAllBytesThroughSignalsAndShortTransfers) {
  system_.interrupt_every_call();
  system_.shorten_transfers(1021);
  const Data data = random_data(300'007);
  const File file = create();
  file.write(13, data);
  EXPECT_EQ(contents(file, 13, data.size()), data) << "seed " << seed;
  EXPECT_EQ(file.size(), 13 + data.size());
  EXPECT_EQ(system_.count(Call::pwrite), (data.size() + 1020) / 1021);
}

TEST_F(Files, MakeEveryOtherCallAgainAfterASignal) {
  system_.interrupt_every_call();
  File file = create();
  file.reserve(0, 8192);
  file.resize(4096);
  file.sync();
  file.sync_data();
  file.start_writing(0, 4096);
  file.forget(0, 4096);
  EXPECT_EQ(file.lock(), File::Lock::held);
  file.rename(folder_ / "other");
  EXPECT_TRUE(file.is_at(folder_ / "other"));
  EXPECT_GT(file.device(), 0U);
  for (const Call call :
       {Call::open, Call::fallocate, Call::ftruncate, Call::fsync, Call::fdatasync, Call::sync_file_range,
        Call::fadvise, Call::lock_whole_file, Call::flock, Call::rename, Call::stat})
    EXPECT_EQ(system_.count(call), 1U) << static_cast<int>(call);
}

TEST_F(Files, AskForAtMost16MiBAtOnce) {
  const Data data((std::size_t{40} << 20) + 1);
  const File file = create();
  file.write(0, data);
  EXPECT_EQ(system_.count(Call::pwrite), 3U);
}

TEST_F(Files, SayHowFarAWriteCameBeforeTheDiskWasFull) {
  system_.fill_disk_at(std::uint64_t{12} << 20);
  const Data data(std::size_t{64} << 20);
  const File file = create();
  const FileError error = failure([&] { file.write(0, data); });
  EXPECT_STREQ(error.what(), "pwrite stopped after 12.0 of 64.0 MiB: No space left on device (ENOSPC)");
  EXPECT_EQ(error.kind(), StorageError::Kind::full);
  EXPECT_EQ(error.error_number(), ENOSPC);
}

TEST_F(Files, TellAFullDiskFromABrokenOne) {
  const Data data(512);
  const File file = create();
  system_.fail(Call::pwrite, 1, EDQUOT);
  system_.fail(Call::pwrite, 2, EIO);
  EXPECT_EQ(failure([&] { file.write(0, data); }).kind(), StorageError::Kind::full);
  const FileError broken = failure([&] { file.write(0, data); });
  EXPECT_EQ(broken.kind(), StorageError::Kind::io);
  EXPECT_STREQ(broken.what(), "pwrite stopped after 0 of 512 B: Input/output error (EIO)");
}

TEST_F(Files, EndTooEarlyIsAnError) {
  const File file = create();
  file.write(0, Data(100));
  const FileError error = failure([&] { contents(file, 0, 512); });
  EXPECT_STREQ(error.what(), "pread stopped after 100 of 512 B: the file ends there");
  EXPECT_EQ(error.error_number(), 0);
}

TEST_F(Files, SayWhyTheyCannotBeOpened) {
  const FileError error = failure([&] { File(folder_ / "absent", File::Mode::read); });
  EXPECT_STREQ(error.what(), "open failed: No such file or directory (ENOENT)");
}

TEST_F(Files, AreMadeOnlyWhereNothingIs) {
  create();
  EXPECT_EQ(failure([&] { create(); }).error_number(), EEXIST);
  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / "link");
  EXPECT_EQ(failure([&] { create("link"); }).error_number(), EEXIST);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

TEST_F(Files, AreNotInheritedByPrograms) {
  const File file = create();
  EXPECT_NE(::fcntl(file.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Files, RefusedDirectRequestsAreEinval) {
  system_.refuse_direct();
  create();
  const FileError error = failure([&] { File(folder_ / "file", File::Mode::write, File::Cache::direct, system_); });
  EXPECT_EQ(error.error_number(), EINVAL);
}

TEST_F(Files, GoOnWithDirectRequestsAtABlock) {
  system_.ignore_direct();  // what is tested is where requests begin, on any file system
  system_.shorten_transfers(10'000);
  cache_ = File::Cache::direct;
  const Data data = random_data(10 * limits::block_bytes);
  const File file = create();
  file.write(2 * limits::block_bytes, data);
  EXPECT_EQ(contents(file, 2 * limits::block_bytes, data.size()), data);
  EXPECT_TRUE(system_.every_offset_aligned());
}

TEST_F(Files, GiveUpOnDirectRequestsThatMoveLessThanABlock) {
  system_.ignore_direct();
  system_.shorten_transfers(100);
  cache_ = File::Cache::direct;
  const File file = create();
  EXPECT_STREQ(failure([&] { file.write(0, Data(8192)); }).what(),
               "pwrite stopped after 0.0 of 8.0 KiB: no more was taken");
}

TEST_F(Files, ReserveSpaceAndGrow) {
  const File file = create();
  file.reserve(4096, 100'000);
  EXPECT_EQ(file.size(), 104'096U);
  struct ::stat facts {};
  ASSERT_EQ(::fstat(file.descriptor(), &facts), 0);
  EXPECT_GE(facts.st_blocks * 512, 100'000);
}

TEST_F(Files, ReserveByWritingZerosPastTheirEndOnly) {
  system_.refuse_fallocate();
  const Data data = random_data(3'000'000);
  const File plain{folder_ / "file", File::Mode::create};
  plain.write(0, data);
  const File file{folder_ / "file", File::Mode::write, File::Cache::buffered, system_};
  file.reserve(0, data.size());
  EXPECT_EQ(system_.count(Call::pwrite), 0U);
  file.reserve(5'000'000, 2'000'000);
  EXPECT_EQ(system_.lowest_write(), data.size()) << "no hole before the range, nothing written twice";
  EXPECT_EQ(file.size(), 7'000'000U);
  EXPECT_EQ(contents(file, 0, data.size()), data);
  EXPECT_EQ(contents(file, data.size(), 4'000'000), Data(4'000'000));
}

TEST_F(Files, ReserveMoreThanThereIsAsAFullDisk) {
  system_.fill_disk_at(1 << 20);
  const File file = create();
  const FileError error = failure([&] { file.reserve(0, 64 << 20); });
  EXPECT_STREQ(error.what(), "fallocate of 64.0 MiB failed: No space left on device (ENOSPC)");
  EXPECT_EQ(error.kind(), StorageError::Kind::full);
  system_.refuse_fallocate();
  EXPECT_EQ(failure([&] { file.reserve(0, 64 << 20); }).kind(), StorageError::Kind::full);
}

TEST_F(Files, PassOverHintsThatTheSystemDoesNotKnow) {
  system_.fail(Call::sync_file_range, 1, ENOSYS);
  system_.fail(Call::sync_file_range, 2, EIO);
  const File file = create();
  EXPECT_NO_THROW(file.start_writing(0, 4096));
  EXPECT_EQ(failure([&] { file.start_writing(0, 4096); }).error_number(), EIO);
}

class Locks : public Files {
 protected:
  const File first_ = create();
  const File second_{folder_ / "file", File::Mode::write};
};

TEST_F(Locks, KeepOutASecondRun) {
  EXPECT_EQ(first_.lock(), File::Lock::held);
  EXPECT_EQ(second_.lock(), File::Lock::another_run);
}

TEST_F(Locks, GoWithTheDescriptor) {
  { EXPECT_EQ(File(folder_ / "file", File::Mode::write).lock(), File::Lock::held); }
  EXPECT_EQ(second_.lock(), File::Lock::held);
}

TEST_F(Locks, LetReadersPassAndKeepWritersOfHdf5Out) {
  EXPECT_EQ(first_.lock(), File::Lock::held);
  EXPECT_EQ(::flock(second_.descriptor(), LOCK_SH | LOCK_NB), 0) << "as HDF5 opens to read";
  EXPECT_EQ(::flock(second_.descriptor(), LOCK_EX | LOCK_NB), -1) << "as HDF5 opens to write";
}

TEST_F(Locks, SeeAProgramThatWrites) {
  ASSERT_EQ(::flock(second_.descriptor(), LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(first_.lock(), File::Lock::another_program);
}

TEST_F(Locks, AreMissedWhereThereAreNone) {
  system_.fail(Call::lock_whole_file, 1, ENOLCK);
  EXPECT_EQ(first_.lock(), File::Lock::unsupported);
  system_.fail(Call::flock, 2, ENOTSUP);
  EXPECT_EQ(first_.lock(), File::Lock::unsupported);
  system_.fail(Call::lock_whole_file, 3, EIO);
  EXPECT_EQ(failure([&] { first_.lock(); }).error_number(), EIO);
}

TEST_F(Files, KnowWhetherAPathStillNamesThem) {
  const File file = create();
  EXPECT_TRUE(file.is_at(folder_ / "file"));
  EXPECT_FALSE(file.is_at(folder_ / "absent"));
  create("other").rename(folder_ / "file");
  EXPECT_FALSE(file.is_at(folder_ / "file"));
}

TEST_F(Files, MoveWithTheirDescriptor) {
  File one = create("one");
  File two = create("two");
  one.write(0, random_data(10));
  two = std::move(one);
  const File three{std::move(two)};
  EXPECT_EQ(three.path(), folder_ / "one");
  EXPECT_EQ(contents(three, 0, 10), random_data(10));
}

TEST_F(Files, CanBeMapped) {
  const File file = create();
  const Data data = random_data(4096);
  file.write(0, data);
  const boost::interprocess::mapped_region region{file, boost::interprocess::read_write, 0, 4096};
  EXPECT_EQ(std::memcmp(region.get_address(), data.data(), data.size()), 0);
  std::memset(region.get_address(), 7, 4096);
  EXPECT_EQ(contents(file, 0, 4096), Data(4096, std::byte{7}));
}

}  // namespace
}  // namespace cairn
