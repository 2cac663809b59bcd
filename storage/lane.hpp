// SPDX-License-Identifier: BSD-3-Clause
/// A lane: the worker thread and queue of one device.
#pragma once

#include <cairn/storage/conductor.hpp>
#include <cairn/storage/lane_thread.hpp>
#include <cairn/storage/pool.hpp>
#include <cairn/storage/tier.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace cairn {

/// Saves, loads and releases of the tiers on one device, one at a time, in a thread of its own:
///   an urgent load (the operators wait for it) first; else saves and releases in order; else read-ahead.
/// Jobs for the same slot stay in order, but for two loads. Sums are left to others: who copies a snapshot takes its
/// sum on the way, by as many threads. What a load throws is thrown to who asks for it, and concerns nobody else. The
/// first failure of a save or release sticks: jobs queued behind it are dropped (their buffers go back to the pool),
/// and every later call throws it until clear_failure(). No allocation after construction. The queueing side is one
/// thread. While the lane works, queueing a job makes no system call. Made in a thread with a Conductor, it has no
/// thread, and works when that one says so.
class Lane {
 public:
  /// A load under way, owned by whoever asked for it. It stays where it is, and its members as they are, until it is
  /// done; drain() and ~Lane() see to that too. May be used again after load().
  class Load {
   public:
    Tier* tier = nullptr;
    Slot slot;
    Step step = -1;
    Pool::Buffer buffer;  ///< filled when done
    Checksum sum{};       ///< what its sum should be: nobody has looked yet (Tier::load_unchecked())

   private:
    friend class Lane;
    bool queued_ = false;         // queued or running; guarded by the lane's mutex, as the next
    bool read_ = false;           // a read-ahead that came to its end; load() has not asked for it yet
    std::exception_ptr failure_;  // how it came to its end
  };
  struct Figures {
    double busy_seconds = 0;
    Bytes saved;
    Bytes loaded;
  };

  /// Throws std::invalid_argument where the setting names a processor that the process may not use (check_lane() of
  /// lane_thread.hpp, which may be called long before).
  explicit Lane(const LaneSetting& setting = {}, std::size_t queue_length = 64);
  ~Lane();  ///< Queued jobs are finished, then the worker is joined.

  /// Waits while the queue is full. `sum` as for Tier::save().
  void save(Tier& tier, Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum = {});
  void release(Tier& tier, Slot slot);
  void read_ahead(Load& load);  ///< When nothing else is to be done.
  /// Urgent; waits until it is done, not for room in the queue. Raises a read-ahead that is still queued, and returns
  /// at once where one is done: every read_ahead() is ended by one load().
  void load(Load& load);
  bool is_done(const Load& load);                ///< Of a read_ahead; a failed one counts as done, and load() throws.
  bool is_pending(const Tier& tier, Slot slot);  ///< Is a job for this slot queued or running?
  std::size_t pending_saves(const Tier& tier);   ///< Saves to this tier that are queued or running.
  void drain();                                  ///< Waits until nothing is queued or running. Does not throw.
  void rethrow_failure();                        ///< Throws the failure that stuck, if any; no load's.
  void clear_failure();                          ///< After drain().
  Figures figures();
  /// Told of each snapshot whose save failed, or was dropped behind a failure, while its buffer is still there; in the
  /// lane's thread, before anybody hears of the failure. Called before the first job.
  using Lost = std::function<void(Step step, std::span<const std::byte> snapshot)>;
  void on_lost(Lost lost) { lost_ = std::move(lost); }
  /// With a conductor: the next job, here and now. False: there is none.
  bool work_once();

 private:
  struct Job {
    enum class Kind { save, release, read_ahead, urgent } kind;
    Tier* tier;
    Slot slot;
    Step step;
    Pool::Buffer buffer;  // of a save
    Load* load;           // of a read; the others have none
    Checksum sum;         // of what is saved; zero: not known
  };
  void push(Job job);
  void work();
  void run_next(std::unique_lock<std::mutex>& lock);
  template <class Condition>
  void wait_until(std::unique_lock<std::mutex>& lock, const Condition& holds);
  void let_lanes_work() const;
  std::size_t next_job() const;
  static std::exception_ptr run(Job& job);  // what it threw
  bool must_wait(std::size_t index) const;  // a load, for a save or release of its slot that came before it
  void succeed(Job& job);
  void fail(Job& job, std::exception_ptr failure);
  void mourn(const Job& job);

  Conductor* const conductor_ = Conductor::of_this_thread();
  std::mutex mutex_;
  std::condition_variable changed_;  // for both sides: a job came, a job ended, closing
  std::vector<Job> jobs_;            // oldest first; at most queue_length_, and one urgent load
  std::size_t queue_length_;
  const Job* running_ = nullptr;
  bool closing_ = false;
  std::exception_ptr failure_;
  Figures figures_;
  Lost lost_;
  std::jthread worker_;  // last: ends before anything that it uses
};

}  // namespace cairn
