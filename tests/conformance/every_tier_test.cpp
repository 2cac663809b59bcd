// SPDX-License-Identifier: BSD-3-Clause
// The contract of storage/tier.hpp, the same for whatever a tier is made of.
#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/failures.hpp>
#include <support/layouts.hpp>
#include <support/snapshots.hpp>
#include <support/tier_makers.hpp>

namespace cairn::test {
namespace {

using Kind = StorageError::Kind;

class EveryTier : public testing::TestWithParam<TierMaker> {
 protected:
  /// A tier of that layout; replaces the one before.
  Tier& tier_of(Layout layout, Slots slots = 4, Tier::Promise promise = {}) {
    tier_.reset();
    home_ = std::make_unique<Home>(std::move(layout), slots);
    tier_ = GetParam().make(*home_, promise);
    return *tier_;
  }
  bool in_memory() const { return tier_->file().empty(); }
  Slots free_buffers() const { return home_->free_buffers(); }

 private:
  std::unique_ptr<Home> home_;
  std::unique_ptr<Tier> tier_;
};

TEST_P(EveryTier, GivesBackTheBytesOfEveryLayout) {
  for (const auto& [name, layout] : all_layouts()) {
    Tier& tier = tier_of(layout);
    const Snapshot saved = random_snapshot(1, layout);
    tier.save(Slot{1}, 7, saved);
    EXPECT_EQ(loaded(tier, Slot{1}, 7), saved) << name;
    EXPECT_EQ(loaded(tier, Slot{1}, 7), saved) << name << ", the second time";
  }
}

TEST_P(EveryTier, GivesBackTheBytesOfRandomLayouts) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const Layout layout = random_layout(seed);
    Tier& tier = tier_of(layout, 3);
    for (const std::int64_t slot : {2, 0, 1})
      tier.save(Slot{slot}, slot, random_snapshot(seed + static_cast<std::uint64_t>(slot), layout));
    for (const std::int64_t slot : {0, 1, 2})
      EXPECT_EQ(loaded(tier, Slot{slot}, slot), random_snapshot(seed + static_cast<std::uint64_t>(slot), layout))
          << "layout of seed " << seed << ", slot " << slot;
  }
}

TEST_P(EveryTier, GivesBackTheBytesUnderEveryPromise) {
  for (const Verify verify : {Verify::disk, Verify::always, Verify::never})
    for (const Durability durability : {Durability::process, Durability::power}) {
      if (verify == Verify::never && durability == Durability::power) continue;
      Tier& tier = tier_of(mixed_fields(), 4, {verify, durability});
      const Snapshot saved = random_snapshot(2, tier.layout());
      tier.save(Slot{3}, 100, saved);
      EXPECT_EQ(loaded(tier, Slot{3}, 100), saved) << static_cast<int>(verify) << ", " << static_cast<int>(durability);
      tier.release(Slot{3});
      tier.save(Slot{3}, 101, saved);
      EXPECT_EQ(loaded(tier, Slot{3}, 101), saved) << static_cast<int>(verify) << ", " << static_cast<int>(durability);
    }
}

TEST_P(EveryTier, RefusesPowerWithoutChecksums) {
  EXPECT_THROW(tier_of(small_fields(), 1, {Verify::never, Durability::power}), std::invalid_argument);
}

TEST_P(EveryTier, SumsWhereItsPromiseSaysSo) {
  for (const Verify verify : {Verify::disk, Verify::always, Verify::never}) {
    Tier& tier = tier_of(mixed_fields(), 4, {.verify = verify});
    const Snapshot saved = random_snapshot(3, tier.layout());
    tier.save(Slot{0}, 1, saved);
    const bool summed = verify == Verify::always || (verify == Verify::disk && !in_memory());
    EXPECT_EQ(tier.ledger().at(Slot{0}).checksum, summed ? checksum_of(tier.layout(), saved) : Checksum{});
  }
}

