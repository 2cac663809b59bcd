// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/run_record.hpp>

#include <array>
#include <ctime>
#include <regex>

#include <gtest/gtest.h>
#include <unistd.h>

namespace cairn {
namespace {

std::time_t seconds_of(const std::string& iso) {
  std::tm parts{};
  EXPECT_NE(::strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts), nullptr) << iso;
  return ::timegm(&parts);
}

TEST(RunRecord, NamesThisProcess) {
  std::array<char, 256> host{};
  ASSERT_EQ(::gethostname(host.data(), host.size()), 0);
  const std::time_t before = std::time(nullptr);
  const RunFacts facts = facts_of_this_process("multistage", "schedule: auto\n");
  EXPECT_EQ(facts.schedule, "multistage");
  EXPECT_EQ(facts.config, "schedule: auto\n");
  EXPECT_EQ(facts.host, host.data());
  EXPECT_TRUE(std::regex_match(facts.version, std::regex{R"(\d+\.\d+\.\d+)"})) << facts.version;
  EXPECT_GE(seconds_of(facts.start), before);
  EXPECT_LE(seconds_of(facts.start), std::time(nullptr));
}

TEST(RunRecord, WritesTimesInUtcWhateverTheZone) {
  const char* const zone = std::getenv("TZ");
  const std::string kept = zone ? zone : "";
  ::setenv("TZ", "XYZ-5", 1);
  ::tzset();
  const std::time_t before = std::time(nullptr);
  const std::time_t said = seconds_of(time_now());
  zone ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
  EXPECT_GE(said, before);
  EXPECT_LE(said, std::time(nullptr));
}

}  // namespace
}  // namespace cairn
