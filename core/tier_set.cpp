// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/tier_set.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/log.hpp>
#include <cairn/storage/mmap_tier.hpp>
#include <cairn/storage/shared_ram_tier.hpp>
#include <cairn/storage/tier_creation.hpp>

#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

struct Claimed {
  std::mutex mutex;
  std::set<std::string> paths;
};
Claimed& claimed() {
  static Claimed of_this_process;
  return of_this_process;
}

Existing existing_for(const Config& config) {
  return config.overwrite ? Existing::replace : Existing::replace_finished;
}

/// Slots in shared memory, which keeps the buffers that it has. Throws StorageError mismatch where they do not suffice.
Slots slots_of(const SharedMemory& memory, const Provision& provision, const Config& config) {
  if (config.tiers.size() > 1 && memory.buffers() < 2)
    throw shared_error(StorageError::Kind::mismatch, memory.path(),
                       "has 1 buffer, of a run without slower tiers; beside those 2 are needed: go on without them, or "
                       "give overwrite: true instead of resume: true");
  return memory.buffers() - (provision.pool - provision.slots[0]);
}

struct Making {
  const Config& config;
  const Layout& layout;
  const RunFacts& facts;
  SharedMemory* memory;  // null: RAM is private
  Pool& pool;
  std::int32_t levels() const { return static_cast<std::int32_t>(config.tiers.size()); }
  Tier::Promise promise() const { return {.verify = config.verify, .durability = config.durability}; }
  Existing existing() const { return existing_for(config); }
};

/// The file of a run that has not ended; nullptr where there is none.
template <class FileTier>
std::unique_ptr<FileTier> reopened(const Making& making, const std::string& path) {
  if (!std::filesystem::exists(path)) return nullptr;
  auto tier = FileTier::reopen(path, making.layout, making.promise());
  if (tier->found().identity.empty() || !tier->found().end.empty()) return nullptr;
  return tier;
}

template <class FileTier>
std::unique_ptr<Tier> file_tier(const Making& making, const std::string& path, Slots slots) {
  if (making.config.resume) {
    if (auto tier = reopened<FileTier>(making, path)) {
      log(spdlog::level::info, "{} {}: of a run that has not ended, with {} slots", tier->kind(), path, tier->slots());
      if (tier->slots() != slots)
        log(spdlog::level::info, "{} {}: keeps its {} slots, though the configuration gives it {}", tier->kind(), path,
            tier->slots(), slots);
      return tier;
    }
  }
  return std::make_unique<FileTier>(path, making.layout, slots, making.facts, making.levels(), making.promise(),
                                    System::real(), making.existing());
}

std::unique_ptr<Tier> ram_tier(const Making& making, Slots slots) {
  if (!making.memory) return std::make_unique<RamTier>(making.layout, slots, making.pool, making.promise());
  return std::make_unique<SharedRamTier>(*making.memory, making.layout, slots, making.pool, making.promise());
}

std::unique_ptr<Tier> make_tier(const Making& making, const TierConfig& tier, Slots slots) {
  switch (tier.kind) {
    case TierKind::ram: return ram_tier(making, slots);
    case TierKind::mmap: return file_tier<MmapTier>(making, tier.path, slots);
    case TierKind::hdf5: return file_tier<Hdf5Tier>(making, tier.path, slots);
  }
  throw std::logic_error{"a kind of tier that is not made here"};
}

}  // namespace

PathClaim::PathClaim(const std::string& path)
    : canonical_{std::filesystem::weakly_canonical(std::filesystem::absolute(path)).string()} {
  const std::scoped_lock lock{claimed().mutex};
  if (!claimed().paths.insert(canonical_).second)
    throw std::invalid_argument{
        fmt::format("{}: another Reversal of this process uses this file; give each its own path", path)};
}

PathClaim::PathClaim(PathClaim&& other) noexcept : canonical_{std::exchange(other.canonical_, {})} {}

PathClaim::~PathClaim() {
  if (canonical_.empty()) return;
  const std::scoped_lock lock{claimed().mutex};
  claimed().paths.erase(canonical_);
}

TierSet::TierSet(const Config& config, const Layout& layout, const Provision& provision) {
  const RunFacts facts = facts_of_this_process(std::string{name_of(config.schedule)}, config.yaml());
  const std::optional<std::string> shared_name = config.shared_name();
  if (shared_name) claims_.emplace_back(shared_path(*shared_name));
  for (const TierConfig& tier : config.tiers)
    if (!tier.path.empty()) claims_.emplace_back(tier.path);
  if (!config.overwrite && !config.resume)  // all of them, before the first is replaced
    for (const TierConfig& tier : config.tiers)
      if (!tier.path.empty()) check_replaceable(name_of(tier.kind), tier.path);
  std::vector<Slots> slots = provision.slots;
  if (shared_name) {
    memory_ = run_memory({.name = *shared_name,
                          .buffers = provision.pool,
                          .levels = static_cast<std::int32_t>(config.tiers.size()),
                          .existing = existing_for(config),
                          .resume = config.resume},
                         layout, facts);
    slots[0] = slots_of(*memory_, provision, config);
    pool_ = std::make_unique<Pool>(memory_->memory(), layout.buffer_bytes());
  } else {
    pool_ = std::make_unique<Pool>(provision.pool, layout.buffer_bytes());
  }
  const Making making{.config = config, .layout = layout, .facts = facts, .memory = memory_.get(), .pool = *pool_};
  for (std::size_t i = 0; i < config.tiers.size(); ++i) enlist(make_tier(making, config.tiers[i], slots[i]));
}

TierSet::TierSet(std::unique_ptr<Pool> pool, std::vector<std::unique_ptr<Tier>> tiers) : pool_{std::move(pool)} {
  for (std::unique_ptr<Tier>& tier : tiers) enlist(std::move(tier));
}

void TierSet::enlist(std::unique_ptr<Tier> tier) {
  if (tiers_.empty()) {
    ram_ = dynamic_cast<RamTier*>(tier.get());
    shared_ = dynamic_cast<SharedRamTier*>(tier.get()) != nullptr;
  }
  if (auto* record = dynamic_cast<RunRecord*>(tier.get())) records_.push_back(record);
  tiers_.push_back(std::move(tier));
}

std::vector<Slots> TierSet::slots() const {
  std::vector<Slots> slots;
  for (const std::unique_ptr<Tier>& tier : tiers_) slots.push_back(tier->slots());
  return slots;
}

}  // namespace cairn
