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

}  // namespace

ProgressCallback terminal_bar(std::ostream& out) {
  return [&out](const Progress& now) {
    const double all = static_cast<double>(std::max<Step>(1, now.done + now.left));
    const int filled = static_cast<int>(bar_columns * static_cast<double>(now.done) / all);
    out << fmt::format("\r{} [{}{}] {}/{}  {} left  stalled {:.1f} %  ",
                       now.phase == Progress::Phase::forward ? "forward" : "reverse", std::string(filled, '#'),
                       std::string(bar_columns - filled, '.'), now.done, now.done + now.left, clock(now.left_seconds),
                       100 * now.stall_share);
    if (now.left == 0) out << '\n';
    out.flush();
  };
}

}  // namespace cairn
