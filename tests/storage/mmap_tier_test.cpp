// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/mapped_tier.hpp>
#include <support/snapshots.hpp>
#include <support/temporary_folder.hpp>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn {
namespace {

using test::failure;
using test::FaultySystem;
using test::loaded;
using test::MappedTier;
using test::random_snapshot;
using test::some_facts;
using Call = FaultySystem::Call;
using Kind = StorageError::Kind;

TEST_F(MappedTier, GivesBackEveryLayoutAndSoDoesItsFile) {
  for (const auto& [name, layout] : test::all_layouts()) {
    const auto tier = make(layout, 3);
    for (const Slot slot : {Slot{2}, Slot{0}}) tier->save(slot, slot.index + 7, random_snapshot(1, layout));
    tier->release(Slot{2});
    tier->save(Slot{2}, 5, random_snapshot(2, layout));
    EXPECT_EQ(loaded(*tier, Slot{0}, 7), random_snapshot(1, layout)) << name;
    EXPECT_EQ(loaded(*tier, Slot{2}, 5), random_snapshot(2, layout)) << name;
    const auto file = open_mmap_tier_file(path_);
    test::Snapshot read = random_snapshot(3, layout);
    file->read(Slot{2}, read);
    EXPECT_EQ(read, random_snapshot(2, layout)) << name;
    EXPECT_EQ(file->step(Slot{0}), 7);
    EXPECT_EQ(file->step(Slot{1}), -1);
    EXPECT_EQ(file->step(Slot{2}), 5);
    EXPECT_TRUE(file->row(Slot{1}).blank());
    EXPECT_TRUE(file->row(Slot{2}).intact());
    EXPECT_EQ(file->row(Slot{2}).sequence, 3U);
    EXPECT_EQ(file->row(Slot{2}).bytes, layout.snapshot_bytes().count);
  }
}

TEST_F(MappedTier, WritesLargeSnapshotsPieceByPiece) {
  const Layout layout{{test::field("pressure", ElementType::uint8, {(std::uint64_t{20} << 20) + 1})}};
  const auto tier = make(layout, 2);
  tier->save(Slot{1}, 1, random_snapshot(1, layout));
  EXPECT_EQ(loaded(*tier, Slot{1}, 1), random_snapshot(1, layout));
  EXPECT_EQ(system_.count(Call::sync_file_range), 3U);
}

TEST_F(MappedTier, TakesDiskSpaceOnlyAsSlotsAreUsed) {
  const Layout layout{{test::field("pressure", ElementType::uint8, {std::uint64_t{16} << 20})}};
  const auto tier = make(layout, 1000);
  const auto file = open_mmap_tier_file(path_);
  EXPECT_LT(file->file_bytes(), MiB(2));
  tier->save(Slot{0}, 1, random_snapshot(1, layout));
  EXPECT_GE(file->file_bytes(), MiB(64));
  EXPECT_LT(file->file_bytes(), MiB(70));
  EXPECT_EQ(system_.count(Call::fallocate), 2U);
  for (Slot slot{1}; slot.index < 4; ++slot.index) tier->save(slot, 1, random_snapshot(1, layout));
  EXPECT_EQ(system_.count(Call::fallocate), 2U) << "four slots are one run of 64 MiB";
}

TEST_F(MappedTier, HoldsTheMostSlotsThatThereMayBe) {
  const Layout layout = test::one_byte();
  const auto tier = make(layout, limits::slots);
  const Slot last{limits::slots - 1};
  tier->save(last, limits::steps, random_snapshot(1, layout));
  EXPECT_EQ(loaded(*tier, last, limits::steps), random_snapshot(1, layout));
  const auto reports = examine(*open_mmap_tier_file(path_), true);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].slot, last);
  EXPECT_EQ(reports[0].verdict, Verdict::whole);
}

