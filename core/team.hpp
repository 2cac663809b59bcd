// SPDX-License-Identifier: BSD-3-Clause
/// The OpenMP threads that the operators compute with.
#pragma once

namespace cairn {

/// A thread's OpenMP team: the threads of its parallel regions, itself included.
///
/// What such a thread has computed lies in its own processor's caches and memory. A copy by the same threads, in the
/// same shares, reads it there and leaves it there; and no further thread competes with them for their processors.
/// By the interface of GCC's runtime, which is the one that is tested; the program must be linked with it. Nothing here
/// is built with OpenMP.
class Team {
 public:
  Team() = default;  ///< None.
  /// That of the calling thread, if it computes with one: a parallel region is begun, and where threads start for it
  /// there had been none before. None without OpenMP, with one thread only, and within a parallel region.
  static Team of_this_thread();

  explicit operator bool() const { return threads_ > 1; }
  int threads() const { return threads_; }  ///< that it had; the user may change that between regions

  /// body(t, T) on each of its T threads, the caller's t being 0; returns when all have. `body` throws nothing.
  template <class Body>
  void run(Body& body) const {
    begin([](void* of, int thread, int threads) { (*static_cast<Body*>(of))(thread, threads); }, &body);
  }

 private:
  explicit Team(int threads) : threads_{threads} {}
  static void begin(void (*body)(void* of, int thread, int threads), void* of);

  int threads_ = 1;
};

}  // namespace cairn
