// SPDX-License-Identifier: BSD-3-Clause
// The order of writes is proved: all that a tier writes is recorded, each crash that could have happened is replayed
// into an image, and the image is opened. A kill leaves a prefix of the writes; a loss of power leaves what was
// synchronised and, sector by sector, any of what came after.
#include <cairn/storage/tier_file.hpp>

#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <support/crash_images.hpp>
#include <support/file_tiers.hpp>
#include <support/layouts.hpp>
#include <support/recording_system.hpp>
#include <support/snapshots.hpp>

namespace cairn::test {
namespace {

using Violations = std::vector<std::string>;

constexpr Slots slots = 4;

Layout small_state() {
  return Layout{{field("wave", ElementType::uint8, {1100}), field("time", ElementType::float64)}};
}
/// With a region, that is written by direct requests, and gaps.
Layout large_state() {
  return Layout{{field("pressure", ElementType::float32, {61, 71}), field("time", ElementType::float64),
                 field("mask", ElementType::uint8, {700})}};
}

/// What makes a sweep; more than a sector, so that it may be torn.
std::string identity_of_sweep(int sweep) {
  return R"({"sweep": )" + std::to_string(sweep) + R"(, "of": ")" + std::string(1200, static_cast<char>('a' + sweep)) +
         "\"}";
}
constexpr int most_sweeps = 20;

std::optional<int> sweep_of(const std::string& identity) {
  for (int sweep = 0; sweep < most_sweeps; ++sweep)
    if (identity == identity_of_sweep(sweep)) return sweep;
  return std::nullopt;
}

/// x_t of a sweep.
Snapshot state_of(const Layout& layout, int sweep, Step step) {
  return random_snapshot(static_cast<std::uint64_t>(1000 * sweep + step), layout);
}

/// A tier that saves, releases, drops, ends sweeps, begins new ones and is opened again, as a seed says, while all that
/// it writes is recorded.
class RecordedLife {
 public:
  /// A snapshot that must be there in whatever is left after `from` to `until` events.
  struct Promised {
    int sweep;
    Step step;
    std::size_t from;
    std::size_t until;
  };
  /// A sweep that has ended, whatever is left after `from` events.
  struct Ended {
    int sweep;
    std::size_t from;
  };

  RecordedLife(const std::string& kind, const Layout& layout, Durability durability, std::uint64_t seed)
      : layout_{layout}, promise_{.durability = durability}, home_{kind}, random_{seed} {
    tier_ = home_.make(layout_, slots, promise_, system_);
    made_ = content_of(home_.path);
    begun_ = system_.events().size();
    begin_sweep();
    for (int i = 0; i < 16; ++i) act();
    for (auto& [slot, open] : held_) promised_.push_back(ended(open));
  }

  /// Everything since the file was made.
  CrashImages crashes() const { return {std::span{system_.events()}.subspan(begun_), 0, made_}; }
  std::vector<DiskEvent> events() const {
    return {system_.events().begin() + std::ptrdiff_t(begun_), system_.events().end()};
  }
  const std::string& made() const { return made_; }
  const std::vector<Promised>& promised() const { return promised_; }
  const std::vector<Ended>& ended() const { return ended_; }
  const Layout& layout() const { return layout_; }

 private:
  std::size_t now() const { return system_.events().size() - begun_; }
  Promised ended(Promised open) const {
    open.until = now();
    return open;
  }
  bool chance(double share) { return std::bernoulli_distribution{share}(random_); }