TEST_F(MappedTier, WorksWithoutFallocateAndThroughSignalsAndShortTransfers) {
  system_.refuse_fallocate();
  system_.interrupt_every_call();
  system_.shorten_transfers(50'000);
  const Layout layout = test::mixed_fields();
  const auto tier = make(layout, 5);
  tier->save(Slot{4}, 9, random_snapshot(1, layout));
  tier->save(Slot{1}, 8, random_snapshot(2, layout));
  EXPECT_EQ(loaded(*tier, Slot{4}, 9), random_snapshot(1, layout));
  EXPECT_EQ(loaded(*tier, Slot{1}, 8), random_snapshot(2, layout));
}

TEST_F(MappedTier, SyncsTwiceASaveUnderPowerAndNeverElse) {
  const Layout layout = test::mixed_fields();
  {
    const auto tier = make(layout, 2);
    tier->save(Slot{0}, 1, random_snapshot(1, layout));
    EXPECT_EQ(system_.count(Call::fdatasync), 0U);
  }
  const auto tier = make(layout, 2, {.durability = Durability::power});
  tier->save(Slot{0}, 1, random_snapshot(1, layout));
  EXPECT_EQ(system_.count(Call::fdatasync), 2U);
}

TEST_F(MappedTier, AProbeLeavesRowsAndStepWordsAsTheyWereAlsoWhereItFails) {
  for (const Layout& layout : {test::mixed_fields(), test::above_one_piece()}) {  // stored, and written
    const auto tier = make(layout, 3);
    tier->save(Slot{0}, 7, random_snapshot(1, layout));
    const auto file = open_mmap_tier_file(path_);
    const LedgerRow row = file->row(Slot{0});
    test::Snapshot noise = random_snapshot(2, layout);
    for (const bool failing : {false, true}) {
      if (failing) {
        system_.fail(Call::pread, system_.count(Call::pread) + 1, EIO);
        EXPECT_EQ(failure([&] { tier->probe(Slot{1}, noise); }).kind(), Kind::io);
      } else {
        tier->probe(Slot{1}, noise);
      }
      EXPECT_TRUE(file->row(Slot{1}).blank());
      EXPECT_EQ(file->step(Slot{1}), -1);
      const LedgerRow row_after = file->row(Slot{0});
      EXPECT_EQ(std::memcmp(&row, &row_after, sizeof row), 0);
      EXPECT_EQ(file->step(Slot{0}), 7);
      const std::vector<SlotReport> reports = examine(*file, true);
      ASSERT_EQ(reports.size(), 1U);
      EXPECT_EQ(reports[0].verdict, Verdict::whole);
    }
    EXPECT_EQ(loaded(*tier, Slot{0}, 7), random_snapshot(1, layout));
  }
}

TEST_F(MappedTier, RefusesAnIdentityThatDoesNotFit) {
  const Layout layout = test::one_byte();
  const auto tier = make(layout, 1);
  EXPECT_NO_THROW(tier->put_identity(std::string(4095, 'i')));
  EXPECT_THROW(tier->put_identity(std::string(4096, 'i')), std::invalid_argument);
}

TEST_F(MappedTier, KeepsASecondTierFromItsPath) {
  const Layout layout = test::one_byte();
  const auto tier = make(layout, 1);
  tier->save(Slot{0}, 1, random_snapshot(1, layout));
  const StorageError error = failure([&] { make(layout, 1); });
  EXPECT_EQ(error.kind(), Kind::mismatch);
  EXPECT_EQ(error.what(), "mmap tier: " + path_ + ": in use by another run");
  EXPECT_EQ(loaded(*tier, Slot{0}, 1), random_snapshot(1, layout));
}

TEST_F(MappedTier, RefusesAForeignFile) {
  std::ofstream{path_} << "my thesis, in full";
  EXPECT_EQ(failure([&] { make(test::one_byte(), 1); }).kind(), Kind::mismatch);
  EXPECT_EQ(std::filesystem::file_size(path_), 18U);
}

TEST_F(MappedTier, TellsTheDeviceOfItsFile) {
  const Layout layout = test::one_byte();
  const auto tier = make(layout, 1);
  EXPECT_EQ(tier->device(), File(path_, File::Mode::read).device());
}

TEST_F(MappedTier, NoticesBytesThatChangedOnDisk) {
  const Layout layout = test::mixed_fields();
  const auto tier = make(layout, 2);
  tier->save(Slot{1}, 3, random_snapshot(1, layout));
  const File raw{path_, File::Mode::write};
  const std::uint64_t at = raw.size() - layout.buffer_bytes().count;  // where the last slot begins
  std::array<std::byte, 1> byte{};
  raw.read(at, byte);
  byte[0] ^= std::byte{1};
  raw.write(at, byte);
  EXPECT_EQ(failure([&] { loaded(*tier, Slot{1}, 3); }).kind(), Kind::corrupt);
}

TEST_F(MappedTier, PutsTheSystemsErrorsInTheirPlace) {
  const Layout layout = test::mixed_fields();
  const auto tier = make(layout, 2);
  tier->save(Slot{0}, 48'211, random_snapshot(1, layout));
  system_.fail(Call::pread, system_.count(Call::pread) + 1, EIO);
  const StorageError error = failure([&] { loaded(*tier, Slot{0}, 48'211); });
  EXPECT_EQ(error.kind(), Kind::io);
  EXPECT_NE(std::string{error.what()}.find(path_ + ": slot 0, step 48211: pread stopped after 0.0 of "),
            std::string::npos)
      << error.what();
  system_.fail(Call::pwrite, system_.count(Call::pwrite) + 1, EIO);
  EXPECT_EQ(failure([&] { tier->put_steps(5); }).kind(), Kind::io);
}

// The disk is full in the middle of the slots: an error, then the tier goes on with what it holds.
void fill(MmapTier& tier, const Layout& layout) {
  Slot slot{0};
  StorageError error = failure([&] {
    for (; slot.index < tier.slots(); ++slot.index) tier.save(slot, slot.index, random_snapshot(1, layout));
  });
  EXPECT_EQ(error.kind(), Kind::full) << error.what();
  EXPECT_GT(slot.index, 0) << error.what();
  EXPECT_EQ(tier.ledger().at(slot).status, SlotStatus::empty);
  for (Slot held{0}; held.index < slot.index; ++held.index)
    EXPECT_EQ(loaded(tier, held, held.index), random_snapshot(1, layout));
  tier.release(Slot{0});
  tier.save(Slot{0}, 99, random_snapshot(2, layout));
  EXPECT_EQ(loaded(tier, Slot{0}, 99), random_snapshot(2, layout));
}

TEST_F(MappedTier, ReportsAFullDiskAndGoesOn) {
  const Layout layout = test::above_one_piece();
  for (const bool has_fallocate : {true, false}) {
    FaultySystem system;
    if (!has_fallocate) system.refuse_fallocate();
    system.fill_disk_at(10 << 20);
    MmapTier tier{path_, layout, 100, some_facts(), 3, {}, system};
    fill(tier, layout);
  }
}

/// A file system of 10 MiB on a folder, where mounting is permitted.
class SmallFileSystem {
 public:
  explicit SmallFileSystem(std::string folder)
      : folder_{std::move(folder)}, mounted_{::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=10m") == 0} {}
  ~SmallFileSystem() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string folder_;
  bool mounted_;
};

// Where the kernel itself says no, if this test may mount a file system; else the faulty one stands for it.
TEST_F(MappedTier, ReportsAFullFileSystemInsteadOfDyingOfASignal) {
  std::filesystem::create_directory(folder_ / "small");
  const SmallFileSystem small{folder_ / "small"};
  if (!small.mounted()) system_.fill_disk_at(10 << 20);
  path_ = folder_ / "small/run42.map";
  const Layout layout = test::above_one_piece();
  fill(*make(layout, 100), layout);
}

TEST_F(MappedTier, ReportsAFullDiskAtItsCreation) {
  system_.fill_disk_at(1000);
  EXPECT_EQ(failure([&] { make(test::one_byte(), 1); }).kind(), Kind::full);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

std::uint64_t status_kibibytes(const std::string& key) {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (std::uint64_t kibibytes = 0; word == key + ":" && status >> kibibytes) return kibibytes;
  return 0;
}

/// 0 where the most memory that this process ever had rose by less than 64 MiB in 1 GiB of saves and their loads.
int memory_test(MmapTier& tier, const Layout& layout) {
  test::Snapshot snapshot = random_snapshot(1, layout);
  const std::uint64_t before = status_kibibytes("VmHWM");
  for (int save = 0; save < 64; ++save) {
    const Slot slot{save % 32};
    if (save >= 32) tier.release(slot);
    tier.save(slot, save, snapshot);
    if (save % 4 == 3) tier.load(slot, save, snapshot);
  }
  const std::uint64_t peak = status_kibibytes("VmHWM");
  return before > 0 && peak < before + 64 * 1024 ? 0 : 1;
}

TEST_F(MappedTier, KeepsLittleOfItselfInMemory) {
  const Layout layout{{test::field("pressure", ElementType::uint8, {std::uint64_t{16} << 20})}};
  const ::pid_t child = ::fork();  // for a peak of its own
  if (child == 0) {
    try {
      ::_exit(memory_test(*make(layout, 32), layout));
    } catch (...) {
      ::_exit(99);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace cairn
