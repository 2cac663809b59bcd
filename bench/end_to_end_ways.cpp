// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <end_to_end_ways.hpp>
#include <fmt/format.h>

namespace cairn::bench {
namespace {

constexpr double keep_every_seconds = .5;  // a sweep takes some seconds: by the usual 5 min nothing would be kept

/// RAM alone.
Config in_ram(const Means& means, ScheduleKind schedule, ExecutorKind executor, Slots buffers) {
  Config config;
  config.schedule = schedule;
  config.verify = means.verify;
  config.overwrite = true;  // what a measurement that was cut short has left
  config.executor = executor;
  config.tiers = {{.kind = TierKind::ram, .capacity = Capacity::of_slots(buffers)}};
  return config;
}

/// RAM and a file of this name.
Config with_file(const Means& means, ScheduleKind schedule, ExecutorKind executor, std::string_view name) {
  Config config = in_ram(means, schedule, executor, means.buffers);
  config.tiers.push_back({.kind = TierKind::hdf5,
                          .path = (means.folder / fmt::format("{}.h5", name)).string(),
                          .capacity = Capacity::of_slots(means.slots)});
  return config;
}

GradientWay overlap_way(const Means& means, const RunCosts& costs) {
  return {.name = std::string{plain_way},
          .config = with_costs(with_file(means, ScheduleKind::overlap, ExecutorKind::asynchronous, "overlap"), costs)};
}

/// The same, and nothing is lost.
GradientWay safe_overlap_way(const Means& means, const RunCosts& costs) {
  Config config = with_file(means, ScheduleKind::overlap, ExecutorKind::asynchronous, "safe");
  config.verify = Verify::disk;
  config.keep_every_seconds = keep_every_seconds;
  return {.name = std::string{safe_way}, .config = with_costs(config, costs), .keeps = true};
}

GradientWay uniform_way(const Means& means, const RunCosts& costs) {
  Config config = with_file(means, ScheduleKind::periodic, ExecutorKind::asynchronous, "uniform");
  config.period = static_cast<Step>(std::ceil(least_distance(costs, means.steps + 1, means.slots)));
  return {.name = "uniform asynchronous", .config = with_costs(config, costs)};
}

}  // namespace

std::unique_ptr<GradientRun> GradientWay::run(AcousticGradient& gradient) const {
  return plain_hdf5 ? plain_hdf5_run(gradient, config) : reversal_run(gradient, config, keeps);
}

GradientWay baseline_way(const Means& means) {
  return {.name = "synchronous revolve",
          .config = in_ram(means, ScheduleKind::revolve, ExecutorKind::sequential, means.buffers)};
}

std::vector<GradientWay> other_ways(const Means& means, const RunCosts& costs, const RunCosts& plain_costs) {
  using enum ScheduleKind;
  using enum ExecutorKind;
  std::vector<GradientWay> ways;
  ways.push_back({.name = "revolve, all threads copy", .config = in_ram(means, revolve, asynchronous, means.buffers)});
  ways.push_back({.name = "synchronous multistage",
                  .config = with_costs(with_file(means, multistage, sequential, "multistage"), costs)});
  ways.push_back({.name = "synchronous hrevolve",
                  .config = with_costs(with_file(means, hrevolve, sequential, "hrevolve"), costs)});
  ways.push_back(uniform_way(means, costs));
  ways.push_back(overlap_way(means, costs));
  ways.push_back(safe_overlap_way(means, costs));
  ways.push_back({.name = "auto", .config = with_file(means, automatic, asynchronous, "auto")});
  ways.push_back({.name = "store_all", .config = in_ram(means, store_all, asynchronous, means.steps)});
  ways.push_back({.name = "overlap over H5Dwrite",
                  .config = with_costs(with_file(means, overlap, asynchronous, "plain"), plain_costs),
                  .plain_hdf5 = true});
  return ways;
}

GradientWay calibrating_way(const Means& means, bool plain_hdf5) {
  return {.name = "calibration",
          .config = with_file(means, ScheduleKind::multistage, ExecutorKind::asynchronous, "calibration"),
          .plain_hdf5 = plain_hdf5};
}

}  // namespace cairn::bench
