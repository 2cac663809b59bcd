// SPDX-License-Identifier: BSD-3-Clause
// Writes a tier's file and, beside it, every snapshot's fields as raw bytes; then waits with the file open and locked.
//   write_file <run.h5> <folder>     says "written" on stdout; goes on saving at random until a line comes on stdin
#include "support/snapshots.hpp"
#include <cairn/storage/hdf5_tier.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>

namespace {

using namespace cairn;

Layout layout() {
  return Layout{{{.name = "pressure",
                  .type = ElementType::float32,
                  .extents = {60, 80},
                  .axes = {"z", "x"},
                  .units = "Pa",
                  .long_name = "acoustic pressure",
                  .spacing = {2.5, 5},
                  .origin = {0, -200}},
                 {.name = "previous", .type = ElementType::float32, .extents = {60, 80}, .axes = {"z", "x"}},
                 {.name = "profile", .type = ElementType::float64, .extents = {60}, .axes = {"z"}, .units = "m/s"},
                 {.name = "time", .type = ElementType::float64, .units = "s"},
                 {.name = "mask", .type = ElementType::uint8, .extents = {30'011}}}};
}

/// All finite, so that values can be compared; a snapshot's fields follow from its step.
test::Snapshot snapshot_of(const Layout& shape, Step step) {
  test::Snapshot snapshot = test::zero_snapshot(shape);
  for (std::size_t f = 0; f < shape.fields().size(); ++f) {
    const Field& field = shape.fields()[f];
    std::byte* to = snapshot.data() + shape.places()[f].offset;
    for (std::uint64_t i = 0; i < field.elements(); ++i) {
      const double value = std::sin(static_cast<double>(step) + static_cast<double>(i) * .001 + static_cast<double>(f));
      if (field.type == ElementType::float32) reinterpret_cast<float*>(to)[i] = static_cast<float>(value);
      if (field.type == ElementType::float64) reinterpret_cast<double*>(to)[i] = value;
      if (field.type == ElementType::uint8) to[i] = static_cast<std::byte>(static_cast<Step>(i) + step);
    }
  }
  return snapshot;
}

void dump(const Layout& shape, Step step, const std::string& folder) {
  const test::Snapshot snapshot = snapshot_of(shape, step);
  for (std::size_t f = 0; f < shape.fields().size(); ++f)
    std::ofstream{folder + "/" + shape.fields()[f].name + "." + std::to_string(step)}.write(
        reinterpret_cast<const char*>(snapshot.data() + shape.places()[f].offset),
        static_cast<std::streamsize>(shape.places()[f].bytes));
}

/// Slots 6 and 7 change all the time, with steps whose snapshots are dumped.
void churn(Hdf5Tier& tier, const std::atomic<bool>& stop) {
  std::mt19937_64 random{7};
  while (!stop) {
    const Slot slot{static_cast<std::int64_t>(6 + random() % 2)};
    const Step step = 1000 + static_cast<Step>(random() % 8);
    if (tier.ledger().at(slot).status == SlotStatus::valid) tier.release(slot);
    tier.save(slot, step, snapshot_of(tier.layout(), step));
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return EXIT_FAILURE;
  const Layout shape = layout();
  Hdf5Tier tier{words[1], shape, 8, facts_of_this_process("multistage", "schedule: multistage\n"), 2};
  tier.put_identity(R"({"sweep": 1})");
  tier.put_steps(500);
  for (Step step = 1000; step < 1008; ++step) dump(shape, step, words[2]);
  for (Slots slot = 0; slot < 5; ++slot) {  // slot 5 stays empty
    tier.save(Slot{slot}, 100 * slot, snapshot_of(shape, 100 * slot));
    dump(shape, 100 * slot, words[2]);
  }
  tier.release(Slot{3});
  tier.put_summary({.actions = {{9, 8, 0, 7}, {5, 4, 0, 1}},
                    .stall_seconds = {0, .5},
                    .advances = 1234,
                    .end = "2024-02-29T13:00:00Z",
                    .report = R"({"advances": 1234})"});
  std::atomic<bool> stop = false;
  std::cout << "written" << std::endl;
  std::string line;
  std::getline(std::cin, line);  // all is still: the first readers
  std::thread saving{[&] { churn(tier, stop); }};
  std::cout << "saving" << std::endl;
  std::getline(std::cin, line);
  stop = true;
  saving.join();
}
