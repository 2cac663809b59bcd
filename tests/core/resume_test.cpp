// SPDX-License-Identifier: BSD-3-Clause
// A run that an exception has ended is resumed by another Reversal; tests/crash does so after kills.
#include "support/configs.hpp"
#include "support/gradient_toy.hpp"
#include <cairn/core/resume.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/shared_area.hpp>
#include <cairn/storage/tier_file.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/statvfs.h>

namespace cairn::test {
namespace {

constexpr Step n = 60;
using Gradient = std::array<double, GradientToy::cells>;

struct Died : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws at the call of that number.
std::function<void()> dying_at(int call) {
  return [call, calls = std::make_shared<int>()] {  // one count for all operators
    if (++*calls == call) throw Died{"as asked"};
  };
}

Gradient undisturbed() {
  const TemporaryFolder folder;
  GradientToy toy{n};
  Reversal run{config(ScheduleKind::revolve, "ram:5", folder), toy.state(), toy.operators([] {})};
  run.sweep(n);
  return toy.gradient;
}

class Resume : public testing::TestWithParam<ExecutorKind> {
 protected:
  /// `resume` as given, all is kept as often as may be.
  Config config_of(bool resume, ScheduleKind kind = ScheduleKind::multistage,
                   const std::string& tiers = "ram:3 hdf5:9") {
    Config made = config(kind, tiers, folder_, GetParam());
    made.resume = resume;
    made.keep_every_seconds = 1e-9;
    made.run_id = run_id_;
    return made;
  }
  /// A run that dies at that call of an operator.
  void die_at(int call, ScheduleKind kind = ScheduleKind::multistage, const std::string& tiers = "ram:3 hdf5:9",
              bool keeps = true, std::chrono::microseconds each = {}) {
    GradientToy toy{n};
    Reversal run{config_of(false, kind, tiers), toy.state(), toy.operators([each, die = dying_at(call)] {
                   std::this_thread::sleep_for(each);
                   die();
                 })};
    run.depends_on("velocity", toy.velocity);
    if (keeps) toy.keep_in(run);
    EXPECT_THROW(run.sweep(n), Died) << call;
  }
  std::string refusal_after(const std::function<void(GradientToy&, Reversal&)>& change, Step steps = n) {
    GradientToy toy{steps};
    Reversal run{config_of(true), toy.state(), toy.operators([] {})};
    run.depends_on("velocity", toy.velocity);
    toy.keep_in(run);
    change(toy, run);
    try {
      run.forward(steps);
    } catch (const std::exception& problem) {
      return problem.what();
    }
    return "accepted";
  }
  TemporaryFolder folder_;
  std::string run_id_ = "shot 7";
};

// Calls of the first sweep are 1 … n, of the seed n+1; then come turns and recomputation.
TEST_P(Resume, GoesOnFromAnyMomentToTheSameGradient) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind kind : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::periodic,
                                  ScheduleKind::overlap, ScheduleKind::automatic, ScheduleKind::store_all})
    for (const std::string tiers : {"ram:3 hdf5:70", "ram:2 mmap:4 hdf5:70", "hdf5:70"}) {
      if (tiers == "hdf5:70" && (kind == ScheduleKind::overlap || kind == ScheduleKind::periodic)) continue;
      for (const int call : {1, 20, 59, 60, 61, 62, 63, 75, 100, 119}) {
        SCOPED_TRACE(std::string{name_of(kind)} + " on " + tiers + ", died at call " + std::to_string(call));
        die_at(call, kind, tiers);
        GradientToy toy{n};
        Reversal run{config_of(true, kind, tiers), toy.state(), toy.operators([] {})};
        run.depends_on("velocity", toy.velocity);
        toy.keep_in(run);
        run.sweep(n);
        ASSERT_EQ(toy.gradient, expected);
      }
    }
}

