// SPDX-License-Identifier: BSD-3-Clause
/// Where the library says things: the spdlog logger named "cairn", if the user has registered one. Otherwise it is
/// quiet.
#pragma once

#include <utility>

#include <spdlog/spdlog.h>

namespace cairn {

/// Logs one line at `level`. For rare events only: the registry is locked.
template <class... Args>
void log(spdlog::level::level_enum level, fmt::format_string<Args...> text, Args&&... args) {
  if (const auto logger = spdlog::get("cairn")) logger->log(level, text, std::forward<Args>(args)...);
}

}  // namespace cairn