TEST_P(EveryTier, KeepsASnapshotInItsOnlySlot) {
  for (const auto& [name, layout] : all_layouts()) {
    Tier& tier = tier_of(layout, 1);
    for (Step step = 0; step < 3; ++step) {
      const Snapshot saved = random_snapshot(static_cast<std::uint64_t>(step), layout);
      tier.save(Slot{0}, step, saved);
      EXPECT_EQ(loaded(tier, Slot{0}, step), saved) << name;
      tier.release(Slot{0});
    }
  }
}

TEST_P(EveryTier, TakesAnyStepUpToTheLimit) {
  Tier& tier = tier_of(small_fields(), 2);
  tier.save(Slot{0}, 0, random_snapshot(1, tier.layout()));
  tier.save(Slot{1}, limits::steps, random_snapshot(2, tier.layout()));
  EXPECT_EQ(loaded(tier, Slot{0}, 0), random_snapshot(1, tier.layout()));
  EXPECT_EQ(loaded(tier, Slot{1}, limits::steps), random_snapshot(2, tier.layout()));
}

TEST_P(EveryTier, RefusesAStepThatTheSlotDoesNotHold) {
  Tier& tier = tier_of(small_fields());
  tier.save(Slot{1}, 7, random_snapshot(1, tier.layout()));
  EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 8); }).kind(), Kind::mismatch);
  EXPECT_EQ(loaded(tier, Slot{1}, 7), random_snapshot(1, tier.layout()));
}

TEST_P(EveryTier, RefusesASlotThatHoldsNothing) {
  Tier& tier = tier_of(small_fields());
  EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 7); }).kind(), Kind::absent);
  EXPECT_EQ(failure([&] { tier.release(Slot{1}); }).kind(), Kind::absent);
}

TEST_P(EveryTier, RefusesASlotThatWasReleased) {
  Tier& tier = tier_of(small_fields());
  tier.save(Slot{1}, 7, random_snapshot(1, tier.layout()));
  tier.release(Slot{1});
  EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 7); }).kind(), Kind::absent);
  EXPECT_EQ(failure([&] { tier.release(Slot{1}); }).kind(), Kind::absent);
}

TEST_P(EveryTier, ForgetsASnapshotThatIsDropped) {
  Tier& tier = tier_of(small_fields());
  const Snapshot saved = random_snapshot(1, tier.layout());
  for (int again = 0; again < 3; ++again) {
    tier.save(Slot{1}, 7, saved);
    EXPECT_TRUE(tier.drop(Slot{1}));
    EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 7); }).kind(), Kind::absent);
    EXPECT_THROW(tier.drop(Slot{1}), std::logic_error) << "it is not there any more";
  }
  tier.save(Slot{0}, 8, saved);
  EXPECT_EQ(loaded(tier, Slot{0}, 8), saved);
}

TEST_P(EveryTier, RefusesASlotOutside) {
  Tier& tier = tier_of(small_fields());
  for (const std::int64_t outside : {std::int64_t{-1}, std::int64_t{4}, limits::slots}) {
    EXPECT_THROW(tier.save(Slot{outside}, 7, random_snapshot(1, tier.layout())), std::out_of_range) << outside;
    EXPECT_THROW(loaded(tier, Slot{outside}, 7), std::out_of_range) << outside;
    EXPECT_THROW(tier.release(Slot{outside}), std::out_of_range) << outside;
  }
}

TEST_P(EveryTier, RefusesToSaveOverASnapshot) {
  Tier& tier = tier_of(mixed_fields());
  const Snapshot saved = random_snapshot(1, tier.layout());
  tier.save(Slot{1}, 7, saved);
  EXPECT_THROW(tier.save(Slot{1}, 8, random_snapshot(2, tier.layout())), std::logic_error);
  EXPECT_EQ(loaded(tier, Slot{1}, 7), saved);
}

TEST_P(EveryTier, RefusesBuffersOfAnotherSize) {
  Tier& tier = tier_of(mixed_fields());
  Snapshot saved = random_snapshot(1, tier.layout());
  EXPECT_THROW(tier.save(Slot{1}, 7, std::span{saved}.first(saved.size() - 1)), std::logic_error);
  tier.save(Slot{1}, 7, saved);
  EXPECT_THROW(tier.load(Slot{1}, 7, std::span{saved}.first(saved.size() - 4096)), std::logic_error);
  saved.resize(saved.size() + 4096);
  EXPECT_THROW(tier.load(Slot{1}, 7, saved), std::logic_error);
}

