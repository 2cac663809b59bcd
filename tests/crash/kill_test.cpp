// SPDX-License-Identifier: BSD-3-Clause
// Runs ended by kill -9 at random moments: every snapshot that a file calls valid has its bytes.
#include "support/configs.hpp"
#include "support/toy.hpp"
#include <cairn/core/reversal.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cairn::test {
namespace {

constexpr Step steps = 60;
constexpr const char* mix = "ram:3 mmap:4 hdf5:6";

/// Images of x_0 … x_n as they lie in a slot.
std::vector<std::vector<std::byte>> images() {
  Toy toy;
  const State state = toy.state();
  const Layout layout{state.fields()};
  std::vector<std::vector<std::byte>> images;
  for (Step t = 0; t <= steps; ++t) {
    images.emplace_back(layout.buffer_bytes().count);
    state.save(t, layout, images.back());
    toy.advance({t, t + 1});
  }
  return images;
}

/// What the process that will be killed does: sweeps without end.
[[noreturn]] void sweep_forever(const TemporaryFolder& folder, ExecutorKind executor) {
  Toy toy;
  Reversal run{config(ScheduleKind::multistage, mix, folder, executor),
               toy.state(),
               {.advance = [&](Steps s) { toy.advance(s); }, .reverse = [](Steps) {}}};
  for (;;) run.sweep(steps);
}

void run_and_kill(const TemporaryFolder& folder, ExecutorKind executor, std::chrono::microseconds after) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) sweep_forever(folder, executor);
  const std::string last_made = folder / "level2.h5";
  while (::access(last_made.c_str(), F_OK) != 0) {
    ASSERT_EQ(::waitpid(child, nullptr, WNOHANG), 0) << "the run ended by itself";
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

/// The number of valid snapshots, each compared with the true state.
int valid_and_true(const std::string& path, const std::vector<std::vector<std::byte>>& truth) {
  const std::unique_ptr<TierFile> file = open_tier_file(path);
  int valid = 0;
  for (const SlotReport& slot : examine(*file, true)) {
    EXPECT_NE(slot.verdict, Verdict::bad) << path << ": slot " << slot.slot.index << ": " << slot.problem;
    if (file->step(slot.slot) < 0) continue;
    std::vector<std::byte> found(file->layout().buffer_bytes().count);
    file->read(slot.slot, found);
    EXPECT_EQ(found, truth.at(static_cast<std::size_t>(slot.step))) << path << ": slot " << slot.slot.index;
    ++valid;
  }
  return valid;
}

void write_states(const std::string& path, const std::vector<std::vector<std::byte>>& truth) {
  Toy toy;
  const Layout layout{toy.state().fields()};
  std::ofstream out{path, std::ios::binary};
  for (const std::vector<std::byte>& image : truth)
    for (const std::size_t field : {0U, 1U}) {
      const Layout::Place& place = layout.places()[field];
      out.write(reinterpret_cast<const char*>(image.data() + place.offset), static_cast<std::streamsize>(place.bytes));
    }
}

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0) << command << '\n' << text;
  return text;
}

TEST(KilledRuns, LeaveFilesWhoseValidSnapshotsAreTrue) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  const auto truth = images();
  std::vector<TemporaryFolder> folders(20);
  std::string files;
  int valid = 0;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const auto executor = i % 2 == 0 ? ExecutorKind::asynchronous : ExecutorKind::sequential;
    run_and_kill(folders[i], executor, std::chrono::microseconds{random() % 60'000});
    valid += valid_and_true(folders[i] / "level1.map", truth);
    const int in_hdf5 = valid_and_true(folders[i] / "level2.h5", truth);
    valid += in_hdf5;
    files += " " + folders[i] / "level2.h5";
  }
  EXPECT_GT(valid, 0) << "not a snapshot was stored when the runs were killed";
  write_states(folders[0] / "states.bin", truth);
  const std::string counted = output_of(
      fmt::format("{} {} {} {}{}", CAIRN_PYTHON, CAIRN_CHECKER, folders[0] / "states.bin", Toy::large, files));
  EXPECT_GT(std::stoi(counted), 0);
}

TEST(LiveRuns, AreReadAfterForwardDuringReverseAndAtTheEnd) {
  const auto truth = images();
  TemporaryFolder folder;
  write_states(folder / "states.bin", truth);
  const std::string file = folder / "level2.h5";
  const auto valid = [&] {
    return std::stoi(
        output_of(fmt::format("{} {} {} {} {}", CAIRN_PYTHON, CAIRN_CHECKER, folder / "states.bin", Toy::large, file)));
  };
  Toy toy;
  Checked checked{toy, steps};
  Operators operators = checked.operators();
  const auto turn = operators.reverse;
  int during = 0;
  operators.reverse = [&](Steps step) {
    if (step.first == steps / 3) during = valid();
    turn(step);
  };
  Reversal run{config(ScheduleKind::multistage, mix, folder, ExecutorKind::sequential), toy.state(), operators};
  run.forward(steps);
  EXPECT_EQ(valid(), 6) << "all slots are in use";
  run.reverse();
  EXPECT_GT(during, 0);
  EXPECT_LE(valid(), 1) << "x_0 at most";
}

TEST(KilledRuns, LeaveTheirLocksToTheNextRun) {
  TemporaryFolder folder;
  run_and_kill(folder, ExecutorKind::asynchronous, std::chrono::milliseconds{5});
  Toy toy;
  Checked checked{toy, steps};
  Config next = config(ScheduleKind::multistage, mix, folder);
  next.overwrite = true;  // the killed run may have left snapshots
  Reversal run{next, toy.state(), checked.operators()};
  run.sweep(steps);
  EXPECT_TRUE(checked.all_turned());
}

}  // namespace
}  // namespace cairn::test
