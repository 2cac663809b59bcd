// SPDX-License-Identifier: BSD-3-Clause
/// Copies of whole snapshots, and their checksums on the way, by the operators' threads or as many as are the quickest.
#pragma once

#include <cairn/core/team.hpp>
#include <cairn/storage/checksum.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace cairn {

/// Copies the ranges that it was given, piece by piece, in the caller's thread and in others that sleep in between.
/// Less than 2 MiB are copied by the caller alone.
///
/// By the operators' team, once there is one (join()): each of its T threads copies the T-th part of each field that a
/// static loop over the field gives it, as operators compute, and then what others have not come to.
///
/// Until then, by threads of its own. How many pay depends on the machine, on the size of a snapshot, and on what the
/// operators' threads do meanwhile, so it is measured, for each way apart: the numbers 1, 2, 4 … take turns at first,
/// then the quickest works, and every 64th copy tries another.
///
/// One thread at a time. No allocation for snapshots as the constructor was told of, but in a team's first.
class Copier {
 public:
  static constexpr std::size_t least_shared_bytes = std::size_t{2} << 20;  ///< by several threads
  static constexpr int most_threads = 8;              ///< of its own; more do not copy faster on the machines of today
  enum class Way { out, in, out_summed, in_summed };  ///< of the live state, and back; with the checksum

  Copier() = default;  ///< The caller's thread alone.
  /// For snapshots of so many fields with so many bytes together. `threads` is the most of them, the caller's included,
  /// cut off at most_threads; they start here, where snapshots are large enough.
  Copier(int threads, std::size_t fields, std::size_t bytes);
  Copier(const Copier&) = delete;
  Copier& operator=(const Copier&) = delete;
  ~Copier();

  void join(Team team);  ///< Copies by this team from now on, if it is one.

  void begin(Way way);  ///< A new copy: forgets the one before, and what an exception has left of it.
  /// A field, to be copied by run(). No two ranges of one copy overlap.
  void add(void* to, const void* from, std::size_t bytes);
  /// A field that is where it belongs already, and has its place in the sum.
  void add_to_sum(const void* field, std::size_t bytes);
  void run();  ///< Copies all that was added.
  /// After a run() with it: the checksum of these fields, in the order in which they were added (checksum.hpp), of
  /// the bytes where they came from. Each piece is copied out of the cache that summing has brought it into.
  Checksum sum() const;

  /// That may work: the team, or its own.
  int threads() const { return team_ ? team_.threads() : static_cast<int>(workers_.size()) + 1; }
  /// The team, or those that are the quickest so far.
  int threads(Way way) const { return team_ ? team_.threads() : tuned_[static_cast<std::size_t>(way)].best(); }

 private:
  struct Piece {
    std::byte* to;  // null: to be summed only
    const std::byte* from;
    std::size_t bytes;
  };
  struct Field {
    std::size_t first_piece, pieces;
  };
  struct Worker {
    std::atomic<std::uint32_t> calls = 0;
    std::jthread thread;
  };
  /// What copies by 2^i threads took.
  class Tuning {
   public:
    int next(int most);  // threads of the next copy
    void learn(int threads, double seconds_of_a_byte);
    int best() const { return 1 << best_; }

   private:
    static constexpr int choices = 4;
    std::array<double, choices> seconds_{};  // of a byte
    std::array<int, choices> tries_{};
    std::uint64_t copies_ = 0;
    int best_ = 0;
  };
  static_assert(1 << 3 == most_threads);

  void work(std::size_t index);
  void wake_children(std::size_t index);
  void copy_pieces();
  void add_pieces(std::byte* to, const std::byte* from, std::size_t bytes);
  bool sums() const { return way_ == Way::out_summed || way_ == Way::in_summed; }
  void copy_piece(std::size_t index);
  void copy_by(int threads);
  void copy_by_team();
  void copy_share(int thread, int threads);
  std::size_t most_of_a_piece(std::size_t field_bytes) const;

  std::vector<Field> fields_;
  std::vector<Piece> pieces_;
  std::vector<std::uint64_t> sums_;  // of the pieces
  std::size_t bytes_ = 0;
  Way way_ = Way::out;
  bool streams_ = false;
  Team team_;
  std::vector<std::atomic<bool>> claimed_;  // pieces of the team's copy
  std::array<Tuning, 4> tuned_;
  std::atomic<std::size_t> called_ = 0;  // workers of the present copy
  std::atomic<bool> closing_ = false;
  alignas(64) std::atomic<std::ptrdiff_t> left_ = 0;  // pieces that nobody has taken; below 0: nor will
  alignas(64) std::atomic<std::size_t> done_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;  // last: they end before what they use
};

/// Threads that copies of this process may take: the processors of the calling thread's mask, 1 where OpenMP has tied
/// it to some, for the others are its own threads' then.
int copy_threads_here();

}  // namespace cairn