  void act() {
    const Slot slot{static_cast<std::int64_t>(random_() % slots)};
    if (chance(.08)) return begin_sweep();
    if (chance(.05)) return end_sweep();
    if (chance(.05)) return put_summary({});
    if (chance(.1)) return open_again();
    if (!held_.contains(slot)) return save(slot);
    chance(.15) ? drop(slot) : release(slot);
    if (chance(.7)) save(slot);  // over what was released
  }
  void begin_sweep() {
    while (!held_.empty()) release(held_.begin()->first);
    ++sweep_;
    tier_.record->put_identity(identity_of_sweep(sweep_));
  }
  void put_summary(const std::string& end) {
    tier_.record->put_summary(
        {.actions = {{1, 0, 0, 0}, {2, 0, 0, 0}}, .stall_seconds = {0, 0}, .advances = 3, .end = end, .report = "{}"});
  }
  void end_sweep() {
    if (chance(.5))
      tier_.record->put_end("2026-01-02T03:04:05Z");
    else
      put_summary("2026-01-02T03:04:05Z");
    ended_.push_back({.sweep = sweep_, .from = now()});
    begin_sweep();
  }
  void save(Slot slot) {
    Step step = 0;
    do step = static_cast<Step>(random_() % 8);
    while (std::ranges::any_of(held_, [&](const auto& held) { return held.second.step == step; }));
    tier_->save(slot, step, state_of(layout_, sweep_, step));
    held_[slot] = {.sweep = sweep_, .step = step, .from = now(), .until = 0};
  }
  void release(Slot slot) {
    no_longer(slot);
    tier_->release(slot);
  }
  void drop(Slot slot) {
    no_longer(slot);
    tier_->drop(slot);
  }
  void no_longer(Slot slot) {
    promised_.push_back(ended(held_.at(slot)));
    held_.erase(slot);
  }
  void open_again() {
    tier_ = {};
    tier_ = home_.reopen(layout_, promise_, system_);
    Snapshot buffer = zero_snapshot(layout_);
    tier_->take_over(buffer);
    for (Slot slot{0}; slot.index < slots; ++slot.index) {
      const Ledger::Stored& found = tier_->ledger().at(slot);
      if (found.status != SlotStatus::valid)
        EXPECT_FALSE(held_.contains(slot)) << "a snapshot is lost without any crash";
      else if (!held_.contains(slot))  // brought back
        held_[slot] = {.sweep = sweep_, .step = found.step, .from = now(), .until = 0};
    }
  }

  Layout layout_;
  Tier::Promise promise_;
  RecordingSystem system_;  // before the tier, which uses it to the end
  FileTierHome home_;
  std::mt19937_64 random_;
  FileTier tier_;
  std::string made_;
  std::size_t begun_ = 0;
  int sweep_ = 0;
  std::map<Slot, Promised> held_;
  std::vector<Promised> promised_;
  std::vector<Ended> ended_;
};

enum class Crash { kill, loss_of_power };

/// Opens images and says what is wrong with them.
class Inspection {
 public:
  Inspection(const std::string& kind, const Layout& layout, Durability durability, Crash crash)
      : home_{kind}, layout_{layout}, durability_{durability}, crash_{crash} {}

  /// What must be so.
  struct Wanted {
    std::set<std::pair<int, Step>> stored = {};  ///< (sweep, step)
    std::set<int> ended = {};                    ///< sweeps
  };

  Violations of(const std::string& image, const Wanted& wanted) {
    found_wrong_.clear();
    put_content(home_.path, image);
    try {
      look_as_readers();
      look_as_a_resumed_run(wanted);
    } catch (const std::exception& failure) {
      note(std::string{"cannot be opened: "} + failure.what());
    }
    return found_wrong_;
  }
  std::size_t snapshots_seen() const { return seen_; }

 private:
  void note(const std::string& wrong) { found_wrong_.push_back(wrong); }
  bool may_be_torn() const { return crash_ == Crash::loss_of_power; }
  bool may_be_lost() const { return may_be_torn() && durability_ == Durability::process; }
  bool is_right(int sweep, Step step, const Snapshot& bytes) const {
    return same_fields(layout_, bytes, state_of(layout_, sweep, step));
  }

