// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/tier_file.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace cairn {
namespace {

using Kind = StorageError::Kind;

/// The first 8 bytes as a word; 0 where there are fewer.
std::uint64_t first_word(const File& file) {
  std::uint64_t word = 0;
  if (file.size() >= sizeof word) file.read(0, std::as_writable_bytes(std::span{&word, 1}));
  return word;
}

/// What there is to say about the bytes of a snapshot that row and step word agree on.
void verify_data(const TierFile& file, const LedgerRow& row, SlotReport& report) {
  report.verdict = Verdict::bad;
  try {
    if (const Checksum found = file.sum_of(report.slot); row.checksum == Checksum{})
      report.verdict = Verdict::not_summed;
    else if (found == row.checksum)
      report.verdict = Verdict::whole;
    else
      report.problem = fmt::format("checksum {} instead of {}", to_string(found), to_string(row.checksum));
  } catch (const StorageError& failure) {
    report.problem = failure.what();
  }
}

/// Why a slot that claims a snapshot cannot be believed, its bytes unseen; empty: it can.
std::string contradiction(const TierFile& file, const LedgerRow& row, Step step) {
  if (!row.intact())
    return fmt::format("its step is {}, but its ledger row is {}", step, row.blank() ? "blank" : "damaged");
  if (row.status != SlotStatus::valid)
    return fmt::format("its step is {}, but its ledger row says {}", step, name_of(row.status));
  if (row.step != step) return fmt::format("its step is {}, but its ledger row says step {}", step, row.step);
  if (row.bytes != file.layout().snapshot_bytes().count)
    return fmt::format("its ledger row says {} bytes, but a snapshot has {}", row.bytes,
                       file.layout().snapshot_bytes().count);
  return {};
}

SlotReport judge(const TierFile& file, Slot slot, const LedgerRow& row, Step step, bool verify) {
  const bool readable_row = row.intact() || row.blank();
  SlotReport report{.slot = slot,
                    .step = row.intact() ? row.step : step,
                    .status = readable_row ? row.status : SlotStatus::empty,
                    .verdict = std::nullopt,
                    .problem = {}};
  if (step >= 0) {
    report.problem = contradiction(file, row, step);
    if (!report.problem.empty())
      report.verdict = Verdict::bad;
    else if (verify)
      verify_data(file, row, report);
  } else if (!readable_row) {
    report.problem = "its ledger row is damaged; it counts as empty";
  } else if (row.status == SlotStatus::valid) {
    report.problem = "its ledger row is valid, but it has no step: the run died while it stored or released it";
  }
  return report;
}

/// The row is read before and after all else: only where it stood still was one snapshot looked at.
std::optional<SlotReport> examine(const TierFile& file, Slot slot, bool verify) {
  constexpr int most_tries = 10;  // beside a writer that uses the slot again and again
  for (int tries = 1;; ++tries) {
    const LedgerRow row = file.row(slot);
    const Step step = file.step(slot);
    const bool unused = row.blank() || (row.intact() && row.status == SlotStatus::empty);
    if (unused && step < 0) return std::nullopt;
    SlotReport report = judge(file, slot, row, step, verify);
    const LedgerRow row_after = file.row(slot);
    const bool still = std::memcmp(&row, &row_after, sizeof row) == 0 && file.step(slot) == step;
    if (still || tries == most_tries) return report;
  }
}

}  // namespace

LedgerRow TierFile::row(Slot slot) const {
  LedgerRow row;
  rows(slot, std::span{&row, 1});
  return row;
}

Step TierFile::step(Slot slot) const {
  Step step = -1;
  steps(slot, std::span{&step, 1});
  return step;
}

Checksum TierFile::sum_of(Slot slot) const {
  return checksum_of(
      layout(), [&](std::size_t field, std::uint64_t at, std::span<std::byte> bytes) { read(slot, field, at, bytes); });
}

std::unique_ptr<TierFile> open_tier_file(const std::string& path, System& system) {
  const StorageError::Place place{.tier = "", .file = path};
  std::uint64_t word = 0;
  try {
    word = first_word(File{path, File::Mode::read, File::Cache::buffered, system});
  } catch (const FileError& failure) {
    throw StorageError{failure.kind(), place, failure.what()};
  }
  if (word == hdf5_signature_word) return open_hdf5_tier_file(path, system);
  if (word == MmapFormat::magic_word) return open_mmap_tier_file(path, system);
  throw StorageError{Kind::mismatch, place, "is not a file of cairn"};
}

bool is_cairn_file(const File& file) {
  const std::uint64_t word = first_word(file);
  return word == MmapFormat::magic_word || (word == hdf5_signature_word && is_cairn_hdf5_file(file.path()));
}

void each_piece(const TierFile& file,
                const std::function<void(Slot, std::span<const LedgerRow>, std::span<const Step>)>& look) {
  constexpr Slots most = 4096;  // 2 MiB of rows
  const auto count = static_cast<std::size_t>(std::min(most, file.slots()));
  std::vector<LedgerRow> rows(count);
  std::vector<Step> words(count);
  for (Slots first = 0; first < file.slots(); first += most) {
    const auto slots = static_cast<std::size_t>(std::min(most, file.slots() - first));
    file.rows(Slot{first}, std::span{rows}.first(slots));
    file.steps(Slot{first}, std::span{words}.first(slots));
    look(Slot{first}, std::span{rows}.first(slots), std::span{words}.first(slots));
  }
}

std::optional<UnfinishedRun> unfinished_run_in(const TierFile& file) {
  const RecordedRun run = file.run();
  if (run.identity.empty() || !run.end.empty()) return std::nullopt;
  const std::uint64_t hash = run_hash_of(run.identity);
  Slots snapshots = 0;
  each_piece(file, [&](Slot, std::span<const LedgerRow> rows, std::span<const Step>) {
    snapshots += std::ranges::count_if(rows, [&](const LedgerRow& row) {
      const SlotStatus status = status_at_opening(row, hash);
      return status == SlotStatus::valid || (status == SlotStatus::released && row.checksum != Checksum{});
    });
  });
  if (snapshots == 0) return std::nullopt;
  return UnfinishedRun{.snapshots = snapshots, .start = run.facts.start};
}

std::vector<SlotReport> examine(const TierFile& file, bool verify) {
  std::vector<SlotReport> reports;
  for (Slot slot{0}; slot.index < file.slots(); ++slot.index)
    if (std::optional<SlotReport> report = examine(file, slot, verify)) reports.push_back(std::move(*report));
  return reports;
}

}  // namespace cairn
