// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/hdf5_tier_file.hpp>
#include <cairn/storage/mmap_tier_file.hpp>
#include <cairn/storage/tier_opening.hpp>
#include <cairn/storage/tier_repair.hpp>

#include <optional>

#include <fmt/format.h>

namespace cairn {
namespace {

using Holds = RepairedSlot::Holds;
using Remedy = RepairedSlot::Remedy;

/// Where rows and step words lie, one behind the other.
struct Places {
  std::uint64_t rows = 0;
  std::uint64_t words = 0;
};
Places places_in(const TierFile& file) {
  if (const auto* hdf5 = dynamic_cast<const Hdf5TierFile*>(&file))
    return {.rows = hdf5->contents().at.ledger, .words = hdf5->contents().at.steps_of_slots};
  const MmapFormat& format = dynamic_cast<const MmapTierFile&>(file).format();
  return {.rows = format.rows_at, .words = format.steps_at};
}

RepairedSlot emptied(Slot slot, Step step, std::string problem) {
  return {
      .slot = slot, .step = step, .holds = Holds::nothing, .remedy = Remedy::emptied, .problem = std::move(problem)};
}

/// A valid row: its bytes decide.
RepairedSlot judge_bytes(const TierFile& file, Slot slot, const LedgerRow& row) {
  RepairedSlot judged{.slot = slot, .step = row.step, .holds = Holds::snapshot};
  Checksum found;
  try {
    found = file.sum_of(slot);
  } catch (const StorageError& failure) {
    if (failure.kind() == StorageError::Kind::corrupt) return emptied(slot, row.step, failure.what());
    judged.holds = Holds::unreadable;
    judged.problem = failure.what();
    return judged;
  }
  if (row.checksum == Checksum{})
    judged.holds = Holds::not_summed;
  else if (found != row.checksum)
    return emptied(slot, row.step,
                   fmt::format("its bytes are not those that were saved: checksum {} instead of {}", to_string(found),
                               to_string(row.checksum)));
  return judged;
}

/// nullopt: never used, or emptied before.
std::optional<RepairedSlot> judge(const TierFile& file, std::uint64_t run, Slot slot, const LedgerRow& row, Step word) {
  if (row.blank() || (row.intact() && row.status == SlotStatus::empty)) {
    if (word < 0) return std::nullopt;
    return emptied(slot, word, fmt::format("its step word says {}, but its row tells of no snapshot", word));
  }
  if (!row.intact()) return emptied(slot, word, "its row is damaged");
  if (row.status == SlotStatus::writing) return emptied(slot, row.step, "its save was cut short");
  const bool makes_sense = row.step >= 0 && row.bytes == file.layout().snapshot_bytes().count;
  if (!makes_sense || (row.status != SlotStatus::valid && row.status != SlotStatus::released))
    return emptied(slot, row.step, "its row makes no sense");
  RepairedSlot judged = row.status == SlotStatus::valid
                            ? judge_bytes(file, slot, row)
                            : RepairedSlot{.slot = slot, .step = row.step, .holds = Holds::released};
  const Step right = row.status == SlotStatus::released ? -1 : row.step;
  const bool of_another_sweep = row.run != run && word < 0;  // a resume has taken it for nothing
  if (judged.remedy == Remedy::none && judged.problem.empty() && word != right && !of_another_sweep) {
    judged.remedy = Remedy::step_word;
    judged.problem = fmt::format("its step word says {}, but its row says {}", word,
                                 right < 0 ? "released" : fmt::format("step {}", right));
  }
  return judged;
}

/// As a save does it: the step word goes before the row, and comes after it.
void apply(const File& file, const Places& at, const RepairedSlot& slot) {
  const auto index = static_cast<std::uint64_t>(slot.slot.index);
  const Step word = slot.remedy == Remedy::step_word && slot.holds != Holds::released ? slot.step : -1;
  file.write(at.words + index * sizeof word, std::as_bytes(std::span{&word, 1}));
  if (slot.remedy != Remedy::emptied) return;
  LedgerRow row;
  row.step = -1;
  row.seal();
  file.write(at.rows + index * sizeof row, std::as_bytes(std::span{&row, 1}));
}

std::vector<RepairedSlot> slots_in_use(const TierFile& file, std::uint64_t run) {
  std::vector<RepairedSlot> in_use;
  each_piece(file, [&](Slot first, std::span<const LedgerRow> rows, std::span<const Step> words) {
    Slot slot = first;
    for (std::size_t i = 0; i < rows.size(); ++i, ++slot.index)
      if (auto judged = judge(file, run, slot, rows[i], words[i])) in_use.push_back(std::move(*judged));
  });
  return in_use;
}

}  // namespace

std::string_view name_of(RepairedSlot::Holds holds) {
  switch (holds) {
    case Holds::snapshot: return "snapshot";
    case Holds::not_summed: return "not summed";
    case Holds::released: return "released";
    case Holds::nothing: return "nothing";
    case Holds::unreadable: return "unreadable";
  }
  return "?";
}

RepairedFile repair_tier_file(const std::string& path, bool dry_run, System& system) {
  const File locked = open_for_run("", path, system);
  const std::unique_ptr<TierFile> file = open_tier_file(path, system);
  RepairedFile repaired{.kind = std::string{file->kind()}, .slots = file->slots(), .run = file->run()};
  repaired.in_use = slots_in_use(*file, run_hash_of(repaired.run.identity));
  if (dry_run) return repaired;
  try {
    bool changed = false;
    for (const RepairedSlot& slot : repaired.in_use)
      if (slot.remedy != Remedy::none) apply(locked, places_in(*file), slot), changed = true;
    if (changed) locked.sync_data();
  } catch (const FileError& failure) {
    throw StorageError{failure.kind(), {.tier = repaired.kind, .file = path}, failure.what()};
  }
  return repaired;
}

}  // namespace cairn
