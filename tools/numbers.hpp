// SPDX-License-Identifier: BSD-3-Clause
/// Numbers as the command line gives them, and output as it goes out.
#pragma once

#include <cairn/words.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::tool {

/// Digits only. Throws std::invalid_argument that names the option: `--steps: "1e6" is not a whole number; …`.
std::int64_t whole_number(std::string_view option, std::string_view text);
/// "0:0", "5:1" of "0:0,5:1"; one empty part of "".
std::vector<std::string_view> between_commas(std::string_view text);
/// One whole number for each level: "10,20".
std::vector<Slots> slot_numbers(std::string_view option, std::string_view text);
/// A finite number of forward steps, 0 or more.
double cost(std::string_view option, std::string_view text);
/// One such for each of `levels` levels: "0,2.5".
std::vector<double> costs(std::string_view option, std::string_view text, std::size_t levels);

/// "12", or "more than 2^64" where it saturated.
std::string text_of(Count count);
/// "12", "12.5", "1.3e+12": a cost with at most ten digits.
std::string text_of_cost(double cost);

/// Writes to the standard output. Throws std::runtime_error where that fails (a full disk).
void put(std::string_view text);

}  // namespace cairn::tool
