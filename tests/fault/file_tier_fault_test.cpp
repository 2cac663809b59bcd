// SPDX-License-Identifier: BSD-3-Clause
// The calls to the system that one life of a file tier makes are counted; then each is failed in turn, in another life.
// Whatever fails: an error names the file, the slot can be used again, no load and no reader of the file gets wrong
// bytes.
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/faulty_system.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <support/tier_makers.hpp>

namespace cairn::test {
namespace {

using Call = FaultySystem::Call;
using Kind = StorageError::Kind;
constexpr std::array<const char*, FaultySystem::calls> names{
    "open", "pread",  "pwrite", "fdatasync", "fsync",           "fallocate",       "ftruncate", "fstat",
    "stat", "rename", "unlink", "flock",     "lock_whole_file", "sync_file_range", "fadvise"};

/// Two large fields with gaps, a small one and a scalar; small enough for a thousand lives.
Layout fields() {
  return Layout{{field("pressure", ElementType::float32, {67, 101}), field("time", ElementType::float64),
                 field("mask", ElementType::uint8, {20011}), field("counts", ElementType::int16, {9, 3})}};
}

std::unique_ptr<Tier> make_tier(const std::string& kind, const Home& home, Tier::Promise promise, System& system) {
  if (kind == "mmap")
    return std::make_unique<MmapTier>(home.file(kind), home.layout, home.slots, some_facts(), 2, promise, system);
  return std::make_unique<Hdf5Tier>(home.file(kind), home.layout, home.slots, some_facts(), 2, promise, system);
}

/// One life of a tier. Every error is looked at and collected; what failed is done again, and must succeed then.
class Life {
 public:
  Life(std::string kind, Tier::Promise promise, System& system)
      : kind_{std::move(kind)}, promise_{promise}, system_{&system} {}

  void live() {
    attempt(
        "create", [&] { tier_ = make_tier(kind_, home_, promise_, *system_); }, [] {});
    auto& record = dynamic_cast<RunRecord&>(*tier_);
    attempt(
        "identity", [&] { record.put_identity(R"({"sweep": 1})"); }, [] {});
    for (const std::int64_t slot : {0, 1, 2}) save(Slot{slot}, 10 + slot);
    for (const std::int64_t slot : {2, 0, 1}) load(Slot{slot}, 10 + slot);
    release(Slot{1});
    save(Slot{1}, 20);
    load(Slot{1}, 20);
    load(Slot{0}, 10);
    attempt(
        "steps", [&] { record.put_steps(99); }, [] {});
    const RunSummary summary{
        .actions = {{1, 2, 3, 4}, {5, 6, 7, 8}}, .stall_seconds = {1, 2}, .advances = 3, .end = "now", .report = "{}"};
    attempt(
        "summary", [&] { record.put_summary(summary); }, [] {});
  }

  std::vector<StorageError> errors;

