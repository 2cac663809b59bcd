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

TEST(RunIdentity, ChangesWithEverythingThatMakesASweepThisSweep) {
  const Checksum start{std::byte{1}}, other{std::byte{2}};
  const std::string identity = identity_of(layout_of(2), 100, 1, start);
  EXPECT_EQ(identity, identity_of(layout_of(2), 100, 1, start));
  EXPECT_NE(identity, identity_of(layout_of(3), 100, 1, start));
  EXPECT_NE(identity, identity_of(layout_of(2), 101, 1, start));
  EXPECT_NE(identity, identity_of(layout_of(2), 100, 2, start));
  EXPECT_NE(identity, identity_of(layout_of(2), 100, 1, other));
  EXPECT_NE(identity, identity_of(layout_of(2), std::nullopt, 1, start));
}

TEST(RunIdentity, SaysThatTheNumberOfStepsIsNotKnown) {
  EXPECT_TRUE(nlohmann::json::parse(identity_of(layout_of(2), std::nullopt, 1, {})).at("steps").is_null());
}

TEST(RunIdentity, FitsItsPlaceAlsoForManyFields) {
  for (const int fields : {1, 30, 60, 500}) {
    const std::string identity = identity_of(layout_of(fields), 100, 1, {});
    EXPECT_LT(identity.size(), identity_bytes) << fields;
    EXPECT_EQ(nlohmann::json::parse(identity)["steps"], 100);
  }
  EXPECT_NE(identity_of(layout_of(500), 100, 1, {}), identity_of(layout_of(501), 100, 1, {}));
}

}  // namespace
}  // namespace cairn
