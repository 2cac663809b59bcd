// SPDX-License-Identifier: BSD-3-Clause
#include "autopsy.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace cairn::test {
namespace {

/// Is this the image of x_t, or of the sums at that position?
class Truth {
 public:
  Truth(const Universe& universe, const Layout& layout, bool of_kept)
      : universe_{&universe}, layout_{&layout}, of_kept_{of_kept} {}
  bool is(std::span<const std::byte> image, int sweep, Step step) const {
    const Undisturbed& truth = universe_->truth(sweep);
    if (step < 0 || step > truth.steps()) return false;
    if (of_kept_) {
      const bool reverse = image[layout_->places()[3].offset] != std::byte{0};
      const ToySums& sums = truth.sums(reverse, step);
      return holds(image, 0, sums.trace) && holds(image, 1, sums.adjoint) && holds(image, 2, sums.gradient);
    }
    const ToyState& state = truth.at(step);
    return std::memcmp(image.data() + layout_->places()[0].offset, state.words.data(), state.words.size() * 8) == 0 &&
           holds(image, 1, state.clock);
  }

 private:
  bool holds(std::span<const std::byte> image, std::size_t field, std::uint64_t value) const {
    return std::memcmp(image.data() + layout_->places()[field].offset, &value, sizeof value) == 0;
  }
  const Universe* universe_;
  const Layout* layout_;
  bool of_kept_;
};

class Examination {
 public:
  Examination(Universe& universe, SimulatedFile& file, const Layout& layout, bool of_kept)
      : universe_{universe}, file_{file}, layout_{layout}, truth_{universe, layout, of_kept}, of_kept_{of_kept} {}

  void as_it_lies() {
    for (Slot slot{0}; slot.index < slots(); ++slot.index) {
      const std::size_t i = static_cast<std::size_t>(slot.index);
      const LedgerRow& row = file_.now.rows[i];
      const Step word = file_.now.words[i];
      const bool valid = row.intact() && row.status == SlotStatus::valid;
      if (word >= 0 && !valid)
        complain(slot, fmt::format("the step word says {}, the row says {}", word, name_of(row.status)));
      if (word >= 0 && row.step != word)
        complain(slot, fmt::format("the step word says {}, the row {}", word, row.step));
      if (!valid || file_.damaged[i]) continue;
      const std::optional<int> sweep = universe_.sweep_of(row.run);
      if (!sweep || !truth_.is(file_.data_of(slot), *sweep, row.step))
        complain(slot, fmt::format("the row says that x_{} is there, but these are other bytes", row.step));
      if (row.checksum != Checksum{} && row.checksum != checksum_of(layout_, buffer_of(slot)))
        complain(slot, fmt::format("the sum of x_{} is wrong", row.step));
    }
  }

  /// Opens a copy, as the next process will.
  void as_it_opens(bool power_cut) {
    if (file_.now.identity.empty()) return;
    SimulatedFile copy = file_;
    copy.full = copy.gone = false;
    World quiet{0, universe_.scenario.promise.durability};
    SimulatedTier tier{quiet, copy, layout_, promise(), Breaking::nothing, std::nullopt};
    std::vector<std::byte> buffer(layout_.buffer_bytes().count);
    tier.take_over(buffer, limits::steps + 1, of_kept_ ? Tier::Doubles::keep : Tier::Doubles::release);
    const std::uint64_t run = run_hash_of(file_.now.identity);
    std::vector<Step> readable;
    for (Slot slot{0}; slot.index < slots(); ++slot.index) {
      const Ledger::Stored& held = tier.ledger().at(slot);
      if (held.status != SlotStatus::valid) continue;
      if (loads(tier, slot, buffer, power_cut)) readable.push_back(held.step);
    }
    for (Slot slot{0}; slot.index < slots(); ++slot.index) {
      const std::size_t i = static_cast<std::size_t>(slot.index);
      const Step certain = file_.certain[i];
      const bool ours = file_.now.rows[i].run == run;
      if (certain < 0 || file_.damaged[i] || (file_.now.rows[i].intact() && !ours)) continue;
      if (std::ranges::find(readable, certain) == readable.end())
        complain(slot, fmt::format("x_{} was committed, and cannot be read", certain));
    }
  }

 private:
  Slots slots() const { return static_cast<Slots>(file_.slots()); }
  Tier::Promise promise() const {
    return of_kept_ ? Tier::Promise{Verify::always, universe_.scenario.promise.durability} : universe_.scenario.promise;
  }
  std::vector<std::byte> buffer_of(Slot slot) const {
    std::vector<std::byte> buffer(layout_.buffer_bytes().count);
    std::ranges::copy(file_.data_of(slot), buffer.begin());
    return buffer;
  }
  bool loads(Tier& tier, Slot slot, std::vector<std::byte>& buffer, bool power_cut) {
    const Ledger::Stored& held = tier.ledger().at(slot);
    const bool damaged = file_.damaged[static_cast<std::size_t>(slot.index)];
    try {
      tier.load(slot, held.step, buffer);
    } catch (const StorageError& problem) {
      if (!damaged && !power_cut) complain(slot, problem.what());
      return false;
    }
    const std::optional<int> sweep = universe_.sweep_of(run_hash_of(file_.now.identity));
    if (!sweep || !truth_.is(buffer, *sweep, held.step))
      complain(slot, fmt::format("load() takes other bytes for x_{}", held.step));
    return true;
  }
  [[noreturn]] void complain(Slot slot, const std::string& what) {
    universe_.world.violate(fmt::format("{}: slot {}: {}", file_.name, slot.index, what));
  }
  Universe& universe_;
  SimulatedFile& file_;
  const Layout& layout_;
  Truth truth_;
  bool of_kept_;
};

}  // namespace

void examine_files(Universe& universe, const Layout& layout, const Layout& kept_layout, bool power_cut) {
  const auto examine = [&](SimulatedFile* file, const Layout& layout_of_it, bool of_kept) {
    if (!file) return;
    Examination examination{universe, *file, layout_of_it, of_kept};
    if (!power_cut) examination.as_it_lies();
    examination.as_it_opens(power_cut);
  };
  for (const auto& file : universe.files) examine(file.get(), layout, false);
  examine(universe.kept_file.get(), kept_layout, true);
}

}  // namespace cairn::test