// Also with RAM alone; nothing of it is left behind.
TEST_P(Resume, GoesOnFromSharedMemory) {
  const Gradient expected = undisturbed();
  for (const ScheduleKind kind : {ScheduleKind::multistage, ScheduleKind::hrevolve, ScheduleKind::revolve,
                                  ScheduleKind::overlap, ScheduleKind::automatic, ScheduleKind::store_all})
    for (const std::string tiers :
         {"shared:4", "shared:70", "shared:3 hdf5:70", "shared:9 hdf5:9", "shared:2 mmap:70"}) {
      const bool alone = tiers.find(' ') == std::string::npos;
      if (alone && kind == ScheduleKind::overlap) continue;
      if (kind == ScheduleKind::store_all && (tiers == "shared:4" || tiers == "shared:9 hdf5:9")) continue;
      for (const int call : {1, 20, 59, 60, 61, 62, 63, 75, 100, 119}) {
        SCOPED_TRACE(std::string{name_of(kind)} + " on " + tiers + ", died at call " + std::to_string(call));
        die_at(call, kind, tiers);
        EXPECT_TRUE(!alone || std::filesystem::exists(shared_path(folder_.memory_name())));
        {
          GradientToy toy{n};
          Reversal run{config_of(true, kind, tiers), toy.state(), toy.operators([] {})};
          run.depends_on("velocity", toy.velocity);
          toy.keep_in(run);
          run.sweep(n);
          ASSERT_EQ(toy.gradient, expected);
        }
        EXPECT_FALSE(std::filesystem::exists(shared_path(folder_.memory_name())));
        EXPECT_FALSE(std::filesystem::exists(shared_path(folder_.memory_name() + ".kept")));
      }
    }
}

TEST_P(Resume, FromSharedMemoryDoesNotRunAgainWhatWasDone) {
  for (const std::string tiers : {"shared:70", "shared:70 hdf5:9"}) {
    SCOPED_TRACE(tiers);
    die_at(58, ScheduleKind::revolve, tiers, false);  // 57 steps are done
    {
      GradientToy toy{n};
      Reversal run{config_of(true, ScheduleKind::revolve, tiers), toy.state(), toy.operators([] {})};
      run.depends_on("velocity", toy.velocity);
      EXPECT_EQ(run.forward(n), Reversal::Arrived::at_the_end);
      EXPECT_LE(toy.steps_run, 4) << "every state is in memory";
      run.restart();
    }
    Config fresh = config_of(false, ScheduleKind::revolve, tiers);
    fresh.overwrite = true;
    GradientToy toy{n};
    Reversal{fresh, toy.state(), toy.operators([] {})}.sweep(n);
  }
}

TEST_P(Resume, TakesSharedMemoryOfAnotherCapacity) {
  struct Change {
    std::string before;
    Slots buffers;
    std::string after;
  };
  int reopened = 0;
  for (const auto& [before, buffers, after] :
       {Change{"shared:4 hdf5:9", 4, "shared:12 hdf5:30"}, Change{"shared:12 hdf5:30", 12, "shared:3 hdf5:9"},
        Change{"shared:4", 4, "shared:9"}, Change{"shared:8", 8, "shared:2 mmap:9"},
        Change{"shared:8 mmap:9", 8, "shared:2"}})
    for (const ScheduleKind kind : {ScheduleKind::overlap, ScheduleKind::hrevolve})
      for (const int call : {40, 100}) {
        SCOPED_TRACE(before + " then " + after + ", died at call " + std::to_string(call));
        const auto fitting = [&](const std::string& tiers) {
          return tiers.find(' ') == std::string::npos ? ScheduleKind::hrevolve : kind;
        };
        die_at(call, fitting(before), before);
        {
          const bool left = std::filesystem::exists(shared_path(folder_.memory_name()));
          reopened += left;
          GradientToy toy{n};
          Reversal run{config_of(true, fitting(after), after), toy.state(), toy.operators([] {})};
          if (left) {
            EXPECT_EQ(run.provision().pool, buffers);
          }
          run.depends_on("velocity", toy.velocity);
          toy.keep_in(run);
          run.sweep(n);
          EXPECT_EQ(toy.gradient, undisturbed());
        }
        for (const char* file : {"level1.map", "level1.kept.h5"}) std::filesystem::remove(folder_ / file);
        ::shm_unlink(("/cairn." + folder_.memory_name() + ".kept").c_str());
      }
  EXPECT_GE(reopened, 15) << "of 20";
}

TEST_P(Resume, ARunStoppedInSharedMemoryGoesOn) {
  for (const bool in_reverse : {false, true}) {
    SCOPED_TRACE(in_reverse);
    Step done = 0;  // in the first sweep
    {
      GradientToy toy{n};
      Reversal* running = nullptr;
      int calls = 0;
      Reversal run{config_of(true, ScheduleKind::revolve, "shared:5"), toy.state(), toy.operators([&] {
                     if (++calls == (in_reverse ? 100 : 40)) running->request_stop();
                   })};
      running = &run;
      run.depends_on("velocity", toy.velocity);
      toy.keep_in(run);
      if (in_reverse) {
        EXPECT_EQ(run.forward(n), Reversal::Arrived::at_the_end);
        EXPECT_TRUE(run.reverse().stopped);
      } else {
        EXPECT_EQ(run.forward(n), Reversal::Arrived::stopped);
        done = toy.steps_run;
        EXPECT_LT(done, n);
      }
    }
    GradientToy toy{n};
    Reversal run{config_of(true, ScheduleKind::revolve, "shared:5"), toy.state(), toy.operators([] {})};
    run.depends_on("velocity", toy.velocity);
    toy.keep_in(run);
    EXPECT_EQ(run.forward(n), in_reverse ? Reversal::Arrived::in_reverse : Reversal::Arrived::at_the_end);
    EXPECT_EQ(toy.steps_run, in_reverse ? 0 : n - done);
    run.reverse();
    EXPECT_EQ(toy.gradient, undisturbed());
  }
}

