// SPDX-License-Identifier: BSD-3-Clause
// A program that reverses a short simulation through an installed cairn: x ← x² modulo a prime, 100 times. Exit code 0:
// each step was reversed once, last first, with the state that it had in the first sweep live.
#include <cairn/cairn.hpp>

#include <cstdint>
#include <vector>

int main() {
  constexpr std::uint64_t prime = 1'000'003;
  constexpr cairn::Step steps = 100;
  std::uint64_t x = 2;
  std::vector<std::uint64_t> seen(steps);

  cairn::State state;
  state.add("x", x);
  const auto config = cairn::Config::from_yaml(
      "tiers:\n"
      "  - {kind: ram, capacity: 3 slots}\n"
      "  - {kind: mmap, path: run.map, capacity: 3 slots}\n"
      "  - {kind: hdf5, path: run.h5, capacity: 3 slots}\n");
  cairn::Step next = steps;
  bool right = true;
  cairn::Reversal run{config,
                      state,
                      {.advance =
                           [&](cairn::Steps of) {
                             for (const cairn::Step t : of) {
                               seen[static_cast<std::size_t>(t)] = x;
                               x = x * x % prime;
                             }
                           },
                       .reverse =
                           [&](cairn::Steps of) {
                             right = right && of.first == --next && x == seen[static_cast<std::size_t>(of.first)];
                           }}};
  run.forward(steps);
  const cairn::Report report = run.reverse();
  return right && next == 0 && report.steps == steps ? 0 : 1;
}
