// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <stdexcept>

#include <paired.hpp>

namespace cairn::bench {
namespace {

using Clock = std::chrono::steady_clock;

double process_cpu_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);  // what getrusage(RUSAGE_SELF) sums, in nanoseconds
  constexpr double seconds_a_nanosecond = 1e-9;
  return static_cast<double>(now.tv_sec) + seconds_a_nanosecond * static_cast<double>(now.tv_nsec);
}

Timing timed(const Way& way) {
  if (way.before) way.before();
  const double cpu = process_cpu_seconds();
  const Clock::time_point start = Clock::now();
  way.run();
  const Timing timing{.seconds = std::chrono::duration<double>(Clock::now() - start).count(),
                      .cpu_seconds = process_cpu_seconds() - cpu};
  if (way.after) way.after();
  return timing;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) throw std::logic_error{"spread_of: no value"};
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {.median = median, .least = values.front(), .most = values.back()};
}

std::vector<Rounds> measure_in_turns(const std::vector<Way>& ways, int rounds) {
  for (const Way& way : ways) timed(way);
  std::vector<Rounds> measured(ways.size());
  for (int round = 0; round < rounds; ++round)
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      const std::size_t way = (turn + static_cast<std::size_t>(round)) % ways.size();
      measured[way].push_back(timed(ways[way]));
    }
  return measured;
}

Spread speed_ratio(const Rounds& ours, const Rounds& baseline) {
  if (ours.size() != baseline.size()) throw std::logic_error{"speed_ratio: not the same number of rounds"};
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(baseline[i].seconds / ours[i].seconds);
  return spread_of(std::move(ratios));
}

double median_seconds(const Rounds& rounds) {
  std::vector<double> seconds;
  for (const Timing& timing : rounds) seconds.push_back(timing.seconds);
  return spread_of(std::move(seconds)).median;
}

double median_cpu_seconds(const Rounds& rounds) {
  std::vector<double> seconds;
  for (const Timing& timing : rounds) seconds.push_back(timing.cpu_seconds);
  return spread_of(std::move(seconds)).median;
}

}  // namespace cairn::bench
