// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/resume.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

template <class Use>
void each_reopened(const TierSet& tiers, const Use& use) {
  for (Level level{0}; level.rank < tiers.levels(); ++level.rank)
    if (const Tier& tier = tiers.at(level); tier.reopened()) use(level, tier);
}

const RecordedRun& found_in(const Tier& tier) {
  return dynamic_cast<const RunRecord&>(tier).found();
}

/// The report of the sweep before stands until this one writes its own.
bool had_turned(const TierSet& tiers, std::string_view identity) {
  const std::string turned = report_of_phase(sweep_of(identity), true);
  bool reverse = false;
  each_reopened(tiers, [&](Level, const Tier& tier) {
    reverse = reverse || (found_in(tier).identity == identity && found_in(tier).report == turned);
  });
  return reverse;
}

/// Of an earlier sweep, which was given up.
void release_all(Tier& tier) {
  log(spdlog::level::info, "{} {}: of an earlier sweep, that is of no more use", tier.kind(), tier.file());
  for (Slot slot{0}; slot.index < tier.slots(); ++slot.index)
    if (tier.ledger().at(slot).status == SlotStatus::valid) tier.release(slot);
}

/// Valid snapshots of steps below `before`; of a reopened tier all others are released.
std::vector<Catalog::Entry> stored_below(TierSet& tiers, Step before) {
  std::vector<Catalog::Entry> stored;
  for (Level level{0}; level.rank < tiers.levels(); ++level.rank) {
    if (!tiers.outlives_process(level)) continue;
    Tier& tier = tiers.at(level);
    for (Slot slot{0}; slot.index < tier.slots(); ++slot.index) {
      const Ledger::Stored& held = tier.ledger().at(slot);
      if (held.status != SlotStatus::valid) continue;
      if (held.step < before)
        stored.push_back({level, held.step, slot});
      else
        tier.release(slot);
    }
  }
  return stored;
}

Step latest(const std::vector<Catalog::Entry>& stored) {
  Step step = 0;
  for (const Catalog::Entry& entry : stored) step = std::max(step, entry.step);
  return step;
}

/// What is not of that identity is released.
void take_over_below(TierSet& tiers, Step before, std::string_view identity) {
  if (!any_reopened(tiers)) return;
  Pool beside{1, tiers.pool().buffer_bytes()};  // snapshots in shared memory may hold the whole pool
  Pool& pool = tiers.shared() ? beside : tiers.pool();
  pool.touch(1);
  const Pool::Buffer buffer = pool.take();
  for (Level level{0}; level.rank < tiers.levels(); ++level.rank) {
    Tier& tier = tiers.at(level);
    if (!tier.reopened()) continue;
    const bool is_ours = found_in(tier).identity == identity;
    const Tier::TakenOver taken = tier.take_over(buffer.bytes(), is_ours ? before : 0);
    if (!is_ours) {
      release_all(tier);
      continue;
    }
    log(spdlog::level::info, "{} {}: {} snapshots, {} more that had been released, {} torn", tier.kind(), tier.file(),
        taken.kept, taken.brought_back, taken.torn);
  }
}

}  // namespace

bool any_reopened(const TierSet& tiers) {
  bool any = false;
  each_reopened(tiers, [&](Level, const Tier&) { any = true; });
  return any;
}

Step steps_found(const TierSet& tiers) {
  Step steps = -1;
  each_reopened(tiers, [&](Level, const Tier& tier) { steps = std::max(steps, found_in(tier).steps); });
  return steps;
}

std::string identity_found(const TierSet& tiers, std::string_view mine) {
  std::string identity;
  each_reopened(tiers, [&](Level, const Tier& tier) {
    const std::string& found = found_in(tier).identity;
    if (const std::string what = difference(found, mine); !what.empty())
      throw StorageError{StorageError::Kind::mismatch,
                         {.tier = tier.kind(), .file = tier.file()},
                         fmt::format("holds the snapshots of another run: {}; give overwrite: true instead of resume: "
                                     "true to replace them",
                                     what)};
    if (identity.empty() || sweep_of(found) > sweep_of(identity)) identity = found;
  });
  return identity;
}

Resumption take_over(TierSet& tiers, Kept* kept, std::string_view identity, Step n) {
  Resumption resumption;
  if (kept) {
    for (const Position& position : kept->found(identity)) {
      if (position.step > n) {  // its row's sum is right: nobody's accident
        log(spdlog::level::warn, "what was kept says that it is of step {}, in a run of {}", position.step, n);
        continue;
      }
      resumption = {.position = position, .kept = true};  // any snapshots serve, x_0 at least
      break;
    }
  } else if (had_turned(tiers, identity)) {
    throw std::logic_error{
        "the reverse sweep of the run to be resumed had begun, and nothing was kept of what it had added up: register "
        "the gradient and the adjoint by Reversal::keep() before forward(); give overwrite: true to begin anew"};
  }
  const bool from_snapshots = kept == nullptr;
  const Position& at = resumption.position;
  const Step before = from_snapshots ? n + 1 : at.reverse ? at.step : at.step + 1;
  take_over_below(tiers, before, identity);
  resumption.stored = stored_below(tiers, before);
  if (from_snapshots) resumption.position.step = latest(resumption.stored);
  return resumption;
}

std::string report_of_phase(std::int64_t sweep, bool reverse) {
  return fmt::format(R"({{"phase": "{}", "sweep": {}}})", reverse ? "reverse" : "forward", sweep);
}

}  // namespace cairn
