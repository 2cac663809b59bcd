// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/duration.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

// Both are whole, so that "3 ms" is the double next to .003 seconds.
struct Unit {
  std::string_view name;
  double seconds;    // of a unit …
  double of_second;  // … / this
  double seconds_of(double count) const { return count * seconds / of_second; }
  double count_of(double time) const { return time * of_second / seconds; }
};
constexpr std::array units{Unit{"ns", 1, 1e9}, Unit{"us", 1, 1e6}, Unit{"ms", 1, 1e3}, Unit{"s", 1, 1},
                           Unit{"min", 60, 1}, Unit{"h", 3600, 1}, Unit{"d", 86400, 1}};

[[noreturn]] void refuse(std::string_view text, std::string_view what, const std::string& right) {
  throw std::invalid_argument{fmt::format("\"{}\" {}; write {}", text, what, right)};
}

constexpr const char* example =
    "numbers, each with one of ns, us, ms, s, min, h, d, such as \"3 ms\" or \"11 h 30 min\"";
constexpr std::string_view blank = " \t";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
}

/// Takes "3 ms" from the front of `rest`; `text` is the whole, for errors.
double take_part(std::string_view& rest, std::string_view text) {
  double count = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  const std::string_view number = rest.substr(0, static_cast<std::size_t>(end - rest.data()));
  if (number.empty()) refuse(text, "is not a time", example);
  rest.remove_prefix(number.size());
  skip_blanks(rest);
  const std::string_view name = rest.substr(0, std::min(rest.find_first_of(" \t+-.0123456789"), rest.size()));
  if (name.empty()) refuse(text, "has no unit", fmt::format("\"{0} ms\" or \"{0} s\"", number));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
  if (unit == units.end()) refuse(text, "is not a time", example);
  rest.remove_prefix(name.size());
  skip_blanks(rest);
  const double seconds = unit->seconds_of(count);
  if (error != std::errc{} || !std::isfinite(seconds) || !(seconds > 0))
    refuse(text, "is no length of time", "one above 0, such as \"3 ms\"");
  return seconds;
}

}  // namespace

double seconds_of(std::string_view text) {
  std::string_view rest = text;
  skip_blanks(rest);
  double seconds = take_part(rest, text);
  while (!rest.empty()) seconds += take_part(rest, text);
  return seconds;
}

std::string duration_text(double seconds) {
  std::string shortest = fmt::format("{} s", seconds);
  for (const Unit& unit : units) {
    const std::string text = fmt::format("{} {}", unit.count_of(seconds), unit.name);
    if (text.size() < shortest.size() && unit.seconds_of(unit.count_of(seconds)) == seconds) shortest = text;
  }
  return shortest;
}

}  // namespace cairn
