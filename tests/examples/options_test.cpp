// SPDX-License-Identifier: BSD-3-Clause
#include "acoustic/options.hpp"

#include <fstream>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace acoustic {
namespace {

Options parsed(const std::string& words) {
  Options options;
  CLI::App app;
  declare(app, options);
  app.parse(words);
  return options;
}

TEST(Options, AreReadFromTheCommandLine) {
  const Options options = parsed("--config a.yaml --velocity v --shape 1601,401 --spacing 7.5 --steps 20 --store-all");
  EXPECT_EQ(options.shape, (std::vector<Index>{1601, 401}));
  EXPECT_EQ(options.spacing, 7.5);
  EXPECT_EQ(options.steps, 20);
  EXPECT_TRUE(options.store_all);
  EXPECT_FALSE(options.check);
  EXPECT_FALSE(options.trace);
  EXPECT_TRUE(parsed("--config a.yaml --trace").trace);
}

TEST(Options, ThatMakeNoSenseAreRefused) {
  for (const char* words :
       {"", "--config a --steps 0", "--config a --steps many", "--config a --shape 10", "--config a --shape 4,4",
        "--config a --velocity v", "--config a --colour", "--config a --resume --overwrite"})
    EXPECT_THROW(parsed(words), CLI::ParseError) << words;
}

TEST(ConfigOf, StoreAllIsOneRamTierOfAsManySlotsAsSteps) {
  const auto path = std::filesystem::path{testing::TempDir()} / "acoustic_options.yaml";
  std::ofstream{path} << "schedule: revolve\ntiers:\n  - {kind: ram, capacity: 3 slots}\n";
  Options options;
  options.config = path;
  options.steps = 77;
  EXPECT_EQ(config_of(options).schedule, cairn::ScheduleKind::revolve);
  options.store_all = true;
  options.sequential = true;
  const cairn::Config config = config_of(options);
  std::filesystem::remove(path);
  EXPECT_EQ(config.schedule, cairn::ScheduleKind::store_all);
  EXPECT_EQ(config.executor, cairn::ExecutorKind::sequential);
  ASSERT_EQ(config.tiers.size(), 1U);
  EXPECT_EQ(config.tiers[0].kind, cairn::TierKind::ram);
  EXPECT_EQ(config.tiers[0].capacity, cairn::Capacity::of_slots(77));
}

TEST(ConfigOf, ResumeAndOverwriteGoBeforeWhatTheFileSays) {
  const auto path = std::filesystem::path{testing::TempDir()} / "acoustic_resume.yaml";
  std::ofstream{path} << "resume: true\ntiers:\n  - {kind: ram, capacity: 3 slots}\n";
  const auto chosen = [&](const std::string& flag) {
    const cairn::Config config = config_of(parsed("--config " + path.string() + " " + flag));
    config.check_values();
    return std::pair{config.resume, config.overwrite};
  };
  EXPECT_EQ(chosen(""), (std::pair{true, false}));
  EXPECT_EQ(chosen("--overwrite"), (std::pair{false, true}));
  std::ofstream{path} << "overwrite: true\ntiers:\n  - {kind: ram, capacity: 3 slots}\n";
  EXPECT_EQ(chosen("--resume"), (std::pair{true, false}));
  EXPECT_EQ(chosen(""), (std::pair{false, true}));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace acoustic
