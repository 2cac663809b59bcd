// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

std::string refusal(const std::string& text) {
  try {
    const Capacity read = Capacity::parse(text);
    return "accepted as " + read.text();
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
}

TEST(Capacity, ReadsEveryUnit) {
  const std::vector<std::pair<std::string, std::uint64_t>> sizes{{"7 B", 7},
                                                                 {"3 KiB", 3072},
                                                                 {"512 MiB", 536'870'912},
                                                                 {"2 GiB", 2'147'483'648},
                                                                 {"1 TiB", 1'099'511'627'776},
                                                                 {"3 kB", 3000},
                                                                 {"512 MB", 512'000'000},
                                                                 {"2 GB", 2'000'000'000},
                                                                 {"1 TB", 1'000'000'000'000},
                                                                 {"1.5 GiB", 1'610'612'736},
                                                                 {"0.1 kB", 100},
                                                                 {"  64MiB ", 67'108'864},
                                                                 {"8388607 TiB", 9'223'370'937'343'148'032}};
  for (const auto& [text, bytes] : sizes) EXPECT_EQ(Capacity::parse(text), Capacity::of(Bytes{bytes})) << text;
}

TEST(Capacity, ReadsSlots) {
  EXPECT_EQ(Capacity::parse("10 slots"), Capacity::of_slots(10));
  EXPECT_EQ(Capacity::parse("1 slot"), Capacity::of_slots(1));
  EXPECT_EQ(Capacity::parse("1048576 slots"), Capacity::of_slots(limits::slots));
  EXPECT_TRUE(Capacity::parse("10 slots").in_slots());
  EXPECT_FALSE(Capacity::parse("10 MiB").in_slots());
}

TEST(Capacity, SaysWhatWouldBeRight) {
  EXPECT_EQ(refusal("4 Gib"), R"("4 Gib" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("4 G"), R"("4 G" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("2.5mb"), R"("2.5mb" is not a size; write "2.5 MB" or "25 slots")");
  EXPECT_EQ(refusal("4 parsecs"), R"("4 parsecs" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("much"), R"("much" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal(""), R"("" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("1.2.3 GiB"), R"("1.2.3 GiB" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal(".5 GiB"), R"(".5 GiB" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("5. GiB"), R"("5. GiB" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("1e3 MiB"), R"("1e3 MiB" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("nan GiB"), R"("nan GiB" is not a size; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("-4 GiB"), R"("-4 GiB" is negative; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("12"), R"("12" has no unit; write "12 GiB" or "12 slots")");
  EXPECT_EQ(refusal("536870912"), R"("536870912" has no unit; write "536870912 B" or "25 slots")");
  EXPECT_EQ(refusal("0 MiB"), R"("0 MiB" holds nothing; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("0.3 B"), R"("0.3 B" holds nothing; write "4 GiB" or "25 slots")");
  EXPECT_EQ(refusal("0 slots"), R"("0 slots" holds nothing; write "25 slots" or "4 GiB")");
  EXPECT_EQ(refusal("2.5 slots"), R"("2.5 slots" is not a whole number of slots; write "25 slots")");
  EXPECT_EQ(refusal("1048577 slots"), R"("1048577 slots" is more than a tier can have; write at most "1048576 slots")");
  EXPECT_EQ(refusal("9223372036854775808 B"),
            R"("9223372036854775808 B" is more than 2^63 bytes; write a size that the tier's device has)");
  EXPECT_EQ(refusal("99999999999999999999999999 TiB"),
            R"("99999999999999999999999999 TiB" is more than 2^63 bytes; write a size that the tier's device has)");
}

TEST(Capacity, CountsTheSnapshotsThatFit) {
  EXPECT_EQ(Capacity::parse("512 MiB").slots_of(MiB(400)), 1);
  EXPECT_EQ(Capacity::parse("800 MiB").slots_of(MiB(400)), 2);
  EXPECT_EQ(Capacity::parse("1 MiB").slots_of(MiB(400)), 0);
  EXPECT_EQ(Capacity::parse("7 slots").slots_of(MiB(400)), 7);
  EXPECT_EQ(Capacity::parse("8 TiB").slots_of(Bytes{4096}), limits::slots);
  EXPECT_THROW(Capacity::parse("8 TiB").slots_of(Bytes{0}), std::invalid_argument);
}

TEST(Capacity, WritesWhatItReadsBack) {
  for (const char* text :
       {"7 B", "3 KiB", "512 MiB", "2 GiB", "1 TiB", "2 GB", "1536 MiB", "10 slots", "1 slot", "4097 B"})
    EXPECT_EQ(Capacity::parse(text).text(), text);
  EXPECT_EQ(Capacity::parse("1.5 GiB").text(), "1536 MiB");
  EXPECT_EQ(Capacity::parse("1024 MiB").text(), "1 GiB");
}

TEST(Capacity, KnowsWhichAmountsNoTierCanHave) {
  EXPECT_EQ(Capacity::of_slots(0).problem(), "0 slots hold nothing; give 1 slot or more");
  EXPECT_EQ(Capacity::of_slots(-3).problem(), "-3 slots hold nothing; give 1 slot or more");
  EXPECT_EQ(Capacity::of_slots(limits::slots + 1).problem(),
            "1048577 slots are more than a tier can have; give at most 1048576");
  EXPECT_EQ(Capacity::of(Bytes{0}).problem(), "0 B holds nothing; give room for one snapshot at least");
  EXPECT_EQ(Capacity::of(Bytes{std::uint64_t{1} << 63}).problem(),
            "9223372036854775808 B is more than 2^63 bytes; give less");
  EXPECT_EQ(Capacity::of(Bytes{1}).problem(), "");
  EXPECT_EQ(Capacity::of_slots(1).problem(), "");
}

}  // namespace
}  // namespace cairn
