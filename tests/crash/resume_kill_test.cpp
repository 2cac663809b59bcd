// SPDX-License-Identifier: BSD-3-Clause
// Runs ended by kill -9 again and again, each time resumed by a new process, until they end: with the right gradient.
#include "support/configs.hpp"
#include "support/gradient_toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/shared_area.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <new>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn::test {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;
using Gradient = std::array<double, GradientToy::cells>;

constexpr Step n = 150;
constexpr Microseconds operator_time{40};
constexpr int most_kills = 12;  // of one run

/// What a process leaves in shared memory when it is killed.
struct Traces {
  enum class Phase { beginning, forward, seeding, reverse, ended };
  volatile Phase phase = Phase::beginning;
  Gradient gradient{};
  std::array<char, 1024> problem{};
};

class SharedTraces {
 public:
  SharedTraces() : memory_{::mmap(nullptr, sizeof(Traces), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)} {
    if (memory_ == MAP_FAILED) throw std::bad_alloc{};
  }
  SharedTraces(const SharedTraces&) = delete;
  SharedTraces& operator=(const SharedTraces&) = delete;
  ~SharedTraces() { ::munmap(memory_, sizeof(Traces)); }
  Traces& fresh() { return *new (memory_) Traces; }

 private:
  void* memory_;
};

/// Without sleeping, which would take longer than asked.
void spin(Microseconds time) {
  for (const Clock::time_point end = Clock::now() + time; Clock::now() < end;) {
  }
}

Operators slow_operators(GradientToy& toy, Traces& traces) {
  Operators plain = toy.operators([] { spin(operator_time); });
  return {.advance =
              [plain, &traces](Steps steps) {
                if (!steps.again) traces.phase = Traces::Phase::forward;
                plain.advance(steps);
              },
          .reverse =
              [plain, &traces](Steps step) {
                traces.phase = Traces::Phase::reverse;
                plain.reverse(step);
              },
          .seed =
              [plain, &traces] {
                traces.phase = Traces::Phase::seeding;
                plain.seed();
              }};
}

[[noreturn]] void live(const Config& config, Traces& traces) {
  try {
    GradientToy toy{n};
    Reversal run{config, toy.state(), slow_operators(toy, traces)};
    run.depends_on("velocity", toy.velocity);
    toy.keep_in(run);
    run.sweep(n);
    traces.gradient = toy.gradient;
    traces.phase = Traces::Phase::ended;
  } catch (const std::exception& problem) {
    std::strncpy(traces.problem.data(), problem.what(), traces.problem.size() - 1);
    ::_exit(1);
  }
  ::_exit(0);
}

/// Runs it in a process of its own, and kills that after a time. True: it had ended before.
bool ends_within(const Config& config, Traces& traces, Microseconds time) {
  const pid_t child = ::fork();
  if (child == 0) live(config, traces);
  const Clock::time_point moment = Clock::now() + time;
  int status = 0;
  while (Clock::now() < moment && traces.phase != Traces::Phase::ended && traces.problem[0] == '\0')
    std::this_thread::sleep_for(std::min(Microseconds{200}, Microseconds{time.count() / 8 + 1}));
  if (traces.phase != Traces::Phase::ended && traces.problem[0] == '\0') ::kill(child, SIGKILL);
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_STREQ(traces.problem.data(), "");
  return WIFEXITED(status);
}

void examine_whole(const std::string& path) {
  const std::unique_ptr<TierFile> file = open_tier_file(path);
  for (const SlotReport& slot : examine(*file, true))
    EXPECT_NE(slot.verdict, Verdict::bad) << path << ": slot " << slot.slot.index << ": " << slot.problem;
}

/// Everything in the files and in shared memory that says it is valid is whole.
void examine_all(const TemporaryFolder& folder) {
  for (const FoundArea& area : shared_areas())
    if (area.name.starts_with(folder.memory_name())) {
      EXPECT_FALSE(area.in_use);
      EXPECT_EQ(area.problem, "");
      if (area.unfinished) examine_whole(shared_path(area.name));  // else it may have died as it was made
    }
  for (const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
    const std::string path = entry.path();
    if (entry.path().extension() != ".h5" && entry.path().extension() != ".map") continue;
    examine_whole(path);
  }
}

