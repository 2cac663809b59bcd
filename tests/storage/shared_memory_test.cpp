// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_areas.hpp>
#include <cairn/storage/shared_memory.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/shared_name.hpp>
#include <support/snapshots.hpp>
#include <sys/statvfs.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using test::failure;
using Call = test::FaultySystem::Call;
using Kind = StorageError::Kind;

class SharedMemoryTest : public testing::Test {
 protected:
  std::unique_ptr<SharedMemory> make(const Layout& layout, Slots buffers,
                                     Existing existing = Existing::replace_finished) {
    return SharedMemory::create(name_, layout, buffers, facts_of_this_process("multistage", "schedule: auto\n"), 3,
                                existing, system_);
  }
  std::unique_ptr<SharedMemory> make() { return make(layout_, 3); }
  std::unique_ptr<SharedMemory> open() { return SharedMemory::open(name_, layout_, system_); }
  std::unique_ptr<TierFile> image() const { return open_tier_file(path_); }
  Bytes taken() const { return image()->file_bytes(); }
  /// What a run leaves that saved x_5 into buffer 1 and died.
  void leave_a_snapshot() {
    const auto memory = make(layout_, 3, Existing::replace);
    write_identity(memory->file(), memory->format(), "{}");
    LedgerRow row;
    row.step = 5;
    row.sequence = 1;
    row.bytes = layout_.snapshot_bytes().count;
    row.status = SlotStatus::valid;
    row.run = run_hash_of("{}");
    row.seal();
    memory->put_row(1, row);
    memory->put_step(1, 5);
  }

  test::SharedName name_;
  std::string path_ = name_.path();
  Layout layout_ = test::mixed_fields();
  test::FaultySystem system_;
};

TEST_F(SharedMemoryTest, IsAFileOfAMmapTierToReaders) {
  const auto memory = make();
  EXPECT_EQ(memory->path(), path_);
  EXPECT_FALSE(memory->opened());
  const auto file = image();
  EXPECT_EQ(file->kind(), "mmap");
  EXPECT_EQ(file->slots(), 3);
  EXPECT_EQ(file->layout().fields().size(), layout_.fields().size());
  EXPECT_EQ(file->run().facts.config, "schedule: auto\n");
  EXPECT_EQ(file->run().steps, -1);
  EXPECT_TRUE(examine(*file, true).empty());
}

TEST_F(SharedMemoryTest, HasItsBuffersWhereReadersLookForSnapshots) {
  const auto memory = make();
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  EXPECT_EQ(pool.buffers(), memory->buffers());
  pool.touch(3);
  for (std::size_t buffer : {2U, 0U, 1U})
    std::ranges::copy(test::random_snapshot(buffer, layout_), pool.take_one(buffer).bytes().begin());
  test::Snapshot read = test::zero_snapshot(layout_);
  for (std::int64_t slot : {0, 1, 2}) {
    image()->read(Slot{slot}, read);
    EXPECT_EQ(read, test::random_snapshot(static_cast<std::uint64_t>(slot), layout_)) << "slot " << slot;
  }
}

TEST_F(SharedMemoryTest, ShowsRowsAndStepWordsAtOnce) {
  const auto memory = make();
  LedgerRow row;
  row.step = 7;
  row.status = SlotStatus::valid;
  row.seal();
  memory->put_row(2, row);
  memory->put_step(2, 7);
  EXPECT_EQ(image()->step(Slot{2}), 7);
  EXPECT_EQ(image()->step(Slot{1}), -1);
  EXPECT_TRUE(image()->row(Slot{2}).intact());
  EXPECT_EQ(image()->row(Slot{2}).step, 7);
  EXPECT_TRUE(image()->row(Slot{1}).blank());
  EXPECT_EQ(memory->step(2), 7);
  EXPECT_EQ(memory->row(2).row_checksum, row.row_checksum);
}

TEST_F(SharedMemoryTest, TakesMemoryOnlyForBuffersThatAreTouched) {
  const Layout layout = test::above_one_piece();
  const auto memory = make(layout, 8);
  Pool pool{memory->memory(), layout.buffer_bytes()};
  EXPECT_LT(taken(), MiB(1));
  pool.touch(2);
  EXPECT_GE(taken(), layout.buffer_bytes() * 2);
  EXPECT_LT(taken(), layout.buffer_bytes() * 3);
}