 private:
  template <class Doing, class Looking>
  void attempt(const std::string& what, const Doing& doing, const Looking& look) {
    try {
      doing();
      return;
    } catch (const StorageError& error) {
      EXPECT_NE(std::string{error.what()}.find(home_.file(kind_)), std::string::npos) << what << ": " << error.what();
      EXPECT_EQ(std::string{error.what()}.find(kind_ + " tier: "), 0U) << what << ": " << error.what();
      errors.push_back(error);
    }
    look();
    if (tier_) expect_readers_are_safe(what);
    doing();
  }
  void save(Slot slot, Step step) {
    attempt(
        "save", [&] { tier_->save(slot, step, content(step)); },
        [&] {
          EXPECT_EQ(tier_->ledger().at(slot).status, SlotStatus::empty);
          EXPECT_EQ(failure([&] { loaded(*tier_, slot, step); }).kind(), Kind::absent);
        });
  }
  void load(Slot slot, Step step) {
    attempt(
        "load", [&] { EXPECT_EQ(loaded(*tier_, slot, step), content(step)) << "slot " << slot.index; }, [] {});
  }
  void release(Slot slot) {
    bool released = false;  // it is, even where the file cannot be told
    attempt(
        "release",
        [&] {
          if (!released) tier_->release(slot);
        },
        [&] { released = true; });
    EXPECT_EQ(tier_->ledger().at(slot).status, SlotStatus::released);
  }
  /// Who opens the file right after the failure finds no slot that vouches for bytes that are not whole.
  void expect_readers_are_safe(const std::string& what) const {
    const std::unique_ptr<TierFile> file = open_tier_file(home_.file(kind_));
    for (std::int64_t slot = 0; slot < 3; ++slot) {
      const Step step = file->step(Slot{slot});
      if (step < 0) continue;
      Snapshot found = zero_snapshot(home_.layout);
      file->read(Slot{slot}, found);
      EXPECT_TRUE(same_fields(home_.layout, found, content(step)))
          << "after " << what << ", slot " << slot << ", step " << step;
      EXPECT_EQ(file->row(Slot{slot}).status, SlotStatus::valid) << "after " << what << ", slot " << slot;
    }
  }
  Snapshot content(Step step) const { return random_snapshot(static_cast<std::uint64_t>(step), home_.layout); }

