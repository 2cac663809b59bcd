// SPDX-License-Identifier: BSD-3-Clause
/// How much memory a piece of work takes at most.
#pragma once

#include <cairn/words.hpp>

#include <cstdint>

#include <sys/resource.h>

namespace cairn::test {

/// By how much `work` raised the most memory that this process ever had resident; nothing where it stayed below.
template <class Work>
Bytes resident_growth(const Work& work) {
  const auto peak = [] {
    ::rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss);  // KiB on Linux
  };
  const std::uint64_t before = peak();
  work();
  return KiB(peak() - before);
}

}  // namespace cairn::test
