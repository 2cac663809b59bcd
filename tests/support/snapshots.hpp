// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots for tests: buffers aligned as those of the pool, filled with bytes from a seed, gaps zero.
#pragma once

#include <cairn/storage/layout.hpp>
#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <span>
#include <vector>

namespace cairn::test {

/// Memory from a multiple of 4096 on, as direct requests need it.
template <class T>
struct BlockAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{limits::block_bytes};
  BlockAllocator() = default;
  template <class U>
  explicit BlockAllocator(const BlockAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, alignment); }
  bool operator==(const BlockAllocator&) const = default;
};

/// All of a buffer: buffer_bytes() of its layout. Two are equal where every byte is, gaps included.
using Snapshot = std::vector<std::byte, BlockAllocator<std::byte>>;

/// All zero.
inline Snapshot zero_snapshot(const Layout& layout) {
  return Snapshot(layout.buffer_bytes().count);
}

/// Bytes from the seed in every field, zeros elsewhere.
inline Snapshot random_snapshot(std::uint64_t seed, const Layout& layout) {
  Snapshot snapshot = zero_snapshot(layout);
  std::mt19937_64 random{seed};
  for (const Layout::Place& place : layout.places())
    for (std::uint64_t at = 0; at < place.bytes; at += sizeof(std::uint64_t)) {
      const std::uint64_t word = random();
      std::memcpy(snapshot.data() + place.offset + at, &word, std::min(sizeof word, place.bytes - at));
    }
  return snapshot;
}

/// What the slot gives back, read into a buffer whose fields hold other bytes before.
inline Snapshot loaded(Tier& tier, Slot slot, Step step) {
  Snapshot snapshot = random_snapshot(0xDEAD, tier.layout());
  tier.load(slot, step, snapshot);
  return snapshot;
}

/// Are the fields' bytes the same? Gaps are not looked at.
inline bool same_fields(const Layout& layout, std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::ranges::all_of(layout.places(), [&](const Layout::Place& place) {
    return std::ranges::equal(a.subspan(place.offset, place.bytes), b.subspan(place.offset, place.bytes));
  });
}

}  // namespace cairn::test