TEST_P(Resume, SharedMemoryOfAnotherRunIsRefusedAndStays) {
  die_at(100, ScheduleKind::multistage, "shared:5");
  const auto refusal = [&](Config config, const std::function<void(GradientToy&)>& change) -> std::string {
    GradientToy toy{n};
    change(toy);
    try {
      Reversal run{std::move(config), toy.state(), toy.operators([] {})};
      run.depends_on("velocity", toy.velocity);
      toy.keep_in(run);
      run.rehearse(1);  // finds a buffer although the snapshots have them all
      run.forward(n);
    } catch (const StorageError& problem) {
      return problem.what();
    }
    return "accepted";
  };
  const auto no_change = [](GradientToy&) {};
  const Config plain = config_of(false, ScheduleKind::multistage, "shared:5");
  const Config resuming = config_of(true, ScheduleKind::multistage, "shared:5");
  EXPECT_NE(refusal(plain, no_change).find("resume: true to go on"), std::string::npos) << refusal(plain, no_change);
  const std::string changed = refusal(resuming, [](GradientToy& toy) { toy.velocity[5] += 1e-12; });
  EXPECT_NE(changed.find(shared_path(folder_.memory_name())), std::string::npos) << changed;
  EXPECT_NE(changed.find("\"velocity\" is not what it was"), std::string::npos) << changed;
  EXPECT_EQ(refusal(resuming, no_change), "accepted");
}

TEST_P(Resume, TooMuchSharedMemoryIsAFullTierAndSaysWhatToGive) {
  struct ::statvfs room {};
  ASSERT_EQ(::statvfs("/dev/shm", &room), 0);
  ASSERT_GT(room.f_blocks, 0U);
  Config large = config_of(false, ScheduleKind::online, "shared:2");
  large.tiers[0].capacity = Capacity::of(Bytes{2 * std::uint64_t{room.f_blocks} * room.f_frsize});
  std::vector<double> wave(std::size_t{1} << 20);
  State state;
  state.add("wave", wave);
  {
    Reversal run{large, state, {.advance = [](Steps) {}, .reverse = [](Steps) {}}};
    try {
      run.forward_while([] { return false; });  // touches all of the pool
      FAIL() << "there is not that much";
    } catch (const StorageError& problem) {
      EXPECT_EQ(problem.kind(), StorageError::Kind::full);
      EXPECT_NE(std::string{problem.what()}.find("give less capacity, or enlarge /dev/shm"), std::string::npos)
          << problem.what();
    }
  }
  EXPECT_FALSE(std::filesystem::exists(shared_path(folder_.memory_name())));
}

TEST_P(Resume, DoesNotRunAgainWhatWasDone) {
  // In the first sweep, its snapshots at hand; steps so long that commits are due (Kept::is_due()).
  die_at(58, ScheduleKind::multistage, "ram:3 hdf5:9", true, std::chrono::milliseconds{1});
  {
    GradientToy toy{n};
    Reversal run{config_of(true), toy.state(), toy.operators([] {})};
    run.depends_on("velocity", toy.velocity);
    toy.keep_in(run);
    EXPECT_EQ(run.forward(n), Reversal::Arrived::at_the_end);
    EXPECT_LT(toy.steps_run, n);
    run.reverse();
    EXPECT_EQ(toy.gradient, undisturbed());
  }
  die_at(150);  // among the turns
  GradientToy toy{n};
  Reversal run{config_of(true), toy.state(), toy.operators([] {})};
  run.depends_on("velocity", toy.velocity);
  toy.keep_in(run);
  EXPECT_EQ(run.forward(n), Reversal::Arrived::in_reverse);
  EXPECT_EQ(toy.steps_run, 0);
  EXPECT_NE(toy.gradient, (Gradient{})) << "what was kept is back";
  toy.adjoint.fill(99);  // a seed that does not count
  run.reverse();
  EXPECT_EQ(toy.gradient, undisturbed());
  toy.gradient.fill(0);
  toy.adjoint.fill(0);
  std::fill(toy.traces.begin(), toy.traces.end(), 0.);
  run.sweep(n);
  EXPECT_EQ(toy.gradient, undisturbed()) << "the next sweep is one of its own";
}

