// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/catalog.hpp>

#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Catalog, GivesLowSlotsFirstAndFreedOnesAgain) {
  Catalog catalog{{3}};
  EXPECT_EQ(catalog.add(Level{0}, 0).index, 0);
  EXPECT_EQ(catalog.add(Level{0}, 10).index, 1);
  EXPECT_EQ(catalog.remove(Level{0}, 0).index, 0);
  EXPECT_EQ(catalog.add(Level{0}, 20).index, 0);
  EXPECT_EQ(catalog.add(Level{0}, 5).index, 2);
  EXPECT_TRUE(catalog.full(Level{0}));
}

TEST(Catalog, RefusesWhatBreaksThePlan) {
  Catalog catalog{{1, 1}};
  catalog.add(Level{0}, 7);
  EXPECT_THROW(catalog.add(Level{0}, 8), std::logic_error) << "no slot is free";
  EXPECT_THROW(catalog.add(Level{0}, 7), std::logic_error) << "held already";
  EXPECT_THROW(catalog.remove(Level{1}, 7), std::logic_error) << "not on that level";
  EXPECT_THROW(catalog.at(Level{0}, 6), std::logic_error);
}

TEST(Catalog, FindsTheLatestSnapshotThatIsNotAfterAStep) {
  Catalog catalog{{4, 4}};
  catalog.add(Level{1}, 0);
  catalog.add(Level{0}, 10);
  catalog.add(Level{1}, 10);
  catalog.add(Level{1}, 20);
  EXPECT_FALSE(Catalog({2}).nearest(5));
  EXPECT_EQ(catalog.nearest(9)->step, 0);
  EXPECT_EQ(catalog.nearest(19)->step, 10);
  EXPECT_EQ(catalog.nearest(19)->level.rank, 0) << "the faster level of two";
  EXPECT_EQ(catalog.nearest(1000)->step, 20);
  EXPECT_EQ(catalog.copies(10), 2);
  EXPECT_EQ(catalog.copies(11), 0);
}

TEST(Catalog, ListsWhatItHoldsAndForgets) {
  Catalog catalog{{2, 2}};
  catalog.add(Level{0}, 1);
  catalog.add(Level{1}, 2);
  EXPECT_EQ(catalog.entries().size(), 2U);
  EXPECT_EQ(catalog.used(Level{0}), 1);
  catalog.clear();
  EXPECT_TRUE(catalog.entries().empty());
  EXPECT_EQ(catalog.held(Level{0}), 0);
  EXPECT_EQ(catalog.add(Level{0}, 3).index, 0);
}

TEST(Catalog, AgreesWithAPlainMapInRandomUse) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    Catalog catalog{{16}};
    std::map<Step, std::int64_t> plain;
    for (int i = 0; i < 2000; ++i) {
      const Step step = static_cast<Step>(random() % 40);
      if (plain.contains(step)) {
        ASSERT_EQ(catalog.find(Level{0}, step)->index, plain[step]) << "seed " << seed;
        if (random() % 2 == 0) {
          ASSERT_EQ(catalog.remove(Level{0}, step).index, plain[step]) << "seed " << seed;
          plain.erase(step);
        }
      } else if (plain.size() < 16) {
        const std::int64_t slot = catalog.add(Level{0}, step).index;
        for (const auto& [other, taken] : plain) ASSERT_NE(slot, taken) << "seed " << seed << ", step " << other;
        ASSERT_LT(slot, 16);
        plain[step] = slot;
      }
      ASSERT_EQ(catalog.held(Level{0}), static_cast<Slots>(plain.size()));
    }
  }
}

}  // namespace
}  // namespace cairn
