// SPDX-License-Identifier: BSD-3-Clause
/// What belongs to a sweep and not to x_t (adjoint, gradient, seismograms), stored beside its position.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/run_memory.hpp>
#include <cairn/core/state.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/tier.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// How far a sweep has come.
struct Position {
  bool reverse = false;  ///< the seed has run
  Step step = 0;         ///< forward: x_step is live; reverse: steps n−1 … step are turned
  bool operator==(const Position&) const = default;
};

/// The user's arrays in a file of their own, a tier of two slots beside the slowest file tier: run.h5 gets run.kept.h5.
/// Where snapshots outlive the process in shared memory alone, it is shared memory, too: <name>.kept.
/// The two generations take turns, so that one is whole whenever the process ends. A slot's `step` is the position's,
/// its field `cairn_reverse` says which sweep: two generations may have the same step.
///
/// A commit is prepared here, in the operators' thread, and written by whoever moves snapshots, after all that was
/// saved before. The arrays are copied then, so that the operators may go on.
class Kept {
 public:
  /// `arrays` must outlive it, and its arrays keep their places. `resume`: the file of an earlier process is opened
  /// again where it is there. Memory for one copy is touched. Throws what Hdf5Tier throws.
  Kept(const State& arrays, const std::string& path, const Config& config, bool resume);
  /// In a tier of another kind, which is a RunRecord too, and whenever `due` says so; for tests.
  using MakeTier = std::function<std::unique_ptr<Tier>(const Layout&, Slots)>;
  Kept(const State& arrays, const MakeTier& make, std::function<bool()> due);

  /// "run.kept.h5" of "run.h5", "/dev/shm/cairn.shot7.kept" of "/dev/shm/cairn.shot7".
  static std::string path_for(const std::string& tier_path);
  static constexpr std::string_view shared_ending = ".kept";

  /// Was there a file of a run of that identity? Its generations, the latest first; empty: none is whole.
  std::vector<Position> found(std::string_view identity);
  /// Those that this process has committed, likewise, whatever has failed since.
  std::vector<Position> committed();
  /// Makes what was kept at that position live again, the later of two such generations where it can be read. Throws
  /// StorageError.
  void load(const Position& position);

  /// Of a new sweep: what is stored is of no more use.
  void begin(std::string_view identity);
  void end();  ///< The sweep is over.

  /// Is it time for a commit? Asked between two operators.
  bool is_due() const;

  /// A copy of the arrays, and where it is to go: release `slot` where `replaces`, then save.
  struct Commit {
    Slot slot;
    Step step;
    bool replaces;
    Pool::Buffer buffer;
    Checksum sum;  // of the buffer; zero where the tier keeps none
  };
  /// Waits until the commit before is written. Copies by that.
  Commit prepare(const Position& position, Copier& copier);
  bool can_prepare() const { return pool_.available() > 0; }  ///< without waiting
  Tier& tier() { return *tier_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::vector<Slot> latest_first() const;
  bool in_reverse(std::span<const std::byte> generation) const;
  void open_file(const std::string& path, const Config& config, bool resume);
  void open_memory(const std::string& name, const Config& config, bool resume);
  State state_;  // the user's arrays, and the phase
  std::uint8_t reverse_ = 0;
  Layout layout_;
  Pool pool_;
  RunMemory memory_;                   // of the tier, where that is in shared memory …
  std::unique_ptr<Pool> memory_pool_;  // … and its buffers
  std::unique_ptr<Tier> tier_;
  RunRecord* record_ = nullptr;  // of the tier
  Slot next_{0};
  std::optional<Position> holds_[2];  // by slot, as far as saves succeed
  double every_seconds_ = 0;
  std::function<bool()> due_ = {};  // in place of the clock
  double copy_seconds_ = 0;         // of the last commit
  Clock::time_point committed_ = Clock::now();
};

}  // namespace cairn