  /// `cairn inspect`, h5py: by step words, rows and sums.
  void look_as_readers() {
    const auto file = open_tier_file(home_.path);
    for (const SlotReport& report : examine(*file, true)) {
      if (report.verdict == Verdict::bad && !may_be_torn()) note("bad after a kill: " + report.problem);
      if (report.verdict != Verdict::whole) continue;
      Snapshot bytes = zero_snapshot(layout_);
      file->read(report.slot, bytes);
      const std::uint64_t run = file->row(report.slot).run;
      bool right = false;
      for (int sweep = 0; sweep < most_sweeps; ++sweep)
        right = right || (run_hash_of(identity_of_sweep(sweep)) == run && is_right(sweep, report.step, bytes));
      if (!right) note("readers are told that slot " + std::to_string(report.slot.index) + " is whole");
    }
  }
  void look_as_a_resumed_run(const Wanted& wanted) {
    NoWaiting syncs;
    const FileTier tier = home_.reopen(layout_, {.durability = durability_}, syncs);
    const RecordedRun& found = tier.record->found();
    const std::optional<int> sweep = sweep_of(found.identity);
    const bool goes_on = !found.identity.empty() && found.end.empty();
    if (goes_on && !sweep && !may_be_lost()) note("half an identity, of a run that has not ended");
    if (goes_on && sweep && wanted.ended.contains(*sweep)) note("a sweep that had ended is to be gone on with");
    std::set<std::pair<int, Step>> lost = wanted.stored;
    Snapshot buffer = zero_snapshot(layout_);
    tier->take_over(buffer);
    for (Slot slot{0}; slot.index < slots; ++slot.index) {
      const Ledger::Stored held = tier->ledger().at(slot);
      if (held.status != SlotStatus::valid) continue;
      if (!sweep) note("a snapshot of a sweep whose identity is torn");
      try {
        tier->load(slot, held.step, buffer);
      } catch (const StorageError& refusal) {
        const bool of_data = refusal.kind() == StorageError::Kind::corrupt || refusal.kind() == StorageError::Kind::io;
        if (!may_be_torn() || !of_data) note(refusal.what());  // io: the file ends before them
        continue;
      }
      ++seen_;
      if (sweep && is_right(*sweep, held.step, buffer))
        lost.erase({*sweep, held.step});
      else
        note("wrong bytes are accepted as step " + std::to_string(held.step));
    }
    for (const auto& [of, step] : lost)
      note("step " + std::to_string(step) + " of sweep " + std::to_string(of) + " was stored, and is lost");
  }

  /// The real system, that waits for no device.
  class NoWaiting final : public System {
    int fdatasync(int) override { return 0; }
    int fsync(int) override { return 0; }
  };

  FileTierHome home_;
  Layout layout_;
  Durability durability_;
  Crash crash_;
  Violations found_wrong_;
  std::size_t seen_ = 0;
};

/// What is promised after the first `count` events.
Inspection::Wanted wanted_after(const RecordedLife& life, std::size_t count) {
  Inspection::Wanted wanted;
  for (const RecordedLife::Promised& one : life.promised())
    if (one.from <= count && count <= one.until) wanted.stored.insert({one.sweep, one.step});
  for (const RecordedLife::Ended& one : life.ended())
    if (one.from <= count) wanted.ended.insert(one.sweep);
  return wanted;
}

/// Kind of tier, its durability, whether the state is large.
using Case = std::tuple<std::string, Durability, bool>;

class DurabilityOrder : public testing::TestWithParam<Case> {
 protected:
  std::string kind() const { return std::get<0>(GetParam()); }
  Durability durability() const { return std::get<1>(GetParam()); }
  Layout layout() const { return std::get<2>(GetParam()) ? large_state() : small_state(); }
  /// The library takes some milliseconds to open a file.
  std::uint64_t seeds() const { return kind() == "hdf5" ? 2 : 10; }
  /// Is a snapshot, once stored, there after such a crash?
  bool outlives(Crash crash) const { return crash == Crash::kill || durability() == Durability::power; }

  /// The violations in all images of a crash, with the events before it. At most a few.
  Violations violations(const CrashImages& crashes, const RecordedLife& life, Crash crash, std::uint64_t seed,
                        int images_a_moment) {
    Inspection inspection{kind(), layout(), durability(), crash};
    std::mt19937_64 random{seed};
    Violations found;
    for (std::size_t count = 0; count <= crashes.events() && found.size() < 5; ++count)
      for (int i = 0; i < images_a_moment; ++i) {
        const std::string image =
            crash == Crash::kill ? crashes.after_kill(count) : crashes.after_power_loss(count, random);
        const auto wanted = outlives(crash) ? wanted_after(life, count) : Inspection::Wanted{};
        for (const std::string& wrong : inspection.of(image, wanted))
          found.push_back("after " + std::to_string(count) + " of " + std::to_string(crashes.events()) +
                          " writes: " + wrong);
      }
    seen_ += inspection.snapshots_seen();
    return found;
  }
  std::size_t seen_ = 0;
};

TEST_P(DurabilityOrder, AKillAfterAnyWriteLosesNothingAndTellsNothingWrong) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const RecordedLife life{kind(), layout(), durability(), seed};
    for (const std::string& wrong : violations(life.crashes(), life, Crash::kill, seed, 1))
      ADD_FAILURE() << "seed " << seed << ": " << wrong;
  }
  EXPECT_GT(seen_, 20U);
}

