// SPDX-License-Identifier: BSD-3-Clause
/// A state to save and load: two arrays, as a wave equation of second order has.
#pragma once

#include <cairn/core/state.hpp>
#include <cairn/storage/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cairn::bench {

/// Two fields of random numbers, `bytes` (a multiple of 8) together. Stays where it is.
class Snapshot {
 public:
  explicit Snapshot(std::uint64_t bytes);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const State& state() const { return state_; }
  const Layout& layout() const { return *layout_; }
  std::uint64_t bytes() const { return layout_->snapshot_bytes().count; }
  /// The fields' own bytes, for those who copy without cairn.
  std::vector<std::span<std::byte>> fields();

 private:
  std::vector<float> now_;
  std::vector<float> before_;
  State state_;
  std::unique_ptr<Layout> layout_;
};

/// Memory at a multiple of 2 MiB, of huge pages where the system gives them, touched: the best that a baseline can
/// have.
class Memory {
 public:
  explicit Memory(std::uint64_t bytes);
  std::span<std::byte> bytes() { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_;
};

std::string megabytes(std::uint64_t bytes);  ///< "5 MB", of 10^6 bytes

}  // namespace cairn::bench
