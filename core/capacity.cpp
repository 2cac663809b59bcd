// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array units{Unit{"B", 1},
                           Unit{"KiB", KiB(1).count},
                           Unit{"MiB", MiB(1).count},
                           Unit{"GiB", GiB(1).count},
                           Unit{"TiB", GiB(1024).count},
                           Unit{"kB", 1'000},
                           Unit{"MB", 1'000'000},
                           Unit{"GB", 1'000'000'000},
                           Unit{"TB", 1'000'000'000'000}};
constexpr auto most_bytes = static_cast<long double>(std::uint64_t{1} << 63);
constexpr std::string_view digits = "0123456789";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// "4" and "Gib" → "4 GiB"; "4" and "G" → "4 GiB"; what cannot be guessed → "4 GiB".
std::string guess(std::string_view number, std::string_view unit) {
  for (const Unit& known : units)
    if (same_but_for_case(known.name, unit) ||
        (unit.size() == 1 && known.name.size() == 3 && same_but_for_case(known.name.substr(0, 1), unit)))
      return fmt::format("{} {}", number, known.name);
  return "4 GiB";
}

[[noreturn]] void refuse(std::string_view text, std::string_view what,
                         const std::string& right = "\"4 GiB\" or \"25 slots\"") {
  throw std::invalid_argument{fmt::format("\"{}\" {}; write {}", text, what, right)};
}

// Digits with at most one point between them; long double holds 64 bits of them.
long double value_of(std::string_view number) {
  long double value = 0;
  long double place = 1;
  bool behind_point = false;
  for (const char c : number) {
    if (c == '.') {
      behind_point = true;
    } else {
      value = value * 10 + static_cast<long double>(c - '0');
      if (behind_point) place *= 10;
    }
  }
  return value / place;
}

}  // namespace

Capacity Capacity::parse(std::string_view text) {
  const std::string_view size = trimmed(text);
  const bool negative = size.starts_with('-');
  const std::string_view amount = negative ? trimmed(size.substr(1)) : size;
  const auto end = std::min(amount.find_first_not_of("0123456789."), amount.size());
  const std::string_view number = amount.substr(0, end);
  const std::string_view unit = trimmed(amount.substr(end));
  const bool is_number = number.find_first_of(digits) == 0 && digits.find(number.back()) != std::string_view::npos &&
                         std::count(number.begin(), number.end(), '.') <= 1;
  if (!is_number) refuse(text, "is not a size");
  if (negative) refuse(text, "is negative");
  if (unit.empty())
    refuse(text, "has no unit",
           number.size() < 5 ? fmt::format("\"{0} GiB\" or \"{0} slots\"", number)
                             : fmt::format("\"{} B\" or \"25 slots\"", number));
  const long double value = value_of(number);
  if (unit == "slots" || unit == "slot") {
    if (number.find('.') != std::string_view::npos) refuse(text, "is not a whole number of slots", "\"25 slots\"");
    const auto slots = static_cast<Slots>(std::min(value, static_cast<long double>(limits::slots) + 1));
    const Capacity capacity = of_slots(slots);
    if (const std::string problem = capacity.problem(); !problem.empty())
      refuse(text, slots < 1 ? "holds nothing" : "is more than a tier can have",
             slots < 1 ? "\"25 slots\" or \"4 GiB\"" : fmt::format("at most \"{} slots\"", limits::slots));
    return capacity;
  }
  const auto known = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  if (known == units.end()) refuse(text, "is not a size", fmt::format("\"{}\" or \"25 slots\"", guess(number, unit)));
  const long double bytes = std::floor(value * static_cast<long double>(known->bytes));
  if (bytes >= most_bytes) refuse(text, "is more than 2^63 bytes", "a size that the tier's device has");
  if (bytes < 1) refuse(text, "holds nothing");
  return of(Bytes{static_cast<std::uint64_t>(bytes)});
}

Slots Capacity::slots_of(Bytes buffer_bytes) const {
  if (const auto* slots = std::get_if<Slots>(&amount_)) return std::min(*slots, limits::slots);
  if (buffer_bytes.count == 0)
    throw std::invalid_argument{"a capacity in bytes holds snapshots of at least 1 byte; got 0"};
  return static_cast<Slots>(
      std::min(std::get<Bytes>(amount_) / buffer_bytes, static_cast<std::uint64_t>(limits::slots)));
}

std::string Capacity::problem() const {
  if (const auto* slots = std::get_if<Slots>(&amount_)) {
    if (*slots < 1) return fmt::format("{} hold nothing; give 1 slot or more", text());
    if (*slots > limits::slots)
      return fmt::format("{} are more than a tier can have; give at most {}", text(), limits::slots);
    return {};
  }
  const Bytes bytes = std::get<Bytes>(amount_);
  if (bytes.count == 0) return "0 B holds nothing; give room for one snapshot at least";
  if (bytes.count >= std::uint64_t{1} << 63) return fmt::format("{} B is more than 2^63 bytes; give less", bytes.count);
  return {};
}

std::string Capacity::text() const {
  if (const auto* slots = std::get_if<Slots>(&amount_)) return fmt::format("{} slot{}", *slots, *slots == 1 ? "" : "s");
  const std::uint64_t bytes = std::get<Bytes>(amount_).count;
  const Unit* shortest = &units[0];
  for (const Unit& unit : units)
    if (bytes % unit.bytes == 0 && bytes / unit.bytes < bytes / shortest->bytes) shortest = &unit;
  return bytes == 0 ? "0 B" : fmt::format("{} {}", bytes / shortest->bytes, shortest->name);
}

}  // namespace cairn
