// SPDX-License-Identifier: BSD-3-Clause
/// Lengths of time as a user writes them.
#pragma once

#include <string>
#include <string_view>

namespace cairn {

/// Seconds of a time with its unit, or of several together: "3 ms", "0.5 s", "11 h 30 min"; units are ns, us, ms, s,
/// min, h, d. Above 0. Throws std::invalid_argument saying what is wrong and what would be right: a bare number has no
/// unit.
double seconds_of(std::string_view text);
/// "3 ms" of .003: what seconds_of() takes back to exactly these seconds, which are finite and above 0.
std::string duration_text(double seconds);

}  // namespace cairn
