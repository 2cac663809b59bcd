// SPDX-License-Identifier: BSD-3-Clause
/// The figures of the ways: on the terminal, as JSON, and as tables of docs/performance.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <end_to_end_case.hpp>
#include <machine.hpp>

namespace cairn::bench {

/// Where the tables stand in a page: with_figures().
inline constexpr std::string_view end_to_end_mark = "end to end";

/// Heading, costs and a line for each way.
std::string text_of(const CaseFigures& figures);
std::string markdown_of(const Machine& machine, const std::vector<CaseFigures>& cases);
std::string json_of(const Machine& machine, const std::vector<CaseFigures>& cases, int rounds, bool quick);

}  // namespace cairn::bench