TEST_P(Resume, BeginsAnewWhereNothingIsStored) {
  GradientToy toy{n};
  Reversal run{config_of(true), toy.state(), toy.operators([] {})};
  toy.keep_in(run);
  run.sweep(n);
  EXPECT_EQ(toy.gradient, undisturbed());
}

TEST_P(Resume, BeginsAnewAfterARunThatHasEnded) {
  for (int i = 0; i < 2; ++i) {
    GradientToy toy{n};
    Reversal run{config_of(true), toy.state(), toy.operators([] {})};
    run.sweep(n);
    EXPECT_GE(toy.steps_run, n);
    EXPECT_EQ(toy.gradient, undisturbed());
  }
}

TEST_P(Resume, TakesOtherCapacitiesAndSchedules) {
  die_at(40);
  GradientToy toy{n};
  Reversal run{config_of(true, ScheduleKind::hrevolve, "ram:6 hdf5:30"), toy.state(), toy.operators([] {})};
  run.depends_on("velocity", toy.velocity);
  toy.keep_in(run);
  run.sweep(n);
  EXPECT_LT(toy.steps_run, 3 * n);
  EXPECT_EQ(toy.gradient, undisturbed());
}

TEST_P(Resume, RefusesAnotherRunAndSaysWhatDiffersAndLeavesItsFile) {
  die_at(100);
  EXPECT_NE(refusal_after([](GradientToy& toy, Reversal& run) {
              toy.velocity[5] += 1e-12;
              run.depends_on("velocity", toy.velocity);
            }).find("\"velocity\" is not what it was"),
            std::string::npos);
  EXPECT_NE(refusal_after([](GradientToy& toy, Reversal&) { toy.wave[9] += 1e-12; }).find("x_0 is not what it was"),
            std::string::npos);
  EXPECT_NE(refusal_after([](GradientToy&, Reversal&) {}, n + 1).find("the run had 60 steps, now it has 61"),
            std::string::npos);
  run_id_ = "shot 8";
  EXPECT_NE(refusal_after([](GradientToy&, Reversal&) {}).find("run_id was \"shot 7\", now it is \"shot 8\""),
            std::string::npos);
  run_id_ = "shot 7";
  EXPECT_EQ(refusal_after([](GradientToy&, Reversal&) {}), "accepted") << "nothing was changed by those";
}

TEST_P(Resume, WithoutKeepTheFirstSweepAloneCanGoOn) {
  die_at(40, ScheduleKind::multistage, "ram:3 hdf5:9", false);
  {
    GradientToy toy{n};
    Reversal run{config_of(true), toy.state(), toy.operators(dying_at(60))};
    run.depends_on("velocity", toy.velocity);
    EXPECT_THROW(run.sweep(n), Died) << "in the reverse sweep";
    EXPECT_LT(toy.steps_run, 59);
  }
  GradientToy toy{n};
  Reversal run{config_of(true), toy.state(), toy.operators([] {})};
  run.depends_on("velocity", toy.velocity);
  try {
    run.forward(n);
    FAIL() << "the gradient of the turns before is lost";
  } catch (const std::logic_error& problem) {
    EXPECT_NE(std::string{problem.what()}.find("Reversal::keep()"), std::string::npos) << problem.what();
  }
}

/// The process ends when the next sweep has begun in that file, and in no other.
void begin_the_next_sweep_in(const std::string& path) {
  const auto file = open_tier_file(path);
  const Layout layout = file->layout();
  const std::string before = file->run().identity;
  nlohmann::ordered_json identity = nlohmann::ordered_json::parse(before);
  identity["sweep"] = sweep_of(before) + 1;
  if (file->kind() == "mmap")
    MmapTier::reopen(path, layout)->put_identity(identity.dump());
  else
    Hdf5Tier::reopen(path, layout)->put_identity(identity.dump());
}

