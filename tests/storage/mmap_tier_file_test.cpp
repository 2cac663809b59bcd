// SPDX-License-Identifier: BSD-3-Clause
// What a mapped file says of its run and its slots (refusals and damage: tier_file_test.cpp).
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <string>

#include <gtest/gtest.h>
#include <support/layouts.hpp>
#include <support/mapped_tier.hpp>
#include <support/snapshots.hpp>

namespace cairn {
namespace {

using test::MappedTier;
using test::random_snapshot;
using test::some_facts;

TEST_F(MappedTier, TellsItsFieldsAsTheyWereGiven) {
  const Layout layout{{{.name = "pressure",
                        .type = ElementType::float32,
                        .extents = {64, 96},
                        .axes = {"z", "x"},
                        .units = "Pa",
                        .long_name = "acoustic pressure",
                        .spacing = {7.5, 2.5},
                        .origin = {-10, 100}},
                       {.name = "time", .units = "s"}}};
  const auto tier = make(layout, 2);
  const auto file = open_mmap_tier_file(path_);
  EXPECT_EQ(file->kind(), "mmap");
  EXPECT_EQ(file->slots(), 2);
  ASSERT_EQ(file->layout().fields().size(), 2U);
  const Field& field = file->layout().fields()[0];
  EXPECT_EQ(field.name, "pressure");
  EXPECT_EQ(field.type, ElementType::float32);
  EXPECT_EQ(field.extents, (std::vector<std::uint64_t>{64, 96}));
  EXPECT_EQ(field.axes, (std::vector<std::string>{"z", "x"}));
  EXPECT_EQ(field.units, "Pa");
  EXPECT_EQ(field.long_name, "acoustic pressure");
  EXPECT_EQ(field.spacing, (std::vector<double>{7.5, 2.5}));
  EXPECT_EQ(field.origin, (std::vector<double>{-10, 100}));
  EXPECT_TRUE(file->layout().fields()[1].extents.empty());
  EXPECT_EQ(file->layout().buffer_bytes(), layout.buffer_bytes());
}

TEST_F(MappedTier, RecordsTheRun) {
  const Layout layout = test::mixed_fields();
  const RunFacts facts = some_facts();
  MmapTier tier{path_, layout, 2, facts, 2};
  const auto file = open_mmap_tier_file(path_);
  EXPECT_EQ(file->run().steps, -1);
  EXPECT_EQ(file->run().identity, "");
  EXPECT_EQ(file->run().report, "");
  tier.put_identity("{\"sweep\": 10}");
  tier.put_identity("{\"sweep\": 2}");
  tier.put_steps(48'211);
  RunSummary summary{.actions = {{1, 2, 3, 4}, {5, 6, 7, 8}},
                     .stall_seconds = {.5, .25},
                     .advances = 77,
                     .end = "2026-01-31T12:00:00Z",
                     .report = std::string(70'000, 'r')};
  tier.put_summary(summary);
  const TierFile::Run run = file->run();
  EXPECT_EQ(run.facts.schedule, facts.schedule);
  EXPECT_EQ(run.facts.config, facts.config);
  EXPECT_EQ(run.facts.start, facts.start);
  EXPECT_EQ(run.steps, 48'211);
  EXPECT_EQ(run.identity, "{\"sweep\": 2}");
  EXPECT_EQ(run.report, std::string(65'535, 'r'));
  tier.save(Slot{0}, 1, random_snapshot(1, layout));
  EXPECT_EQ(file->row(Slot{0}).run, hash_of(std::as_bytes(std::span{run.identity})));

  const File raw{path_, File::Mode::read};
  MmapFormat::Page page;
  raw.read(0, page);
  const MmapFormat format = MmapFormat::read(page, path_);
  MmapSummary head;
  raw.read(format.summary_at, std::as_writable_bytes(std::span{&head, 1}));
  EXPECT_EQ(head.advances, 77);
  EXPECT_STREQ(head.end, "2026-01-31T12:00:00Z");
  std::array<std::int64_t, 8> actions{};
  raw.read(format.summary_at + 64, std::as_writable_bytes(std::span{actions}));
  EXPECT_EQ(actions, (std::array<std::int64_t, 8>{1, 5, 2, 6, 3, 7, 4, 8}));
  std::array<double, 2> stalls{};
  raw.read(format.summary_at + 64 + sizeof actions, std::as_writable_bytes(std::span{stalls}));
  EXPECT_EQ(stalls, (std::array{.5, .25}));
}

}  // namespace
}  // namespace cairn