TEST_F(SharedMemoryTest, IsFullWhereMoreIsWantedThanThereIs) {
  struct ::statvfs room {};
  ASSERT_EQ(::statvfs("/dev/shm", &room), 0);
  const Layout gibibyte{{test::field("huge", ElementType::uint8, {std::uint64_t{1} << 30})}};
  const auto buffers = static_cast<Slots>((room.f_blocks * room.f_frsize >> 30) + 2);
  const auto memory = make(gibibyte, buffers);
  Pool pool{memory->memory(), gibibyte.buffer_bytes()};
  const StorageError error = failure([&] { pool.touch(buffers); });
  EXPECT_EQ(error.kind(), Kind::full);
  EXPECT_NE(std::string{error.what()}.find("are left; give less capacity, or enlarge /dev/shm"), std::string::npos)
      << error.what();
  EXPECT_EQ(pool.touched(), 0);
  EXPECT_EQ(system_.count(Call::fallocate), 1U) << "but that of the areas before the buffers";
  EXPECT_LT(taken(), MiB(1));
}

TEST_F(SharedMemoryTest, IsFullWhereTheSystemSaysSoAndGivesBackWhatItTook) {
  const Layout layout = test::above_one_piece();
  for (const int error_number : {ENOSPC, ENOMEM}) {
    const auto memory = make(layout, 40, Existing::replace);
    Pool pool{memory->memory(), layout.buffer_bytes()};
    pool.touch(3);
    const Bytes before = taken();
    system_.fail(Call::fallocate, system_.count(Call::fallocate) + 3, error_number);
    EXPECT_EQ(failure([&] { pool.touch(40); }).kind(), Kind::full);
    EXPECT_EQ(pool.touched(), 3);
    EXPECT_EQ(pool.available(), 3);
    EXPECT_EQ(taken(), before);
    pool.touch(40);  // there is room again
    EXPECT_EQ(pool.available(), 40);
  }
}