TEST_P(EveryTier, LeavesAllOtherSlotsAsTheyAre) {
  Tier& tier = tier_of(mixed_fields(), 5);
  std::vector<Snapshot> saved;
  for (std::int64_t slot = 0; slot < 5; ++slot) {
    saved.push_back(random_snapshot(static_cast<std::uint64_t>(slot), tier.layout()));
    tier.save(Slot{slot}, slot, saved.back());
  }
  tier.release(Slot{2});
  tier.save(Slot{2}, 22, Snapshot(saved[2].size(), std::byte{0}));
  for (const std::int64_t slot : {0, 1, 3, 4})
    EXPECT_EQ(loaded(tier, Slot{slot}, slot), saved[static_cast<std::size_t>(slot)]) << "slot " << slot;
}

/// One run of random saves, loads and releases beside a plain map of what each slot holds.
void compare_with_a_map(Tier& tier, std::uint64_t seed, int operations) {
  std::mt19937_64 random{seed};
  std::map<std::int64_t, std::pair<Step, std::uint64_t>> model;
  for (int i = 0; i < operations; ++i) {
    const Slot slot{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(tier.slots()))};
    const auto held = model.find(slot.index);
    if (held == model.end()) {
      const auto step = static_cast<Step>(random() % 1000);
      const std::uint64_t content = random();
      tier.save(slot, step, random_snapshot(content, tier.layout()));
      model[slot.index] = {step, content};
    } else if (random() % 3 == 0) {
      tier.release(slot);
      model.erase(held);
    } else {
      const auto& [step, content] = held->second;
      ASSERT_EQ(loaded(tier, slot, step), random_snapshot(content, tier.layout()))
          << "operation " << i << ", slot " << slot.index << ", seed " << seed;
    }
  }
  for (std::int64_t slot = 0; slot < tier.slots(); ++slot)
    ASSERT_EQ(tier.ledger().at(Slot{slot}).status == SlotStatus::valid, model.contains(slot)) << "seed " << seed;
}

TEST_P(EveryTier, HoldsWhatAPlainMapHolds) {
  const std::uint64_t seed = std::random_device{}();
  compare_with_a_map(tier_of(mixed_fields(), 6), seed, 600);
  compare_with_a_map(tier_of(small_fields(), 50), seed + 1, 1500);
  compare_with_a_map(tier_of(many_fields(), 3, {.verify = Verify::always}), seed + 2, 150);
  compare_with_a_map(tier_of(split_field(), 3, {.durability = Durability::power}), seed + 3, 60);
}

TEST_P(EveryTier, FillsAndEmptiesAllOfItsSlotsInAnyOrder) {
  const Slots slots = 40;
  Tier& tier = tier_of(one_large_field(), slots);
  std::vector<std::int64_t> order(slots);
  std::iota(order.begin(), order.end(), 0);
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};
  for (int round = 0; round < 4; ++round) {
    std::ranges::shuffle(order, random);
    for (const std::int64_t slot : order)
      tier.save(Slot{slot}, slot * 10, random_snapshot(static_cast<std::uint64_t>(slot), tier.layout()));
    std::ranges::shuffle(order, random);
    for (const std::int64_t slot : order) {
      ASSERT_EQ(loaded(tier, Slot{slot}, slot * 10), random_snapshot(static_cast<std::uint64_t>(slot), tier.layout()))
          << "slot " << slot << ", round " << round << ", seed " << seed;
      tier.release(Slot{slot});
    }
  }
}

