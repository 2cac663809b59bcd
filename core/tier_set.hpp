// SPDX-License-Identifier: BSD-3-Clause
/// The tiers and the pool of one run.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/run_memory.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/ram_tier.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// A path that this process uses for a tier; a second claim on it throws std::invalid_argument (nested Reversals with
/// one Config). Released at its end.
class PathClaim {
 public:
  explicit PathClaim(const std::string& path);
  PathClaim(PathClaim&& other) noexcept;
  PathClaim& operator=(PathClaim&&) = delete;
  ~PathClaim();

 private:
  std::string canonical_;
};

/// Makes the pool and every tier that a configuration asks for; files are created here, memory is touched later. With
/// Config::resume the file of a run that has not ended is opened again instead, and keeps the slots that it has; so
/// does its shared memory, whose buffers are the pool's. At the end shared memory goes that nobody can go on from.
class TierSet {
 public:
  /// The layout must outlive it. Throws what the tiers throw.
  TierSet(const Config& config, const Layout& layout, const Provision& provision);
  /// Of tiers that exist already; for tests. `ram` may be null: no tier is in memory.
  TierSet(std::unique_ptr<Pool> pool, std::vector<std::unique_ptr<Tier>> tiers);

  Pool& pool() { return *pool_; }
  Tier& at(Level level) { return *tiers_[static_cast<std::size_t>(level.rank)]; }
  const Tier& at(Level level) const { return *tiers_[static_cast<std::size_t>(level.rank)]; }
  std::int32_t levels() const { return static_cast<std::int32_t>(tiers_.size()); }
  std::vector<Slots> slots() const;
  RamTier* ram() { return ram_; }  ///< Level 0 where it is in memory, else null.
  bool in_memory(Level level) const { return ram_ != nullptr && level.rank == 0; }
  /// Do its snapshots outlive the process? In files and in shared memory.
  bool outlives_process(Level level) const { return !in_memory(level) || shared_; }
  bool shared() const { return shared_; }                              ///< Is level 0 in shared memory?
  const std::vector<RunRecord*>& records() const { return records_; }  ///< the tiers with a file, or in shared memory

 private:
  void enlist(std::unique_ptr<Tier> tier);
  std::vector<PathClaim> claims_;
  RunMemory memory_;  // shared; outlives the pool, and that the tiers
  std::unique_ptr<Pool> pool_;
  std::vector<std::unique_ptr<Tier>> tiers_;
  RamTier* ram_ = nullptr;
  bool shared_ = false;
  std::vector<RunRecord*> records_;
};

}  // namespace cairn