TEST_P(DurabilityOrder, ALossOfPowerLosesNothingThatWasSynchronisedAndTellsNothingWrong) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const RecordedLife life{kind(), layout(), durability(), seed};
    for (const std::string& wrong : violations(life.crashes(), life, Crash::loss_of_power, seed, 3))
      ADD_FAILURE() << "seed " << seed << ": " << wrong;
  }
  EXPECT_EQ(seen_ > 20, seen_ > 0) << "too few for a proof";
  EXPECT_TRUE(seen_ > 0 || durability() == Durability::process);
}

/// The oracle has teeth: a tier that forgot its synchronisations would be found.
TEST_P(DurabilityOrder, WithoutSynchronisationALossOfPowerWouldBeNoticed) {
  if (durability() == Durability::process) {
    const RecordedLife life{kind(), layout(), durability(), 1};
    EXPECT_TRUE(std::ranges::none_of(life.events(), [](const DiskEvent& event) {
      return event.kind == DiskEvent::Kind::sync;
    })) << "process durability waits for no device";
    return;
  }
  const RecordedLife life{kind(), layout(), durability(), 1};
  std::vector<DiskEvent> events = life.events();
  for (DiskEvent& event : events)
    if (event.kind == DiskEvent::Kind::sync) event.file = -1;  // of no file
  EXPECT_FALSE(violations({events, 0, life.made()}, life, Crash::loss_of_power, 1, 3).empty());
}

/// … and one that wrote the row before the data.
TEST_P(DurabilityOrder, AnotherOrderOfWritesWouldBeNoticed) {
  const RecordedLife life{kind(), layout(), durability(), 1};
  std::vector<DiskEvent> events = life.events();
  const auto says_valid = [](const DiskEvent& event) {
    return event.bytes.size() == sizeof(LedgerRow) &&
           event.bytes[offsetof(LedgerRow, status)] == static_cast<char>(SlotStatus::valid);
  };
  const auto says_writing = [](const DiskEvent& event) {
    return event.bytes.size() == sizeof(LedgerRow) &&
           event.bytes[offsetof(LedgerRow, status)] == static_cast<char>(SlotStatus::writing);
  };
  int moved = 0;
  for (auto valid = events.begin(); valid != events.end(); ++valid) {
    if (!says_valid(*valid)) continue;
    auto writing = valid;
    while (writing != events.begin() && !says_writing(*writing)) --writing;
    if (!says_writing(*writing)) continue;
    std::rotate(writing + 1, valid, valid + 1);
    ++moved;
  }
  ASSERT_GT(moved, 0);
  EXPECT_FALSE(violations({events, 0, life.made()}, life, Crash::kill, 1, 1).empty());
}

INSTANTIATE_TEST_SUITE_P(Tiers, DurabilityOrder,
                         testing::Combine(testing::Values("mmap", "hdf5"),
                                          testing::Values(Durability::process, Durability::power), testing::Bool()),
                         [](const auto& made) {
                           return std::get<0>(made.param) +
                                  (std::get<1>(made.param) == Durability::power ? "_power" : "_process") +
                                  (std::get<2>(made.param) ? "_large" : "_small");
                         });

/// Files and names of a folder after a crash, from what was recorded.
class FolderAfterACrash {
 public:
  FolderAfterACrash(const RecordingSystem& system, std::string path, std::optional<int> old)
      : system_{system}, path_{std::move(path)}, old_{old} {}