TEST_P(EveryTier, CountsSavesInItsLedger) {
  Tier& tier = tier_of(small_fields());
  tier.save(Slot{2}, 5, random_snapshot(1, tier.layout()));
  tier.save(Slot{0}, 6, random_snapshot(2, tier.layout()));
  EXPECT_EQ(tier.ledger().at(Slot{2}).sequence, 1U);
  EXPECT_EQ(tier.ledger().at(Slot{0}).sequence, 2U);
  EXPECT_EQ(tier.ledger().at(Slot{0}).step, 6);
  EXPECT_EQ(tier.slots(), 4);
}

TEST_P(EveryTier, IsProbedWithoutATrace) {
  for (const auto& [name, layout] : all_layouts())
    for (const Durability durability : {Durability::process, Durability::power}) {
      Tier& tier = tier_of(layout, 4, {.durability = durability});
      const Snapshot noise = random_snapshot(1, layout);
      Snapshot buffer = noise;
      const Slots free_before = free_buffers();
      const Tier::Probed probed = tier.probe(Slot{1}, buffer);
      EXPECT_GT(probed.save_seconds, 0.0) << name;
      EXPECT_GT(probed.load_seconds, 0.0) << name;
      EXPECT_EQ(buffer, noise) << name;
      EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::empty) << name;
      EXPECT_EQ(tier.ledger().at(Slot{1}).step, -1) << name;
      EXPECT_EQ(tier.pace().saves + tier.pace().loads, 0U) << name;
      EXPECT_EQ(free_buffers(), free_before) << name;
      EXPECT_EQ(failure([&] { loaded(tier, Slot{1}, 7); }).kind(), Kind::absent) << name;
      tier.save(Slot{1}, 7, random_snapshot(2, layout));
      EXPECT_EQ(tier.ledger().at(Slot{1}).sequence, 1U) << name;
      EXPECT_EQ(loaded(tier, Slot{1}, 7), random_snapshot(2, layout)) << name;
    }
}

TEST_P(EveryTier, IsProbedBesideSnapshotsAndInReleasedSlots) {
  Tier& tier = tier_of(mixed_fields());
  Snapshot buffer = random_snapshot(9, tier.layout());
  for (const std::int64_t slot : {0, 1, 2})
    tier.save(Slot{slot}, slot, random_snapshot(static_cast<std::uint64_t>(slot), tier.layout()));
  tier.release(Slot{1});
  const Checksum sum = tier.ledger().at(Slot{1}).checksum;
  for (const std::int64_t slot : {1, 3}) tier.probe(Slot{slot}, buffer);
  EXPECT_EQ(tier.ledger().at(Slot{1}).status, SlotStatus::released);
  EXPECT_EQ(tier.ledger().at(Slot{1}).checksum, sum);
  EXPECT_EQ(tier.ledger().at(Slot{3}).status, SlotStatus::empty);
  for (const std::int64_t slot : {0, 2})
    EXPECT_EQ(loaded(tier, Slot{slot}, slot), random_snapshot(static_cast<std::uint64_t>(slot), tier.layout()));
}

TEST_P(EveryTier, RefusesToBeProbedWhereASnapshotIsAndWithAnotherSize) {
  Tier& tier = tier_of(mixed_fields());
  const Snapshot saved = random_snapshot(1, tier.layout());
  tier.save(Slot{1}, 7, saved);
  Snapshot buffer = random_snapshot(2, tier.layout());
  EXPECT_EQ(text_of<std::logic_error>([&] { tier.probe(Slot{1}, buffer); }),
            "slot 1 is valid; a probe needs a slot without a snapshot");
  EXPECT_THROW(tier.probe(Slot{0}, std::span{buffer}.first(buffer.size() - 1)), std::logic_error);
  EXPECT_THROW(tier.probe(Slot{4}, buffer), std::out_of_range);
  EXPECT_EQ(loaded(tier, Slot{1}, 7), saved);
}

INSTANTIATE_TEST_SUITE_P(Tiers, EveryTier,
                         testing::Values(TierMaker{"ram", make_ram}, TierMaker{"shared_ram", make_shared_ram},
                                         TierMaker{"mmap", make_mmap}, TierMaker{"hdf5", make_hdf5},
                                         TierMaker{"faultless", make_faultless}),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace cairn::test