Gradient undisturbed() {
  const TemporaryFolder folder;
  GradientToy toy{n};
  Reversal run{config(ScheduleKind::revolve, "ram:5", folder, ExecutorKind::sequential), toy.state(),
               toy.operators([] {})};
  run.sweep(n);
  return toy.gradient;
}

struct Case {
  ScheduleKind schedule;
  ExecutorKind executor;
  const char* tiers;
};

std::string text_of(const Case& one) {
  return std::string{name_of(one.schedule)} + ", " + std::string{name_of(one.executor)} + ", " + one.tiers;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const ScheduleKind schedule :
       {ScheduleKind::multistage, ScheduleKind::overlap, ScheduleKind::automatic, ScheduleKind::hrevolve})
    for (const ExecutorKind executor : {ExecutorKind::sequential, ExecutorKind::asynchronous})
      for (const char* tiers : {"ram:3 hdf5:20", "ram:3 mmap:5 hdf5:20", "hdf5:20", "shared:4 hdf5:20", "shared:9"})
        if (schedule != ScheduleKind::overlap || std::string{tiers}.find(' ') != std::string::npos)
          all.push_back({schedule, executor, tiers});
  return all;
}

/// The kills, by what the killed process was at.
struct Kills {
  int first = 0, resuming = 0, forward = 0, seeding = 0, reverse = 0;
  int all() const { return first + resuming + forward + seeding + reverse; }
  void count(Traces::Phase phase, bool resumed) {
    switch (phase) {
      case Traces::Phase::beginning: ++(resumed ? resuming : first); break;
      case Traces::Phase::forward: ++forward; break;
      case Traces::Phase::seeding: ++seeding; break;
      default: ++reverse;
    }
  }
};

class KilledAgainAndAgain : public testing::Test {
 protected:
  KilledAgainAndAgain() : seed_{std::random_device{}()}, random_{seed_}, expected_{undisturbed()} {}

  static Config config_of(const Case& one, const TemporaryFolder& folder) {
    Config made = config(one.schedule, one.tiers, folder, one.executor);
    made.resume = true;
    made.keep_every_seconds = .005;
    return made;
  }
  /// How long an undisturbed process takes.
  Microseconds time_of(const Case& one) {
    const TemporaryFolder folder;
    const Clock::time_point start = Clock::now();
    EXPECT_TRUE(ends_within(config_of(one, folder), shared_.fresh(), std::chrono::minutes{1}));
    return std::chrono::duration_cast<Microseconds>(Clock::now() - start);
  }
  Microseconds below(Microseconds most) { return Microseconds{random_() % static_cast<unsigned>(most.count() + 1)}; }

  void kill_until_it_ends(const Case& one, Microseconds time) {
    const TemporaryFolder folder;
    const Config config = config_of(one, folder);
    for (int kills = 0; kills < most_kills; ++kills) {
      const bool early = random_() % 3 == 0;  // a good part of them in the resume itself
      Traces& traces = shared_.fresh();
      if (ends_within(config, traces, below(early ? time / 8 : time))) {
        EXPECT_EQ(traces.gradient, expected_);
        return;
      }
      kills_.count(traces.phase, kills > 0);
      examine_all(folder);
      if (HasFailure()) return;
    }
    Traces& traces = shared_.fresh();
    EXPECT_TRUE(ends_within(config, traces, std::chrono::minutes{1}));
    EXPECT_EQ(traces.gradient, expected_);
  }

  unsigned seed_;
  std::mt19937 random_;
  Gradient expected_;
  SharedTraces shared_;
  Kills kills_;
};

TEST_F(KilledAgainAndAgain, ARunEndsWithTheGradientOfAnUndisturbedOne) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_);
  for (const Case& one : cases()) {
    SCOPED_TRACE(text_of(one));
    kill_until_it_ends(one, time_of(one));
    if (HasFailure()) return;
  }
  RecordProperty("kills", kills_.all());
  RecordProperty("kills_in_resume", kills_.resuming);
  EXPECT_GE(kills_.all(), 25);
  EXPECT_GT(kills_.forward, 0);
  EXPECT_GT(kills_.reverse, 0);
}

}  // namespace
}  // namespace cairn::test
