// SPDX-License-Identifier: BSD-3-Clause
/// The live state: everything that x_t is made of, as named fields.
#pragma once

#include <cairn/core/copier.hpp>
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/layout.hpp>
#include <cairn/words.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cairn {

/// The length of one axis, from any integer.
struct Extent {
  template <std::integral I>
  Extent(I value)
      : length{static_cast<std::uint64_t>(value < I{} ? I{} : value)} {}  // NOLINT: {nz, nx} should just work
  std::uint64_t length;
};
using Extents = std::vector<Extent>;  ///< slowest first: {nz, nx} for a[z * nx + x]

/// What readers of the file will see beside the values; all optional.
struct Description {
  std::vector<std::string> axes = {};  ///< a name for each extent
  std::string units = {};
  std::string long_name = {};
  std::vector<double> spacing = {};  ///< for each axis the distance of grid points …
  std::vector<double> origin = {};   ///< … and the coordinate of the first
};

namespace detail {
template <class T>
concept Element = std::is_arithmetic_v<T> && !std::same_as<T, long double> && !std::is_const_v<T>;
template <class T>
concept Array = std::ranges::contiguous_range<T> && Element<std::remove_reference_t<std::ranges::range_reference_t<T>>>;
template <class F>
concept Where = std::invocable<const F&, Step> && Array<std::invoke_result_t<const F&, Step>>;
template <class T>
ElementType element_type();  ///< defined below for all arithmetic types but long double
}  // namespace detail

/// Everything that x_t is made of, in the order of `add`. What is not in it stays as the last operator left it when a
/// state is restored: an incomplete State is the commonest mistake, and Reversal::rehearse finds it. Copies refer to
/// the same arrays. Arrays must live, and keep their size, while a Reversal uses them.
class State {
 public:
  /// A fixed array: span, vector, std::array, C array. Its extents are {size} unless given.
  /// Throws std::invalid_argument where the extents do not multiply to its size.
  template <class A>
  requires(detail::Array<A&> && (std::is_lvalue_reference_v<A> || std::ranges::borrowed_range<A>)) State& add(
      std::string name, A&& array, Extents extents = {}, Description description = {}) {
    using T = std::remove_reference_t<std::ranges::range_reference_t<A>>;
    if constexpr (!std::ranges::view<std::remove_cvref_t<A>>)
      return add_field<T>(
          std::move(name), [&array](Step) { return span_of(array); }, true, std::move(extents), std::move(description));
    else
      return add_field<T>(
          std::move(name), [bytes = span_of(array)](Step) { return bytes; }, true, std::move(extents),
          std::move(description));
  }
  /// A scalar.
  template <detail::Element T>
  State& add(std::string name, T& scalar, Description description = {}) {
    return add_scalar(
        std::move(name), detail::element_type<T>(),
        [&scalar](Step) {
          return std::as_writable_bytes(std::span{&scalar, 1});
        },
        std::move(description));
  }
  /// An array that changes its place: `where(t)` gives the one that holds the field of x_t. It is asked with the step
  /// being saved or restored, on restore after all fields given directly, so that a restored scalar may select a
  /// buffer. The extents are {where(0).size()} unless given.
  template <detail::Where F>
  State& add(std::string name, F where, Extents extents = {}, Description description = {}) {
    using T = std::remove_reference_t<std::ranges::range_reference_t<std::invoke_result_t<const F&, Step>>>;
    return add_field<T>(
        std::move(name), [where = std::move(where)](Step t) { return span_of(where(t)); }, false, std::move(extents),
        std::move(description));
  }
  /// A state that is not arrays: `save` writes it into the given bytes, `load` reads it back (PyRevolve's checkpoint
  /// object). In a file it is one uint8 field named "packed".
  static State packed(Bytes bytes, std::function<void(std::span<std::byte>)> save,
                      std::function<void(std::span<const std::byte>)> load);

  const std::vector<Field>& fields() const { return fields_; }
  /// Copies the live state, taken as x_step, into a snapshot buffer of that layout. Throws std::logic_error naming a
  /// field whose array has another size than when it was added.
  void save(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier) const;
  void save(Step step, const Layout& layout, std::span<std::byte> snapshot) const;  ///< In this thread.
  /// The same, and the snapshot's checksum in one go, of the arrays themselves.
  Checksum save_and_sum(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier) const;
  /// Makes the snapshot the live state x_step: fields given directly first, then those given by a function.
  void load(Step step, const Layout& layout, std::span<const std::byte> snapshot, Copier& copier) const;
  void load(Step step, const Layout& layout, std::span<const std::byte> snapshot) const;
  /// The same, and the snapshot's checksum in one go. Where it is not `expected`, only arrays given directly have
  /// changed; no function was called with what may be nonsense.
  Checksum load_and_sum(Step step, const Layout& layout, std::span<const std::byte> snapshot, Copier& copier,
                        const Checksum& expected) const;
  /// The checksum of each field of the live state, taken as x_step, where it lies.
  std::vector<Checksum> sums(Step step) const;
  Checksum sum(Step step) const;  ///< That of its snapshot, without a copy of it.

 private:
  using Find = std::function<std::span<std::byte>(Step)>;
  struct Source {
    Find find;                                               // the field's bytes for x_t, or
    std::function<void(std::span<std::byte>)> pack;          // the user's own way to write …
    std::function<void(std::span<const std::byte>)> unpack;  // … and read them
    bool direct = true;
  };
  template <class A>
  static std::span<std::byte> span_of(A&& array) {
    return std::as_writable_bytes(std::span{std::ranges::data(array), std::ranges::size(array)});
  }
  template <class T>
  State& add_field(std::string name, Find find, bool direct, Extents extents, Description description) {
    return add_array(std::move(name), detail::element_type<T>(), std::move(find), direct, extents,
                     std::move(description));
  }
  State& add_array(std::string name, ElementType type, Find find, bool direct, const Extents& extents,
                   Description description);
  State& add_scalar(std::string name, ElementType type, Find find, Description description);
  std::span<std::byte> bytes_of(std::size_t field, Step step) const;
  void copy_out(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier, Copier::Way way) const;
  void load_those(bool direct, Step step, const Layout& layout, std::span<const std::byte> snapshot,
                  Copier& copier) const;
  std::vector<Field> fields_;
  std::vector<Source> sources_;
};

template <class T>
ElementType detail::element_type() {
  using enum ElementType;
  if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? float32 : float64;
  else if constexpr (std::is_signed_v<T>)
    return sizeof(T) == 1 ? int8 : sizeof(T) == 2 ? int16 : sizeof(T) == 4 ? int32 : int64;
  else
    return sizeof(T) == 1 ? uint8 : sizeof(T) == 2 ? uint16 : sizeof(T) == 4 ? uint32 : uint64;
}

}  // namespace cairn
