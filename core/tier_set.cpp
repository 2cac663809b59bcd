// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/tier_set.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/mmap_tier.hpp>

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

std::unique_ptr<Tier> make_tier(const TierConfig& config, const Layout& layout, Slots slots, const RunFacts& facts,
                                std::int32_t levels, Pool& pool, Tier::Promise promise) {
  switch (config.kind) {
    case TierKind::ram: return std::make_unique<RamTier>(layout, slots, pool, promise);
    case TierKind::mmap: return std::make_unique<MmapTier>(config.path, layout, slots, facts, levels, promise);
    case TierKind::hdf5: return std::make_unique<Hdf5Tier>(config.path, layout, slots, facts, levels, promise);
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

TierSet::TierSet(const Config& config, const Layout& layout, const Provision& provision)
    : pool_{std::make_unique<Pool>(provision.pool, layout.buffer_bytes())} {
  const Tier::Promise promise{.verify = config.verify, .durability = config.durability};
  const RunFacts facts = facts_of_this_process(std::string{name_of(config.schedule)}, config.yaml());
  const auto levels = static_cast<std::int32_t>(config.tiers.size());
  for (const TierConfig& tier : config.tiers)
    if (!tier.path.empty()) claims_.emplace_back(tier.path);
  for (std::size_t i = 0; i < config.tiers.size(); ++i)
    enlist(make_tier(config.tiers[i], layout, provision.slots[i], facts, levels, *pool_, promise));
}

TierSet::TierSet(std::unique_ptr<Pool> pool, std::vector<std::unique_ptr<Tier>> tiers) : pool_{std::move(pool)} {
  for (std::unique_ptr<Tier>& tier : tiers) enlist(std::move(tier));
}

void TierSet::enlist(std::unique_ptr<Tier> tier) {
  if (tiers_.empty()) ram_ = dynamic_cast<RamTier*>(tier.get());
  if (auto* record = dynamic_cast<RunRecord*>(tier.get())) records_.push_back(record);
  tiers_.push_back(std::move(tier));
}

std::vector<Slots> TierSet::slots() const {
  std::vector<Slots> slots;
  for (const std::unique_ptr<Tier>& tier : tiers_) slots.push_back(tier->slots());
  return slots;
}

}  // namespace cairn