TEST_F(SharedMemoryTest, IsReservedByZerosWhereItCannotBeOtherwise) {
  system_.refuse_fallocate();
  const auto memory = make();
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  pool.touch(2);
  EXPECT_GE(taken(), layout_.buffer_bytes() * 2);
  EXPECT_TRUE(std::ranges::all_of(pool.take_one(1).bytes(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_F(SharedMemoryTest, IsMadeHoweverOftenItIsInterrupted) {
  system_.interrupt_every_call();
  system_.shorten_transfers(1000);
  const auto memory = make();
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  pool.touch(3);
  EXPECT_TRUE(examine(*image(), true).empty());
}

TEST_F(SharedMemoryTest, LeavesNothingWhereItCannotBeMade) {
  make();
  const std::uint64_t writes = system_.count(Call::pwrite);
  ASSERT_GT(writes, 2U);
  for (std::uint64_t kth = 1; kth <= writes; ++kth) {
    system_.fail(Call::pwrite, system_.count(Call::pwrite) + kth, ENOSPC);
    EXPECT_EQ(failure([&] { make(); }).kind(), Kind::full) << "write " << kth;
    EXPECT_FALSE(fs::exists(path_)) << "write " << kth;
  }
  EXPECT_NE(make(), nullptr);
}

TEST_F(SharedMemoryTest, RefusesNoBuffersAndMoreThanTheLimit) {
  EXPECT_THROW(make(layout_, 0), std::invalid_argument);
  EXPECT_THROW(make(layout_, limits::slots + 1), std::invalid_argument);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(SharedMemoryTest, IsOfOneRunAtATimeAndFreeAfterIt) {
  {
    const auto memory = make();
    EXPECT_EQ(failure([&] { make(layout_, 3, Existing::replace); }).kind(), Kind::mismatch);
    EXPECT_EQ(failure([&] { open(); }).what(), "ram tier: " + path_ + ": in use by another run");
  }
  EXPECT_TRUE(open()->opened());
}

TEST_F(SharedMemoryTest, KeepsItsBytesForWhoOpensIt) {
  leave_a_snapshot();
  {
    const auto memory = open();
    Pool pool{memory->memory(), layout_.buffer_bytes()};
    std::ranges::copy(test::random_snapshot(4, layout_), pool.take_one(1).bytes().begin());
  }
  const auto memory = open();
  EXPECT_EQ(memory->buffers(), 3);
  EXPECT_EQ(memory->found().identity, "{}");
  EXPECT_EQ(memory->found().facts.schedule, "multistage");
  EXPECT_EQ(memory->step(1), 5);
  EXPECT_EQ(memory->row(1).step, 5);
  EXPECT_TRUE(memory->holds(1));
  EXPECT_FALSE(memory->holds(2)) << "it was never touched";
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  pool.touch(3);
  EXPECT_TRUE(std::ranges::equal(pool.take_one(1).bytes(), test::random_snapshot(4, layout_)));
}

TEST_F(SharedMemoryTest, KeepsWhatLiesInItWhereThereIsNoRoomForMore) {
  leave_a_snapshot();
  {
    const auto memory = open();
    Pool pool{memory->memory(), layout_.buffer_bytes()};
    std::ranges::copy(test::random_snapshot(4, layout_), pool.take_one(1).bytes().begin());
  }
  const auto memory = open();
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  system_.fail(Call::fallocate, system_.count(Call::fallocate) + 1, ENOSPC);
  EXPECT_EQ(failure([&] { pool.touch(3); }).kind(), Kind::full);
  test::Snapshot read = test::zero_snapshot(layout_);
  image()->read(Slot{1}, read);
  EXPECT_EQ(read, test::random_snapshot(4, layout_));
}

TEST_F(SharedMemoryTest, RefusesToReplaceAnUnfinishedRunUnasked) {
  leave_a_snapshot();
  const StorageError error = failure([&] { make(); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_NE(std::string{error.what()}.find("holds 1 snapshot of a run that has not ended"), std::string::npos)
      << error.what();
  EXPECT_EQ(image()->step(Slot{1}), 5);
  EXPECT_TRUE(make(layout_, 3, Existing::replace)->row(1).blank());
}

TEST_F(SharedMemoryTest, ReplacesAFinishedRun) {
  leave_a_snapshot();
  {
    const auto memory = open();
    write_end(memory->file(), memory->format(), time_now());
  }
  EXPECT_TRUE(make()->row(1).blank());
}

TEST_F(SharedMemoryTest, IsListedWithWhatAResumeCouldGoOnFrom) {
  leave_a_snapshot();
  const auto listed = [&] {
    const auto areas = shared_areas();
    return *std::ranges::find(areas, static_cast<const std::string&>(name_), &FoundArea::name);
  };
  ASSERT_TRUE(listed().unfinished.has_value());
  EXPECT_EQ(listed().unfinished->snapshots, 1);
  EXPECT_FALSE(listed().in_use);
  EXPECT_EQ(listed().bytes, taken());
  const auto memory = open();
  EXPECT_TRUE(listed().in_use);
  write_end(memory->file(), memory->format(), time_now());
  EXPECT_FALSE(listed().unfinished.has_value());
}

TEST_F(SharedMemoryTest, RefusesToBeOpenedForAnotherState) {
  make();
  const Layout other = test::small_fields();
  const StorageError error = failure([&] { SharedMemory::open(name_, other); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_NE(std::string{error.what()}.find("holds snapshots of another state"), std::string::npos) << error.what();
}

TEST_F(SharedMemoryTest, RefusesToBeOpenedWhereItIsDamagedOrAbsent) {
  EXPECT_EQ(failure([&] { open(); }).kind(), Kind::absent);
  make();
  const File file{path_, File::Mode::write};
  const std::byte wrong{1};
  file.write(offsetof(MmapFormat, slots), std::span{&wrong, 1});
  EXPECT_EQ(failure([&] { open(); }).kind(), Kind::corrupt);
}

TEST_F(SharedMemoryTest, LosesItsNameWhenItsRunNeedsItNoMore) {
  const auto memory = make();
  Pool pool{memory->memory(), layout_.buffer_bytes()};
  pool.touch(1);
  system_.fail(Call::unlink, system_.count(Call::unlink) + 1, EACCES);
  EXPECT_EQ(failure([&] { memory->unlink(); }).kind(), Kind::io);
  memory->unlink();
  EXPECT_FALSE(fs::exists(path_));
  pool.touch(3);
  std::ranges::fill(pool.take_one(2).bytes(), std::byte{1});  // the memory goes with the object
  const auto next = SharedMemory::create(name_, layout_, 1, facts_of_this_process("revolve", ""), 1);
  memory->unlink();
  EXPECT_TRUE(fs::exists(path_)) << "the next one's";
}

}  // namespace
}  // namespace cairn