TEST_P(Resume, BeginsAnewWhereASweepHadBegunInOneOfTheFiles) {
  const std::string tiers = "ram:2 mmap:4 hdf5:70";
  for (const char* const began : {"level1.map", "level2.h5"})
    for (const int call : {40, 100})
      for (const bool keeps : {true, false}) {
        SCOPED_TRACE(std::string{began} + ", died at call " + std::to_string(call) + (keeps ? ", kept" : ""));
        die_at(call, ScheduleKind::multistage, tiers, keeps);
        begin_the_next_sweep_in(folder_ / began);
        GradientToy toy{n};
        Reversal run{config_of(true, ScheduleKind::multistage, tiers), toy.state(), toy.operators([] {})};
        run.depends_on("velocity", toy.velocity);
        if (keeps) toy.keep_in(run);
        EXPECT_EQ(run.forward(n), Reversal::Arrived::at_the_end);
        EXPECT_GE(toy.steps_run, n) << "the sweep before was given up";
        run.reverse();
        ASSERT_EQ(toy.gradient, undisturbed());
      }
}

// A resumed process once counted its sweeps from 1: a later sweep could have the identity of one that had ended, and
// find its snapshots.
TEST_P(Resume, NoTwoSweepsOfARunHaveOneIdentity) {
  {
    GradientToy toy{n};
    int calls = 0;
    Reversal run{config_of(false), toy.state(), toy.operators([&] {
                   if (++calls == 20 || calls == 70) throw Died{"as asked"};
                 })};
    EXPECT_THROW(run.sweep(n), Died);
    run.restart();
    EXPECT_THROW(run.sweep(n), Died);  // the second
  }
  const auto sweep_in_file = [&] { return sweep_of(open_tier_file(folder_ / "level1.h5")->run().identity); };
  EXPECT_EQ(sweep_in_file(), 2);
  GradientToy toy{n};
  Reversal run{config_of(true), toy.state(), toy.operators([] {})};
  run.sweep(n);
  EXPECT_LT(toy.steps_run, 3 * n);
  EXPECT_EQ(sweep_in_file(), 2);
  run.sweep(n);
  EXPECT_EQ(sweep_in_file(), 3);
}

TEST_P(Resume, AReportThatNamesNoPhaseStopsNobody) {
  die_at(90, ScheduleKind::multistage, "ram:3 hdf5:9", false);
  GradientToy toy{n};
  {
    const Layout layout{toy.state().fields()};
    RunSummary summary{.actions = {{}, {}}, .stall_seconds = {0, 0}, .advances = 0, .end = "", .report = {}};
    summary.report = R"({"phase": 1})";  // no text
    Hdf5Tier::reopen(config_of(true).tiers.back().path, layout)->put_summary(summary);
  }
  Reversal run{config_of(true), toy.state(), toy.operators([] {})};
  run.depends_on("velocity", toy.velocity);
  const Report report = run.sweep(n);
  EXPECT_EQ(report.turns, Count{static_cast<std::uint64_t>(n)}) << "all are this process's";
  EXPECT_LT(report.advances, Count{static_cast<std::uint64_t>(3 * n)});
}

TEST_P(Resume, AFileOfARunThatHasNotEndedIsNotReplacedByAccident) {
  die_at(100);
  GradientToy toy{n};
  Config plain = config_of(false);
  try {
    Reversal{plain, toy.state(), toy.operators([] {})};
    FAIL() << "its snapshots would be lost";
  } catch (const StorageError& problem) {
    EXPECT_EQ(problem.kind(), StorageError::Kind::mismatch);
    EXPECT_NE(std::string{problem.what()}.find("resume: true"), std::string::npos) << problem.what();
    EXPECT_NE(std::string{problem.what()}.find("overwrite: true"), std::string::npos) << problem.what();
  }
  plain.overwrite = true;
  Reversal run{plain, toy.state(), toy.operators([] {})};
  run.sweep(n);
  EXPECT_EQ(toy.gradient, undisturbed());
}

TEST_P(Resume, KeepWantsATierWithAFileAndComesBeforeForward) {
  GradientToy toy{n};
  Reversal in_memory{config(ScheduleKind::revolve, "ram:5", folder_, GetParam()), toy.state(), toy.operators([] {})};
  EXPECT_THROW(in_memory.keep("gradient", toy.gradient), std::invalid_argument);
  Reversal run{config_of(false), toy.state(), toy.operators([] {})};
  run.keep("gradient", toy.gradient);
  run.sweep(n);
  EXPECT_THROW(run.keep("adjoint", toy.adjoint), std::logic_error);
}

INSTANTIATE_TEST_SUITE_P(Executors, Resume, testing::Values(ExecutorKind::asynchronous, ExecutorKind::sequential),
                         [](const auto& kind) { return std::string{name_of(kind.param)}; });

}  // namespace
}  // namespace cairn::test
