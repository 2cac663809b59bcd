// SPDX-License-Identifier: BSD-3-Clause
/// Numbers of processors as a user writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Processors are numbered from 0 to here; what the kernel's longest mask holds.
inline constexpr int most_cpu = 8191;

/// The processors in "2-3,5", in that order: numbers and ranges with commas between. Throws std::invalid_argument
/// saying what is wrong and what would be right.
std::vector<int> cpus_of(std::string_view text);
/// Why these are not processors for lanes: one twice, below 0 or above most_cpu; empty where they are.
std::string problem_of_cpus(const std::vector<int>& cpus);

}  // namespace cairn
