// SPDX-License-Identifier: BSD-3-Clause
// Executor, lanes and tiers under kills, power cuts and faults that a seed chooses. As a program:
//   run_simulation_test --seeds 100000 [--first 0]    many seeds
//   run_simulation_test --seed 12345 [--breaking NAME]    one again
#include "simulate.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::test {
namespace {

std::string program = "build/bin/tests/run_simulation_test";

TEST(RunSimulation, NoSeedOf5000ViolatesAnything) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < 5000; ++seed)
    if (const auto violation = simulate(seed, Breaking::nothing, tally))
      FAIL() << complaint(seed, Breaking::nothing, *violation, program);
  EXPECT_GT(tally.kills, 1000);
  EXPECT_GT(tally.power_cuts, 200);
  EXPECT_GT(tally.faults, 1000);
  EXPECT_GT(tally.stops, 200);
}

class BrokenOrder : public testing::TestWithParam<Breaking> {};

TEST_P(BrokenOrder, IsFoundWithin1000Seeds) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    if (const auto violation = simulate(seed, GetParam(), tally)) {
      EXPECT_EQ(simulate(seed, GetParam(), tally), violation) << "the same seed, the same violation";
      return;
    }
  FAIL() << name_of(GetParam()) << " was not found";
}

INSTANTIATE_TEST_SUITE_P(OfWrites, BrokenOrder,
                         testing::Values(Breaking::step_before_data, Breaking::row_before_data,
                                         Breaking::old_step_stays, Breaking::sync_does_nothing),
                         [](const auto& breaking) { return std::string{name_of(breaking.param)}; });

struct Options {
  std::uint64_t first = 0, seeds = 0;
  Breaking breaking = Breaking::nothing;
  bool all = false;  ///< goes on after a violation
};

std::optional<Options> options_of(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--all") {
      options.all = true;
      continue;
    }
    if (i + 1 == arguments.size()) return std::nullopt;
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--seeds")
      options.seeds = std::stoull(value);
    else if (arguments[i] == "--first")
      options.first = std::stoull(value);
    else if (arguments[i] == "--seed")
      options.first = std::stoull(value), options.seeds = 1;
    else if (const auto breaking = breaking_named(value); breaking && arguments[i] == "--breaking")
      options.breaking = *breaking;
    else
      return std::nullopt;
    ++i;
  }
  return options.seeds > 0 ? std::optional{options} : std::nullopt;
}

int run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  Tally tally;
  int violations = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    const auto violation = simulate(seed, options.breaking, tally);
    if (!violation) continue;
    ++violations;
    std::puts(complaint(seed, options.breaking, *violation, program).c_str());
    if (!options.all) break;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::puts(
      fmt::format("cairn simulation: {} seeds in {:.1f} s, {:.0f} a second; {} processes, {} killed, {} by a power "
                  "cut, {} stopped, {} ended by an error, {} refused; {} faults; {} violations",
                  options.seeds, seconds, static_cast<double>(options.seeds) / seconds, tally.processes, tally.kills,
                  tally.power_cuts, tally.stops, tally.failures, tally.refusals, tally.faults, violations)
          .c_str());
  return violations == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace cairn::test

int main(int count, char** values) {
  testing::InitGoogleTest(&count, values);
  cairn::test::program = values[0];
  if (count == 1) return RUN_ALL_TESTS();
  try {
    if (const auto options = cairn::test::options_of({values + 1, values + count})) return cairn::test::run(*options);
  } catch (const std::exception&) {  // a number that is none
  }
  std::fputs("Usage: run_simulation_test [--seeds N [--first SEED] | --seed SEED] [--breaking NAME] [--all]\n", stderr);
  return 2;
}
