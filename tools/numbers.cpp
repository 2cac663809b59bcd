// SPDX-License-Identifier: BSD-3-Clause
#include "numbers.hpp"

#include <cairn/storage/errors.hpp>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

template <typename Number>
bool reads(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::int64_t whole_number(std::string_view option, std::string_view text) {
  std::int64_t number = 0;
  if (!reads(text, number))
    throw std::invalid_argument{
        fmt::format("{}: \"{}\" is not a whole number; write digits only, such as 1000000", option, text)};
  return number;
}

std::vector<std::string_view> between_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t first = 0;;) {
    const std::size_t comma = text.find(',', first);
    parts.push_back(text.substr(first, comma - first));
    if (comma == std::string_view::npos) return parts;
    first = comma + 1;
  }
}

std::vector<Slots> slot_numbers(std::string_view option, std::string_view text) {
  std::vector<Slots> numbers;
  for (const std::string_view part : between_commas(text)) numbers.push_back(whole_number(option, part));
  return numbers;
}

double cost(std::string_view option, std::string_view text) {
  double number = 0;
  if (!reads(text, number) || !std::isfinite(number) || number < 0)
    throw std::invalid_argument{
        fmt::format("{}: \"{}\" is no cost; give a number of forward steps, 0 or more", option, text)};
  return number;
}

std::vector<double> costs(std::string_view option, std::string_view text, std::size_t levels) {
  std::vector<double> numbers;
  for (const std::string_view part : between_commas(text)) numbers.push_back(cost(option, part));
  if (numbers.size() != levels)
    throw std::invalid_argument{fmt::format("{}: {} number{} for {} level{}; give one for each, such as {}", option,
                                            numbers.size(), numbers.size() == 1 ? "" : "s", levels,
                                            levels == 1 ? "" : "s",
                                            levels == 1   ? "0"
                                            : levels == 2 ? "0,2"
                                                          : "0,2,4")};
  return numbers;
}

std::string text_of(Count count) {
  return count.saturated() ? "more than 2^64" : std::to_string(count.value());
}

std::string text_of_cost(double cost) {
  return std::isinf(cost) ? "more than 2^64" : fmt::format("{:.10g}", cost);
}

void put(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw std::runtime_error{fmt::format("the output cannot be written: {}", words_for(errno))};
}

}  // namespace cairn::tool