  /// Which file stands at the path after the first `count` events, of which those that name files are there up to
  /// `named`. nullopt: none.
  std::optional<int> at_the_path(std::size_t named) const {
    std::map<std::string, int> names;
    if (old_) names[path_] = *old_;
    for (std::size_t i = 0; i < named; ++i) {
      const DiskEvent& event = system_.events()[i];
      if (event.kind == DiskEvent::Kind::create) names[event.name] = event.file;
      if (event.kind == DiskEvent::Kind::remove) names.erase(event.name);
      if (event.kind != DiskEvent::Kind::rename) continue;
      names[event.to] = names.at(event.name);
      names.erase(event.name);
    }
    const auto found = names.find(path_);
    return found == names.end() ? std::nullopt : std::optional{found->second};
  }
  /// Names are safe up to here, where `count` events have happened.
  std::size_t names_synced(std::size_t count) const {
    std::size_t synced = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (system_.events()[i].kind == DiskEvent::Kind::sync_folder) synced = i + 1;
    return synced;
  }
  CrashImages images(int file) const { return {system_.events(), file, system_.first_content(file)}; }

 private:
  const RecordingSystem& system_;
  std::string path_;
  std::optional<int> old_;
};

class CreationOrder : public testing::TestWithParam<std::string> {
 protected:
  /// What stands at the path must be whole: the new file without snapshots, or the old one with its own.
  void expect_whole(const std::string& image, bool is_old) const {
    put_content(copy_, image);
    std::unique_ptr<TierFile> file;
    ASSERT_NO_THROW(file = open_tier_file(copy_));
    const std::vector<SlotReport> reports = examine(*file, true);
    EXPECT_EQ(file->slots(), is_old ? 2 : slots);
    ASSERT_EQ(reports.size(), is_old ? 1U : 0U);
    if (!is_old) return;
    EXPECT_EQ(reports[0].verdict, Verdict::whole);
    EXPECT_EQ(reports[0].step, 5);
  }
  /// Opens images of every crash in what the system recorded.
  void expect_whole_after_any_crash(const RecordingSystem& system, std::optional<int> old) const {
    const FolderAfterACrash folder{system, home_.path, old};
    std::mt19937_64 random{7};
    std::set<std::optional<int>> stood;
    for (std::size_t count = 0; count <= system.events().size(); ++count) {
      SCOPED_TRACE("after " + std::to_string(count) + " of " + std::to_string(system.events().size()) + " events");
      const std::optional<int> killed = folder.at_the_path(count);
      EXPECT_TRUE(killed || !old) << "no file at all";
      stood.insert(killed);
      if (killed) expect_whole(folder.images(*killed).after_kill(count), killed == old);
      for (std::size_t named = folder.names_synced(count); named <= count; ++named) {
        const std::optional<int> file = folder.at_the_path(named);
        EXPECT_TRUE(file || !old) << "no file at all";
        if (file) expect_whole(folder.images(*file).after_power_loss(count, random), file == old);
      }
    }
    EXPECT_EQ(stood.size(), 2U) << "before, and after";
  }

  FileTierHome home_{GetParam()};
  Layout layout_ = large_state();
  TemporaryFolder beside_;
  std::string copy_ = beside_ / "image";
};

TEST_P(CreationOrder, AtAnyMomentThereIsNoFileOrAWholeOne) {
  RecordingSystem system;
  home_.make(layout_, slots, {}, system);
  ASSERT_GT(system.events().size(), 4U);
  expect_whole_after_any_crash(system, std::nullopt);
}

TEST_P(CreationOrder, AtAnyMomentThereIsTheOldFileOrTheNewOne) {
  {
    const FileTier old = home_.make(layout_, 2);
    old.record->put_identity("{}");
    old->save(Slot{1}, 5, random_snapshot(5, layout_));
  }
  RecordingSystem system;
  home_.make(layout_, slots, {}, system);
  int old = 0;  // the file that nobody created
  const auto was_created = [&](int file) {
    return std::ranges::any_of(system.events(), [&](const DiskEvent& event) {
      return event.kind == DiskEvent::Kind::create && event.file == file;
    });
  };
  while (old < system.files() && was_created(old)) ++old;
  ASSERT_LT(old, system.files());
  expect_whole_after_any_crash(system, old);
}

INSTANTIATE_TEST_SUITE_P(Tiers, CreationOrder, testing::Values("mmap", "hdf5"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace cairn::test
