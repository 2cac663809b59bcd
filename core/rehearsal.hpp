// SPDX-License-Identifier: BSD-3-Clause
/// The test that every user should run once: does the State hold all of x_t?
#pragma once

#include <cairn/core/reversal.hpp>
#include <cairn/core/state.hpp>
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/pool.hpp>

#include <functional>
#include <vector>

namespace cairn {

/// Runs the same steps twice from the same x_0 and compares the sums of every field.
class Rehearsal {
 public:
  /// All must outlive it.
  Rehearsal(const State& state, const Layout& layout, const Operators& operators)
      : state_{&state}, layout_{&layout}, operators_{&operators} {}

  /// `steps` steps from what is live (x_0), restore, `spoil`, the same steps again; ends with x_0 live. `start` holds
  /// x_0 meanwhile. Throws std::runtime_error naming the first field that differs.
  void run(Step steps, const std::function<void()>& spoil, Pool::Buffer start) const;

 private:
  std::vector<Checksum> sums_after(Step steps) const;
  const State* state_;
  const Layout* layout_;
  const Operators* operators_;
};

}  // namespace cairn
