// SPDX-License-Identifier: BSD-3-Clause
/// A tier in a simulated file: the order of writes, the opening and the record of a run are those of real files.
#pragma once

#include "world.hpp"
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::test {

/// What a test breaks on purpose, for the simulation to find.
enum class Breaking {
  nothing,
  step_before_data,  ///< a reader believes in a snapshot that is being written
  row_before_data,   ///< so does who opens the file again
  old_step_stays,    ///< a slot is written anew while its step word still says what it held
  sync_does_nothing  ///< Durability::power
};

class SimulatedTier final : public Tier, public RunRecord {
 public:
  /// The file is opened again where it was used before; both must outlive the tier.
  SimulatedTier(World& world, SimulatedFile& file, const Layout& layout, Promise promise, Breaking breaking,
                std::optional<std::uint64_t> device)
      : Tier{"simulated", file.name, layout, static_cast<Slots>(file.slots()), promise},
        world_{&world},
        file_{&file},
        breaking_{breaking},
        device_{device} {
    if (file.now.identity.empty()) return;
    found_ = {.facts = {},
              .steps = file.now.steps,
              .identity = file.now.identity,
              .report = file.now.report,
              .end = file.now.end};
    begin_finding(run_hash_of(file.now.identity));
    find(Slot{0}, file.now.rows, file.now.words);
  }
  std::optional<std::uint64_t> device() const override { return device_; }

  void put_steps(Step steps) override {
    in_record([&] { world_->put(*file_, Part::steps, Slot{0}, bytes_of(steps)); });
  }
  void put_summary(const RunSummary& summary) override {
    in_record([&] {
      put_text(Part::report, summary.report);
      if (!summary.end.empty()) put_text(Part::end, summary.end);
    });
  }
  void put_end(std::string_view end) override {
    in_record([&] { put_text(Part::end, end); });
  }

 private:
  template <class Value>
  static std::span<const std::byte> bytes_of(const Value& value) {
    return std::as_bytes(std::span{&value, 1});
  }
  void put_identity_text(std::string_view json) override {
    in_record([&] { put_text(Part::identity, json); });
    run_hash(run_hash_of(json));
  }
  template <class Writing>
  void in_record(const Writing& writing) {
    try {
      writing();
      if (promise().durability == Durability::power) sync();
    } catch (const FileError& failure) {
      throw error(failure.kind(), Slot{-1}, -1, failure.what());
    }
  }
  void put_text(Part part, std::string_view text) {
    world_->put(*file_, part, Slot{0}, std::as_bytes(std::span{text}));
  }

  void write(Slot slot, std::span<const std::byte> snapshot) override {
    const auto data = snapshot.first(file_->slot_bytes);
    if (breaking_ == Breaking::step_before_data) world_->put(*file_, Part::word, slot, bytes_of(step_));
    if (breaking_ == Breaking::row_before_data)
      late_.assign(data.begin(), data.end());
    else
      world_->put(*file_, Part::data, slot, data);
  }
  void read(Slot slot, std::span<std::byte> snapshot) override { world_->read(*file_, slot, snapshot); }
  void put_row(Slot slot, const LedgerRow& row) override {
    if (row.status == SlotStatus::writing) step_ = row.step;
    world_->put(*file_, Part::row, slot, bytes_of(row));
    if (row.status == SlotStatus::valid && !late_.empty())
      world_->put(*file_, Part::data, slot, std::exchange(late_, {}));
  }
  void put_step(Slot slot, Step step) override {
    if (step < 0 && breaking_ == Breaking::old_step_stays) return;
    world_->put(*file_, Part::word, slot, bytes_of(step));
  }
  void sync() override { world_->sync(*file_, breaking_ != Breaking::sync_does_nothing); }

  World* world_;
  SimulatedFile* file_;
  Breaking breaking_;
  std::optional<std::uint64_t> device_;
  Step step_ = -1;               // of the save under way
  std::vector<std::byte> late_;  // data that a broken order writes after its row
};

}  // namespace cairn::test
