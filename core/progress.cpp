// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/progress.hpp>

#include <algorithm>
#include <ostream>
#include <string>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr int bar_columns = 30;

std::string clock(double seconds) {
  const auto whole = static_cast<long long>(seconds + .5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar_of(const Progress& now) {
  const Step all = now.done + *now.left;
  const int filled =
      static_cast<int>(bar_columns * static_cast<double>(now.done) / static_cast<double>(std::max<Step>(1, all)));
  return fmt::format("[{}{}] {}/{}  {} left", std::string(filled, '#'), std::string(bar_columns - filled, '.'),
                     now.done, all, clock(now.left_seconds.value_or(0)));
}

std::string pace_of(const Progress& now) {
  const double pace = now.elapsed_seconds > 0 ? static_cast<double>(now.done) / now.elapsed_seconds : 0;
  return fmt::format("{} steps in {}  {:.1f} a second", now.done, clock(now.elapsed_seconds), pace);
}

}  // namespace

ProgressCallback terminal_bar(std::ostream& out) {
  return [&out](const Progress& now) {
    out << fmt::format("\r{} {}  stalled {:.1f} %  ", now.phase == Progress::Phase::forward ? "forward" : "reverse",
                       now.left ? bar_of(now) : pace_of(now), 100 * now.stall_share);
    if (now.left == 0) out << '\n';
    out.flush();
  };
}

}  // namespace cairn
