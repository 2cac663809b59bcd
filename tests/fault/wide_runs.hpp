// SPDX-License-Identifier: BSD-3-Clause
/// Whole runs of a WideToy on RAM and one slower tier, by each executor and each kind of file.
#pragma once

#include "support/configs.hpp"
#include "support/wide_toy.hpp"
#include <cairn/core/reversal.hpp>

#include <map>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace cairn::test {

/// The gradient of n steps that no storage has touched.
inline const WideToy::Gradient& undisturbed(Step n) {
  static std::map<Step, WideToy::Gradient> known;
  if (!known.contains(n)) {
    const TemporaryFolder folder;
    WideToy toy{n};
    Reversal run{config(ScheduleKind::revolve, "ram:5", folder), toy.state(), toy.operators([] {})};
    run.sweep(n);
    known[n] = toy.gradient();
  }
  return known.at(n);
}

using WideRunCase = std::tuple<ExecutorKind, std::string>;

class WideRun : public testing::TestWithParam<WideRunCase> {
 protected:
  ExecutorKind executor() const { return std::get<0>(GetParam()); }
  std::string kind() const { return std::get<1>(GetParam()); }
  std::string file() const { return folder_ / (kind() == "mmap" ? "level1.map" : "level1.h5"); }
  /// Three slots in RAM, and so many in the file.
  Config config_of(ScheduleKind schedule, Slots slots) {
    return config(schedule, "ram:3 " + kind() + ":" + std::to_string(slots), folder_, executor());
  }

  TemporaryFolder folder_;
};

inline auto each_wide_run() {
  return testing::Combine(testing::Values(ExecutorKind::sequential, ExecutorKind::asynchronous),
                          testing::Values(std::string{"mmap"}, std::string{"hdf5"}));
}
inline std::string name_of_wide_run(const testing::TestParamInfo<WideRunCase>& made) {
  return std::string{name_of(std::get<0>(made.param))} + "_" + std::get<1>(made.param);
}

}  // namespace cairn::test
