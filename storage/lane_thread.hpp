// SPDX-License-Identifier: BSD-3-Clause
/// How the thread of a lane runs: on which processors, how nice, with which signals.
#pragma once

#include <csignal>
#include <span>
#include <vector>

namespace cairn {

/// What the user chooses of a lane's thread. A lane sleeps while the device works; what it takes from the operators is
/// the kernel's part of a request, some per cent of one processor for each GB/s.
///
/// With `cpus`, the lane stays on these processors and leaves the others alone: give it one that the operators do not
/// use (OMP_NUM_THREADS one less than there are), and they keep their speed whatever is written. Without, the kernel
/// puts it where there is room, which is best where not all processors compute.
///
/// `nice` says who waits where lane and operators want the same processor. 0: each its share, and a parallel loop waits
/// for its slowest thread. 10: the lane takes a tenth of it at most; 19: next to nothing, and snapshots may then wait
/// for the operators instead.
struct LaneSetting {
  std::vector<int> cpus =
      {};        ///< from 0; empty: those of the starting thread, or all where OpenMP ties threads to some
  int nice = 0;  ///< added to the starting thread's niceness; the kernel cuts the sum off at −20 and 19
  bool operator==(const LaneSetting&) const = default;
};

/// The processors that a thread of this process may use: those that the machine, and the cgroup, leave to it, whatever
/// mask (taskset, OpenMP) the process was started with. Ascending.
std::vector<int> usable_cpus();
std::vector<int> current_cpus();  ///< Those of the calling thread's mask.
/// Throws std::invalid_argument naming a processor of the setting that is not among `usable`.
void check_lane(const LaneSetting& setting, std::span<const int> usable);
void check_lane(const LaneSetting& setting);  ///< Against usable_cpus(), asked for where the setting names any.

/// While it lives, a thread started here starts with all signals blocked: the user's handlers run in his own threads.
class SignalsBlocked {
 public:
  SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked();

 private:
  sigset_t before_;
};

/// Does OpenMP tie threads to processors here? Then it may have tied the starting thread to one, and a new thread would
/// inherit that one and take turns with the operators. To be asked in the starting thread: it reads the environment.
bool threads_are_tied();

/// For a lane's own thread, before its first job: name (at most 15 characters), processors, niceness. What the system
/// refuses costs speed only; it is logged as a warning.
void settle_thread(const LaneSetting& setting, bool tied, const char* name = "cairn-lane");

}  // namespace cairn
