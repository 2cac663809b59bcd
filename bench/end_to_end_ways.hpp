// SPDX-License-Identifier: BSD-3-Clause
/// The ways to the same gradient that are compared.
#pragma once

#include <cairn/core/config.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gradient_run.hpp>
#include <run_costs.hpp>

namespace cairn::bench {

/// What all ways have in common.
struct Means {
  Step steps = 0;     ///< n
  Slots buffers = 0;  ///< s: what RAM holds, snapshots and copies on their way together
  Slots slots = 0;    ///< c, of the file beside it
  Verify verify = Verify::disk;
  std::filesystem::path folder = {};  ///< of the files
};

/// One way: a configuration, and what carries it out.
struct GradientWay {
  std::string name;  ///< "synchronous hrevolve"; what --filter chooses by
  Config config;
  bool plain_hdf5 = false;  ///< over plain_hdf5_run()
  bool keeps = false;       ///< what a later process needs to go on
  std::unique_ptr<GradientRun> run(AcousticGradient& gradient) const;
};

/// Synchronous revolve in RAM alone: what the others are compared with.
GradientWay baseline_way(const Means& means);

/// The one that nothing can be lost of: its time is compared with plain_way's as well.
constexpr std::string_view plain_way = "overlap", safe_way = "overlap, checksums and keep";

/// The others: the same with copies by all threads, synchronous multistage and hrevolve, uniform asynchronous with
/// period ⌈D*⌉, overlap, overlap with checksums and with what a later process needs to go on, auto, store_all and
/// overlap over a plain HDF5 file. `costs` are told to those that plan by them (auto is told nothing), `plain_costs` to
/// the last. store_all has RAM of its own: n snapshots.
std::vector<GradientWay> other_ways(const Means& means, const RunCosts& costs, const RunCosts& plain_costs);

/// An asynchronous way over RAM and the file that no figure is shown of: it tells the costs.
GradientWay calibrating_way(const Means& means, bool plain_hdf5);

}  // namespace cairn::bench