  Home home_{fields(), 3};
  std::string kind_;
  Tier::Promise promise_;
  System* system_;
  std::unique_ptr<Tier> tier_;
};

/// The kind of tier, and its durability.
struct Case {
  std::string kind;
  Durability durability;
};
std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << each.kind;
}

class FileTierFaults : public testing::TestWithParam<Case> {
 protected:
  /// The errors of a life with this system.
  std::vector<StorageError> errors_with(FaultySystem& system) const {
    system.skip_syncs();
    Life life{GetParam().kind, {.durability = GetParam().durability}, system};
    life.live();
    return life.errors;
  }
  /// Calls `look(call, k)` for each call of an untroubled life.
  template <class Look>
  void for_each_call(const Look& look) const {
    FaultySystem untroubled;
    ASSERT_TRUE(errors_with(untroubled).empty());
    for (std::size_t call = 0; call < FaultySystem::calls; ++call)
      for (std::uint64_t kth = 1; kth <= untroubled.count(static_cast<Call>(call)); ++kth) {
        SCOPED_TRACE(std::string{names[call]} + " number " + std::to_string(kth));
        look(static_cast<Call>(call), kth);
      }
  }
};

TEST_P(FileTierFaults, MakesTheCallsThatAreFailedHere) {
  FaultySystem system;
  errors_with(system);
  for (const Call call :
       {Call::open, Call::pread, Call::pwrite, Call::fsync, Call::fallocate, Call::fstat, Call::rename})
    EXPECT_GT(system.count(call), 0U) << names[static_cast<std::size_t>(call)];
  EXPECT_EQ(system.count(Call::fdatasync) > 0, GetParam().durability == Durability::power);
}

TEST_P(FileTierFaults, GoOnWhereAnyCallIsInterrupted) {
  for_each_call([&](Call call, std::uint64_t kth) {
    FaultySystem system;
    system.fail(call, kth, EINTR);
    for (const StorageError& error : errors_with(system)) ADD_FAILURE() << error.what();
  });
}

TEST_P(FileTierFaults, GoOnWhereEveryCallIsInterruptedAndEveryTransferIsShort) {
  for (const std::size_t bytes : {4096U, 5000U, 12288U}) {
    FaultySystem system;
    system.interrupt_every_call();
    system.shorten_transfers(bytes);
    if (bytes % 4096 != 0) system.ignore_direct();  // the real system refuses such requests; it may still answer so
    for (const StorageError& error : errors_with(system)) ADD_FAILURE() << bytes << ": " << error.what();
  }
}

TEST_P(FileTierFaults, GoOnWithoutWhatAFileSystemMayLack) {
  FaultySystem no_direct, no_space_ahead, no_locks;
  no_direct.refuse_direct();
  no_space_ahead.refuse_fallocate();
  no_locks.fail_always(Call::flock, ENOLCK);
  no_locks.fail_always(Call::lock_whole_file, ENOTSUP);
  no_locks.fail_always(Call::sync_file_range, ENOSYS);
  for (FaultySystem* const system : {&no_direct, &no_space_ahead, &no_locks})
    for (const StorageError& error : errors_with(*system)) ADD_FAILURE() << error.what();
}

TEST_P(FileTierFaults, SayWhatFailedAndAreWholeAgainAfterIt) {
  const std::set<Call> never_hidden{Call::pread, Call::pwrite, Call::fdatasync, Call::fsync, Call::rename};
  for (const int error_number : {EIO, ENOSPC})
    for_each_call([&](Call call, std::uint64_t kth) {
      FaultySystem system;
      system.fail(call, kth, error_number);
      const std::vector<StorageError> errors = errors_with(system);
      EXPECT_LE(errors.size(), 1U);
      const bool must_be_heard = never_hidden.contains(call) || (call == Call::fallocate && error_number == EIO);
      EXPECT_TRUE(!must_be_heard || errors.size() == 1) << "a failure that nobody hears of";
      for (const StorageError& error : errors) {
        EXPECT_EQ(error.kind(), error_number == ENOSPC ? Kind::full : Kind::io) << error.what();
        EXPECT_NE(std::string{error.what()}.find(words_for(error_number)), std::string::npos) << error.what();
      }
    });
}

TEST_P(FileTierFaults, KeepWhatFitsWhereTheDiskIsFull) {
  std::size_t failed_creations = 0, failed_saves = 0, stored = 0;
  Home whole{fields(), 3};
  make_tier(GetParam().kind, whole, {}, System::real())->save(Slot{2}, 1, random_snapshot(1, whole.layout));
  const std::uint64_t bytes = std::filesystem::file_size(whole.file(GetParam().kind));
  for (std::uint64_t part = 0; part <= 40; ++part) {
    Home home{fields(), 3};
    FaultySystem system;
    system.fill_disk_at(bytes * part / 40);
    std::unique_ptr<Tier> tier;
    try {
      tier = make_tier(GetParam().kind, home, {.durability = GetParam().durability}, system);
    } catch (const StorageError& error) {
      EXPECT_EQ(error.kind(), Kind::full) << error.what();
      EXPECT_TRUE(std::filesystem::is_empty(home.folder.path())) << "an unfinished file is left behind";
      ++failed_creations;
      continue;
    }
    for (const std::int64_t slot : {0, 1, 2}) {
      const Snapshot saved = random_snapshot(static_cast<std::uint64_t>(slot), home.layout);
      try {
        tier->save(Slot{slot}, slot, saved);
        EXPECT_EQ(loaded(*tier, Slot{slot}, slot), saved) << "part " << part;
        ++stored;
      } catch (const StorageError& error) {
        EXPECT_EQ(error.kind(), Kind::full) << error.what();
        EXPECT_EQ(tier->ledger().at(Slot{slot}).status, SlotStatus::empty);
        ++failed_saves;
      }
    }
  }
  EXPECT_GT(failed_creations, 0U);
  EXPECT_GT(failed_saves, 0U);
  EXPECT_GT(stored, 0U);
}

INSTANTIATE_TEST_SUITE_P(Tiers, FileTierFaults,
                         testing::Values(Case{"mmap", Durability::process}, Case{"mmap", Durability::power},
                                         Case{"hdf5", Durability::process}, Case{"hdf5", Durability::power}),
                         [](const auto& each) {
                           return each.param.kind +
                                  (each.param.durability == Durability::power ? "_power" : "_process");
                         });

}  // namespace
}  // namespace cairn::test
