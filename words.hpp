// SPDX-License-Identifier: BSD-3-Clause
/// The words that all layers share: steps, slots, levels, counts, bytes, and the limits of the library.
///
/// A *step* t is the operator that takes x_t to x_{t+1}. A *snapshot* is a stored copy of one x_t, a *slot* the place
/// for one snapshot in a tier, a *level* the rank of a tier (0 = fastest). All of it is header-only and without
/// dependencies.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>

namespace cairn {

/// The index of a state or of the step that leaves it. Signed, so that `u[t % 3]` compiles without a cast.
using Step = std::int64_t;

/// A half-open range of steps [first, last). Iterates over its steps: `for (Step t : steps)`.
struct Steps {
  Step first = 0;
  Step last = 0;
  bool again =
      false;  ///< true where these steps ran before: recomputation, `state_at`, `rehearse`. No sums, no logs then.

  class Iterator {
   public:
    using value_type = Step;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    constexpr explicit Iterator(Step at = 0) : at_{at} {}
    constexpr Step operator*() const { return at_; }
    constexpr Iterator& operator++() { return ++at_, *this; }
    constexpr Iterator operator++(int) { return Iterator{at_++}; }
    constexpr bool operator==(const Iterator&) const = default;

   private:
    Step at_;
  };
  constexpr Iterator begin() const { return Iterator{first}; }
  constexpr Iterator end() const { return Iterator{last}; }
  constexpr Step size() const { return last - first; }  ///< The number of steps in the range.
  constexpr bool operator==(const Steps&) const = default;
};

/// The rank of a tier in a plan: 0 is the fastest.
struct Level {
  std::int32_t rank = 0;
  constexpr auto operator<=>(const Level&) const = default;
};

/// The place for one snapshot in a tier, counted from 0.
struct Slot {
  std::int64_t index = 0;
  constexpr auto operator<=>(const Slot&) const = default;
};

/// A number of slots. In a plan, those of level 0 include the one that holds x_0 (the s of Algorithm 799).
using Slots = std::int64_t;

/// An amount of memory or disk space.
struct Bytes {
  std::uint64_t count = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
  constexpr Bytes& operator+=(Bytes more) { return count += more.count, *this; }
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return {a.count - b.count}; }
  friend constexpr Bytes operator*(Bytes a, std::uint64_t times) { return {a.count * times}; }
  friend constexpr std::uint64_t operator/(Bytes a, Bytes b) { return a.count / b.count; }  ///< How many b fit into a.
};
constexpr Bytes KiB(std::uint64_t count) {
  return {count << 10};
}
constexpr Bytes MiB(std::uint64_t count) {
  return {count << 20};
}
constexpr Bytes GiB(std::uint64_t count) {
  return {count << 30};
}

/// The least multiple of `unit` (a power of two) that holds `bytes`.
constexpr std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) & ~(unit - 1);
}

/// A count of events that saturates instead of wrapping: 2^40 steps with one slot need 2^79 advances. A saturated count
/// compares equal to `std::numeric_limits<Count>::max()`, stays so under addition, and is written as null in JSON.
class Count {
 public:
  constexpr Count() = default;
  template <std::integral I>
  constexpr Count(I value)
      : value_{value < I{} ? 0 : static_cast<std::uint64_t>(value)} {}  // NOLINT: a number is a count
  constexpr std::uint64_t value() const { return value_; }              ///< 2^64 − 1 where saturated.
  constexpr bool saturated() const { return value_ == most; }
  constexpr Count& operator+=(Count more) { return value_ = sum(value_, more.value_), *this; }
  constexpr Count& operator++() { return *this += Count{1}; }
  friend constexpr Count operator+(Count a, Count b) { return Count{sum(a.value_, b.value_)}; }
  friend constexpr Count operator*(Count a, Count b) { return Count{product(a.value_, b.value_)}; }
  constexpr auto operator<=>(const Count&) const = default;

 private:
  static constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > most - b ? most : a + b; }
  static constexpr std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    return b != 0 && a > most / b ? most : a * b;
  }
  std::uint64_t value_ = 0;
};

/// What the library is tested up to.
namespace limits {
inline constexpr Step steps = Step{1} << 40;        ///< steps of one run
inline constexpr Slots slots = Slots{1} << 20;      ///< slots of one tier
inline constexpr std::int32_t tiers = 8;            ///< tiers of one run
inline constexpr std::uint64_t block_bytes = 4096;  ///< unit of alignment of buffers, slots and direct requests
inline constexpr std::uint64_t large_field_bytes =
    16 * 1024;  ///< a field of at least this is written by direct requests
}  // namespace limits

}  // namespace cairn

template <>
class std::numeric_limits<cairn::Count> {
 public:
  static constexpr bool is_specialized = true;
  static constexpr cairn::Count max() { return cairn::Count{std::numeric_limits<std::uint64_t>::max()}; }
  static constexpr cairn::Count min() { return cairn::Count{}; }
};
