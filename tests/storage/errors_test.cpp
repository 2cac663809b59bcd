// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>

#include <cerrno>

#include <gtest/gtest.h>

namespace cairn {
namespace {

using Kind = StorageError::Kind;

TEST(StorageError, SaysTierFileSlotStepProblemAndErrno) {
  const FileError cause{"pwrite stopped after 12.0 of 64.0 MiB", ENOSPC};
  const StorageError error{
      cause.kind(), {.tier = "hdf5", .file = "run42.h5", .slot = Slot{17}, .step = 48211}, cause.what()};
  EXPECT_STREQ(error.what(),
               "hdf5 tier: run42.h5: slot 17, step 48211: pwrite stopped after 12.0 of 64.0 MiB: "
               "No space left on device (ENOSPC)");
  EXPECT_EQ(error.kind(), Kind::full);
}

TEST(StorageError, LeavesOutTheFileOfATierInMemory) {
  const StorageError error{Kind::absent, {.tier = "ram", .file = "", .slot = Slot{0}, .step = 0}, "nothing here"};
  EXPECT_STREQ(error.what(), "ram tier: slot 0, step 0: nothing here");
}

TEST(StorageError, LeavesOutSlotAndStepWhereTheFileAsAWholeIsMeant) {
  const StorageError error{
      Kind::mismatch, {.tier = "mmap", .file = "a.map", .slot = Slot{-1}, .step = -1}, "not a cairn file"};
  EXPECT_STREQ(error.what(), "mmap tier: a.map: not a cairn file");
}

TEST(StorageError, LeavesOutAStepThatIsNotKnown) {
  const StorageError error{Kind::io, {.tier = "mmap", .file = "a.map", .slot = Slot{3}, .step = -1}, "gone"};
  EXPECT_STREQ(error.what(), "mmap tier: a.map: slot 3: gone");
}

TEST(StorageError, LeavesOutASlotThatIsNotKnown) {
  const StorageError error{Kind::io, {.tier = "mmap", .file = "a.map", .slot = Slot{-1}, .step = 9}, "gone"};
  EXPECT_STREQ(error.what(), "mmap tier: a.map: step 9: gone");
}

TEST(FileError, AddsTheWordsOfTheSystem) {
  EXPECT_STREQ(FileError("open failed", EACCES).what(), "open failed: Permission denied (EACCES)");
  EXPECT_STREQ(FileError("the file ended after 3 of 8 B", 0).what(), "the file ended after 3 of 8 B");
  EXPECT_EQ(FileError("open failed", EACCES).error_number(), EACCES);
}

TEST(FileError, TellsAFullDiskFromOtherFailures) {
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) EXPECT_EQ(FileError("x", full).kind(), Kind::full) << words_for(full);
  for (const int other : {EIO, EACCES, EBADF, EINTR, 0}) EXPECT_EQ(FileError("x", other).kind(), Kind::io) << other;
}

TEST(FileError, NamesAnErrorNumberThatTheSystemDoesNotKnow) {
  EXPECT_EQ(words_for(4242), "Unknown error (4242)");
  EXPECT_EQ(words_for(EIO), "Input/output error (EIO)");
}

TEST(Readable, UsesTheLargestUnitThatLeavesAtLeastOne) {
  EXPECT_EQ(readable({0}), "0 B");
  EXPECT_EQ(readable({1023}), "1023 B");
  EXPECT_EQ(readable(KiB(1)), "1.0 KiB");
  EXPECT_EQ(readable({1536}), "1.5 KiB");
  EXPECT_EQ(readable(MiB(12)), "12.0 MiB");
  EXPECT_EQ(readable(GiB(64)), "64.0 GiB");
  EXPECT_EQ(readable({std::uint64_t{5} << 50}), "5.0 PiB");
  EXPECT_EQ(readable({std::uint64_t{5} << 60}), "5120.0 PiB");
}

}  // namespace
}  // namespace cairn
