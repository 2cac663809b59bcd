// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/probe.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace cairn {
namespace {

std::optional<Slot> slot_without_snapshot(const Tier& tier) {
  for (Slot slot{0}; slot.index < tier.slots(); ++slot.index)
    if (may_become(tier.ledger().at(slot).status, SlotStatus::writing)) return slot;
  return std::nullopt;
}

/// The buffer goes back as a fresh one would be: the gaps of a snapshot are zero.
class NoiseBuffer {
 public:
  explicit NoiseBuffer(Pool::Buffer buffer) : buffer_{std::move(buffer)} { fill_with_noise(bytes()); }
  NoiseBuffer(const NoiseBuffer&) = delete;
  ~NoiseBuffer() { std::memset(bytes().data(), 0, bytes().size()); }
  std::span<std::byte> bytes() const { return buffer_.bytes(); }

 private:
  Pool::Buffer buffer_;
};

}  // namespace

std::vector<std::optional<Tier::Probed>> probe_tiers(TierSet& tiers) {
  std::vector<std::optional<Tier::Probed>> probed(static_cast<std::size_t>(tiers.levels()));
  tiers.pool().touch(1);
  std::optional<Pool::Buffer> free = tiers.pool().try_take();
  if (!free) return probed;
  const NoiseBuffer noise{std::move(*free)};
  for (Level level{0}; level.rank < tiers.levels(); ++level.rank) {
    Tier& tier = tiers.at(level);
    if (tiers.in_memory(level) || tier.reopened()) continue;  // of an earlier process: what is there comes first
    if (const auto slot = slot_without_snapshot(tier))
      probed[static_cast<std::size_t>(level.rank)] = tier.probe(*slot, noise.bytes());
  }
  return probed;
}

/// The sequence of SplitMix64 (Steele, Lea and Flood, 2014): each word from its number alone.
void fill_with_noise(std::span<std::byte> bytes) {
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof sum) {
    sum += golden_ratio;
    std::uint64_t word = (sum ^ (sum >> 30)) * 0xBF58476D1CE4E5B9;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
    word ^= word >> 31;
    std::memcpy(bytes.data() + at, &word, std::min(sizeof word, bytes.size() - at));
  }
}

}  // namespace cairn
