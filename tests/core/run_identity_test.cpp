// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_identity.hpp>
#include <cairn/storage/run_record.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cairn {
namespace {

Layout layout_of(int fields) {
  std::vector<Field> made;
  for (int i = 0; i < fields; ++i) made.push_back({.name = "field_" + std::to_string(i), .extents = {10, 20}});
  return Layout{made};
}

const Identity usual{.steps = 100,
                     .start = {std::byte{1}},
                     .run_id = "shot 7",
                     .depends_on = {{"source", {std::byte{3}}}, {"velocity", {std::byte{2}}}}};

std::string text_of(const Identity& identity, int fields = 2) {
  return identity_of(layout_of(fields), identity);
}

/// What difference() says where `change` was made to the usual identity since.
template <class Change>
std::string difference_after(const Change& change) {
  Identity now = usual;
  change(now);
  return difference(text_of(usual), text_of(now));
}

TEST(RunIdentity, ChangesWithEverythingThatMakesASweepThisSweep) {
  EXPECT_EQ(text_of(usual), text_of(usual));
  EXPECT_NE(text_of(usual), text_of(usual, 3));
  const auto changes = [](const auto& change) {
    Identity other = usual;
    change(other);
    return text_of(other) != text_of(usual);
  };
  EXPECT_TRUE(changes([](Identity& other) { other.steps = 101; }));
  EXPECT_TRUE(changes([](Identity& other) { other.steps = std::nullopt; }));
  EXPECT_TRUE(changes([](Identity& other) { other.sweep = 2; }));
  EXPECT_TRUE(changes([](Identity& other) { other.start = {std::byte{2}}; }));
  EXPECT_TRUE(changes([](Identity& other) { other.run_id = "shot 8"; }));
  EXPECT_TRUE(changes([](Identity& other) { other.depends_on.erase("source"); }));
}

TEST(RunIdentity, TellsTheNumberOfItsSweep) {
  Identity other = usual;
  other.sweep = 17;
  EXPECT_EQ(sweep_of(text_of(usual)), 1);
  EXPECT_EQ(sweep_of(text_of(other)), 17);
  for (const char* const damaged : {"", "{", "[]", "7", "{}", R"({"sweep": "two"})", R"({"sweep": null})",
                                    R"({"sweep": -3})", R"({"sweep": 9223372036854775807})"})
    EXPECT_EQ(sweep_of(damaged), 0) << damaged;
}

TEST(RunIdentity, SaysThatTheNumberOfStepsIsNotKnown) {
  EXPECT_TRUE(nlohmann::json::parse(text_of({})).at("steps").is_null());
}

TEST(RunIdentity, FitsItsPlaceAlsoForManyFieldsAndDependencies) {
  Identity many = usual;
  for (int i = 0; i < 500; ++i) many.depends_on["parameter " + std::to_string(i)] = {};
  for (const Identity& identity : {usual, many})
    for (const int fields : {1, 30, 60, 500}) {
      const std::string text = text_of(identity, fields);
      EXPECT_LT(text.size(), identity_bytes) << fields;
      EXPECT_EQ(nlohmann::json::parse(text)["steps"], 100);
    }
  EXPECT_NE(text_of(usual, 500), text_of(usual, 501));
  Identity other = many;
  other.depends_on["parameter 7"] = {std::byte{1}};
  EXPECT_NE(text_of(many), text_of(other));
  EXPECT_EQ(difference(text_of(many), text_of(other)), "what the run depends on is not the same as then");
}

TEST(RunIdentity, NamesWhatDiffers) {
  EXPECT_EQ(difference_after([](Identity&) {}), "");
  EXPECT_EQ(difference_after([](Identity& now) { now.sweep = 12; }), "") << "processes count anew";
  EXPECT_EQ(difference_after([](Identity& now) { now.steps = 101; }), "the run had 100 steps, now it has 101");
  EXPECT_EQ(difference_after([](Identity& now) { now.run_id = "shot 8"; }),
            "run_id was \"shot 7\", now it is \"shot 8\"");
  EXPECT_EQ(difference_after([](Identity& now) { now.depends_on["velocity"] = {std::byte{9}}; }),
            "\"velocity\" is not what it was: checksum 02000000000000000000000000000000 then, "
            "09000000000000000000000000000000 now");
  EXPECT_EQ(difference_after([](Identity& now) { now.depends_on.erase("source"); }),
            "the run depended on \"source\" then, and does not now");
  EXPECT_EQ(difference_after([](Identity& now) { now.depends_on["wavelet"] = {}; }),
            "the run depends on \"wavelet\" now, and did not then");
  EXPECT_EQ(difference_after([](Identity& now) { now.start = {std::byte{9}}; }),
            "x_0 is not what it was: checksum 01000000000000000000000000000000 then, "
            "09000000000000000000000000000000 now");
  EXPECT_EQ(difference(text_of(usual, 2), text_of(usual, 3)), "the fields of the state are not the same");
}

TEST(RunIdentity, DistrustsADamagedOne) {
  for (const char* damaged : {"", "{", "[1]", "\"text\"", "{\"fields\": 3}"})
    EXPECT_NE(difference(damaged, text_of(usual)), "") << damaged;
}

}  // namespace
}  // namespace cairn
